"""A function that sees other objects under some of its global names."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

__all__ = ["with_globals"]


def with_globals(function: Callable[..., Any], **replacements: Any) -> Callable[..., Any]:
    """A copy of a function that sees other objects under some of its global names.

    A function that builds on those of other exercises can so be judged on its own work: with right functions in the
    place of the learner's, a mistake made in one of them is not charged a second time.

    Args:
        function: a function written in Python, or an object with a method ``with_globals`` of its own.
        **replacements: what the copy is to see under these names.

    Returns:
        The copy; the function itself where it is of another kind and cannot be copied.
    """
    own: Callable[..., Callable[..., Any]] | None = getattr(function, "with_globals", None)
    if own is not None:
        return own(**replacements)
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
