"""Errors on the way through the learner's code: where they came from, and what to say about them."""

from __future__ import annotations

import os
import textwrap
import types
from collections.abc import Iterable
from pathlib import Path

from keras_checks.blanks import blank_lines_of

__all__ = ["LearnerError", "Rejected", "explain"]

# What checks is not what is checked: neither blanks nor mistakes are looked for in this package.
_CHECKING_FOLDER = str(Path(__file__).parent) + os.sep

# The likely cause of what Keras says, by a part of its message.
_KERAS_HINTS = {
    "requires inputs with matching shapes": "The tensors to be joined differ in size: compare the shapes of the layers "
    "that they come from.",
    "must be KerasTensors": "Something that is not a tensor was returned. A layer gives a tensor when it is called on "
    "one, Conv2D(...)(tensor), and holds one in its attribute output.",
    "the network has more than": "A dense layer on a feature map is as large as that: was the top of a trained network "
    "left on it?",
}


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

    def __init__(
        self,
        kind: str,
        message: str,
        function: str = "",
        line: int = 0,
        blanks: tuple[str, list[int]] | None = None,
        undefined: str = "",
    ):
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
        learners = [(frame, line) for frame, line in frames[1:] if "site-packages" not in frame.f_code.co_filename][:20]
        if learners:
            frame, told.line = learners[-1]
            told.function = frame.f_code.co_name
        function = frames[0][0].f_globals.get(function_name)
        codes = [function.__code__] if isinstance(function, types.FunctionType) else []
        for code in reversed([*codes, *(frame.f_code for frame, _ in learners)]):
            lines = blank_lines_of(code)
            if lines:
                told.blanks = (code.co_name, lines)
                break
        return told


def explain(error: Exception, function_name: str, hints: Iterable[tuple[str, str]]) -> tuple[str, bool]:
    """An error under a check block, in one sentence.

    Args:
        error: Exception.
        function_name: str, the graded function.
        hints: (part of a message, likely cause), those of the assignment; what Keras says stands behind them.

    Returns:
        (sentence, whether the exercise is simply not done yet).
    """
    if isinstance(error, Rejected):
        return str(error), False
    told = error if isinstance(error, LearnerError) else LearnerError.of(error, function_name)
    if told.blanks:
        name, lines = told.blanks
        where = ", ".join(f"line {number}" for number in lines[:3]) + (", ..." if len(lines) > 3 else "")
        return f"{name} is not attempted yet: there are blanks (None) left in {where}", True
    if told.undefined:
        return f"{told.undefined} is not defined: run its cell; if that ends in an error, fix it first", False
    first_line = (told.message.strip().splitlines() or [""])[0]
    shown = textwrap.shorten(first_line, 200, placeholder=" ...")
    known = (*hints, *_KERAS_HINTS.items())
    hint = next((f" {hint}" for fragment, hint in known if fragment in told.message), "")
    place = f" in {told.function}, line {told.line}" if told.function else ""
    return f"{told.kind}{place}: {shown}{hint}", False


def _frames(error: BaseException) -> list[tuple[types.FrameType, int]]:
    """The frames that an error came through, with the line in each; not those of the checks themselves."""
    frames = []
    traceback = error.__traceback__
    while traceback is not None:
        frames.append((traceback.tb_frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    return [(frame, line) for frame, line in frames if not frame.f_code.co_filename.startswith(_CHECKING_FOLDER)]
