"""Open a file of a submission: a regular file, and not what a link or a pipe in its place leads to."""

import os
import stat
from pathlib import Path
from typing import BinaryIO


class NotAFile(OSError):
    """A folder, a pipe or a device stands where a file should be."""


def open_file(path: Path) -> BinaryIO:
    """Open a regular file to read.

    Args:
        path: Path. A link is not followed; a pipe, which would keep a reader waiting, is not opened.

    Returns:
        a binary file.

    Raises:
        NotAFile: if it is something else.
        OSError: if it cannot be opened; for a link, too.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotAFile(f"{path} is not a file")
    return os.fdopen(descriptor, "rb")
