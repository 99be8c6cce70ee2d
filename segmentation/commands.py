"""What the commands beside a notebook have in common: whole numbers as arguments, and one line for what went wrong."""

import argparse
import sys

from .errors import DataError


def whole_number(lowest):
    """Return what makes a whole number of an argument, for ``argparse``'s ``type``.

    Args:
        lowest: int, the lowest number that will do.

    Returns:
        function of a str that returns an int, or raises argparse.ArgumentTypeError.
    """

    def read(text):
        if not text.isdecimal() or int(text) < lowest:
            raise argparse.ArgumentTypeError(f"{text} is not a whole number from {lowest} up")
        return int(text)

    return read


def write_or_tell(write, folder, when_stopped):
    """Write files, and tell on stderr what came in between.

    Args:
        write: function without arguments.
        folder: str or path, where it writes.
        when_stopped: str, what to tell of the files when somebody presses Ctrl-C.

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
