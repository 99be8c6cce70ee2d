"""Cats and dogs, part by part: coats, heads, and the poses that a body takes.

A pose is drawn in units of its own height, y down, and turned into pixels by a `_Figure`. Heads are drawn from the
front, in units of their own half width. Needs numpy, and pet_canvas beside it.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from pet_canvas import closed_curve, ellipse, limb, open_curve, shaggy, smooth_noise

PINK, DARK = (206, 140, 132), (38, 32, 32)
WHITE = (236, 232, 224)


@dataclass(frozen=True)
class Coat:
    """What the fur of a kind of pet looks like.

    Attributes:
        colour: (red, green, blue) of most of the fur.
        second: the colour of its pattern.
        pattern: "plain", "stripes", "patches", "spots", "points" (dark at the ends) or "saddle" (dark on the back).
        pale: the colour of muzzle and chest, and of the paws if `socks`; None where they are as the rest.
        socks: bool, whether the paws are pale.
        hair: float, length of the hair: 0 lies flat, 1 hangs long.
    """

    colour: tuple[int, int, int]
    second: tuple[int, int, int] = DARK
    pattern: str = "plain"
    pale: tuple[int, int, int] | None = None
    socks: bool = False
    hair: float = 0.3


CATS = {
    "Ginger_Tabby": Coat((212, 142, 82), (168, 94, 46), "stripes", (240, 218, 190)),
    "Grey_Tabby": Coat((158, 150, 138), (84, 76, 70), "stripes", (212, 204, 192)),
    "Tuxedo": Coat((52, 50, 54), pale=WHITE, socks=True),
    "Black_Shorthair": Coat((56, 50, 50), hair=0.1),
    "White_Longhair": Coat((232, 226, 216), hair=1.0),
    "Calico": Coat((234, 226, 214), (196, 118, 58), "patches", WHITE),
    "Blue_Shorthair": Coat((132, 138, 150), hair=0.2),
    "Colourpoint": Coat((226, 208, 184), (86, 64, 54), "points", hair=0.4),
    "Brown_Longhair": Coat((136, 100, 72), (76, 54, 40), "stripes", (206, 184, 156), hair=0.9),
}
DOGS = {
    "golden_longhair": Coat((206, 158, 98), pale=(228, 194, 148), hair=0.8),
    "brown_hound": Coat((162, 104, 62), (60, 46, 40), "saddle", WHITE, socks=True, hair=0.1),
    "black_and_tan": Coat((54, 46, 44), pale=(176, 112, 62), socks=True, hair=0.1),
    "spotted_shorthair": Coat((234, 230, 224), (50, 46, 46), "spots", hair=0.1),
    "white_curly": Coat((234, 228, 218), hair=1.0),
    "grey_spitz": Coat((142, 138, 138), (66, 64, 68), "saddle", (226, 222, 216), socks=True, hair=0.8),
    "chocolate_shorthair": Coat((104, 70, 52), hair=0.15),
    "black_and_white": Coat((48, 46, 50), pale=WHITE, socks=True, hair=0.7),
    "fawn_pug_nose": Coat((212, 176, 134), (64, 52, 48), "points", hair=0.1),
    "patched_terrier": Coat((232, 226, 214), (134, 88, 56), "patches", hair=0.5),
}
CAT_EYES = ((188, 176, 72), (128, 160, 86), (120, 162, 196), (196, 132, 52))
DOG_EYES = ((92, 56, 32), (64, 40, 28), (128, 82, 40))


@dataclass
class Pet:
    """One animal: its breed with all that differs from pet to pet.

    Attributes:
        is_cat: bool.
        coat: Coat.
        rng: numpy.random.Generator.
    """

    is_cat: bool
    coat: Coat
    rng: np.random.Generator
    tint: np.ndarray = field(init=False)
    eyes: tuple = field(init=False)
    ears: str = field(init=False)
    build: float = field(init=False)
    nose: tuple = field(init=False)

    def __post_init__(self):
        rng = self.rng
        self.tint = np.exp(rng.normal(0, 0.07) + rng.normal(0, 0.025, 3))
        colours = CAT_EYES if self.is_cat else DOG_EYES
        self.eyes = colours[rng.integers(len(colours))]
        self.ears = "pointed" if self.is_cat else rng.choice(["floppy", "pointed", "folded"], p=[0.6, 0.22, 0.18])
        self.build = rng.uniform(0.88, 1.14)
        self.nose = PINK if self.is_cat and rng.random() < 0.7 else DARK

    def colour(self, part):
        """Return the colour of a part: (red, green, blue), from 0 to 255."""
        coat = self.coat
        colour = coat.colour
        if part in ("muzzle", "chest") and coat.pale is not None:
            colour = coat.pale
        if part == "paw" and coat.socks and coat.pale is not None:
            colour = coat.pale
        if coat.pattern == "points" and part in ("ear", "paw", "tail tip"):
            colour = coat.second
        if coat.pattern == "points" and part == "muzzle":
            colour = np.multiply(coat.second, 0.55) + np.multiply(coat.colour, 0.45)
        return np.clip(np.multiply(colour, self.tint), 12, 246)


class _Figure:
    """Draws the parts of one pet in a coordinate system of their own."""

    def __init__(self, canvas, pet, x, y, unit, lean=0.0):
        self.canvas, self.pet, self.rng = canvas, pet, pet.rng
        self.origin, self.unit, self.lean = np.array((x, y), float), unit, lean

    def to_pixels(self, points):
        """Return points of the figure as pixels."""
        points = np.asarray(points, float)
        cos, sin = math.cos(self.lean), math.sin(self.lean)
        return self.origin + self.unit * (points @ np.array([(cos, sin), (-sin, cos)]))

    def part(self, outline, name, direction=4, shade=1.0, depth=0.6, hairy=1.0, **named):
        """Paint a part of the coat."""
        pet, coat = self.pet, self.pet.coat
        pixels = self.to_pixels(outline)
        length = hairy * (0.006 + 0.035 * coat.hair) * self.unit
        if length > 0.8:
            pixels = shaggy(pixels, self.rng, min(length, 9), 2.5 + 0.2 * length)
        fur = 0.05 + 0.04 * coat.hair
        named.setdefault("pattern", self.pattern(name))
        self.canvas.paint(pixels, pet.colour(name) * shade, fur=fur, direction=direction, depth=depth, **named)

    def plain(self, outline, colour, **named):
        """Paint a part without hair, such as a nose."""
        self.canvas.paint(self.to_pixels(outline), colour, **({"depth": 0.0} | named))

    def line(self, points, colour, width, **named):
        """Draw a line; its width is in units of the figure."""
        self.canvas.line(self.to_pixels(points), colour, max(0.7, width * self.unit), **named)

    def pattern(self, part):
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

    def _stripes(self, box, part):
        top, bottom, left, right = box
        rows, columns = np.mgrid[top:bottom, left:right].astype(np.float32)
        along = rows if part in ("leg", "tail", "haunch") else columns
        period = (0.1 if part == "head" else 0.085) * self.unit * (2.2 if part == "head" else 1)
        warp = 0.5 * self.canvas.texture(smooth_noise(32), box) + 0.35 * self.canvas.texture(smooth_noise(16), box)
        stripes = _step(np.sin(2 * math.pi * along / max(period, 6) + 2.5 * warp) - 0.15, 0.35)
        if part == "head":
            stripes *= np.clip((self.origin[1] - rows) / (0.5 * self.unit) + 0.1, 0, 1)
        return 0.75 * stripes

    def _from_above(self, box, part):
        top, bottom, _, _ = box
        rows = np.linspace(0, 1, bottom - top, dtype=np.float32)[:, None]
        ragged = 0.1 * self.canvas.texture(smooth_noise(16), box)
        return _step((0.35 if part == "head" else 0.55) - rows + ragged, 0.15)


def _step(values, width):
    """Return 0 below -width, 1 above it, and a slope between."""
    return np.clip(values / (2 * width) + 0.5, 0, 1)


def _both(points):
    """Return the outline that a half of it, from top to bottom on the right side, makes with its mirror image."""
    half = np.asarray(points, float)
    return np.concatenate([half, half[::-1] * (-1, 1)])


def _mirrored(outline, side):
    return np.asarray(outline, float) * (side, 1)


# Heads ------------------------------------------------------------------------------------------------------------


def draw_head(canvas, pet, x, y, size, tilt=0.0, turn=0.0, asleep=False):
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
    head = _Figure(canvas, pet, x, y, size, tilt)
    (_draw_cat_head if pet.is_cat else _draw_dog_head)(head, pet, 0.16 * turn, asleep)


def _draw_cat_head(head, pet, turn, asleep):
    rng = head.rng
    tall = rng.uniform(0.9, 1.12)
    for side in (-1, 1):
        wide = 1 + 0.8 * side * -turn
        ear = np.array([(0.18, -0.66), (0.36, -1.0), (0.8, -1.42 * tall), (0.98, -0.9), (0.95, -0.2), (0.5, -0.4)])
        inner = np.array([(0.42, -0.72), (0.74, -1.22 * tall), (0.86, -0.6), (0.62, -0.55)])
        head.part(_mirrored(_sharp(ear, 2), side * wide), "ear", depth=0.4, hairy=0.4)
        head.plain(_mirrored(_sharp(inner, 1), side * wide), np.multiply(PINK, 0.9), soft=0.03 * head.unit, opacity=0.8)
    half = [(0, -0.84), (0.48, -0.78), (0.86, -0.4), (1.0, 0.1), (0.9, 0.48), (0.52, 0.78), (0.2, 0.88)]
    head.part(closed_curve(_both(half)), "head", depth=0.7)
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


def _draw_dog_head(head, pet, turn, asleep):
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
    head.part(closed_curve(_both(half)), "head", depth=0.7)
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
    muzzle = closed_curve(_both([(0, 0.04), (0.26, 0.1), (0.44, 0.38), (0.42, 0.66 * long), (0.2, 0.86 * long)]))
    muzzle = muzzle * (narrow, 1) + (1.3 * turn, 0)
    head.part(muzzle, "muzzle", depth=0.65, hairy=0.5, soft=0.03 * head.unit, pattern=None)
    if rng.random() < 0.35 and not asleep:
        low = 0.86 * long
        head.plain(
            closed_curve(_both([(0, low - 0.22), (0.24, low - 0.18), (0.2, low), (0.05, low + 0.06)])) + (turn, 0), DARK
        )
        tongue = _both([(0, low - 0.1), (0.14, low - 0.08), (0.15, low + 0.2), (0.06, low + 0.32)])
        head.plain(closed_curve(tongue) + (1.3 * turn, 0), (214, 110, 116), depth=0.4)
    for side in (-1, 1):
        _draw_eye(head, pet, side * 0.4 * narrow + 1.2 * turn, -0.12, 0.15, 0.14, side, asleep)
        brow = [(side * 0.22 + turn, -0.36), (side * 0.4 + turn, -0.42), (side * 0.56 + turn, -0.3)]
        head.line(open_curve(brow, 5), pet.colour("head") * 0.6, 0.05, opacity=0.35, is_pet=True)
    nose = closed_curve([(-0.2, 0.16), (0, 0.1), (0.2, 0.16), (0.15, 0.32), (0, 0.38), (-0.15, 0.32)])
    head.plain(nose + (1.5 * turn, 0), DARK, depth=0.5)
    head.plain(ellipse(-0.06 + 1.5 * turn, 0.18, 0.06, 0.03), (150, 150, 156), soft=0.01 * head.unit, opacity=0.8)
    _draw_mouth(head, 1.4 * turn, 0.38, 0.58, 0.26)


def _sharp(points, tip):
    """Return a smooth outline that keeps the corner at one of its points."""
    before, after = points[: tip + 1], points[tip:]
    return np.concatenate([open_curve(before, 6), open_curve(after, 6)[1:]])


def _draw_eye(head, pet, x, y, across, down, side, asleep):
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


def _draw_mouth(head, turn, top, low, wide):
    head.line([(turn, top), (turn, low)], DARK, 0.03, opacity=0.7, is_pet=True)
    for side in (-1, 1):
        corner = [(turn, low), (turn + side * wide / 2, low + 0.08), (turn + side * wide, low)]
        head.line(open_curve(corner, 5), DARK, 0.035, opacity=0.7, is_pet=True)


# Poses ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pose:
    """How a pet stands in the picture.

    Attributes:
        draw: function of a _Figure that draws it.
        box: (left, top, right, bottom) that it takes, in units of the figure; y is 1 where it touches the ground.
        shadow: (x, half its width) of what it throws on the ground, in the same units.
        room: (least, most) of what it takes of the picture's height or width, whichever is filled first.
    """

    draw: object
    box: tuple[float, float, float, float]
    shadow: tuple[float, float]
    room: tuple[float, float] = (0.7, 1.04)


def _head_at(figure, x, y, size, asleep=False, tilt=0.0):
    rng = figure.rng
    at = figure.to_pixels((x, y))
    draw_head(
        figure.canvas, figure.pet, *at, size * figure.unit, tilt + rng.normal(0, 0.12), rng.uniform(-1, 1), asleep
    )


def _paw(figure, x, y, across, down, toes=True):
    figure.part(ellipse(x, y, across, down), "paw", direction=0, depth=0.5, hairy=0.3)
    if toes:
        for place in (-0.33, 0.33):
            line = [(x + place * across, y), (x + place * across, y + 0.8 * down)]
            figure.line(line, figure.pet.colour("paw") * 0.45, 0.007, opacity=0.8, is_pet=True)


def _draw_sitting(figure):
    pet, rng, build = figure.pet, figure.rng, figure.pet.build
    side = rng.choice([-1, 1])
    if pet.is_cat or rng.random() < 0.7:
        swing = rng.uniform(-0.1, 0.12)
        tail = np.array([(0.12, 0.93), (0.36, 0.94), (0.46, 0.8 + swing / 2), (0.43 + swing, 0.62)]) * (side, 1)
        thick = 1 + pet.coat.hair
        figure.part(limb(tail, np.array((0.04, 0.042, 0.04, 0.026)) * thick), "tail", hairy=1.5)
    half = [(0.0, 0.3), (0.11, 0.34), (0.17, 0.46), (0.2, 0.62), (0.25, 0.78), (0.27, 0.9), (0.2, 0.975), (0, 0.98)]
    figure.part(closed_curve(_both(np.array(half) * (build, 1))), "body", direction=4)
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


def _draw_lying(figure):
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


def _draw_standing(figure):
    pet, rng, build = figure.pet, figure.rng, figure.pet.build
    up = rng.uniform(-0.25, 0.2)
    tail = [(-0.5, 0.42), (-0.66, 0.38 + 0.6 * up), (-0.76, 0.3 + up), (-0.72, 0.2 + 1.3 * up)]
    figure.part(limb(tail, np.array((0.05, 0.045, 0.04, 0.025)) * (1 + 0.8 * pet.coat.hair)), "tail", hairy=1.6)
    stride = rng.uniform(-0.1, 0.1, 4)
    wide = 0.85 if pet.is_cat else 1.0

    def fore(x, swing, shade):
        line = [(x, 0.56), (x + 0.3 * swing, 0.76), (x + swing, 0.95)]
        figure.part(limb(line, np.array((0.08, 0.055, 0.045)) * wide), "leg", shade=shade, hairy=0.5)
        _paw(figure, x + swing + 0.02, 0.965, 0.062, 0.034, toes=False)

    def hind(x, swing, shade):
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


def _draw_curled(figure):
    pet, rng = figure.pet, figure.rng
    body = closed_curve(ellipse(0, 0.62, 0.66, 0.37)[::3] * rng.uniform(0.97, 1.03, (10, 2)))
    figure.part(body, "body", direction=1)
    figure.part(ellipse(-0.3, 0.68, 0.3, 0.26, -0.4), "haunch", depth=0.5, hairy=0.3, direction=2)
    _head_at(figure, 0.36, 0.66, rng.uniform(0.24, 0.28), asleep=rng.random() < 0.75, tilt=rng.uniform(0.1, 0.5))
    tail = [(-0.6, 0.8), (-0.35, 0.96), (0.05, 0.98), (0.35, 0.93)]
    figure.part(limb(tail, np.array((0.08, 0.075, 0.07, 0.05)) * (1 + 0.4 * pet.coat.hair)), "tail", direction=0)
    _paw(figure, 0.12, 0.9, 0.1, 0.05)


def _draw_portrait(figure):
    pet, rng = figure.pet, figure.rng
    half = [(0.0, 0.42), (0.2, 0.46), (0.34, 0.62), (0.46, 0.85), (0.52, 1.2), (0.3, 1.3)]
    figure.part(closed_curve(_both(np.array(half) * (pet.build, 1))), "body", depth=0.5)
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


def draw_pet(canvas, pet, pose, x, y, unit):
    """Draw a pet.

    Args:
        canvas: Canvas.
        pet: Pet.
        pose: Pose.
        x: float, pixels, where the middle of the figure is.
        y: float, pixels, where it touches the ground.
        unit: float, pixels, its height from the ground to about the top of the head.
    """
    figure = _Figure(canvas, pet, x, y - unit, unit)
    middle, half = pose.shadow
    if half:
        away = -0.25 * canvas.light[0]
        for wide, strength in ((1.0, 0.5), (1.25, 0.3)):
            shadow = ellipse(middle + away * (wide - 0.8), 0.975, half * wide, 0.055 * wide)
            canvas.cast_shadow(figure.to_pixels(shadow), strength, 0.025 * unit)
    pose.draw(figure)
