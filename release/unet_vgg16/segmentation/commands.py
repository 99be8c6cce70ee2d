"""What the commands beside a notebook have in common: whole numbers as arguments, and one line for what went wrong."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from .errors import DataError


def whole_number(lowest: int) -> Callable[[str], int]:
    """Return a function that reads an argument as a whole number, for ``argparse``'s ``type``.

    Args:
        lowest: int, the lowest number that is allowed.

    Returns:
        function of a str that returns an int, or raises argparse.ArgumentTypeError.
    """

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < lowest:
            raise argparse.ArgumentTypeError(f"{text} is not a whole number of at least {lowest}")
        return int(text)

    return read


def write_or_tell(write: Callable[[], None], folder: str | Path, when_stopped: str) -> int:
    """Write files, and report on stderr what went wrong.

    Args:
        write: function without arguments.
        folder: str or path, where it writes.
        when_stopped: str, what to say about the files when somebody presses Ctrl-C.

    Returns:
        int, the exit status: 0, or 1 for files that cannot be written, or 130 for Ctrl-C.
    """
    try:
        write()
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Cannot write to {folder}: {error.strerror}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(when_stopped, file=sys.stderr)
        return 130
    return 0
