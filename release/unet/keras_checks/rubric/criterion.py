"""One line of a rubric, and which differences cost its points."""

from __future__ import annotations

from dataclasses import dataclass

from keras_checks.comparison import Comparison
from keras_checks.differences import Difference

__all__ = ["Criterion"]


@dataclass(frozen=True)
class Criterion:
    """One line of a rubric.

    Attributes:
        points: float, what it is worth.
        sentence: str, what it asks for, as the learner reads it.
        counts_against: tuple of str or int, the differences that cost these points. Each is an attribute of a
            difference (``"padding"``), a class of layer (``"Dropout"``), both (``"Conv2D.padding"``), a position in
            the expected network (``-1`` for the last layer), or ``"*"`` for all that no other criterion names.
            The most specific one counts.
    """

    points: float
    sentence: str
    counts_against: tuple[str | int, ...]

    def __init__(self, points: float, sentence: str, *counts_against: str | int):
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "sentence", sentence)
        object.__setattr__(self, "counts_against", counts_against)

    def claim(self, difference: Difference, layers: int) -> int:
        """How specifically the criterion names a difference.

        Args:
            difference: Difference.
            layers: int, the number of layers of the expected network.

        Returns:
            int, 0 for not at all.
        """
        return max((_claim(selector, difference, layers) for selector in self.counts_against), default=0)

    def is_seen_in(self, comparison: Comparison) -> bool:
        """Whether the learner's network holds anything by which the criterion can be judged.

        Args:
            comparison: Comparison.

        Returns:
            bool.
        """
        pairs = [(expected, found) for expected, found in comparison.pairs if expected.kind != "InputLayer"]
        expected_kinds = {layer.kind for layer in comparison.expected}
        for selector in self.counts_against:
            if isinstance(selector, int):
                if any(expected is comparison.expected[selector] for expected, _ in pairs):
                    return True
            elif selector in {"*", "layer", "inputs", "outputs", "shape", "parameters"}:
                if pairs:
                    return True
            elif selector[0].isupper() and "." not in selector:
                if selector not in expected_kinds or any(expected.kind == selector for expected, _ in pairs):
                    return True
            else:
                kind, _, attribute = selector.rpartition(".")
                if any(attribute in found.arguments and kind in ("", found.kind) for _, found in pairs):
                    return True
        return False


def _claim(selector: str | int, difference: Difference, layers: int) -> int:
    if isinstance(selector, int):
        return 4 * (difference.position is not None and difference.position == selector % layers)
    if selector == f"{difference.kind}.{difference.attribute}":
        return 5
    if selector == difference.kind:
        return 3
    if selector == difference.attribute:
        return 2
    return int(selector == "*")
