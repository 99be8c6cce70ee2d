"""Where the drawn pets are: meadow, carpet, sofa, a room with a window, planks, blanket, studio."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .canvas import (
    LONGEST_SIDE,
    TEXTURE_SIZE,
    Colour,
    Points,
    blurred,
    closed_curve,
    ellipse,
    fur_texture,
    plane_of,
    smooth_noise,
)

WALLS = ((226, 218, 200), (196, 208, 214), (214, 196, 186), (176, 192, 170), (236, 232, 226), (150, 160, 176))
FABRICS = ((150, 62, 58), (64, 92, 128), (120, 130, 104), (188, 170, 140), (92, 84, 92), (196, 140, 74), (70, 112, 108))
WOODS = ((176, 128, 84), (140, 94, 58), (204, 168, 122), (110, 78, 56))


def draw_background(rng: np.random.Generator, height: int, width: int, floor: float) -> np.ndarray:
    """Draw a place without a pet.

    Args:
        rng: numpy.random.Generator.
        height, width: int, of the picture.
        floor: float, the row where the pet's feet stand.

    Returns:
        float32 array (3, height, width), from 0 to 255.
    """
    place = _Place(rng, height, width, floor)
    kind = rng.choice([_meadow, _carpet, _sofa, _window, _planks, _blanket, _studio])
    kind(place)
    if rng.random() < 0.5:
        place.add_things()
    return place.finish()


class _Place:
    def __init__(self, rng: np.random.Generator, height: int, width: int, floor: float) -> None:
        self.rng, self.height, self.width = rng, height, width
        # Where floor and wall meet.
        self.edge = int(np.clip(floor - height * rng.uniform(0.1, 0.4), 0.25 * height, 0.9 * height))
        self.floor = floor
        self.rgb = np.zeros((3, height, width), np.float32)
        self.blur = rng.uniform(0, 2.5)

    def fill(self, top: int, bottom: int, upper: Colour, lower: Colour) -> None:
        """Fill rows with a colour that changes from top to bottom."""
        if bottom > top:
            t = np.linspace(0, 1, bottom - top, dtype=np.float32)[:, None]
            self.rgb[:, top:bottom] = plane_of(upper) * (1 - t) + plane_of(lower) * t

    def roughen(self, top: int, bottom: int, *textures: tuple[np.ndarray, float]) -> None:
        """Multiply rows by textures, each (texture, strength)."""
        down, across = self.rng.integers(0, TEXTURE_SIZE - LONGEST_SIDE, 2)
        for texture, strength in textures:
            cut = texture[down + top : down + bottom, across : across + self.width]
            self.rgb[:, top:bottom] *= np.maximum(1 + strength * cut, 0)

    def polygon(self, outline: Points, colour: Colour, soft: float = 0.0) -> None:
        """Draw a flat shape."""
        area, cover = self._cover(outline, soft)
        if area is not None:
            self.rgb[area] += cover * (plane_of(colour) - self.rgb[area])

    def darken(self, outline: Points, strength: float, soft: float) -> None:
        """Darken a part, such as a fold or a seam."""
        area, cover = self._cover(outline, soft)
        if area is not None:
            self.rgb[area] *= 1 - strength * cover

    def _cover(self, outline: Points, soft: float) -> tuple[tuple[slice, ...], np.ndarray] | tuple[None, None]:
        """Return the part of the picture that holds a shape, and how much of each of its pixels is the shape's."""
        outline = np.asarray(outline, float)
        left, top = np.maximum(np.floor(outline.min(0) - 3 * soft), 0).astype(int)
        right, bottom = np.minimum(np.ceil(outline.max(0) + 3 * soft) + 1, (self.width, self.height)).astype(int)
        if right - left < 2 or bottom - top < 2:
            return None, None
        image = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(image).polygon((outline - (left, top)).ravel().tolist(), fill=255)
        if soft:
            image = blurred(image, soft)
        return (slice(None), slice(top, bottom), slice(left, right)), np.asarray(image, np.float32) / 255

    def rectangle(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """Fill a rectangle given in pixels."""
        rows, columns = slice(max(int(top), 0), max(int(bottom), 0)), slice(max(int(left), 0), max(int(right), 0))
        self.rgb[:, rows, columns] = plane_of(colour)

    def add_things(self) -> None:
        """Lay a few toys about: not everything round or coloured is a pet."""
        rng = self.rng
        for _ in range(rng.integers(1, 4)):
            size = rng.uniform(0.03, 0.11) * self.height
            x, y = rng.uniform(0, self.width), rng.uniform(self.edge, self.height) - size / 2
            colour = rng.uniform(40, 235, 3)
            self.darken(ellipse(x, y + size, 1.3 * size, 0.3 * size), 0.4, 3)
            if rng.random() < 0.5:
                self.polygon(ellipse(x, y, size, size), colour, 0.7)
                self.polygon(ellipse(x - size / 3, y - size / 3, size / 4, size / 5), colour * 0.4 + 150, 2)
            else:
                bowl = [(x - 1.5 * size, y), (x + 1.5 * size, y), (x + size, y + size), (x - size, y + size)]
                self.polygon(bowl, colour * 0.8, 0.7)
                self.polygon(ellipse(x, y, 1.5 * size, size / 3), colour, 0.7)
                self.polygon(ellipse(x, y, 1.25 * size, size / 4), colour * 0.4, 0.7)

    def finish(self) -> np.ndarray:
        """Put the place out of focus, more or less, and return it."""
        if self.blur > 0.4:
            # A lens makes flat discs of points; a box is nearer to that than a bell curve, and a third of the work.
            lens = ImageFilter.BoxBlur(1.4 * self.blur)
            bands = [Image.fromarray(band).filter(lens) for band in np.clip(self.rgb, 0, 255).astype(np.uint8)]
            self.rgb = np.stack([np.asarray(band, np.float32) for band in bands])
        return self.rgb


def _vary(rng: np.random.Generator, colours: Sequence[Colour], spread: float = 18) -> np.ndarray:
    return np.clip(np.asarray(colours[rng.integers(len(colours))]) + rng.normal(0, spread, 3), 15, 245)


def _meadow(place: _Place) -> None:
    rng = place.rng
    sky = np.array((168, 200, 226)) + rng.normal(0, 14, 3)
    leaves = np.array((74, 104, 58)) * rng.uniform(0.6, 1.2)
    place.fill(0, place.edge, sky, sky * 0.7 + leaves * 0.5)
    for _ in range(rng.integers(5, 11)):
        x, y = rng.uniform(0, place.width), place.edge - rng.uniform(-0.02, 0.2) * place.height
        size = rng.uniform(0.06, 0.2) * place.height
        bush = closed_curve(ellipse(x, y, 1.4 * size, size)[::3] + rng.normal(0, size / 7, (10, 2)))
        place.polygon(bush, leaves * rng.uniform(0.6, 1.4), 4)
    grass = np.array((110, 146, 62)) * rng.uniform(0.75, 1.15) + rng.normal(0, 9, 3)
    place.fill(place.edge, place.height, grass * 0.9, grass * 1.08)
    place.roughen(place.edge, place.height, (fur_texture(4), 0.17), (fur_texture(3), 0.09), (smooth_noise(32), 0.07))
    if rng.random() < 0.5:
        for x, y in rng.uniform((0, place.edge), (place.width, place.height), (rng.integers(4, 25), 2)):
            colour = [(246, 242, 230), (240, 214, 70), (196, 130, 190)][rng.integers(3)]
            place.polygon(ellipse(x, y, 3, 2), colour)


def _wall(place: _Place, bottom: int) -> None:
    rng = place.rng
    colour = _vary(rng, WALLS, 10)
    place.fill(0, bottom, colour * 1.05, colour * 0.9)
    if rng.random() < 0.35:
        period, shade = rng.integers(14, 60), rng.uniform(0.88, 0.96)
        place.rgb[:, :bottom, np.arange(place.width) % period < period // 2] *= shade
    board = int(0.03 * place.height)
    if rng.random() < 0.6:
        place.rectangle(0, bottom - board, place.width, bottom, np.clip(colour * 1.15, 0, 250))
    place.roughen(0, bottom, (smooth_noise(64), 0.03))


def _carpet(place: _Place) -> None:
    rng = place.rng
    _wall(place, place.edge)
    colour = _vary(rng, FABRICS + WALLS)
    place.fill(place.edge, place.height, colour * 0.85, colour * 1.05)
    if rng.random() < 0.5:
        other = _vary(rng, FABRICS)
        for row in np.linspace(place.edge, place.height, rng.integers(4, 9)):
            place.rectangle(0, row, place.width, row + rng.uniform(3, 14), other)
    place.roughen(place.edge, place.height, (fur_texture(rng.integers(8)), 0.09), (smooth_noise(16), 0.05))


def _sofa(place: _Place) -> None:
    rng = place.rng
    _wall(place, place.height)
    colour = _vary(rng, FABRICS)
    top, seat = int(rng.uniform(-0.1, 0.35) * place.height), int(place.floor - rng.uniform(0.02, 0.2) * place.height)
    count = rng.integers(1, 4)
    place.rgb[:, max(top, 0) :] = plane_of(colour)
    step = place.width / count
    start = rng.uniform(-step, 0)
    for k in range(count + 1):
        left, right = start + k * step + 2, start + (k + 1) * step - 2
        back = [(left, top), ((left + right) / 2, top - 8), (right, top), (right + 2, seat), (left - 2, seat)]
        place.polygon(closed_curve(back, 5), colour * rng.uniform(0.95, 1.1), 1)
        place.darken([(left - 6, top), (left + 2, top), (left + 2, place.height), (left - 6, place.height)], 0.5, 5)
    place.rgb[:, max(seat, 0) :] *= 1.13
    place.darken([(0, seat - 12), (place.width, seat - 12), (place.width, seat + 5), (0, seat + 5)], 0.55, 8)
    place.roughen(max(top, 0), place.height, (fur_texture(0), 0.05), (fur_texture(4), 0.05), (smooth_noise(64), 0.06))


def _window(place: _Place) -> None:
    rng = place.rng
    _wall(place, place.edge)
    left, top = rng.uniform(0, 0.6) * place.width, rng.uniform(-0.1, 0.1) * place.height
    right, bottom = left + rng.uniform(0.25, 0.5) * place.width, place.edge - rng.uniform(0.06, 0.25) * place.height
    frame = np.array((238, 236, 232)) * rng.uniform(0.8, 1)
    place.rectangle(left - 8, top - 8, right + 8, bottom + 8, frame)
    place.rectangle(left, top, right, bottom, (208, 224, 236))
    place.rectangle(left, bottom - (bottom - top) * rng.uniform(0.2, 0.6), right, bottom, (132, 158, 112))
    place.rectangle((left + right) / 2 - 3, top, (left + right) / 2 + 3, bottom, frame)
    if rng.random() < 0.5:
        cloth = _vary(rng, FABRICS)
        for side in (left - 45, right):
            for k in range(5):
                place.rectangle(side + 9 * k, 0, side + 9 * k + 9, place.edge - 8, cloth * (0.85 + 0.1 * (k % 3)))
    place.blur = max(place.blur, 1.2)
    _lay_planks(place, place.edge)


def _planks(place: _Place) -> None:
    _lay_planks(place, 0)
    if place.rng.random() < 0.4:
        _wall(place, place.edge)


def _lay_planks(place: _Place, top: int) -> None:
    rng = place.rng
    wood = _vary(rng, WOODS, 8)
    place.fill(top, place.height, wood * 0.8, wood * 1.1)
    wide = rng.uniform(0.05, 0.13) * place.height
    row = top + 0.0
    while row < place.height:
        place.rgb[:, int(row) : int(row + wide)] *= rng.uniform(0.9, 1.1)
        place.rgb[:, int(row) : int(row) + 1] *= 0.6
        for joint in rng.uniform(0, place.width, rng.integers(0, 3)).astype(int):
            place.rgb[:, int(row) : int(row + wide), joint : joint + 1] *= 0.65
        # Planks farther away look narrower.
        row += wide * (0.4 + 0.6 * (row - top) / max(place.height - top, 1)) + 1
    place.roughen(top, place.height, (fur_texture(0), 0.06), (smooth_noise(32), 0.04))


def _blanket(place: _Place) -> None:
    rng = place.rng
    colour = _vary(rng, FABRICS + WALLS)
    place.fill(0, place.height, colour * 0.9, colour * 1.05)
    if rng.random() < 0.5:
        other = _vary(rng, FABRICS + WALLS)
        period = rng.integers(24, 90)
        rows, columns = np.ogrid[: place.height, : place.width]
        warp = 6 * smooth_noise(128)[: place.height, : place.width]
        squares = ((rows + warp) % period < period / 2).astype(np.float32)
        if rng.random() < 0.6:
            squares = (squares + ((columns + warp) % period < period / 2)) / 2
        place.rgb += 0.8 * squares * (plane_of(other) - place.rgb)
    place.roughen(0, place.height, (smooth_noise(128), 0.12), (smooth_noise(64), 0.07), (fur_texture(2), 0.04))


def _studio(place: _Place) -> None:
    rng = place.rng
    colour = _vary(rng, WALLS + FABRICS, 25)
    place.fill(0, place.height, colour * rng.uniform(0.7, 1), colour * rng.uniform(0.9, 1.15))
    for _ in range(rng.integers(0, 14)):
        x, y = rng.uniform((0, 0), (place.width, place.height))
        size = rng.uniform(8, 45)
        place.polygon(ellipse(x, y, size, size), place.rgb[:, int(y), int(x)] * 0.5 + rng.uniform(60, 130, 3), 3)
    place.roughen(0, place.height, (smooth_noise(128), 0.05))
    place.blur = max(place.blur, 1.5)
