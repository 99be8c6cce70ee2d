"""The watchdog: what a sandbox uses, and its end when that is too much."""

import os
import select
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from keras_autograder.sandbox.launch import EXIT_NO_SANDBOX, EXIT_TIME
from keras_autograder.sandbox.policy import GIBI, MEBI, Policy

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
_LAST_WORDS_BYTES = 4096
_SLOWEST_START_SECONDS = 60
_SLOWEST_END_SECONDS = 5
# A kernel needs five. They are the only thing that a sandbox can leave on the machine's own disk.
_MOST_SOCKETS = 100
# Places in /proc/<process>/stat behind the command's name: time of the process and of its collected children.
_TIMES = slice(11, 15)


@dataclass
class Usage:
    """What a sandbox has used, as seen in samples: a peak between two samples is missed.

    Attributes:
        peak_memory_bytes: bytes of resident memory of all processes but process 1, which only waits; pages that two of
            them share count once where that decided between going on and ending, otherwise twice.
        peak_scratch_bytes: bytes of all files.
        peak_processes: number of processes but process 1, threads not counted.
        cpu_seconds: seconds of processor time of all processes together.
        wall_seconds: seconds since the start.
    """

    peak_memory_bytes: int = 0
    peak_scratch_bytes: int = 0
    peak_processes: int = 0
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0


