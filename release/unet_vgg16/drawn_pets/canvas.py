"""A picture to draw pets on: smooth outlines, light and shade, fur, and a record of what belongs to the pet."""

import functools
import math
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

TEXTURE_SIZE = 1024
# Pictures are smaller than this, so that a cut from a texture can begin anywhere in its first part.
LONGEST_SIDE = 512
FUR_DIRECTIONS = 8

# Each (x, y); red, green and blue from 0 to 255; top, bottom, left and right of a part of the picture.
Points = Sequence[Sequence[float]] | np.ndarray
Colour = Sequence[float] | np.ndarray
Box = tuple[int, int, int, int]


@functools.cache
def fur_texture(direction: int) -> np.ndarray:
    """Return strands of hair that lie in one of eight directions.

    Args:
        direction: int from 0 to 7, in steps of 22.5 degrees from the horizontal.

    Returns:
        float32 array (1024, 1024): mean 0, standard deviation 1.
    """
    noise = np.random.default_rng([1, direction]).standard_normal((TEXTURE_SIZE, TEXTURE_SIZE), np.float32)
    angle = math.pi * direction / FUR_DIRECTIONS
    strands = sum(
        np.roll(noise, (round(step * math.sin(angle)), round(step * math.cos(angle))), (0, 1)) for step in range(-4, 5)
    )
    return strands / strands.std()


@functools.cache
def smooth_noise(cell: int) -> np.ndarray:
    """Return noise without edges.

    Args:
        cell: int, pixels from one bump to the next, a divisor of 1024.

    Returns:
        float32 array (1024, 1024): mean 0, standard deviation 1.
    """
    count = TEXTURE_SIZE // cell
    coarse = np.random.default_rng([2, cell]).standard_normal((count, count), np.float32)
    noise = np.asarray(Image.fromarray(coarse).resize((TEXTURE_SIZE, TEXTURE_SIZE), Image.Resampling.BICUBIC))
    return (noise - noise.mean()) / noise.std()


def closed_curve(points: Points, per_segment: int = 7) -> np.ndarray:
    """Return a smooth closed curve through points (Catmull and Rom's spline).

    Args:
        points: array (n, 2).
        per_segment: int, points of the curve from one given point to the next.

    Returns:
        float array (n * per_segment, 2).
    """
    points = np.asarray(points, float)
    return _spline(np.concatenate([points[-1:], points, points[:2]]), per_segment)


def open_curve(points: Points, per_segment: int = 7) -> np.ndarray:
    """Return a smooth curve from the first of some points to the last.

    Args:
        points: array (n, k): n points of k coordinates each.
        per_segment: int, points of the curve from one given point to the next.

    Returns:
        float array ((n - 1) * per_segment + 1, k).
    """
    points = np.asarray(points, float)
    ends = 2 * points[0] - points[1], 2 * points[-1] - points[-2]
    curve = _spline(np.concatenate([ends[:1], points, ends[1:]]), per_segment)
    return np.concatenate([curve, points[-1:]])


def _spline(points: np.ndarray, per_segment: int) -> np.ndarray:
    before, start, end, after = points[:-3, None], points[1:-2, None], points[2:-1, None], points[3:, None]
    t = np.arange(per_segment)[:, None] / per_segment
    curve = 2 * start + (end - before) * t + (2 * before - 5 * start + 4 * end - after) * t**2
    curve = (curve + (3 * start - before - 3 * end + after) * t**3) / 2
    return curve.reshape(-1, points.shape[1])


def ellipse(x: float, y: float, across: float, down: float, angle: float = 0.0) -> np.ndarray:
    """Return an ellipse as a polygon.

    Args:
        x, y: float, its centre.
        across, down: float, its half axes.
        angle: float, radians that it is turned by.

    Returns:
        float array (28, 2).
    """
    turn = np.linspace(0, 2 * math.pi, 28, endpoint=False)
    u, v = across * np.cos(turn), down * np.sin(turn)
    return np.stack([x + u * math.cos(angle) - v * math.sin(angle), y + u * math.sin(angle) + v * math.cos(angle)], 1)


