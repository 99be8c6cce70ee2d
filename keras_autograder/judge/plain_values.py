"""What may stand in a message from a student's kernel: JSON of a bounded size, and plain values in it."""

import json
import re
from typing import Any

MAX_CHARACTERS = 4_000_000
MAX_DIMENSIONS = 8
_UNREADABLE = "the answer of the student's kernel cannot be read"


class RefusedAnswer(Exception):
    """A description that a student's kernel sent is not one of a network that the judge builds; says why."""


def parsed(text: Any) -> dict[str, Any]:
    """Read an answer of a student's kernel.

    Args:
        text: str, JSON; or whatever has come in its place.

    Returns:
        dict.

    Raises:
        RefusedAnswer: if it is too long, no JSON, or no dictionary.
    """
    if not isinstance(text, str) or len(text) > MAX_CHARACTERS:
        raise RefusedAnswer("the answer of the student's kernel is too long")
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        raise RefusedAnswer(_UNREADABLE) from None
    return dictionary(answer)


def dictionary(value: Any) -> dict[str, Any]:
    """A value that should be a dictionary.

    Args:
        value: what the kernel has sent.

    Returns:
        dict.

    Raises:
        RefusedAnswer: if it is none.
    """
    if not isinstance(value, dict):
        raise RefusedAnswer(_UNREADABLE)
    return value


def plain(value: Any) -> Any:
    """A value that should be a setting of a layer.

    Args:
        value: what the kernel has sent.

    Returns:
        None, bool, int, float, a str of 200 characters at most, or a tuple of these.

    Raises:
        RefusedAnswer: if it is none of these.
    """
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str) and len(value) <= 200:
        return value
    if isinstance(value, list) and len(value) <= MAX_DIMENSIONS:
        return tuple(plain(item) for item in value)
    raise RefusedAnswer("a layer has a setting that is not a plain value")


def identifier(value: Any) -> str:
    """A value that should be the number of a node or a layer, such as ``n3``.

    Args:
        value: what the kernel has sent.

    Returns:
        str.

    Raises:
        RefusedAnswer: if it is no short text.
    """
    if isinstance(value, str) and len(value) <= 40:
        return value
    raise RefusedAnswer("the description of a network is malformed")


def label(value: Any) -> str:
    """A name that others will read, and that may come from anybody.

    Args:
        value: what the kernel has sent.

    Returns:
        str of 40 characters at most: letters, digits, spaces, ``_<>``.
    """
    text = re.sub(r"[^\w<> ]", "", str(value), flags=re.ASCII)[:40].strip()
    return text or "unnamed"


def whole_number(value: Any, low: int, high: int) -> int:
    """A value that should be a whole number.

    Args:
        value: what the kernel has sent.
        low: int, the least that makes sense.
        high: int, the most.

    Returns:
        int.

    Raises:
        RefusedAnswer: if it is no such number.
    """
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return value
    raise RefusedAnswer("the description of a network contains an invalid number")


def number_or_none(value: Any) -> float | None:
    """A value that should be a number, or None.

    Args:
        value: what the kernel has sent.

    Returns:
        float, int or None.

    Raises:
        RefusedAnswer: if it is neither.
    """
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    raise RefusedAnswer("the description of a network contains an invalid number")


def shape(value: Any) -> tuple[int | None, ...]:
    """A value that should be the shape of a tensor.

    Args:
        value: what the kernel has sent.

    Returns:
        tuple of int or None.

    Raises:
        RefusedAnswer: if it is none.
    """
    if not isinstance(value, list) or len(value) > MAX_DIMENSIONS:
        raise RefusedAnswer("the description of a network contains an invalid shape")
    return tuple(None if size is None else whole_number(size, 0, 10**9) for size in value)
