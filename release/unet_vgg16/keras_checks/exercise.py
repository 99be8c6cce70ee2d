"""Award points for an exercise by a rubric: a wrong padding costs the padding, not the exercise.

A check cell of the notebook reads like this:

    exercise = Exercise("conv_block", [
        Criterion(2, "two convolutions, one after the other", "layer", "inputs", "*"),
        Criterion(1, "padding is 'same'", "padding"),
    ])

    with exercise.check("32 filters"):
        inputs = Input((96, 128, 3))
        comparator(summary(tf.keras.Model(inputs, conv_block(inputs, 32))), expected)

    exercise.score()

Each ``with`` block is ordinary code. What goes wrong in it is explained and noted, and the cell goes on. ``score`` ends
the cell with one number, which is how nbgrader takes partial credit, and shows the rubric as a table.
"""

from __future__ import annotations

import ast
import contextlib
import html
import inspect
import io
import os
import random
import sys
import textwrap
import types
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field

from keras_checks import comparison, picture
from keras_checks.comparison import Comparison, Difference, SummaryMismatch, by_cause, html_table, show_in_notebook

__all__ = [
    "Criterion",
    "Draws",
    "Exercise",
    "ExerciseNotPassed",
    "LearnerError",
    "Rejected",
    "Score",
    "blank_lines_in",
    "native_stderr_discarded",
    "with_globals",
]

SECRET_VARIABLE = "KERAS_AUTOGRADER_SECRET"
SCORE_MIME_TYPE = "application/vnd.keras-autograder.score+json"


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
        """How specifically the criterion names a difference, 0 for not at all."""
        return max((_claim(selector, difference, layers) for selector in self.counts_against), default=0)

    def is_seen_in(self, comparison: Comparison) -> bool:
        """Whether the learner's network holds anything by which the criterion can be judged."""
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


@dataclass
class Outcome:
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


class Exercise:
    """The rubric of one graded function and what the checks found.

    Args:
        function_name: str, the function that the learner writes.
        criteria: list of Criterion; exactly one of them takes what no other names (``"*"``).
        in_blocks: bool, whether the network is built of blocks of layers. Where one is left out, only its layers with
            weights cost points, and not what else went with them.
        error_hints: dict from a part of an error's message to its likely cause in this exercise; the usual hints stand
            behind these.

    Raises:
        ValueError: if no criterion, or more than one, counts ``"*"`` against itself.
    """

    def __init__(
        self,
        function_name: str,
        criteria: list[Criterion],
        in_blocks: bool = False,
        error_hints: dict[str, str] | None = None,
    ):
        takers = [criterion for criterion in criteria if "*" in criterion.counts_against]
        if len(takers) != 1:
            raise ValueError(f'the rubric of {function_name} needs one criterion with "*", and has {len(takers)}')
        self.function_name = function_name
        self.criteria = list(criteria)
        self.in_blocks = in_blocks
        self._error_hints = [*(error_hints or {}).items(), *_ERROR_HINTS.items()]
        self.outcomes: list[Outcome] = []

    @contextlib.contextmanager
    def check(self, title: str, tests: str | int | None = None, hidden: bool = False) -> Iterator[None]:
        """Run a block of checking code; explain and note what goes wrong in it.

        Args:
            title: str, what the block looks at.
            tests: a selector of the rubric; that criterion pays if the block ends in an error. None: an error costs
                something only if no difference that another block found explains it.
            hidden: bool, whether what the block prints and expects is to stay out of the learner's sight.
        """
        if tests is not None and not any(tests in criterion.counts_against for criterion in self.criteria):
            raise ValueError(f"no criterion of {self.function_name} names {tests!r}")
        outcome = Outcome(title, hidden, tests)
        with _silence() if hidden else _stderr_to_stdout():
            try:
                yield
            except SummaryMismatch as mismatch:
                outcome.comparison = mismatch.comparison
                outcome.problem = "the network differs from the expected one"
            except Exception as error:  # whatever the learner's code raises
                outcome.problem, outcome.blank = self._explain(error)
        self.outcomes.append(outcome)
        if outcome.comparison and not hidden:
            show_in_notebook(_Picture(outcome.comparison, title))
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
        problems = {outcome.problem for outcome in self.outcomes if not outcome.comparison}
        if self.outcomes and "" not in problems and all(o.problem and not o.comparison for o in self.outcomes):
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
            weighty = [one for one in group if len(group) > 1 and comparison.expected[one.position].parameters]
            charged += weighty or group
        return charged

    def _charged(self, difference: Difference, layers: int) -> Criterion:
        return max(self.criteria, key=lambda criterion: criterion.claim(difference, layers))

    def _pays_for_error(self, outcome: Outcome) -> Criterion | None:
        explained = any(other.comparison for other in self.outcomes)
        if outcome.tests is None and explained:
            return None
        selector = "*" if outcome.tests is None else outcome.tests
        return next(criterion for criterion in self.criteria if selector in criterion.counts_against)

    def _explain(self, error: Exception) -> tuple[str, bool]:
        """An error in a check block in one sentence, and whether the exercise is simply not done yet."""
        if isinstance(error, Rejected):
            return str(error), False
        told = error if isinstance(error, LearnerError) else LearnerError.of(error, self.function_name)
        if told.blanks:
            name, lines = told.blanks
            where = ", ".join(f"line {number}" for number in lines[:3]) + (", ..." if len(lines) > 3 else "")
            return f"{name} is not attempted yet: there are blanks (None) left in {where}", True
        if told.undefined:
            return f"{told.undefined} is not defined: run its cell; if that ends in an error, mend it first", False
        lines = told.message.strip().splitlines() or [""]
        shown = textwrap.shorten(lines[0], 200, placeholder=" ...")
        hint = next((f" {hint}" for fragment, hint in self._error_hints if fragment in told.message), "")
        where = f" in {told.function}, line {told.line}" if told.function else ""
        return f"{told.kind}{where}: {shown}{hint}", False


