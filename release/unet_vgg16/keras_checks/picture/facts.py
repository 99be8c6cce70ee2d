"""What is known of a layer; every value is a stranger's and is looked at before it is used."""

from __future__ import annotations

import math
from typing import Any

from keras_checks.layers import Layer

__all__ = ["argument", "clean", "dimensions", "halvings", "height"]


def clean(text: Any, length: int) -> str:
    """A stranger's text, cut and without characters that could not be seen or would turn the line round."""
    if not isinstance(text, str):
        return ""
    # A class of the stranger's may have a way of its own to be cut.
    start = str.__getitem__(text, slice(0, length + 1))
    printable = "".join(character if character.isprintable() else " " for character in start).strip()
    return printable if len(printable) <= length else printable[: length - 1] + "…"


def argument(layer: Layer, name: str) -> Any:
    """An argument of a layer; None where it is unknown."""
    return layer.arguments.get(name) if type(layer.arguments) is dict else None


def dimensions(layer: Layer) -> tuple[int | None, ...] | None:
    """The output shape without the batch, an unknown size as None; None where the shape itself is unknown."""
    shape = layer.shape
    if type(shape) is list and len(shape) == 1:
        shape = shape[0]
    if type(shape) not in (tuple, list) or not 2 <= len(shape) <= 6:
        return None
    if not all(size is None or (type(size) is int and 0 < size < 10**9) for size in shape[1:]):
        return None
    return tuple(shape[1:])


def height(layer: Layer) -> int | None:
    """The height of the feature map that a layer returns, in pixels; None where unknown."""
    sizes = dimensions(layer)
    return sizes[0] if sizes and len(sizes) == 3 else None


def halvings(layer: Layer, feeding: Layer | None) -> int:
    """How often a layer halves the size; negative where it doubles it.

    Args:
        layer: Layer.
        feeding: Layer, the one that feeds it; None where there is none.

    Returns:
        int, from -6 to 6.
    """
    kind = layer.kind if isinstance(layer.kind, str) else ""
    factor, sign = None, 1
    if "Global" in kind or kind == "InputLayer":
        return 0
    if "Pooling" in kind:
        factor = _factor(argument(layer, "strides")) or _factor(argument(layer, "pool_size"))
    elif "Transpose" in kind:
        factor, sign = _factor(argument(layer, "strides")), -1
    elif kind.startswith("UpSampling"):
        factor, sign = _factor(argument(layer, "size")), -1
    elif "Conv" in kind:
        factor = _factor(argument(layer, "strides"))
    if factor is not None:
        return sign * min(round(math.log2(factor)), 6)
    before, after = (height(feeding) if feeding else None), height(layer)
    # Convolutions without padding and the like take a few pixels away; rounding passes over them.
    if before and after:
        return max(-6, min(round(math.log2(before / after)), 6))
    if "Pooling" in kind:
        return 1
    return -1 if "Transpose" in kind or kind.startswith("UpSampling") else 0


def _factor(value: Any) -> int | None:
    """Strides or a pool's size as one number."""
    if type(value) in (tuple, list) and value:
        value = value[0]
    return value if type(value) is int and 0 < value < 10**6 else None
