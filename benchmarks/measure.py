"""What a command costs: time, processor time and memory, of all its processes together."""

import contextlib
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

_SECONDS_BETWEEN_LOOKS = 0.1
_LOOKS_BETWEEN_MEMORY = 10


@dataclass(frozen=True)
class Cost:
    """What a command cost.

    Attributes:
        seconds: float, from its start to its end.
        core_seconds: float, processor time of all its processes. A process that ends is counted up to a tenth of a
            second before.
        peak_bytes: int, the most memory that all its processes held at a time, shared pages counted once (PSS).
        first_seconds: float or None, from the start to the first line of output that a mark was found in.
    """

    seconds: float
    core_seconds: float
    peak_bytes: int
    first_seconds: float | None


def measure(command: list, folder: Path, environment: dict[str, str], mark: str = "") -> Cost:
    """Run a command to its end.

    Args:
        command: list of str or Path.
        folder: Path, where it runs.
        environment: dict.
        mark: str, in the line of its output whose time is wanted.

    Returns:
        Cost.

    Raises:
        RuntimeError: if it fails; the message has the end of its output.
    """
    output = folder / "output.log"
    began = time.perf_counter()
    first = None
    used: dict[tuple[int, float], float] = {}
    peak = looks = 0
    with open(output, "w") as stream:
        process = subprocess.Popen(list(map(str, command)), cwd=folder, env=environment, stdout=stream, stderr=stream)
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            memory = 0
            with contextlib.suppress(psutil.Error):
                for one in [watched, *watched.children(recursive=True)]:
                    with contextlib.suppress(psutil.Error):
                        times = one.cpu_times()
                        used[one.pid, one.create_time()] = times.user + times.system
                        if looks % _LOOKS_BETWEEN_MEMORY == 0:
                            memory += one.memory_full_info().pss
            peak = max(peak, memory)
            looks += 1
            if first is None and mark and mark in output.read_text():
                first = time.perf_counter() - began
            time.sleep(_SECONDS_BETWEEN_LOOKS)
    seconds = time.perf_counter() - began
    text = output.read_text()
    if process.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{text[-2000:]}")
    return Cost(seconds, sum(used.values()), peak, first)