def limb(points: Points, widths: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return the outline of a bent limb with round ends.

    Args:
        points: array (n, 2), the line along its middle.
        widths: n floats, half its width at each of the points.

    Returns:
        float array (m, 2).
    """
    line = open_curve(np.column_stack([points, widths]))
    middle, half = line[:, :2], line[:, 2:]
    along = np.gradient(middle, axis=0)
    along /= np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    normal = along[:, ::-1] * (-1, 1)
    turn = np.linspace(0, math.pi, 9)[1:-1, None]

    def cap(at: int, outwards: int) -> np.ndarray:
        return middle[at] + half[at] * (np.cos(turn) * normal[at] * outwards + np.sin(turn) * along[at] * outwards)

    sides = middle + half * normal, (middle - half * normal)[::-1]
    return np.concatenate([sides[0], cap(-1, 1), sides[1], cap(0, -1)])


def shaggy(outline: np.ndarray, rng: np.random.Generator, length: float, spacing: float = 3.0) -> np.ndarray:
    """Return an outline with tufts of hair.

    Args:
        outline: array (n, 2), in pixels.
        rng: numpy.random.Generator.
        length: float, how far the longest hairs stand out, in pixels.
        spacing: float, pixels from one hair to the next.

    Returns:
        float array (m, 2).
    """
    closed = np.concatenate([outline, outline[:1]])
    lengths = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    places = np.arange(0, lengths[-1], spacing)
    if len(places) < 8:
        return outline
    x, y = [np.interp(places, lengths, closed[:, axis]) for axis in (0, 1)]
    along = np.stack([np.roll(x, -1) - np.roll(x, 1), np.roll(y, -1) - np.roll(y, 1)], 1)
    outwards = along[:, ::-1] * (1, -1)
    area = np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))
    outwards *= np.sign(area) / np.maximum(np.hypot(*outwards.T), 1e-9)[:, None]
    hair = length * rng.random((len(places), 1)) ** 1.5 * np.where(np.arange(len(places)) % 2, 1.0, 0.3)[:, None]
    # Hair hangs.
    return np.stack([x, y], 1) + hair * (outwards + (0, 0.5))


class Canvas:
    """A picture, and how much of each pixel is the pet's.

    Attributes:
        rgb: float32 array (3, height, width), from 0 to 255. Each colour lies by itself: what is done to all pixels of
            one is several times as fast.
        pet: float32 array (height, width), from 0 to 1.
        rng: numpy.random.Generator.
        light: (x, y), where the light comes from; of length 1 or less.
    """

    def __init__(self, rgb: np.ndarray, rng: np.random.Generator, light: tuple[float, float]) -> None:
        self.rgb = rgb
        self.pet = np.zeros(rgb.shape[1:], np.float32)
        self.rng = rng
        self.light = light
        self.origin = rng.integers(0, TEXTURE_SIZE - LONGEST_SIDE, 2)

    def texture(self, texture: np.ndarray, box: Box) -> np.ndarray:
        """Return the part of a texture that lies under a box (top, bottom, left, right) of the picture."""
        top, bottom, left, right = box
        down, across = self.origin
        return texture[down + top : down + bottom, across + left : across + right]

    def paint(
        self,
        outline: np.ndarray,
        colour: Colour,
        pattern: Callable[[Box], tuple[Colour, np.ndarray]] | None = None,
        fur: float = 0.0,
        direction: int = 0,
        depth: float = 0.5,
        opacity: float = 1.0,
        soft: float = 0.0,
    ) -> None:
        """Paint a shape of the pet over what is there, as a round body in the light.

        Args:
            outline: array (n, 2), in pixels.
            colour: (red, green, blue) from 0 to 255.
            pattern: function of a box (top, bottom, left, right) that gives a second colour and how much of it each
                pixel takes, float array (height, width); or None.
            fur: float, strength of the hair's texture.
            direction: int from 0 to 7, where the hair lies.
            depth: float, how round the shape is: 0 is flat.
            opacity: float from 0 to 1.
            soft: float, pixels that its edge is blurred over.
        """
        box = self._box(outline, 3 + 3 * soft)
        if box is None:
            return
        top, bottom, left, right = box
        mask = _raster(outline, box)
        if soft:
            mask = blurred(mask, soft)
        cover = np.asarray(mask, np.float32) * (opacity / 255)
        area = (slice(top, bottom), slice(left, right))
        rgb, pet = self.rgb[:, *area], self.pet[area]
        paint = plane_of(colour)
        if pattern is not None:
            second, weight = pattern(box)
            paint = paint + weight * (plane_of(second) - paint)
        shade = 1.0
        if depth:
            shade, shadow = self._shades(mask, depth)
            # What lies behind a part of the body is dark beside it.
            rgb *= 1 - 0.32 * depth * opacity * shadow * pet
        if fur:
            shade = shade * (1 + fur * self.texture(fur_texture(direction % FUR_DIRECTIONS), box))
        change = paint * shade - rgb
        change *= cover
        rgb += change
        np.maximum(pet, cover, out=pet)

    def _box(self, outline: np.ndarray, margin: float) -> Box | None:
        height, width = self.pet.shape
        left, top = np.floor(outline.min(0) - margin).astype(int)
        right, bottom = np.ceil(outline.max(0) + margin).astype(int)
        top, bottom, left, right = max(top, 0), min(bottom, height), max(left, 0), min(right, width)
        return (top, bottom, left, right) if bottom - top > 1 and right - left > 1 else None

    def _shades(self, mask: Image.Image, depth: float) -> list[np.ndarray]:
        """Return the light on a shape, and how much of it falls short beside the shape, both float32 arrays."""
        width, height = mask.size
        reach = max(2.0, 0.16 * min(width, height))
        # Light changes slowly: it is computed on fewer pixels.
        step = max(1, min(int(reach / 2), width // 2, height // 2))
        small = mask.reduce(step).filter(ImageFilter.GaussianBlur(reach / step))
        level = np.asarray(small, np.float32) / 255
        slope_down, slope_across = np.gradient(level) if min(level.shape) > 1 else (0 * level, 0 * level)
        across, down = self.light
        # From a thing to its light, the level falls.
        lit = -(across * slope_across + down * slope_down) * (reach / step)
        shade = 1 + depth * (1.1 * lit - 0.55 * (1 - level) + 0.12)
        fields = [np.clip(shade, 0.35, 1.4), level]
        return [
            np.asarray(Image.fromarray(field).resize((width, height), Image.Resampling.BILINEAR)) for field in fields
        ]

    def line(self, points: Points, colour: Colour, width: float, opacity: float = 1.0, is_pet: bool = False) -> None:
        """Draw a line, such as a whisker.

        Args:
            points: array (n, 2), in pixels.
            colour: (red, green, blue) from 0 to 255.
            width: float, in pixels.
            opacity: float from 0 to 1.
            is_pet: bool, whether its pixels count as the pet's.
        """
        points = np.asarray(points, float)
        box = self._box(points, width + 2)
        if box is None:
            return
        top, bottom, left, right = box
        image = Image.new("L", (3 * (right - left), 3 * (bottom - top)))
        flat = (3 * (points - (left, top))).ravel().tolist()
        ImageDraw.Draw(image).line(flat, fill=255, width=max(1, round(3 * width)))
        cover = np.asarray(image.reduce(3), np.float32) * (opacity / 255)
        area = (slice(top, bottom), slice(left, right))
        self.rgb[:, *area] += cover * (plane_of(colour) - self.rgb[:, *area])
        if is_pet:
            np.maximum(self.pet[area], cover, out=self.pet[area])

    def cast_shadow(self, outline: np.ndarray, strength: float, soft: float) -> None:
        """Darken the ground.

        Args:
            outline: array (n, 2), in pixels.
            strength: float from 0 to 1.
            soft: float, pixels that its edge is blurred over.
        """
        box = self._box(outline, 3 * soft)
        if box is None:
            return
        top, bottom, left, right = box
        dark = np.asarray(blurred(_raster(outline, box), soft), np.float32) * (strength / 255)
        self.rgb[:, top:bottom, left:right] *= 1 - dark


def plane_of(colour: Colour) -> np.ndarray:
    """Return a colour as float32 (3, 1, 1), to be joined with planes of red, green and blue."""
    return np.asarray(colour, np.float32)[:, None, None]


def blurred(image: Image.Image, reach: float) -> Image.Image:
    """Blur a picture; where it is to be blurred much, on fewer pixels, which nobody sees.

    Args:
        image: PIL.Image.Image.
        reach: float, standard deviation in pixels.

    Returns:
        PIL.Image.Image.
    """
    step = max(1, min(int(reach / 1.5), *image.size))
    if step == 1:
        return image.filter(ImageFilter.GaussianBlur(reach))
    small = image.reduce(step).filter(ImageFilter.GaussianBlur(reach / step))
    return small.resize(image.size, Image.Resampling.BILINEAR)


def _raster(outline: np.ndarray, box: Box) -> Image.Image:
    """Return how much of each pixel of a box lies inside an outline, as a picture of bytes."""
    top, bottom, left, right = box
    image = Image.new("L", (2 * (right - left), 2 * (bottom - top)))
    ImageDraw.Draw(image).polygon((2 * (outline - (left, top))).ravel().tolist(), fill=255)
    return image.reduce(2)