class Watch(threading.Thread):
    """A thread that samples a sandbox and ends it when it goes beyond its policy.

    Attributes:
        usage: Usage.
        stopped_because: str or None, one sentence on why the sandbox ended before it was asked to.
    """

    def __init__(
        self,
        launcher: int,
        policy: Policy,
        output: int,
        interval: float = 0.1,
        status: Callable[[], int | None] | None = None,
    ):
        """Prepare. Call ``start``.

        Args:
            launcher: int, the process number of a launcher that this process has started and not yet waited for.
            policy: Policy.
            output: int, descriptor from which the launcher's and the command's text is read; closed at the end.
            interval: float, seconds between samples.
            status: function that waits for the launcher's exit status, as ``subprocess.Popen.wait`` returns it, where
                another process has started the launcher; None if it is not to be had.
        """
        super().__init__(name=f"watch {launcher}", daemon=True)
        self.usage = Usage()
        self.stopped_because: str | None = None
        self._launcher, self._policy, self._output, self._interval = launcher, policy, output, interval
        self._status = status or self._status_of_child
        self._process = os.pidfd_open(launcher)
        self._began = time.monotonic()
        self._released = threading.Event()
        self._asked_to_end = False
        self._words = b""
        self._first = self._command = -1
        self._is_measured = False

    @property
    def last_words(self) -> str:
        """The end of what the launcher and the command wrote outside of any cell; mostly a stranger's words."""
        return self._words.decode(errors="replace").strip()

    def run(self) -> None:
        """Sample until the launcher ends."""
        poll = select.poll()
        poll.register(self._process, select.POLLIN)
        poll.register(self._output, select.POLLIN)
        try:
            while not self._released.is_set():
                events = dict(poll.poll(self._interval * 1000))
                if self._output in events and not self._listen():
                    poll.unregister(self._output)
                if self._process in events:
                    self._explain_end()
                    return
                self.sample()
                if self.stopped_because is None and (reason := self._excess()):
                    self.stopped_because = reason
                    signal.pidfd_send_signal(self._process, signal.SIGKILL)
        except ProcessLookupError:
            # It ended between the sample and the signal.
            pass
        finally:
            os.close(self._output)

    def expect_end(self) -> None:
        """Take one last sample; from now on, an end needs no explanation."""
        self.sample()
        self._asked_to_end = True

    def release(self) -> None:
        """Stop watching, after the launcher has ended. Waits for the end of all that was inside."""
        self._asked_to_end = True
        self._released.set()
        if self.is_alive():
            self.join(timeout=_SLOWEST_END_SECONDS)
        if self._first >= 0:
            # Process 1 ends last. When the launcher was killed, it does so a moment later.
            _can_be_read(self._first, _SLOWEST_END_SECONDS)
            os.close(self._first)
        if self._process >= 0:
            os.close(self._process)
        self._first = self._process = -1

    def sample(self) -> None:
        """Update ``usage``."""
        usage = self.usage
        usage.wall_seconds = time.monotonic() - self._began
        try:
            root = f"/proc/{self._find_command()}/root"
            # The sandbox's own /proc shows its processes and no others: no search through all of the machine's.
            # Process 1 only waits. Where it is a fork, its pages are those of the others.
            processes = [f"{root}/proc/{name}" for name in os.listdir(f"{root}/proc") if name.isdigit() and name != "1"]
            scratch = os.statvfs(f"{root}{self._policy.scratch}")
        except OSError:
            # Not yet begun, or just ended.
            return
        self._is_measured = True
        used = (scratch.f_blocks - scratch.f_bfree) * scratch.f_frsize
        usage.peak_scratch_bytes = max(usage.peak_scratch_bytes, used)
        usage.peak_processes = max(usage.peak_processes, len(processes))
        usage.cpu_seconds = max(usage.cpu_seconds, sum(map(_cpu_seconds, processes)))
        memory = sum(map(_resident_bytes, processes))
        if memory > self._policy.memory_bytes:
            memory = sum(map(_proportional_bytes, processes))
        usage.peak_memory_bytes = max(usage.peak_memory_bytes, memory)

    def _find_command(self) -> int:
        if self._command < 0:
            first = _child(self._launcher, number_inside=1)
            command = _child(first, number_inside=2)
            self._first, self._command = os.pidfd_open(first), command
        return self._command

    def _excess(self) -> str | None:
        policy, usage = self._policy, self.usage
        if usage.peak_memory_bytes > policy.memory_bytes:
            return f"It used more than {_size(policy.memory_bytes)} of memory."
        if usage.cpu_seconds > policy.cpu_seconds:
            return f"It used more than {policy.cpu_seconds} s of processor time."
        if usage.wall_seconds > policy.wall_seconds:
            return f"It ran for more than {policy.wall_seconds} s."
        if not self._is_measured and usage.wall_seconds > _SLOWEST_START_SECONDS:
            return "What it used could not be measured."
        if self._policy.sockets.is_dir() and len(os.listdir(self._policy.sockets)) > _MOST_SOCKETS:
            return f"It made more than {_MOST_SOCKETS} sockets besides those of its kernel."
        return None

    def _listen(self) -> bool:
        block = os.read(self._output, _LAST_WORDS_BYTES)
        self._words = (self._words + block)[-_LAST_WORDS_BYTES:]
        return bool(block)

    def _status_of_child(self) -> int | None:
        try:
            # Looked at and left for whoever started the launcher to collect.
            ended = os.waitid(os.P_PID, self._launcher, os.WEXITED | os.WNOWAIT)
        except ChildProcessError:
            return None
        if ended is None:
            return None
        return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status

    def _explain_end(self) -> None:
        if self._asked_to_end or self.stopped_because:
            return
        while _can_be_read(self._output, 0) and self._listen():
            pass
        status = self._status()
        if status is None:
            self.stopped_because = "It ended by itself."
        elif status < 0:
            self.stopped_because = f"Its launcher was ended by {_signal_name(-status)}."
        elif status == EXIT_TIME:
            self.stopped_because = f"It ran for more than {self._policy.wall_seconds} s."
        elif status == EXIT_NO_SANDBOX:
            self.stopped_because = f"It could not be isolated. {self.last_words}"
        elif status == 128 + signal.SIGXCPU:
            self.stopped_because = f"It used more than {self._policy.cpu_seconds} s of processor time."
        elif status > 128:
            self.stopped_because = f"It was ended by {_signal_name(status - 128)}."
        else:
            self.stopped_because = f"It ended by itself with status {status}."


def _can_be_read(descriptor: int, seconds: float) -> bool:
    # Not select, which takes no descriptor above 1023.
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _child(process: int, number_inside: int) -> int:
    """The child that has a number in its own PID namespace: while a sandbox starts, other children come and go."""
    for child in _read(f"/proc/{process}/task/{process}/children").split():
        for line in _read(f"/proc/{child}/status").splitlines():
            if line.startswith("NSpid:") and line.split()[2:] and int(line.split()[-1]) == number_inside:
                return int(child)
    raise ProcessLookupError(f"process {process} has no child {number_inside}")


def _read(path: str) -> str:
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        # Processes end while they are counted.
        return ""


def _resident_bytes(process: str) -> int:
    fields = _read(f"{process}/statm").split()
    return int(fields[1]) * _PAGE if fields else 0


def _proportional_bytes(process: str) -> int:
    for line in _read(f"{process}/smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return _resident_bytes(process)


def _cpu_seconds(process: str) -> float:
    # The name of a command may contain spaces and brackets.
    fields = _read(f"{process}/stat").rpartition(")")[2].split()
    return sum(map(int, fields[_TIMES])) / _TICKS


def _size(count: int) -> str:
    return f"{count / GIBI:g} GiB" if count >= GIBI else f"{count / MEBI:g} MiB"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
