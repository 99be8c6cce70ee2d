"""Progress in one line that is written over and over."""

import time

SECONDS_BETWEEN = 0.2


class ProgressLine:
    """A line of text that changes in its place, at most five times a second. Use it as a context: it ends the line."""

    def __init__(self):
        self._last_shown = 0.0

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        print()

    def show(self, text, is_last=False):
        """Show a text in the place of the last one.

        Arguments:
            text: str, not shorter than the one before.
            is_last: bool, whether it is to be seen even if the last one was shown a moment ago.
        """
        now = time.monotonic()
        if is_last or now - self._last_shown >= SECONDS_BETWEEN:
            print(f"\r{text}", end="", flush=True)
            self._last_shown = now