class Draws(random.Random):
    """Numbers for hidden checks, drawn from the secret of the course: the same for one secret, unknown without it.

    Hidden checks are public with this repository; what they call the functions with is not.

    Args:
        name: str, so that each exercise has numbers of its own.
        secret: str; by default what the judge was given in the environment.
    """

    def __init__(self, name: str, secret: str | None = None):
        super().__init__(f"{name}:{os.environ.get(SECRET_VARIABLE, '') if secret is None else secret}")

    def whole(self, low: int, high: int, *but: int) -> int:
        """A whole number from ``low`` to ``high``, both included, and none of ``but``."""
        return self.choice([number for number in range(low, high + 1) if number not in but])

    def rate(self, *but: float) -> float:
        """A dropout rate of two decimals from 0.05 to 0.90, and none of ``but``."""
        return self.choice([number / 100 for number in range(5, 91) if number / 100 not in but])

    def size(self, multiple: int, channels: int) -> tuple[int, int, int]:
        """The size of an image: height and width are different multiples of ``multiple``, at most eight of them."""
        height, width = self.sample(range(2, 9), 2)
        return multiple * height, multiple * width, channels


class Rejected(Exception):
    """What a check finds wrong where no comparison of networks would say it; the message is told as it is.

    The learner reads the message of a hidden check as well.

    Example:
        >>> with exercise.check("What is returned", tests="returned"):
        ...     if len(tensors) != 5:
        ...         raise Rejected(f"five tensors are to be returned, and not {len(tensors)}")
    """


class LearnerError(Exception):
    """An error on the way through the learner's code, as it is explained.

    Attributes:
        kind: str, the class of the error.
        message: str.
        function, line: the innermost function of the learner's, and the line of its cell; empty where there is none.
        blanks: the innermost function that still has blanks and their lines, or None.
        undefined: str, the graded function where it does not exist, or empty.
    """

    def __init__(self, kind: str, message: str, function: str = "", line: int = 0, blanks=None, undefined: str = ""):
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message
        self.function = function
        self.line = line
        self.blanks = blanks
        self.undefined = undefined

    @classmethod
    def of(cls, error: Exception, function_name: str) -> LearnerError:
        """Describe an error that was raised in this process, under a check block.

        Args:
            error: Exception, caught around the block.
            function_name: str, the graded function.

        Returns:
            LearnerError.
        """
        if isinstance(error, NameError) and error.name == function_name:
            return cls("NameError", str(error), undefined=function_name)
        told = cls(type(error).__name__, str(error))
        frames = _frames(error)
        # Between the check cell and the libraries stands the learner's code.
        learners = [frame for frame in frames[1:] if "site-packages" not in frame.f_code.co_filename][:20]
        if learners:
            told.function, told.line = learners[-1].f_code.co_name, _line_in(error, learners[-1])
        function = frames[0].f_globals.get(function_name)
        codes = [function.__code__] if isinstance(function, types.FunctionType) else []
        for code in reversed([*codes, *(frame.f_code for frame in learners)]):
            lines = _blank_lines(code)
            if lines:
                told.blanks = (code.co_name, lines)
                break
        return told


class _Picture:
    """The learner's network with its wrong layers marked, for a notebook to show."""

    def __init__(self, comparison: Comparison, title: str):
        self._html = picture.draw(comparison, f"Your network, {title}")

    def __repr__(self) -> str:
        return "(a picture of your network, with the layers named above marked)"

    def _repr_html_(self) -> str:
        return self._html


