"""Numbers that hidden checks call functions with."""

from __future__ import annotations

import os
import random

__all__ = ["SECRET_VARIABLE", "Draws"]

SECRET_VARIABLE = "KERAS_AUTOGRADER_SECRET"


class Draws(random.Random):
    """Numbers for hidden checks, drawn from the secret of the course: the same for one secret, unknown without it.

    Hidden checks are public with this repository; what they call the functions with is not.

    Args:
        name: str, so that each exercise has numbers of its own.
        secret: str; by default what the judge was given in the environment.
    """

    def __init__(self, name: str, secret: str | None = None):
        super().__init__(f"{name}:{os.environ.get(SECRET_VARIABLE, '') if secret is None else secret}")

    def whole(self, low: int, high: int, *but: int) -> int:
        """A whole number from ``low`` to ``high``, both included, and none of ``but``."""
        return self.choice([number for number in range(low, high + 1) if number not in but])

    def rate(self, *but: float) -> float:
        """A dropout rate of two decimals from 0.05 to 0.90, and none of ``but``."""
        return self.choice([number / 100 for number in range(5, 91) if number / 100 not in but])

    def size(self, multiple: int, channels: int) -> tuple[int, int, int]:
        """The size of an image: height and width are different multiples of ``multiple``, at most eight of them."""
        height, width = self.sample(range(2, 9), 2)
        return multiple * height, multiple * width, channels
