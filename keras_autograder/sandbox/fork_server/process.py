"""A process that the fork server has forked, as a client sees it."""

import contextlib
import os
import signal
import subprocess
import threading

_SLOWEST_NEWS_SECONDS = 5


class ForkedProcess:
    """A launcher or another process, with as much of ``subprocess.Popen`` as jupyter_client uses.

    Attributes:
        pid: int.
        returncode: int or None, as for ``subprocess.Popen``.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int):
        self.pid = pid
        self.returncode: int | None = None
        self._ended = threading.Event()

    def poll(self) -> int | None:
        """The exit status, or None while it runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end.

        Args:
            timeout: float, seconds; None to wait as long as it takes.

        Returns:
            int, the exit status.

        Raises:
            subprocess.TimeoutExpired: it has not ended by then.
        """
        if not self._ended.wait(timeout):
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return self.returncode

    def status(self) -> int | None:
        """Wait a moment for the exit status, after the process has ended; None if there is no news of it."""
        self._ended.wait(_SLOWEST_NEWS_SECONDS)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended.

        Args:
            number: int.
        """
        if self.returncode is None:
            # News of an end travel for a moment.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def end(self, status: int) -> None:
        """Note that it has ended.

        Args:
            status: int, its exit status.
        """
        self.returncode = status
        self._ended.set()
