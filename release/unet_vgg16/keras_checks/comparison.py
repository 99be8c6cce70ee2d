"""``compare``: two summaries as networks, not as spellings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeGuard

from keras_checks.alignment import Pairs, alignments
from keras_checks.canonical import Network, canonical, inputs_first, renumbered
from keras_checks.difference_search import differences_between
from keras_checks.differences import Change, Difference
from keras_checks.hints import Hints, hint_for
from keras_checks.layers import Layer
from keras_checks.rendering.difference_lists import as_html, as_text
from keras_checks.rows import from_rows
from keras_checks.summarising import Summary

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True)
class Comparison:
    """What ``compare`` found.

    Attributes:
        differences: list of Difference, in the order of the layers; empty where the networks are equal.
        pairs: list of (expected Layer, learner's Layer), the layers that stand for each other.
        expected: list of Layer, the expected network.
        found: list of Layer, the learner's network.
        found_outputs: list of int, positions in ``found`` of the tensors that it returns; None where unknown.
        hints: Hints, what the expected network has to say of its differences.
    """

    differences: list[Difference]
    pairs: list[tuple[Layer, Layer]]
    expected: list[Layer]
    found: list[Layer]
    found_outputs: list[int] | None
    hints: Hints = field(default_factory=dict)

    def with_hints(self, hints: Hints) -> Comparison:
        """The same comparison with the hints of an assignment, where the expected network has none of its own.

        Args:
            hints: Hints, see ``keras_checks.hints``.

        Returns:
            Comparison.
        """
        hinted = [replace(one, hint=hint_for(one, self.hints, hints)) for one in self.differences]
        return replace(self, differences=hinted)

    def __str__(self) -> str:
        return as_text(self.differences)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return as_html(self.differences)


def compare(learner: Sequence[Any], instructor: Sequence[Any], hints: Hints | None = None) -> Comparison:
    """Compare two summaries as networks, not as spellings.

    Args:
        learner: Summary or list of rows, the network to judge.
        instructor: Summary or list of rows, the expected network; an ``ExpectedSummary`` says more than its rows.
        hints: Hints of the assignment, see ``keras_checks.hints``; those of the expected rows come first.

    Returns:
        Comparison. Missing and extra layers are found first, by aligning the two networks, so that one missing layer
        is one difference and does not shift all that come after it. Shapes and parameter counts are only named
        where no argument and no connection explains them.

    Raises:
        TypeError: if either is no summary.
    """
    expected = _read(instructor, "the expected one")
    found = _read(learner, "yours")
    candidates = [
        (cost, pairs, reading)
        for reading in _readings(found, learner, instructor)
        for cost, pairs in alignments(expected[0], reading[0])
    ]
    least = min(cost for cost, *_ in candidates)
    # Where several alignments cost the same, the one that leaves least to say is what happened.
    comparison = min(
        (_compared(expected, reading, pairs) for cost, pairs, reading in candidates if math.isclose(cost, least)),
        key=lambda one: len(one.differences),
    )
    if getattr(learner, "is_tensor", False):
        no_model = Difference(Change.NO_MODEL, "outputs", "Model")
        comparison = replace(comparison, differences=[*comparison.differences, no_model])
    own_hints: Hints = getattr(instructor, "hints", None) or {}
    return replace(comparison, hints=own_hints).with_hints(hints or {})


def _readings(found: Network, learner: Sequence[Any], instructor: Sequence[Any]) -> list[Network]:
    """The orders in which the learner's layers may be read."""
    readings = [found]
    if _is_whole(learner):
        farthest_first = canonical(learner, nearest_first=False)
        # Most networks fork nowhere but to a skip connection, and read the same either way.
        if farthest_first != found:
            readings.append(farthest_first)
        if not isinstance(instructor, Summary):
            # Plain rows stand in the order in which Keras prints them, where that differs from ours.
            readings.append(_printed_order(*found))
    return readings


def _compared(expected: Network, found: Network, pairs: Pairs) -> Comparison:
    """The differences under one alignment."""
    expected_layers, found_layers = expected[0], found[0]
    matched = [
        (expected_layers[e], found_layers[f])
        for e, f in pairs
        if e is not None and f is not None and expected_layers[e].kind == found_layers[f].kind
    ]
    differences = differences_between(expected, found, pairs)
    return Comparison(differences, matched, expected_layers, found_layers, found[1])


def _read(rows: Sequence[Any], whose: str) -> Network:
    return canonical(rows) if _is_whole(rows) else from_rows(rows, whose)


def _is_whole(rows: Sequence[Any]) -> TypeGuard[Summary]:
    # A summary whose rows were changed by hand is what its rows say.
    return isinstance(rows, Summary) and len(rows) == len({layer.number for layer in rows.layers} - {None})


def _printed_order(layers: list[Layer], outputs: list[int] | None) -> Network:
    order = sorted(range(len(layers)), key=lambda position: layers[position].number or 0)
    return inputs_first(*renumbered(layers, order, outputs))
