"""``comparator``: passes in one line, or ends in an error that says what differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras_checks.comparison import Comparison, compare
from keras_checks.hints import Hints
from keras_checks.nouns import counted
from keras_checks.rendering.notebook import show_in_notebook

__all__ = ["SummaryMismatch", "comparator"]


class SummaryMismatch(AssertionError):
    """The learner's network is not the expected one.

    Attributes:
        comparison: Comparison, with all the differences.
    """

    def __init__(self, comparison: Comparison, shown: bool = False):
        super().__init__(str(comparison))
        self.comparison = comparison
        self._shown = shown

    def _render_traceback_(self) -> list[str]:
        """What IPython prints instead of a traceback: where the error was raised helps nobody here."""
        count = counted(len(self.comparison.differences), "difference")
        return [f"Not yet: {count}, listed above."] if self._shown else str(self.comparison).splitlines()


def comparator(learner: Sequence[Any], instructor: Sequence[Any], hints: Hints | None = None) -> None:
    """Compare a learner's summary with the expected one, and say so in words.

    Args:
        learner: Summary, what ``summary(model)`` returned (or plain rows).
        instructor: list of rows, the expected summary.
        hints: Hints of the assignment, see ``keras_checks.hints``; those of the expected rows come first.

    Raises:
        SummaryMismatch: an AssertionError, if the networks differ. It names each layer by its number, the argument,
            what was expected and found, and a hint. In a notebook the same stands in a table above it.
        TypeError: if either is no summary.
    """
    comparison = compare(learner, instructor, hints)
    if comparison.differences:
        in_notebook = show_in_notebook(comparison)
        raise SummaryMismatch(comparison, shown=in_notebook)
    print("All tests passed!")
