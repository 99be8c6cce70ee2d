"""Progress in one line that is updated in place."""

import sys
import time
from types import TracebackType
from typing import Any, Self

SECONDS_BETWEEN = 0.2


class ProgressLine:
    """A line of text, updated in place at most five times a second. Use it as a context manager: it ends the line.

    In a notebook it is an output that is replaced: a stored notebook keeps the last text alone.
    """

    def __init__(self) -> None:
        self._last_shown = 0.0
        self._output: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not _is_in_notebook():
            print()

    def show(self, text: str, is_last: bool = False) -> None:
        """Show a text in place of the last one.

        Args:
            text: str, not shorter than the one before.
            is_last: bool, whether it is to be seen even if the last one was shown a moment ago.
        """
        now = time.monotonic()
        if not is_last and now - self._last_shown < SECONDS_BETWEEN:
            return
        self._last_shown = now
        if not _is_in_notebook():
            print(f"\r{text}", end="", flush=True)
        elif self._output is None:
            self._output = sys.modules["IPython"].display.display({"text/plain": text}, raw=True, display_id=True)
        else:
            self._output.update({"text/plain": text}, raw=True)


def _is_in_notebook() -> bool:
    # What is not imported does not run here.
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return getattr(shell, "kernel", None) is not None
