"""A network read from plain rows, which say as much as they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras_checks.canonical import Network, inputs_first
from keras_checks.layers import Layer
from keras_checks.nouns import with_article

__all__ = ["from_rows"]

_PRINTED_ARGUMENTS = {
    "Conv2D": ("padding", "activation", "kernel_initializer"),
    "MaxPooling2D": ("pool_size",),
    "Dropout": ("rate",),
}


def from_rows(rows: Sequence[Any], whose: str) -> Network:
    """Layers and outputs of plain rows, with as much as the rows and their optional attributes say.

    Args:
        rows: sequence of rows as ``summary`` prints them. It may have the attributes of an ``ExpectedSummary``.
        whose: str, whose rows they are, for the error message.

    Returns:
        Network; what the rows do not say is None or missing in it.

    Raises:
        TypeError: if these are no rows.
    """
    if not isinstance(rows, (list, tuple)) or not all(isinstance(row, (list, tuple)) and len(row) > 2 for row in rows):
        found = with_article(type(rows).__name__)
        raise TypeError(f"comparator() compares two summaries; {whose} is {found}: use summary(model).")
    connections = getattr(rows, "connections", None)
    details = getattr(rows, "details", None) or [{}] * len(rows)
    layers = []
    for index, (row, detail) in enumerate(zip(rows, details, strict=True)):
        kind, shape, parameters, *printed = row
        shape = shape[0] if isinstance(shape, list) and len(shape) == 1 else shape
        arguments = dict(zip(_PRINTED_ARGUMENTS.get(kind, ()), printed, strict=False)) | detail
        if kind in {"Conv2D", "Conv2DTranspose"}:
            arguments["filters"] = shape[-1]
        sources = None if connections is None else [number - 1 for number in connections[index]]
        layers.append(Layer(kind, index + 1, arguments, shape, parameters, sources))
    outputs = getattr(rows, "outputs", None)
    return inputs_first(layers, None if outputs is None else [number - 1 for number in outputs])
