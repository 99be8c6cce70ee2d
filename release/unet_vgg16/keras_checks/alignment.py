"""Which layer of one network stands for which of another (Needleman and Wunsch, 1970; Gotoh, 1982)."""

from __future__ import annotations

from collections.abc import Iterator

from keras_checks.layers import Layer

__all__ = ["Pairs", "alignments"]

# (position in the expected network, position in the found one), in order; None for no partner.
Pairs = list[tuple[int | None, int | None]]

# Layers that learners take for each other: one in the place of the other is a wrong layer, not a missing and an extra.
_FAMILIES = [
    {"MaxPooling2D", "AveragePooling2D", "GlobalMaxPooling2D", "GlobalAveragePooling2D", "MaxPooling1D"},
    {"Conv2D", "Conv2DTranspose", "SeparableConv2D", "DepthwiseConv2D", "UpSampling2D", "Conv1D", "Dense"},
    {"Concatenate", "Add", "Average", "Maximum", "Multiply", "Subtract"},
    {"Dropout", "SpatialDropout2D", "AlphaDropout", "GaussianDropout", "GaussianNoise"},
]
_GAP = 0.15  # for the first of several layers that are missing, or extra, in one place
_NO_PAIR = float("inf")
_PAIRED, _MISSING, _EXTRA = range(3)


def alignments(expected: list[Layer], found: list[Layer]) -> Iterator[tuple[float, Pairs]]:
    """The least cost of pairing the layers of two networks, and how.

    Args:
        expected: list of Layer.
        found: list of Layer.

    Yields:
        (cost, Pairs). Of all the alignments that cost the least, the two that differ most: the one that is found from
        the first layer on, so that of several equal layers the last is the missing one, and the one from the last
        layer back.
    """
    yield _aligned(expected, found)
    cost, backwards = _aligned(expected[::-1], found[::-1])

    def mirrored(position: int | None, layers: list[Layer]) -> int | None:
        return None if position is None else len(layers) - 1 - position

    yield cost, [(mirrored(e, expected), mirrored(f, found)) for e, f in reversed(backwards)]


def _aligned(expected: list[Layer], found: list[Layer]) -> tuple[float, Pairs]:
    rows, columns = len(expected), len(found)
    pair_cost = [[_pair_cost(e, f) for f in found] for e in expected]
    # cost[e][f][last]: of the layers from e and f on, after a pair, a missing or an extra layer
    cost = [[[0.0] * 3 for _ in range(columns + 1)] for _ in range(rows + 1)]

    def steps(e: int, f: int, last: int) -> Iterator[tuple[float, int, int, int]]:
        if e < rows and f < columns:
            yield cost[e + 1][f + 1][_PAIRED] + pair_cost[e][f], e + 1, f + 1, _PAIRED
        if e < rows:
            yield cost[e + 1][f][_MISSING] + _gap_cost(expected[e], last == _MISSING), e + 1, f, _MISSING
        if f < columns:
            yield cost[e][f + 1][_EXTRA] + _gap_cost(found[f], last == _EXTRA), e, f + 1, _EXTRA

    for e in range(rows, -1, -1):
        for f in range(columns, -1, -1):
            for last in (_PAIRED, _MISSING, _EXTRA):
                cost[e][f][last] = min((step[0] for step in steps(e, f, last)), default=0.0)
    pairs: Pairs = []
    e, f, last = 0, 0, _PAIRED
    while e < rows or f < columns:
        # Of steps that cost the same the first one: a pair, if it can be had.
        _, next_e, next_f, last = min(steps(e, f, last), key=lambda step: step[0])
        pairs.append((e if next_e > e else None, f if next_f > f else None))
        e, f = next_e, next_f
    return cost[0][0][_PAIRED], pairs


def _pair_cost(expected: Layer, found: Layer) -> float:
    if expected.kind != found.kind:
        related = any({expected.kind, found.kind} <= family for family in _FAMILIES)
        # A convolution that moves by two pixels halves the size, as the pooling would.
        pools = (expected.kind, found.kind) == ("MaxPooling2D", "Conv2D") and found.arguments.get("strides") == (2, 2)
        return 1.5 if related or pools else _NO_PAIR
    shared = expected.arguments.keys() & found.arguments.keys()
    unequal = sum(bool(expected.arguments[name] != found.arguments[name]) for name in shared)
    derived = sum([bool(expected.shape != found.shape), expected.parameters != found.parameters])
    return min(0.9, 0.15 * unequal + 0.05 * derived)


def _gap_cost(layer: Layer, goes_on: bool) -> float:
    # Layers without weights are sooner in the wrong place than a convolution.
    return 1.0 + 0.02 * bool(layer.parameters) + (0.0 if goes_on else _GAP)
