"""The rubric of one graded function, and what the checks found."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from keras_checks.comparison import Comparison
from keras_checks.differences import Difference, by_cause
from keras_checks.hints import Hints
from keras_checks.learner_errors import explain
from keras_checks.mismatch import SummaryMismatch
from keras_checks.picture import NetworkPicture, draw
from keras_checks.quiet_streams import silence, stderr_to_stdout
from keras_checks.rendering.notebook import show_in_notebook
from keras_checks.rubric.criterion import Criterion
from keras_checks.rubric.score import ExerciseNotPassed, Reason, Result, Score

__all__ = ["Exercise"]


@dataclass
class _Outcome:
    """What one ``with exercise.check(...)`` block came to."""

    title: str
    hidden: bool
    tests: str | int | None
    comparison: Comparison | None = None
    problem: str = ""
    blank: bool = False

    @property
    def passed(self) -> bool:
        return not self.problem


class Exercise:
    """The rubric of one graded function and what the checks found.

    Args:
        function_name: str, the function that the learner writes.
        criteria: sequence of Criterion; exactly one of them takes what no other names (``"*"``).
        in_blocks: bool, whether the network is built of blocks of layers. Where one is left out, only its layers with
            weights cost points, and not what else went with them.
        error_hints: dict from a part of an error's message to its likely cause in this exercise; the usual hints stand
            behind these.
        hints: Hints, the likely causes of differences in this exercise, see ``keras_checks.hints``. They are told with
            the points that are lost, by hidden checks as well; those of a check's expected rows stand before them.

    Raises:
        ValueError: if no criterion, or more than one, counts ``"*"`` against itself.
    """

    def __init__(
        self,
        function_name: str,
        criteria: Sequence[Criterion],
        in_blocks: bool = False,
        error_hints: Mapping[str, str] | None = None,
        hints: Hints | None = None,
    ):
        takers = [criterion for criterion in criteria if "*" in criterion.counts_against]
        if len(takers) != 1:
            raise ValueError(f'the rubric of {function_name} needs one criterion with "*", and has {len(takers)}')
        self.function_name = function_name
        self.criteria = list(criteria)
        self.in_blocks = in_blocks
        self.outcomes: list[_Outcome] = []
        self._error_hints = dict(error_hints or {})
        self._hints: Hints = hints or {}

    @contextlib.contextmanager
    def check(self, title: str, tests: str | int | None = None, hidden: bool = False) -> Iterator[None]:
        """Run a block of checking code; explain and note what goes wrong in it.

        Args:
            title: str, what the block looks at.
            tests: a selector of the rubric; that criterion pays if the block ends in an error. None: an error costs
                something only if no difference that another block found explains it.
            hidden: bool, whether what the block prints and expects is to stay out of the learner's sight.

        Raises:
            ValueError: if no criterion has the selector ``tests``.
        """
        if tests is not None and not any(tests in criterion.counts_against for criterion in self.criteria):
            raise ValueError(f"no criterion of {self.function_name} names {tests!r}")
        outcome = _Outcome(title, hidden, tests)
        with silence() if hidden else stderr_to_stdout():
            try:
                yield
            except SummaryMismatch as mismatch:
                outcome.comparison = mismatch.comparison.with_hints(self._hints)
                outcome.problem = "the network differs from the expected one"
            except Exception as error:  # whatever the learner's code raises
                outcome.problem, outcome.blank = explain(error, self.function_name, self._error_hints.items())
        self.outcomes.append(outcome)
        if outcome.comparison and not hidden:
            described = "(a picture of your network, with the layers named above marked)"
            show_in_notebook(NetworkPicture(draw(outcome.comparison, f"Your network, {title}"), described))
        if outcome.problem and not hidden and not outcome.comparison:
            print(f"{title}: {outcome.problem}")

    def score(self) -> Score:
        """The points earned, as the last line of a check cell.

        Returns:
            Score, a number that shows itself as the rubric in a notebook.

        Raises:
            ExerciseNotPassed: under ``nbgrader validate`` only, which shows a learner nothing but errors.
        """
        score = Score(self.function_name, [self._result(criterion) for criterion in self.criteria], self._headline())
        # nbgrader tells kernels what it is doing: https://nbgrader.readthedocs.io, "NBGRADER_EXECUTION".
        if os.environ.get("NBGRADER_EXECUTION") == "validate" and score < score.out_of:
            raise ExerciseNotPassed(score)
        return score

    def _headline(self) -> str:
        if self.outcomes and all(outcome.blank for outcome in self.outcomes):
            return "not attempted yet: fill in what stands between START CODE HERE and END CODE HERE"
        if self.outcomes and all(outcome.problem and not outcome.comparison for outcome in self.outcomes):
            return "could not be run: " + self.outcomes[0].problem
        return ""

    def _result(self, criterion: Criterion) -> Result:
        reasons: dict[str, Reason] = {}
        seen = False
        for outcome in self.outcomes:
            if outcome.passed:
                seen = True
            elif outcome.comparison is None:
                if self._pays_for_error(outcome) is criterion:
                    reasons.setdefault(outcome.problem, Reason(outcome.problem))
            else:
                seen = seen or criterion.is_seen_in(outcome.comparison)
                layers = len(outcome.comparison.expected)
                for difference in self._charged_differences(outcome.comparison):
                    if self._charged(difference, layers) is criterion:
                        # A hidden check that finds what a visible one has found says nothing new.
                        found = difference.sentence(reveal_expected=False)
                        reasons.setdefault(found, Reason(difference.sentence(not outcome.hidden), difference.hint))
        if seen and not reasons:
            return Result(criterion.sentence, criterion.points, criterion.points, "passed")
        status = "failed" if seen else "not reached"
        return Result(criterion.sentence, criterion.points, 0, status, list(reasons.values()))

    def _charged_differences(self, comparison: Comparison) -> list[Difference]:
        """The differences that cost points."""
        if not self.in_blocks:
            return comparison.differences
        charged: list[Difference] = []
        for group in by_cause(comparison.differences):
            if len(group) > 1:
                positions = [(one, one.position) for one in group if one.position is not None]
                weighty = [one for one, position in positions if comparison.expected[position].parameters]
                charged += weighty or group
            else:
                charged += group
        return charged

    def _charged(self, difference: Difference, layers: int) -> Criterion:
        return max(self.criteria, key=lambda criterion: criterion.claim(difference, layers))

    def _pays_for_error(self, outcome: _Outcome) -> Criterion | None:
        explained = any(other.comparison for other in self.outcomes)
        if outcome.tests is None and explained:
            return None
        selector = "*" if outcome.tests is None else outcome.tests
        return next(criterion for criterion in self.criteria if selector in criterion.counts_against)
