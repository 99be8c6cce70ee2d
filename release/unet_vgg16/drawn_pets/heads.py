"""Heads of cats and dogs from the front, in units of their own half width, y down."""

import math

import numpy as np

from .canvas import Canvas, Points, closed_curve, ellipse, open_curve
from .coats import DARK, PINK, Pet
from .figure import Figure, both_sides


def draw_head(
    canvas: Canvas,
    pet: Pet,
    x: float,
    y: float,
    size: float,
    tilt: float = 0.0,
    turn: float = 0.0,
    asleep: bool = False,
) -> None:
    """Draw a head from the front.

    Args:
        canvas: Canvas.
        pet: Pet.
        x, y: float, pixels, its middle.
        size: float, pixels, half its width.
        tilt: float, radians that it is tilted by.
        turn: float from -1 to 1, to which side it looks.
        asleep: bool, whether the eyes are shut.
    """
    head = Figure(canvas, pet, x, y, size, tilt)
    (_draw_cat_head if pet.is_cat else _draw_dog_head)(head, pet, 0.16 * turn, asleep)


def _draw_cat_head(head: Figure, pet: Pet, turn: float, asleep: bool) -> None:
    rng = head.rng
    tall = rng.uniform(0.9, 1.12)
    for side in (-1, 1):
        wide = 1 + 0.8 * side * -turn
        ear = np.array([(0.18, -0.66), (0.36, -1.0), (0.8, -1.42 * tall), (0.98, -0.9), (0.95, -0.2), (0.5, -0.4)])
        inner = np.array([(0.42, -0.72), (0.74, -1.22 * tall), (0.86, -0.6), (0.62, -0.55)])
        head.part(_mirrored(_sharp(ear, 2), side * wide), "ear", depth=0.4, hairy=0.4)
        head.plain(_mirrored(_sharp(inner, 1), side * wide), np.multiply(PINK, 0.9), soft=0.03 * head.unit, opacity=0.8)
    half = [(0, -0.84), (0.48, -0.78), (0.86, -0.4), (1.0, 0.1), (0.9, 0.48), (0.52, 0.78), (0.2, 0.88)]
    head.part(closed_curve(both_sides(half)), "head", depth=0.7)
    shift = (turn, 0.0)
    if pet.coat.pattern == "points":
        mask = ellipse(turn, 0.25, 0.55, 0.6)
        head.plain(mask, pet.colour("ear"), soft=0.18 * head.unit, opacity=0.85)
    elif pet.coat.pale is not None:
        blaze = closed_curve(
            [(0, -0.5), (0.1, 0), (0.45, 0.35), (0.4, 0.75), (0, 0.86), (-0.4, 0.75), (-0.45, 0.35), (-0.1, 0)]
        )
        head.part(blaze + shift, "muzzle", depth=0.0, hairy=0.5, soft=0.04 * head.unit, pattern=None)
    for side in (-1, 1):
        puff = ellipse(side * 0.18 + turn, 0.5, 0.27, 0.2)
        head.part(puff, "muzzle", depth=0.45, hairy=0.0, soft=0.03 * head.unit, pattern=None, opacity=0.85)
    head.part(ellipse(turn, 0.72, 0.2, 0.12), "muzzle", depth=0.3, hairy=0, soft=0.03 * head.unit, pattern=None)
    for side in (-1, 1):
        _draw_eye(head, pet, side * 0.42 + 1.2 * turn, -0.04, 0.24, 0.19, side, asleep)
    nose = closed_curve([(-0.12, 0.26), (0, 0.24), (0.12, 0.26), (0.05, 0.36), (0, 0.4), (-0.05, 0.36)])
    head.plain(nose + shift, pet.nose, depth=0.4)
    _draw_mouth(head, turn, 0.4, 0.55, 0.2)
    for side in (-1, 1):
        for angle in (-0.18, 0.02, 0.22):
            start = np.array((side * 0.28 + turn, 0.48))
            reach = rng.uniform(0.7, 1.05)
            end = start + reach * np.array((side * math.cos(angle), math.sin(angle)))
            bend = (start + end) / 2 - (0, 0.06)
            head.line(open_curve([start, bend, end], 5), (240, 238, 232), 0.016, opacity=0.7)


