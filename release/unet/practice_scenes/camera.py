"""The camera that looks along a street: perspective, sun and weather, and what a lens makes of it all."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance

from carla_classes import CLASS_NAMES

HEIGHT, WIDTH = 480, 640
FOCAL_LENGTH = WIDTH / 2  # pixels, of a camera that sees 90 degrees from left to right
NEAR, FAR = 0.7, 300.0  # metres, as are all lengths below
CLASS_ID = {name: class_id for class_id, name in enumerate(CLASS_NAMES)}
# Strength of the texture that each surface shows, in grey levels.
TEXTURE = {"sky": 0.0, "road": 11.0, "road line": 9.0, "sidewalk": 9.0, "terrain": 17.0, "ground": 14.0,
           "vegetation": 24.0, "vehicle": 4.0, "water": 5.0}  # fmt: skip
STRENGTH = np.array([TEXTURE.get(name, 8.0) for name in CLASS_NAMES], np.float32)
ROAD = np.array([name in ("road", "road line") for name in CLASS_NAMES], np.float32)


# Points (lateral, height, depth) in metres; red, green and blue from 0 to 255.
Points = Sequence[Sequence[float]]
Colour = Sequence[float] | np.ndarray


class Scene:
    """An image and its mask, drawn on together.

    Points are (lateral, height, depth) in metres: lateral from the camera to the right, height above the road, depth
    from the camera along the road. Colours are red, green and blue from 0 to 255, under a white sky.

    Args:
        rng: numpy.random.Generator; camera, sun and weather come from it, and grain and exposure when it is finished.

    Attributes:
        rng: the same.
        light: dict from "up", "camera", "left" and "right", where a surface looks, to factors of its three colours.
        sunshine: float from 0, how bright the sun is.
        image, mask: PIL.Image.Image, what is drawn so far; pixels of the mask are class ids.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        # As low as a bumper: a guard rail rises above the horizon.
        self.camera_height = rng.uniform(0.65, 1.0)
        self.horizon = 240 + rng.normal(0, 4)
        self.middle = WIDTH / 2 + rng.normal(0, 15 if rng.random() < 0.8 else 90)
        self.roll = rng.normal(0, 0.006)
        self.curve = rng.normal(0, 0.0006 if rng.random() < 0.6 else 0.003)
        self.slope = rng.normal(0, 0.00002 if rng.random() < 0.7 else 0.0002)
        self.visibility = rng.uniform(130, 900)
        self._set_light()
        self.image = self._sky()
        self.mask = Image.new("L", (WIDTH, HEIGHT), CLASS_ID["sky"])
        self.canvases = ImageDraw.Draw(self.image), ImageDraw.Draw(self.mask)

    def _set_light(self) -> None:
        """Set how bright surfaces are that look up, at the camera, to the left and to the right."""
        rng = self.rng
        azimuth, elevation = rng.uniform(-math.pi, math.pi), rng.uniform(0.25, 1.1)
        self.sunshine = rng.uniform(0, 1.6) * (rng.random() < 0.8)
        skylight = rng.uniform(0.35, 0.9)
        aside, ahead = math.sin(azimuth) * math.cos(elevation), math.cos(azimuth) * math.cos(elevation)
        # What a surface gets of the sun: the cosine of the angle to its normal.
        cosines = {"up": math.sin(elevation), "camera": -ahead, "left": -aside, "right": aside}
        # Bright roads lie in a low sun, dark ones under the blue of the sky.
        exposure = rng.uniform(0.72, 1.45) ** np.array([1.0, 0.85, 0.65]) / (skylight + self.sunshine * cosines["up"])
        warm = np.array([1.0, 0.94, 0.86]) ** rng.uniform(0, 1.2)
        cool = np.array([0.97, 1.0, 1.03]) ** rng.uniform(-0.5, 1)
        self.light = {
            face: (exposure * (skylight * cool + self.sunshine * max(0, cosine) * warm)).tolist()
            for face, cosine in cosines.items()
        }
        # What is left of the light where the sun does not reach.
        self.shade = skylight / (skylight + self.sunshine * cosines["up"])
        self.haze = (np.array([222, 222, 216]) * rng.uniform(0.86, 1.08) * warm ** rng.uniform(0, 0.5)).tolist()
        self.sun = None
        if ahead > 0.5 and self.sunshine > 0.3:
            x = self.middle + FOCAL_LENGTH * aside / ahead
            self.sun = (x, self.horizon - FOCAL_LENGTH * math.sin(elevation) / ahead)

    def _sky(self) -> Image.Image:
        rng = self.rng
        rows, columns = np.mgrid[0:60, 0:80].astype(np.float32) * 8 + 4
        altitude = np.clip((self.horizon - rows) / self.horizon, 0, 1)
        zenith = np.array([122, 142, 166]) * rng.uniform(0.72, 1.3) + rng.normal(0, 3, 3)
        levels = zenith + (np.array(self.haze) - zenith) * ((1 - altitude) ** rng.uniform(0.7, 1.8))[..., None]
        # Clouds lie in a layer above the camera: near the horizon they are small, flat and close together.
        distance = rng.uniform(0.7, 1.8) / (altitude + 0.3)
        angle, stretch = rng.uniform(-0.6, 0.6), rng.uniform(1, 3)
        across = (columns / WIDTH - 0.5) * distance * 1.3
        along, across = distance * stretch + angle * across, across - angle * distance
        cover = sum(
            _sample(_wrapped_noise(rng, 32), along * scale, across * scale) * weight
            for scale, weight in ((2, 1.0), (5, 0.7), (12, 0.35))
        )
        cover = np.clip(cover * rng.uniform(0.2, 0.7) + rng.uniform(-0.5, 0.7), 0, 0.9) * np.clip(altitude * 3, 0, 1)
        cloud = np.array(self.haze) * rng.uniform(0.8, 1.06)
        levels += (cloud - levels) * cover[..., None]
        if self.sun:
            away = np.hypot(columns - self.sun[0], rows - self.sun[1])
            glow = 90 * np.exp(-away / rng.uniform(40, 160)) + 220 * (away < 14)
            levels += glow[..., None] * (1.0, 0.96, 0.86)
        small = Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))
        return small.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)

    def project(self, points: Points) -> list[tuple[float, float]]:
        """Return where points (lateral, height, depth), a list of plain numbers, are seen: a list of (x, y)."""
        pixels = []
        for lateral, height, depth in points:
            across = FOCAL_LENGTH * (lateral / depth + self.curve * depth)
            down = FOCAL_LENGTH * ((self.camera_height - height) / depth - self.slope * depth)
            # Horizontally from the middle of the image, to roll about it.
            pixels.append((self.middle + across, self.horizon + self.roll * across + down))
        if min(points, key=_depth)[2] < 30:
            # Pillow's coordinates overflow far outside the picture.
            pixels = [(min(max(x, -5000), 5000), min(max(y, -5000), 5000)) for x, y in pixels]
        return pixels

    def sees(self, lateral: float, depth: float, reach: float) -> bool:
        """Tell whether anything within reach of a place may be in the picture."""
        ((x, _),) = self.project([(lateral, 0.0, depth)])
        return -FOCAL_LENGTH * reach / depth < x < WIDTH + FOCAL_LENGTH * reach / depth

    def draw(
        self,
        points: Points | np.ndarray,
        class_name: str | None,
        colour: Colour,
        thickness: float | None = None,
    ) -> None:
        """Draw a polygon, or with a thickness in metres a line, on the image and on the mask.

        The sun lights it by where it looks: up, at the camera, or to the middle of the road. With None for the class
        it shows on the image alone, for what lies on a surface: windows, patched asphalt.
        """
        # Plain numbers: for a handful of points numpy takes several times as long.
        points = points.tolist() if isinstance(points, np.ndarray) else points
        _, heights, depths = zip(*points)
        nearest = min(depths)
        if max(heights) < 0.2:
            face = "up"
        elif thickness is None and max(depths) > nearest:
            face = "left" if points[0][0] > 0 else "right"
        else:
            face = "camera"
        clear = math.exp(-nearest / self.visibility)
        red, green, blue = [
            int(min(max(level * gain * clear + haze * (1 - clear), 0), 255))
            for level, gain, haze in zip(colour, self.light[face], self.haze)
        ]
        pixels = self.project(points)
        width = thickness and max(1, round(FOCAL_LENGTH * thickness / nearest))
        # None leaves the second canvas, the mask, out.
        for canvas, fill in zip(self.canvases, ((red, green, blue), CLASS_ID.get(class_name))):
            if fill is not None and width is None:
                canvas.polygon(pixels, fill=fill)
            elif fill is not None:
                canvas.line(pixels, fill=fill, width=width)

    def strip(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        class_name: str | None,
        colour: Colour,
        near: float = NEAR,
        far: float = FAR,
    ) -> None:
        """Draw a band along the road between two lines, each given as (lateral, height)."""
        if far <= near:
            return
        # From far to near in pieces, so that it bends with the road and haze grows along it.
        pieces = 1 + int(4 * math.log(far / near))
        for back, front in pairwise(far * (near / far) ** (piece / pieces) for piece in range(pieces + 1)):
            self.draw([(*start, front), (*end, front), (*end, back), (*start, back)], class_name, colour)

    def upright(
        self,
        lateral: float,
        depth: float,
        outline: Sequence[Sequence[float]],
        class_name: str | None,
        colour: Colour,
        foot: float = 0.0,
    ) -> None:
        """Draw a flat figure that faces the camera; outline holds (to the right, upwards) from its foot."""
        self.draw([(lateral + right, foot + up, depth) for right, up in outline], class_name, colour)

    def darken(self, polygons: Sequence[Sequence[Sequence[float]]]) -> None:
        """Draw the shadows of what stands in the sun, each a list of (lateral, depth) on the ground."""
        shadows = Image.new("L", (WIDTH, HEIGHT), 0)
        canvas = ImageDraw.Draw(shadows)
        for polygon in polygons:
            canvas.polygon(self.project([(lateral, 0.0, depth) for lateral, depth in polygon]), fill=255)
        tints = [self.shade * 0.95, self.shade, self.shade * 1.06]
        table = [int(min(255, level * tint)) for tint in tints for level in range(256)]
        self.image.paste(self.image.point(table), (0, 0), shadows)

    def finish(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the image as the camera gives it, and the class ids.

        Returns:
            (image, class_ids): uint8 arrays (480, 640, 3) and (480, 640).
        """
        rng = self.rng
        class_ids = np.array(self.mask)
        strength = STRENGTH * rng.uniform(0.4, 1.4, STRENGTH.size).astype(np.float32)
        grain = (rng.random((HEIGHT, WIDTH), np.float32) - 0.5) * 3.5
        texture = (self._unevenness() + 0.35 * grain) * strength[class_ids]
        texture += np.float32(rng.uniform(0, 5)) * grain
        mirrored, glare = self._reflections(class_ids)
        sky = np.multiply(self.haze, rng.uniform(0.75, 0.95)).tolist()
        # Lenses darken the corners.
        from_middle = [np.linspace(-1, 1, size, dtype=np.float32) ** 2 for size in (HEIGHT, WIDTH)]
        corners = 1 - np.float32(rng.uniform(0, 0.25)) * np.add.outer(*from_middle)
        drawn = np.asarray(self.image)
        pixels = np.empty_like(drawn)
        ground = slice(HEIGHT - len(mirrored), None)
        for channel, warm in enumerate((1.0, 0.93, 0.8)):
            plane = drawn[..., channel].astype(np.float32)
            plane[ground] += mirrored * (sky[channel] - plane[ground])
            if glare is not None:
                plane[ground] += warm * glare
            plane += texture
            plane *= corners
            pixels[..., channel] = np.clip(plane, 0, 255, out=plane)
        return np.asarray(self._develop(Image.fromarray(pixels))), class_ids

    def _unevenness(self) -> np.ndarray:
        """Return noise of about -2..2, float32 (480, 640): in patches above the horizon, in perspective below."""
        rng = self.rng
        noise = np.empty((HEIGHT, WIDTH), np.float32)
        first = int(self.horizon) + 3
        patches = Image.fromarray(_wrapped_noise(rng, 160)[: first // 4])
        noise[:first] = patches.resize((WIDTH, first), Image.Resampling.BILINEAR)
        depth = (FOCAL_LENGTH * self.camera_height / (np.arange(first, HEIGHT) - self.horizon)).astype(np.float32)
        lateral = (np.arange(WIDTH, dtype=np.float32) - self.middle)[None] * depth[:, None] / FOCAL_LENGTH
        # Stones, patches, and the tracks of tyres, which are long and narrow; sizes of a texel in metres.
        noise[first:] = 0
        for width, length, weight in ((0.02, 0.03, 0.5), (0.3, 1.5, 0.5), (0.35, 25.0, 0.4)):
            row = (depth / length).astype(np.int32) % 128
            texel = 128 * row[:, None] + (lateral / width + 128 * 500).astype(np.int32) % 128
            noise[first:] += weight * _wrapped_noise(rng, 128).ravel()[texel]
        return noise

    def _reflections(self, class_ids: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the share of the sky that each pixel from the horizon down mirrors, and the sun's glare or None.

        The road mirrors, and the more the flatter it is seen.
        """
        rng = self.rng
        below = np.arange(HEIGHT - int(self.horizon), dtype=np.float32)
        road = ROAD[class_ids[-len(below) :]]
        mirrored = np.float32(rng.uniform(0.05, 0.5)) * np.exp(-below / np.float32(rng.uniform(30, 160)))
        glare = None
        if self.sun:
            columns = np.arange(WIDTH, dtype=np.float32) - np.float32(self.sun[0])
            width = np.float32(rng.uniform(40, 120)) + below[:, None] / 2
            along = np.exp(-(((below - np.float32(rng.uniform(10, 90))) / 70) ** 2))[:, None]
            glare = np.float32(rng.uniform(10, 110)) * np.exp(-((columns / width) ** 2)) * along * road
        return mirrored[:, None] * road, glare

    def _develop(self, image: Image.Image) -> Image.Image:
        """Change exposure, contrast, colours and sharpness of the whole image, as cameras and their settings do."""
        rng = self.rng
        gain, gamma = math.exp(rng.normal(0.04, 0.06)), math.exp(rng.normal(-0.05, 0.09))
        cast = gain * np.exp(rng.normal(0, 0.015, 3))
        levels = np.arange(256) / 255
        contrast = rng.uniform(-0.1, 0.25)
        curve = (levels + contrast * (levels - 0.5) * (1 - (2 * levels - 1) ** 2)) ** gamma
        table = np.clip(255 * cast[:, None] * curve, 0, 255).astype(int).ravel().tolist()
        image = ImageEnhance.Color(image.point(table)).enhance(rng.uniform(0.65, 1.25))
        # A little blur along both diagonals takes a tenth of the time that Pillow's filters take.
        before, after = image.copy(), image.copy()
        before.paste(image, (1, 1))
        after.paste(image, (-1, -1))
        return Image.blend(image, Image.blend(before, after, 0.5), rng.uniform(0, 0.6))


def _depth(point: Sequence[float]) -> float:
    return point[2]


def _wrapped_noise(rng: np.random.Generator, size: int) -> np.ndarray:
    """Return soft noise of standard deviation about 1, float32 (size, size), whose edges fit together."""
    noise = rng.standard_normal((size, size), np.float32)
    return (2 * noise + np.roll(noise, 1, 0) + np.roll(noise, 1, 1) + np.roll(noise, (1, 1), (0, 1))) / 2.65


def _sample(texels: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return wrapped square texels at fractional places, interpolated."""
    size = len(texels)
    row, column = np.floor(rows).astype(int), np.floor(columns).astype(int)
    down, right = rows - row, columns - column
    above, below = [
        texels[r % size, column % size] * (1 - right) + texels[r % size, (column + 1) % size] * right
        for r in (row, row + 1)
    ]
    return above * (1 - down) + below * down
