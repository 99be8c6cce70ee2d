"""Output kept out of a cell.

What a graded cell writes to stderr makes nbgrader give 0 points for it, be it a warning of a library.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator

__all__ = ["native_stderr_discarded", "silence", "stderr_to_stdout"]


@contextlib.contextmanager
def stderr_to_stdout() -> Iterator[None]:
    """Show on stdout what Python writes to stderr, and discard what libraries write past it."""
    with contextlib.redirect_stderr(sys.stdout), native_stderr_discarded():
        yield


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Discard all output, in a notebook what displays itself as well."""
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
