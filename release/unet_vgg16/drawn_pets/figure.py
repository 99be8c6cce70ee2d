"""One pet's own coordinate system: parts of its coat, with their fur and pattern, drawn on a canvas."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .canvas import Box, Canvas, Colour, Points, shaggy, smooth_noise
from .coats import Pet


class Figure:
    """Draws the parts of one pet in a coordinate system of their own.

    Args:
        canvas: Canvas.
        pet: Pet.
        x, y: float, pixels, where the origin of the figure is.
        unit: float, pixels in one unit of the figure.
        lean: float, radians that the figure is turned by.
    """

    def __init__(self, canvas: Canvas, pet: Pet, x: float, y: float, unit: float, lean: float = 0.0) -> None:
        self.canvas, self.pet, self.rng = canvas, pet, pet.rng
        self.origin, self.unit, self.lean = np.array((x, y), float), unit, lean

    def to_pixels(self, points: Points) -> np.ndarray:
        """Return points of the figure as pixels."""
        points = np.asarray(points, float)
        cos, sin = math.cos(self.lean), math.sin(self.lean)
        return self.origin + self.unit * (points @ np.array([(cos, sin), (-sin, cos)]))

    def part(
        self,
        outline: Points,
        name: str,
        direction: int = 4,
        shade: float = 1.0,
        depth: float = 0.6,
        hairy: float = 1.0,
        **named: Any,
    ) -> None:
        """Paint a part of the coat."""
        pet, coat = self.pet, self.pet.coat
        pixels = self.to_pixels(outline)
        length = hairy * (0.006 + 0.035 * coat.hair) * self.unit
        if length > 0.8:
            pixels = shaggy(pixels, self.rng, min(length, 9), 2.5 + 0.2 * length)
        fur = 0.05 + 0.04 * coat.hair
        named.setdefault("pattern", self.pattern(name))
        self.canvas.paint(pixels, pet.colour(name) * shade, fur=fur, direction=direction, depth=depth, **named)

    def plain(self, outline: Points, colour: Colour, **named: Any) -> None:
        """Paint a part without hair, such as a nose."""
        self.canvas.paint(self.to_pixels(outline), colour, **({"depth": 0.0} | named))

    def line(self, points: Points, colour: Colour, width: float, **named: Any) -> None:
        """Draw a line; its width is in units of the figure."""
        self.canvas.line(self.to_pixels(points), colour, max(0.7, width * self.unit), **named)

    def pattern(self, part: str) -> Callable[[Box], tuple[Colour, np.ndarray]] | None:
        """Return the pattern of the coat on a part, as `Canvas.paint` takes it."""
        coat, canvas = self.pet.coat, self.canvas
        second = np.clip(np.multiply(coat.second, self.pet.tint), 12, 246)
        if coat.pattern == "patches" and part not in ("muzzle", "chest"):
            return lambda box: (second, _step(canvas.texture(smooth_noise(64), box) - 0.1, 0.12))
        if coat.pattern == "spots":
            return lambda box: (second, _step(canvas.texture(smooth_noise(16), box) - 1.0, 0.15))
        if coat.pattern == "stripes" and part in ("body", "haunch", "leg", "tail", "head"):
            return lambda box: (second, self._stripes(box, part))
        if coat.pattern == "saddle" and part in ("body", "head", "tail", "ear"):
            return lambda box: (second, self._from_above(box, part))
        if coat.pattern == "points" and part in ("leg", "tail"):
            return lambda box: (second, self._from_above(box, part)[::-1] * 0.8)
        return None

    def _stripes(self, box: Box, part: str) -> np.ndarray:
        top, bottom, left, right = box
        rows, columns = np.mgrid[top:bottom, left:right].astype(np.float32)
        along = rows if part in ("leg", "tail", "haunch") else columns
        period = (0.1 if part == "head" else 0.085) * self.unit * (2.2 if part == "head" else 1)
        warp = 0.5 * self.canvas.texture(smooth_noise(32), box) + 0.35 * self.canvas.texture(smooth_noise(16), box)
        stripes = _step(np.sin(2 * math.pi * along / max(period, 6) + 2.5 * warp) - 0.15, 0.35)
        if part == "head":
            stripes *= np.clip((self.origin[1] - rows) / (0.5 * self.unit) + 0.1, 0, 1)
        return 0.75 * stripes

    def _from_above(self, box: Box, part: str) -> np.ndarray:
        top, bottom, _, _ = box
        rows = np.linspace(0, 1, bottom - top, dtype=np.float32)[:, None]
        ragged = 0.1 * self.canvas.texture(smooth_noise(16), box)
        return _step((0.35 if part == "head" else 0.55) - rows + ragged, 0.15)


def _step(values: np.ndarray, width: float) -> np.ndarray:
    """Return 0 below -width, 1 above it, and a slope between."""
    return np.clip(values / (2 * width) + 0.5, 0, 1)


def both_sides(points: Points) -> np.ndarray:
    """Return a whole outline, of which the right half is given from top to bottom."""
    half = np.asarray(points, float)
    return np.concatenate([half, half[::-1] * (-1, 1)])
