"""The differences of two networks whose layers have been paired."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from keras_checks.alignment import Pairs
from keras_checks.canonical import Network
from keras_checks.differences import Change, Difference
from keras_checks.layers import Layer, LayerReference

__all__ = ["differences_between"]


def differences_between(expected: Network, found: Network, pairs: Pairs) -> list[Difference]:
    """The differences under one pairing.

    Args:
        expected: Network.
        found: Network, the learner's.
        pairs: Pairs, which layer stands for which.

    Returns:
        list of Difference in the order of the layers, without hints.
    """
    return _Search(expected, found, pairs).differences()


class _Search:
    def __init__(self, expected: Network, found: Network, pairs: Pairs):
        self.expected, self.expected_outputs = expected
        self.found, self.found_outputs = found
        self.pairs = pairs
        self.partner = {e: f for e, f in pairs if e is not None and f is not None}
        self.known_found = set(self.partner.values())

    def differences(self) -> list[Difference]:
        differences: list[Difference] = []
        for e, f in self.pairs:
            if e is None:
                differences += [] if f is None else [self._of(Change.EXTRA, "layer", None, f)]
            elif f is None:
                differences.append(self._missing(e))
            elif self.expected[e].kind != self.found[f].kind:
                differences.append(self._of(Change.REPLACED, "layer", e, f))
            else:
                own = [*self._in_arguments(e, f), *self._in_inputs(e, f)]
                # What comes before explains another shape or number of weights.
                differences += own or ([] if differences else self._in_derived_values(e, f))
        return self._without_consequences([*differences, *self._in_outputs()])

    def _of(self, change: Change, attribute: str, e: int | None, f: int, **fields: Any) -> Difference:
        kind = self.found[f].kind if e is None else self.expected[e].kind
        return Difference(change, attribute, kind, self.found[f].reference(f), e, block=self.found[f].block, **fields)

    def _missing(self, e: int) -> Difference:
        before = [self.partner[position] for position in range(e) if position in self.partner]
        after = self._reference(before[-1]) if before else None
        block = self.expected[e].block
        return Difference(Change.MISSING, "layer", self.expected[e].kind, None, e, after=after, block=block)

    def _in_arguments(self, e: int, f: int) -> list[Difference]:
        expected, found = self.expected[e], self.found[f]
        unequal: list[tuple[str, Any, Any]] = []
        if expected.kind == "InputLayer" and expected.shape != found.shape:
            unequal.append(("shape", expected.shape, found.shape))
        for name, wanted in expected.arguments.items():
            if name in found.arguments and found.arguments[name] != wanted:
                unequal.append((name, wanted, found.arguments[name]))
        times = [layer.arguments.get("calls", 1) for layer in (expected, found)]
        if times[0] != times[1]:
            unequal.append(("calls", *times))
        return [
            self._of(Change.ARGUMENT, name, e, f, expected_value=wanted, found_value=got)
            for name, wanted, got in unequal
        ]

    def _in_derived_values(self, e: int, f: int) -> list[Difference]:
        """Shape or parameter count, where nothing before explains them: rows that say less than the network does."""
        for name in ("shape", "parameters"):
            wanted, got = getattr(self.expected[e], name), getattr(self.found[f], name)
            if wanted is not None and got is not None and wanted != got:
                return [self._of(Change.DERIVED, name, e, f, expected_value=wanted, found_value=got)]
        return []

    def _in_inputs(self, e: int, f: int) -> list[Difference]:
        expected_sources, found_sources = self.expected[e].sources, self.found[f].sources
        if expected_sources is None or found_sources is None:
            return []
        wanted, got = self._wanted(expected_sources), self._got(found_sources)
        if wanted == got or None in wanted:
            return []
        return [
            self._of(Change.INPUTS, "inputs", e, f, expected_sources=wanted, found_sources=got),
        ]

    def _in_outputs(self) -> list[Difference]:
        if self.expected_outputs is None or self.found_outputs is None:
            return []
        wanted, got = self._wanted(self.expected_outputs), self._got(self.found_outputs)
        if wanted == got:
            return []
        return [Difference(Change.OUTPUTS, "outputs", "Model", expected_sources=wanted, found_sources=got)]

    def _wanted(self, positions: list[int]) -> tuple[LayerReference | None, ...]:
        """Layers of the expected network, as the learner's layers that stand for them."""
        known = [_through(self.expected, position, self.partner) for position in positions]
        return tuple(None if position is None else self._reference(self.partner[position]) for position in known)

    def _got(self, positions: list[int]) -> tuple[LayerReference | None, ...]:
        known = [_through(self.found, position, self.known_found) for position in positions]
        return tuple(None if position is None else self._reference(position) for position in known)

    def _reference(self, f: int) -> LayerReference:
        return self.found[f].reference(f)

    def _without_consequences(self, differences: list[Difference]) -> list[Difference]:
        """Leave out a layer that is missing because nothing takes its result: the wrong connection is the mistake."""
        rewired = {one.position for one in differences if one.change is Change.INPUTS}

        def is_consequence(one: Difference) -> bool:
            takers = [position for position, layer in enumerate(self.expected) if one.position in (layer.sources or ())]
            return one.is_missing_layer and bool(takers) and rewired.issuperset(takers)

        return [one for one in differences if not is_consequence(one)]


def _through(layers: list[Layer], position: int, known: Collection[int]) -> int | None:
    """The nearest layer at or before ``position`` that the other network has too."""
    while position not in known:
        sources = layers[position].sources
        if not sources:
            return None
        position = sources[0]
    return position
