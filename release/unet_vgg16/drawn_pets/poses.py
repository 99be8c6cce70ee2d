"""The poses that a body takes, each drawn in units of the pet's height, y down."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .canvas import Canvas, closed_curve, ellipse, limb
from .coats import Pet
from .figure import Figure, both_sides
from .heads import draw_head


@dataclass(frozen=True)
class Pose:
    """How a pet stands in the picture.

    Attributes:
        draw: function of a Figure that draws it.
        box: (left, top, right, bottom) that it takes, in units of the figure; y is 1 where it touches the ground.
        shadow: (x, half its width) of what it throws on the ground, in the same units.
        room: (least, most) of what it takes of the picture's height or width, whichever is filled first.
    """

    draw: Callable[[Figure], None]
    box: tuple[float, float, float, float]
    shadow: tuple[float, float]
    room: tuple[float, float] = (0.7, 1.04)


def _head_at(figure: Figure, x: float, y: float, size: float, asleep: bool = False, tilt: float = 0.0) -> None:
    rng = figure.rng
    at = figure.to_pixels((x, y))
    draw_head(
        figure.canvas, figure.pet, *at, size * figure.unit, tilt + rng.normal(0, 0.12), rng.uniform(-1, 1), asleep
    )


def _paw(figure: Figure, x: float, y: float, across: float, down: float, toes: bool = True) -> None:
    figure.part(ellipse(x, y, across, down), "paw", direction=0, depth=0.5, hairy=0.3)
    if toes:
        for place in (-0.33, 0.33):
            line = [(x + place * across, y), (x + place * across, y + 0.8 * down)]
            figure.line(line, figure.pet.colour("paw") * 0.45, 0.007, opacity=0.8, is_pet=True)


def _draw_sitting(figure: Figure) -> None:
    pet, rng, build = figure.pet, figure.rng, figure.pet.build
    side = rng.choice([-1, 1])
    if pet.is_cat or rng.random() < 0.7:
        swing = rng.uniform(-0.1, 0.12)
        tail = np.array([(0.12, 0.93), (0.36, 0.94), (0.46, 0.8 + swing / 2), (0.43 + swing, 0.62)]) * (side, 1)
        thick = 1 + pet.coat.hair
        figure.part(limb(tail, np.array((0.04, 0.042, 0.04, 0.026)) * thick), "tail", hairy=1.5)
    half = [(0.0, 0.3), (0.11, 0.34), (0.17, 0.46), (0.2, 0.62), (0.25, 0.78), (0.27, 0.9), (0.2, 0.975), (0, 0.98)]
    figure.part(closed_curve(both_sides(np.array(half) * (build, 1))), "body", direction=4)
    for way in (-1, 1):
        figure.part(ellipse(way * 0.19 * build, 0.84, 0.105, 0.145, way * 0.2), "haunch", depth=0.5, hairy=0.4)
        _paw(figure, way * 0.2 * build, 0.965, 0.09, 0.035)
    chest = closed_curve([(0, 0.36), (0.1, 0.44), (0.1, 0.6), (0, 0.72), (-0.1, 0.6), (-0.1, 0.44)])
    figure.part(chest, "chest", depth=0.3, hairy=1.2, soft=0.012 * figure.unit, pattern=None)
    for way in (-1, 1):
        shift = rng.uniform(-0.01, 0.02)
        leg = limb([(way * 0.085, 0.58), (way * 0.082, 0.75), (way * (0.08 + shift), 0.955)], (0.062, 0.05, 0.045))
        figure.part(leg, "leg", depth=0.6, hairy=0.5)
        _paw(figure, way * (0.083 + shift), 0.965, 0.064, 0.036)
    size = rng.uniform(0.18, 0.215) if pet.is_cat else rng.uniform(0.165, 0.2)
    _head_at(figure, rng.uniform(-0.03, 0.03), 0.27, size)


def _draw_lying(figure: Figure) -> None:
    pet, rng = figure.pet, figure.rng
    if rng.random() < 0.8:
        lift = rng.uniform(-0.25, 0.06)
        tail = [(-0.62, 0.86), (-0.82, 0.92 + lift / 3), (-0.95, 0.92 + lift), (-1.02, 0.86 + 1.4 * lift)]
        figure.part(limb(tail, np.array((0.06, 0.055, 0.05, 0.035)) * (1 + 0.7 * pet.coat.hair)), "tail", hairy=1.5)
    figure.part(limb([(0.3, 0.82), (0.55, 0.88), (0.78, 0.92)], (0.09, 0.075, 0.06)), "leg", shade=0.8, hairy=0.5)
    _paw(figure, 0.8, 0.92, 0.085, 0.055, toes=False)
    body = [(-0.72, 0.82), (-0.7, 0.56), (-0.5, 0.38), (-0.15, 0.36), (0.15, 0.32), (0.4, 0.38), (0.52, 0.6),
            (0.5, 0.88), (0.2, 0.98), (-0.5, 0.98)]  # fmt: skip
    figure.part(closed_curve(np.array(body) * (pet.build, 1)), "body", direction=1)
    figure.part(ellipse(-0.42, 0.74, 0.25, 0.23, -0.3), "haunch", depth=0.5, hairy=0.4, direction=2)
    _paw(figure, -0.28, 0.945, 0.15, 0.05)
    chest = closed_curve([(0.32, 0.42), (0.5, 0.5), (0.52, 0.7), (0.4, 0.88), (0.28, 0.7)])
    figure.part(chest, "chest", depth=0.3, hairy=1.2, soft=0.02 * figure.unit, pattern=None)
    figure.part(limb([(0.28, 0.8), (0.48, 0.92), (0.68, 0.955)], (0.105, 0.08, 0.06)), "leg", hairy=0.5)
    _paw(figure, 0.72, 0.955, 0.09, 0.05)
    _head_at(figure, 0.36, 0.22, rng.uniform(0.25, 0.3))


def _draw_standing(figure: Figure) -> None:
    pet, rng, build = figure.pet, figure.rng, figure.pet.build
    up = rng.uniform(-0.25, 0.2)
    tail = [(-0.5, 0.42), (-0.66, 0.38 + 0.6 * up), (-0.76, 0.3 + up), (-0.72, 0.2 + 1.3 * up)]
    figure.part(limb(tail, np.array((0.05, 0.045, 0.04, 0.025)) * (1 + 0.8 * pet.coat.hair)), "tail", hairy=1.6)
    stride = rng.uniform(-0.1, 0.1, 4)
    wide = 0.85 if pet.is_cat else 1.0

    def fore(x: float, swing: float, shade: float) -> None:
        line = [(x, 0.56), (x + 0.3 * swing, 0.76), (x + swing, 0.95)]
        figure.part(limb(line, np.array((0.08, 0.055, 0.045)) * wide), "leg", shade=shade, hairy=0.5)
        _paw(figure, x + swing + 0.02, 0.965, 0.062, 0.034, toes=False)

    def hind(x: float, swing: float, shade: float) -> None:
        line = [(x + 0.04, 0.55), (x + 0.02, 0.7), (x - 0.05 + 0.6 * swing, 0.82), (x - 0.02 + swing, 0.95)]
        figure.part(limb(line, np.array((0.13, 0.09, 0.05, 0.045)) * wide), "leg", shade=shade, hairy=0.5)
        _paw(figure, x + swing + 0.01, 0.965, 0.064, 0.034, toes=False)

    fore(0.36, stride[0], 0.72)
    hind(-0.34, stride[1], 0.72)
    body = [(-0.52, 0.46), (-0.46, 0.34), (-0.2, 0.31), (0.12, 0.31), (0.38, 0.28), (0.5, 0.38), (0.48, 0.54),
            (0.3, 0.65), (0.0, 0.64), (-0.25, 0.6), (-0.46, 0.62)]  # fmt: skip
    figure.part(closed_curve((np.array(body) - (0, 0.47)) * (1, build) + (0, 0.47)), "body", direction=0)
    hind(-0.42, stride[2], 1.0)
    fore(0.28, stride[3], 1.0)
    figure.part(limb([(0.36, 0.44), (0.46, 0.34), (0.52, 0.22)], (0.16, 0.14, 0.11)), "body", direction=3, depth=0.4)
    chest = closed_curve([(0.42, 0.34), (0.54, 0.38), (0.52, 0.52), (0.44, 0.58), (0.38, 0.46)])
    figure.part(chest, "chest", depth=0.2, hairy=1.3, soft=0.015 * figure.unit, pattern=None)
    _head_at(figure, 0.55, 0.16, rng.uniform(0.18, 0.22))


def _draw_curled(figure: Figure) -> None:
    pet, rng = figure.pet, figure.rng
    body = closed_curve(ellipse(0, 0.62, 0.66, 0.37)[::3] * rng.uniform(0.97, 1.03, (10, 2)))
    figure.part(body, "body", direction=1)
    figure.part(ellipse(-0.3, 0.68, 0.3, 0.26, -0.4), "haunch", depth=0.5, hairy=0.3, direction=2)
    _head_at(figure, 0.36, 0.66, rng.uniform(0.24, 0.28), asleep=rng.random() < 0.75, tilt=rng.uniform(0.1, 0.5))
    tail = [(-0.6, 0.8), (-0.35, 0.96), (0.05, 0.98), (0.35, 0.93)]
    figure.part(limb(tail, np.array((0.08, 0.075, 0.07, 0.05)) * (1 + 0.4 * pet.coat.hair)), "tail", direction=0)
    _paw(figure, 0.12, 0.9, 0.1, 0.05)


def _draw_portrait(figure: Figure) -> None:
    pet, rng = figure.pet, figure.rng
    half = [(0.0, 0.42), (0.2, 0.46), (0.34, 0.62), (0.46, 0.85), (0.52, 1.2), (0.3, 1.3)]
    figure.part(closed_curve(both_sides(np.array(half) * (pet.build, 1))), "body", depth=0.5)
    chest = closed_curve([(0, 0.5), (0.18, 0.62), (0.22, 0.9), (0, 1.25), (-0.22, 0.9), (-0.18, 0.62)])
    figure.part(chest, "chest", depth=0.2, hairy=1.2, soft=0.02 * figure.unit, pattern=None)
    _head_at(figure, 0, 0.36, rng.uniform(0.3, 0.36))


POSES = {
    "sitting": Pose(_draw_sitting, (-0.42, 0.0, 0.42, 1.0), (0, 0.36)),
    "lying": Pose(_draw_lying, (-0.95, -0.1, 0.85, 1.0), (0, 0.85)),
    "standing": Pose(_draw_standing, (-0.75, -0.08, 0.78, 1.0), (0, 0.55)),
    "curled": Pose(_draw_curled, (-0.68, 0.24, 0.68, 1.0), (0, 0.66), (0.55, 0.9)),
    "portrait": Pose(_draw_portrait, (-0.5, -0.1, 0.5, 1.0), (0, 0), (0.9, 1.2)),
}


def draw_pet(canvas: Canvas, pet: Pet, pose: Pose, x: float, y: float, unit: float) -> None:
    """Draw a pet.

    Args:
        canvas: Canvas.
        pet: Pet.
        pose: Pose.
        x: float, pixels, where the middle of the figure is.
        y: float, pixels, where it touches the ground.
        unit: float, pixels, its height from the ground to about the top of the head.
    """
    figure = Figure(canvas, pet, x, y - unit, unit)
    middle, half = pose.shadow
    if half:
        away = -0.25 * canvas.light[0]
        for wide, strength in ((1.0, 0.5), (1.25, 0.3)):
            shadow = ellipse(middle + away * (wide - 0.8), 0.975, half * wide, 0.055 * wide)
            canvas.cast_shadow(figure.to_pixels(shadow), strength, 0.025 * unit)
    pose.draw(figure)