def _draw_dog_head(head: Figure, pet: Pet, turn: float, asleep: bool) -> None:
    rng = head.rng
    long = rng.uniform(0.85, 1.2)
    narrow = rng.uniform(0.86, 1.0)
    if pet.ears == "pointed":
        for side in (-1, 1):
            ear = np.array([(0.12, -0.66), (0.32, -1.1), (0.72, -1.5), (0.9, -0.95), (0.82, -0.2), (0.5, -0.4)])
            inner = np.array([(0.4, -0.75), (0.68, -1.28), (0.76, -0.6), (0.58, -0.55)])
            head.part(_mirrored(_sharp(ear, 2), side), "ear", depth=0.4, hairy=0.5)
            head.plain(_mirrored(_sharp(inner, 1), side), np.multiply(PINK, 0.75), soft=0.04 * head.unit, opacity=0.6)
    half = [(0, -0.84), (0.5, -0.76), (0.84, -0.36), (0.84, 0.05), (0.66, 0.42), (0.5, 0.8), (0.24, 1.0)]
    half = np.array(half) * (narrow, 1)
    head.part(closed_curve(both_sides(half)), "head", depth=0.7)
    if pet.coat.pale is not None and rng.random() < 0.7:
        blaze = closed_curve([(0, -0.8), (0.1, -0.3), (0.16, 0.1), (0, 0.3), (-0.16, 0.1), (-0.1, -0.3)])
        head.part(blaze + (turn, 0), "muzzle", depth=0.0, hairy=0.4, soft=0.04 * head.unit, pattern=None)
    if pet.ears == "floppy":
        drop = rng.uniform(0.2, 0.85)
        for side in (-1, 1):
            ear = [(0.4, -0.78), (0.82, -0.8), (1.12, -0.35), (1.2, 0.2 + drop / 2), (1.0, 0.35 + drop),
                   (0.76, 0.1 + drop), (0.68, -0.3)]  # fmt: skip
            head.part(_mirrored(closed_curve(ear), side), "ear", shade=0.82, depth=0.6, hairy=1.3)
    elif pet.ears == "folded":
        for side in (-1, 1):
            ear = [(0.3, -0.7), (0.55, -1.05), (0.9, -0.98), (1.12, -0.5), (0.98, -0.28), (0.72, -0.45)]
            head.part(_mirrored(closed_curve(ear), side), "ear", shade=0.85, depth=0.6)
    muzzle = closed_curve(both_sides([(0, 0.04), (0.26, 0.1), (0.44, 0.38), (0.42, 0.66 * long), (0.2, 0.86 * long)]))
    muzzle = muzzle * (narrow, 1) + (1.3 * turn, 0)
    head.part(muzzle, "muzzle", depth=0.65, hairy=0.5, soft=0.03 * head.unit, pattern=None)
    if rng.random() < 0.35 and not asleep:
        low = 0.86 * long
        head.plain(
            closed_curve(both_sides([(0, low - 0.22), (0.24, low - 0.18), (0.2, low), (0.05, low + 0.06)])) + (turn, 0),
            DARK,
        )
        tongue = both_sides([(0, low - 0.1), (0.14, low - 0.08), (0.15, low + 0.2), (0.06, low + 0.32)])
        head.plain(closed_curve(tongue) + (1.3 * turn, 0), (214, 110, 116), depth=0.4)
    for side in (-1, 1):
        _draw_eye(head, pet, side * 0.4 * narrow + 1.2 * turn, -0.12, 0.15, 0.14, side, asleep)
        brow = [(side * 0.22 + turn, -0.36), (side * 0.4 + turn, -0.42), (side * 0.56 + turn, -0.3)]
        head.line(open_curve(brow, 5), pet.colour("head") * 0.6, 0.05, opacity=0.35, is_pet=True)
    nose = closed_curve([(-0.2, 0.16), (0, 0.1), (0.2, 0.16), (0.15, 0.32), (0, 0.38), (-0.15, 0.32)])
    head.plain(nose + (1.5 * turn, 0), DARK, depth=0.5)
    head.plain(ellipse(-0.06 + 1.5 * turn, 0.18, 0.06, 0.03), (150, 150, 156), soft=0.01 * head.unit, opacity=0.8)
    _draw_mouth(head, 1.4 * turn, 0.38, 0.58, 0.26)


def _sharp(points: np.ndarray, tip: int) -> np.ndarray:
    """Return a smooth outline that keeps the corner at one of its points."""
    before, after = points[: tip + 1], points[tip:]
    return np.concatenate([open_curve(before, 6), open_curve(after, 6)[1:]])


def _draw_eye(head: Figure, pet: Pet, x: float, y: float, across: float, down: float, side: int, asleep: bool) -> None:
    if asleep:
        lid = [(x - across, y), (x, y + 0.09), (x + across, y)]
        head.line(open_curve(lid, 6), DARK, 0.05, is_pet=True)
        return
    corner = 0.05 * side
    almond = [(x - across, y + corner), (x - 0.3 * across, y - down), (x + 0.5 * across, y - 0.9 * down),
              (x + across, y - corner), (x + 0.4 * across, y + 0.85 * down),
              (x - 0.5 * across, y + 0.85 * down)]  # fmt: skip
    outline = closed_curve(almond)
    middle = np.array((x, y))
    head.plain(middle + 1.22 * (outline - middle), DARK, soft=0.012 * head.unit)
    head.plain(outline, pet.eyes, depth=0.5)
    pupil = ellipse(x, y, 0.3 * across, 0.85 * down) if pet.is_cat else ellipse(x, y, 0.62 * across, 0.66 * down)
    head.plain(pupil, (14, 12, 14))
    head.plain(ellipse(x - 0.25 * across, y - 0.4 * down, 0.2 * across, 0.22 * down), (250, 250, 250))


def _draw_mouth(head: Figure, turn: float, top: float, low: float, wide: float) -> None:
    head.line([(turn, top), (turn, low)], DARK, 0.03, opacity=0.7, is_pet=True)
    for side in (-1, 1):
        corner = [(turn, low), (turn + side * wide / 2, low + 0.08), (turn + side * wide, low)]
        head.line(open_curve(corner, 5), DARK, 0.035, opacity=0.7, is_pet=True)


def _mirrored(outline: Points, side: float) -> np.ndarray:
    return np.asarray(outline, float) * (side, 1)
