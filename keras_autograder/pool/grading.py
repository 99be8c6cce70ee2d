"""The submissions of a class on their way through the workers: a few ahead of whoever collects them, and no more."""

import os
import signal
import threading
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, Protocol

from traitlets import Int, Unicode
from traitlets.config import LoggingConfigurable

from keras_autograder.pool.progress import Progress
from keras_autograder.runner import Graded, Submission, grade_submission


class Interrupted(SystemExit):
    """Ctrl-C was pressed, and everything is left in order."""


class Workers(Protocol):
    """Whoever grades submissions, several at a time."""

    @property
    def count(self) -> int:
        """How many submissions are graded at a time."""

    def submit(self, submission: Submission) -> "Future[Graded]":
        """Have a submission graded."""

    def close(self) -> None:
        """End the grading, whatever it is at."""


class ClassGrading(LoggingConfigurable):
    """Has the submissions of a class graded, and gives the results out in order.

    Args:
        prepare: function that makes a Submission of a key. What it raises is raised again by ``collect``.
        keys: iterable of hashable, the submissions in the order in which they will be collected.
        is_warm: bool, whether kernels are forked from a process that has imported TensorFlow.
        is_isolated: bool, whether kernels run in the sandbox.
        is_command: bool, whether somebody sits at a terminal: then the progress of several workers is shown, and Ctrl-C
            stops them in good order.
        **kw: as for any Configurable.
    """

    workers = Int(
        0,
        min=0,
        help="How many submissions are graded at a time on this machine; 0 for as many as it has processors, 1 for one "
        "after the other in nbgrader's own process",
    ).tag(config=True)
    scheduler = Unicode(
        "",
        help="Address of a Dask scheduler, such as 'tcp://grading.example.edu:8786': its workers grade the submissions "
        "instead of this machine",
    ).tag(config=True)

    def __init__(
        self,
        prepare: Callable[[Any], Submission],
        keys: Iterable[Hashable],
        is_warm: bool = True,
        is_isolated: bool = True,
        is_command: bool = False,
        **kw: Any,
    ):
        super().__init__(**kw)
        self._prepare = prepare
        self._keys = list(keys)
        self._position = {key: number for number, key in enumerate(self._keys)}
        # Up to where submissions were handed out, and up to where their turn is over.
        self._next = self._collected = 0
        self._futures: dict[Hashable, Future[Graded]] = {}
        self._is_stopping = False
        self._is_warm = is_warm
        self._is_isolated = is_isolated
        self._is_command = is_command
        self._workers: Workers | None = None
        self._progress: Progress | None = None
        self._handler_before: Any = None

    @property
    def is_parallel(self) -> bool:
        """Whether there is anything to be had from more than one worker."""
        return bool(self.scheduler) or min(self.workers or self.processors(), len(self._keys)) > 1

    @property
    def is_over(self) -> bool:
        """Whether the last result was collected, or the grading was stopped."""
        return self._is_stopping or self._collected == len(self._keys)

    def start(self) -> None:
        """Start the workers. Where one submission is graded at a time, there are none: ``collect`` does the work."""
        if not self.is_parallel:
            return
        if self.scheduler:
            from keras_autograder.pool.cluster import DaskWorkers

            self._workers = DaskWorkers(self.scheduler, self._is_warm, self._is_isolated)
        else:
            from keras_autograder.pool.workers import LocalWorkers

            count = min(self.workers or self.processors(), len(self._keys))
            self._workers = LocalWorkers(count, self._is_warm)
        if self._is_command:
            self._progress = Progress(len(self._keys), self.log)
            if threading.current_thread() is threading.main_thread():
                self._handler_before = signal.signal(signal.SIGINT, self._stop)

    @staticmethod
    def processors() -> int:
        """How many processors this process may use."""
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

    def prefetch(self) -> None:
        """Prepare and hand out as many submissions as keep the workers busy."""
        while self._workers is not None and self._next < len(self._keys) and self._has_room(self._workers.count):
            key = self._keys[self._next]
            self._next += 1
            self._hand_out(key, self._workers)

    def begin_turn(self, key: Hashable) -> None:
        """Be told what is collected next, and hand out what comes after it.

        Args:
            key: hashable, one of the keys. The results of those before it are forgotten: their turn is over.
        """
        position = self._position[key]
        for over in [other for other in self._futures if self._position[other] < position]:
            del self._futures[over]
        self._next = max(self._next, position)
        self.prefetch()

    def collect(self, key: Hashable) -> Graded:
        """Wait for a result.

        Args:
            key: hashable, one of the keys. The results of those before it are forgotten: their turn is over.

        Returns:
            Graded.

        Raises:
            Interrupted: Ctrl-C was pressed.
        """
        self.begin_turn(key)
        self._collected = self._position[key] + 1
        if self._workers is None:
            return grade_submission(self._prepare(key))
        while not (future := self._futures[key]).done():
            self._check_whether_to_stop()
            unfinished = [other for other in self._futures.values() if not other.done()]
            wait(unfinished, timeout=0.5, return_when=FIRST_COMPLETED)
            self.prefetch()
        self._check_whether_to_stop()
        del self._futures[key]
        if self.is_over:
            self.close()
        return future.result()

    def close(self) -> None:
        """End the workers, whatever they are at. Done by itself when the last result is collected."""
        if self._workers is not None:
            self._workers.close()
            self._workers = None
        if self._progress is not None:
            self._progress.close()
        if self._handler_before is not None:
            signal.signal(signal.SIGINT, self._handler_before)
            self._handler_before = None

    def _has_room(self, count: int) -> bool:
        # As many again wait for a worker to be free. Results that wait for a slow one before them are bounded as well.
        unfinished = sum(not future.done() for future in self._futures.values())
        return unfinished < 2 * count + 1 and len(self._futures) < 4 * count + 16

    def _hand_out(self, key: Hashable, workers: Workers) -> None:
        progress = self._progress
        try:
            submission = self._prepare(key)
        except Exception as error:
            # Its turn will come, and with it the error.
            self._futures[key] = Future()
            self._futures[key].set_exception(error)
            if progress is not None:
                progress.done(str(key))
            return
        if progress is not None:
            progress.begun(submission.name)
        self._futures[key] = workers.submit(submission)
        if progress is not None:
            self._futures[key].add_done_callback(lambda future: progress.done(submission.name))

    def _stop(self, *signal_: object) -> None:
        if self._is_stopping:
            # Whoever presses it twice means it.
            signal.signal(signal.SIGINT, self._handler_before)
            raise KeyboardInterrupt
        self._is_stopping = True

    def _check_whether_to_stop(self) -> None:
        if self._is_stopping:
            self.close()
            raise Interrupted("Stopped. What was graded is kept; the same command goes on with the rest.")
