"""The processors that this process may use, which may be fewer than the machine has."""

import os


def usable_processors() -> int:
    """Return how many processors this process may use: int, 1 or more."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
