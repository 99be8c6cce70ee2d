"""What is written on boxes and arrows."""

from __future__ import annotations

from keras_checks.picture.facts import argument, clean, dimensions
from keras_checks.picture.nodes import Node

__all__ = ["SHORT_KINDS", "names", "short_name", "size"]

SHORT_KINDS = {
    "InputLayer": "Input",
    "Conv2DTranspose": "Conv2DT",
    "MaxPooling2D": "MaxPool",
    "AveragePooling2D": "AvgPool",
    "GlobalAveragePooling2D": "GlobalAvg",
    "GlobalMaxPooling2D": "GlobalMax",
    "Concatenate": "Concat",
    "BatchNormalization": "BatchNorm",
    "SeparableConv2D": "SepConv2D",
    "DepthwiseConv2D": "DWConv2D",
    "UpSampling2D": "UpSample",
}


def names(node: Node) -> list[str]:
    """What to write on a layer's box, the longest first."""
    number = "" if node.number is None else f"{node.number} "
    detail = _detail(node)
    short = SHORT_KINDS.get(node.kind, node.kind)
    plain = [f"{number}{node.kind}", f"{number}{short}"]
    detailed = [f"{number}{node.kind} {detail}", f"{number}{short} {detail}"] if detail else []
    return list(dict.fromkeys(name.strip() for name in [*detailed, *plain]))


def short_name(node: Node) -> str:
    """A layer in as few words as it can be told by."""
    short = SHORT_KINDS.get(node.kind, node.kind)
    return f"{node.number} {short}" if node.number is not None else short


def size(node: Node, times: str = "×") -> str:
    """The output's size for people to read, by the level where the numbers are open."""
    sizes = dimensions(node.layer)
    if not sizes:
        return ""
    if len(sizes) != 3:
        return times.join("?" if one is None else str(one) for one in sizes)
    parts = 2 ** min(node.depth, 12)
    height, width = (str(one or (name if parts == 1 else f"{name}/{parts}")) for name, one in zip("HW", sizes))
    return times.join((height, width, str(sizes[2] or "?")))


def _detail(node: Node) -> str:
    """The argument by which people know a layer of its class."""
    layer = node.layer
    is_upsampling = node.kind.startswith("UpSampling")
    if ("Pooling" in node.kind and "Global" not in node.kind) or is_upsampling:
        value = argument(layer, "size" if is_upsampling else "pool_size")
        both = value if type(value) in (tuple, list) and len(value) == 2 else (value, value)
        return "×".join(map(str, both)) if all(type(one) is int and 0 < one < 10**4 for one in both) else ""
    if "Dropout" in node.kind:
        rate = argument(layer, "rate")
        return f"{rate:.3g}" if type(rate) in (int, float) and abs(rate) < 1000 else ""
    if node.kind == "Activation":
        return clean(argument(layer, "activation"), 20)
    if "Conv" in node.kind or node.kind in ("Concatenate", "Dense"):
        filters = argument(layer, "filters") or argument(layer, "units")
        sizes = dimensions(layer)
        channels = filters if type(filters) is int else sizes[-1] if sizes else None
        return str(channels) if channels and 0 < channels < 10**7 else ""
    return ""
