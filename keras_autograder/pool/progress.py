"""How far the grading of a class has come: a bar in a terminal, plain lines elsewhere."""

import logging
import sys
import threading
import time
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

_SECONDS_BETWEEN_LINES = 10


class Progress:
    """Shows what is done, how fast, how long it will take, and who is being graded.

    In a terminal, what nbgrader says of each step of each submission is not shown meanwhile; its warnings are, and a
    log file gets everything.

    Args:
        total: int, how many submissions there are.
        log: logging.Logger, nbgrader's.
        console: rich Console, or None for standard error.
    """

    def __init__(self, total: int, log: logging.Logger, console: Console | None = None):
        self._console = console or Console(stderr=True)
        self._total = total
        self._begun: dict[str, None] = {}
        self._done = 0
        self._started = time.monotonic()
        self._line_printed = float("-inf")
        # Results come in other threads.
        self._lock = threading.Lock()
        self._bar: Bar | None = None
        self._quiet = _Quiet(log, self._console)
        if self._console.is_terminal:
            bar = Bar(
                TextColumn("Grading"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(elapsed_when_finished=True),
                TextColumn("{task.fields[who]}", style="dim"),
                console=self._console,
                # The estimate looks back as far as a slow submission takes.
                speed_estimate_period=120,
            )
            self._bar, self._task = bar, bar.add_task("", total=total, rate="", who="")
            self._quiet.begin()
            bar.start()

    def begun(self, name: str) -> None:
        """Note that somebody's work was handed out."""
        with self._lock:
            self._begun[name] = None
            self._show()

    def done(self, name: str) -> None:
        """Note that somebody's work is graded, or cannot be."""
        with self._lock:
            self._begun.pop(name, None)
            self._done += 1
            self._show(name)

    def close(self) -> None:
        """Show no more."""
        with self._lock:
            if self._bar is not None:
                self._bar.stop()
                self._quiet.end()
                self._bar = None

    @property
    def rate(self) -> float:
        """Submissions a minute since the beginning."""
        return 60 * self._done / max(time.monotonic() - self._started, 1e-9)

    def _show(self, finished: str | None = None) -> None:
        rate = f"{self.rate:.0f}/min" if self._done else "starting"
        who = ", ".join(list(self._begun)[:3]) + (" ..." if len(self._begun) > 3 else "")
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done, rate=rate, who=who)
        elif not self._console.is_terminal and finished and self._is_due():
            self._line_printed = time.monotonic()
            left = (self._total - self._done) * 60 / self.rate
            text = f"{self._done} of {self._total} graded, {rate}, {_duration(left)} left; the latest is {finished}"
            print(text, file=sys.stderr, flush=True)

    def _is_due(self) -> bool:
        is_end = self._done in (1, self._total)
        return is_end or time.monotonic() - self._line_printed > _SECONDS_BETWEEN_LINES


class _Quiet:
    """Lets warnings through to the terminal above the bar, and nothing less."""

    def __init__(self, log: logging.Logger, console: Console):
        self._handlers = [
            handler
            for handler in getattr(log, "handlers", [])
            if type(handler) is logging.StreamHandler and log.getEffectiveLevel() >= logging.INFO
        ]
        self._console = console
        self._kept: list[tuple[logging.StreamHandler[Any], int, Any]] = []

    def begin(self) -> None:
        for handler in self._handlers:
            self._kept.append((handler, handler.level, handler.stream))
            handler.setLevel(logging.WARNING)
            handler.setStream(_Above(self._console))

    def end(self) -> None:
        for handler, level, stream in self._kept:
            handler.setLevel(level)
            handler.setStream(stream)
        self._kept = []


class _Above:
    """A stream that prints above the bar."""

    def __init__(self, console: Console):
        self._console = console

    def write(self, text: str) -> None:
        if text.strip():
            self._console.print(text.rstrip("\n"), markup=False, highlight=False)

    def flush(self) -> None:
        pass


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
