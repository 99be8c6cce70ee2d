"""The file that says when a submission was handed in: a stranger's, until it was looked at."""

from pathlib import Path

from nbgrader.utils import parse_utc

from keras_autograder.intake.plain_files import open_file

TIMESTAMP = "timestamp.txt"
_LARGEST = 1000


def is_timestamp(path: Path) -> bool:
    """Whether nbgrader can read a time in a file; it gives up on a student whose time of submission it cannot read.

    Args:
        path: Path.

    Returns:
        bool.
    """
    text = timestamp_text(path)
    try:
        return bool(text) and parse_utc(text) is not None
    except (ValueError, OverflowError):
        return False


def timestamp_text(path: Path) -> str:
    """What a file of the size of a timestamp says.

    Args:
        path: Path. Links are not followed.

    Returns:
        str, without space around it; empty where there is no such file, or a larger one.
    """
    try:
        with open_file(path) as file:
            content = file.read(_LARGEST + 1)
        return content.decode().strip() if len(content) <= _LARGEST else ""
    except (OSError, ValueError):
        return ""
