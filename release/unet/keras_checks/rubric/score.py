"""What an exercise came to: one number, and the rubric behind it."""

from __future__ import annotations

import html
import textwrap
from dataclasses import asdict, dataclass, field
from typing import Any

from keras_checks.rendering.tables import html_table

__all__ = ["SCORE_MIME_TYPE", "ExerciseNotPassed", "Reason", "Result", "Score"]

SCORE_MIME_TYPE = "application/vnd.keras-autograder.score+json"

_SIGNS = {"passed": "\u2713", "failed": "\u2717", "not reached": "\u2013"}


@dataclass(frozen=True)
class Reason:
    """Why points were lost: what was found, and a hint at what to do about it."""

    found: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.found}. {self.hint}" if self.hint else self.found


@dataclass
class Result:
    """What one criterion came to: ``passed``, ``failed``, or ``not reached`` where nothing could be judged."""

    sentence: str
    points: float
    earned: float
    status: str
    reasons: list[Reason] = field(default_factory=list)


class Score(float):
    """Points, as a number; in a notebook the rubric behind them.

    Attributes:
        function_name: str.
        results: list of Result, one for each criterion.
        headline: str, what is to be said of the exercise as a whole, or empty.
        out_of: float, the points of the whole rubric.
    """

    function_name: str
    results: list[Result]
    headline: str
    out_of: float

    def __new__(cls, function_name: str, results: list[Result], headline: str = "") -> Score:
        score = super().__new__(cls, sum(result.earned for result in results))
        score.function_name = function_name
        score.results = results
        score.headline = headline
        score.out_of = float(sum(result.points for result in results))
        return score

    def __reduce__(self) -> tuple[type[Score], tuple[str, list[Result], str]]:
        return (type(self), (self.function_name, self.results, self.headline))

    def as_text(self) -> str:
        """The rubric in plain lines."""
        lines = [f"{self.function_name}: {self:g} of {self.out_of:g} points"]
        if self.headline:
            lines.append(f"  {self.headline}")
        elif self < self.out_of:
            for result in self.results:
                lines.append(f"  {result.earned:g}/{result.points:g}  {result.status}: {result.sentence}")
                lines += [f"       {reason}" for reason in result.reasons[:3]]
        return "\n".join(lines)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        record = {
            "function": self.function_name,
            "points": float(self),
            "out_of": self.out_of,
            "headline": self.headline,
            "criteria": [asdict(result) for result in self.results],
        }
        # nbgrader reads text/plain, and takes anything but a number there as full marks.
        return {"text/plain": repr(float(self)), "text/html": self._html(), SCORE_MIME_TYPE: record}

    def _html(self) -> str:
        title = f"{self.function_name}: {self:g} of {self.out_of:g} points"
        if self.headline:
            return f"<p><b>{html.escape(title)}</b>, {html.escape(self.headline)}</p>"
        rows = [
            (
                f"{_SIGNS[result.status]} {result.status}",
                f"{result.earned:g}/{result.points:g}",
                result.sentence,
                "\n".join(map(str, result.reasons[:3])),
            )
            for result in self.results
        ]
        return html_table(title, ("Result", "Points", "Criterion", "What was found"), rows)


class ExerciseNotPassed(Exception):
    """Some points of an exercise are missing, said where only errors are shown.

    Attributes:
        score: Score.
    """

    def __init__(self, score: Score):
        super().__init__(score.as_text())
        self.score = score

    def _render_traceback_(self) -> list[str]:
        # nbgrader validate cuts lines at 87 characters.
        return [
            wrapped
            for line in self.score.as_text().splitlines()
            for wrapped in textwrap.wrap(line, 84, subsequent_indent="         ")
        ]
