"""What a repair tells the student and the instructor."""

from dataclasses import dataclass

_LONGEST_NAME = 80


@dataclass(frozen=True)
class Note:
    """One thing that was repaired, or that could not be.

    Attributes:
        sentence: str, as a student reads it.
        cell_index: int, the cell of the repaired notebook that it is about, or None for the whole notebook.
    """

    sentence: str
    cell_index: int | None = None


def quoted(name: str) -> str:
    """A name that a student chose, such as a file's, so that no markup or line break of it reaches a page.

    Args:
        name: str.

    Returns:
        str, the name in quotation marks.
    """
    plain = "".join(letter if letter.isprintable() and letter not in '<>&`*[]\\"' else "?" for letter in str(name))
    return f'"{plain if len(plain) <= _LONGEST_NAME else plain[: _LONGEST_NAME - 3] + "..."}"'