class Score(float):
    """Points, as a number; in a notebook the rubric behind them.

    Attributes:
        function_name: str.
        results: list of Result, one for each criterion.
        headline: str, what is to be said of the exercise as a whole, or empty.
        out_of: float, the points of the whole rubric.
    """

    def __new__(cls, function_name: str, results: list[Result], headline: str = ""):
        score = super().__new__(cls, sum(result.earned for result in results))
        score.function_name = function_name
        score.results = results
        score.headline = headline
        score.out_of = float(sum(result.points for result in results))
        return score

    def __reduce__(self):
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

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
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


_SIGNS = {"passed": "\u2713", "failed": "\u2717", "not reached": "\u2013"}


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


def with_globals(function: Callable, **replacements) -> Callable:
    """A copy of a function that sees other objects under some of its global names.

    ``unet_model`` can so be judged on its own work: with right blocks in the place of the learner's, a mistake made in
    ``conv_block`` is not charged a second time.

    Args:
        function: a function written in Python.
        **replacements: what the copy is to see under these names.

    Returns:
        The copy; the function itself where it is of another kind and cannot be copied.
    """
    if hasattr(function, "with_globals"):
        return function.with_globals(**replacements)
    if not isinstance(function, types.FunctionType):
        return function
    copy = types.FunctionType(
        function.__code__,
        {**function.__globals__, **replacements},
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


# The likely cause of what Keras says.
_ERROR_HINTS = {
    "requires inputs with matching shapes": "The two tensors to be joined differ in height or width. Does the "
    "transposed convolution double the size, is the skip connection element [1] of that level's encoder block, "
    "and does conv_block keep the size (padding 'same')?",
    "must be KerasTensors": "Something else than a tensor is among what was returned. A layer gives a tensor when it "
    "is called on one, Conv2D(...)(tensor), and holds one in its attribute output.",
    "the network has more than": "A dense layer on a feature map is as large as that: was the top of a trained network "
    "left on it?",
    "cannot unpack": "conv_block returns two tensors: next_layer and skip_connection.",
}

# What a graded cell writes to stderr makes nbgrader give 0 points for it, be it a warning of a library.


@contextlib.contextmanager
def _stderr_to_stdout() -> Iterator[None]:
    with contextlib.redirect_stderr(sys.stdout), native_stderr_discarded():
        yield


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        if "IPython" in sys.modules:
            from IPython.utils.capture import capture_output

            stack.enter_context(capture_output())
        else:
            stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
            stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        stack.enter_context(native_stderr_discarded())
        yield


@contextlib.contextmanager
def native_stderr_discarded() -> Iterator[None]:
    """Discard what libraries such as TensorFlow write to the process's stderr past Python."""
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


# What checks is not what is checked: neither blanks nor mistakes are looked for in these files.
_CHECKING_FILES = {__file__, comparison.__file__, picture.__file__}


def _frames(error: BaseException) -> list[types.FrameType]:
    frames = []
    traceback = error.__traceback__
    while traceback is not None:
        frames.append(traceback.tb_frame)
        traceback = traceback.tb_next
    return [frame for frame in frames if frame.f_code.co_filename not in _CHECKING_FILES]


def _line_in(error: BaseException, frame: types.FrameType) -> int:
    traceback = error.__traceback__
    while traceback.tb_frame is not frame:
        traceback = traceback.tb_next
    return traceback.tb_lineno


def _blank_lines(code: types.CodeType) -> list[int]:
    try:
        return blank_lines_in(*inspect.getsourcelines(code))
    except (OSError, TypeError):
        return []


def blank_lines_in(lines: list[str], first: int) -> list[int]:
    """The lines of a cell on which a blank is left: ``x = None``, or None as a positional argument.

    A variable that is set to None and gets its value further down, in the same run of statements, is no blank.

    Args:
        lines: list of str, the text of one function.
        first: int, the line of the cell on which it begins.

    Returns:
        list of int; empty as well where the text is no Python.
    """
    try:
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (SyntaxError, ValueError, RecursionError):
        return []
    started = _started_with_none(tree)
    blank = set()
    for node in ast.walk(tree):
        values = []
        if isinstance(node, ast.Assign) and node not in started:
            values = [node.value]
        elif isinstance(node, ast.Call):
            values = node.args
        blank |= {value.lineno for value in values if isinstance(value, ast.Constant) and value.value is None}
    return sorted(first - 1 + line for line in blank)


def _started_with_none(tree: ast.AST) -> set[ast.Assign]:
    """Assignments to names that a later statement beside them assigns to again."""
    started = set()
    bodies = (getattr(node, part, None) for node in ast.walk(tree) for part in ("body", "orelse", "finalbody"))
    for body in bodies:
        later: set[str] = set()
        for statement in reversed(body if isinstance(body, list) else []):
            stored = {
                node.id
                for node in ast.walk(statement)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            }
            if isinstance(statement, ast.Assign) and stored and stored <= later:
                started.add(statement)
            later |= stored
    return started
