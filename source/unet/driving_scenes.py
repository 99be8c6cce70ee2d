"""Practice scenes in the layout of the CARLA set, for running the notebook without downloading anything.

In a terminal:          python driving_scenes.py data --count 100
In a notebook cell:     !python driving_scenes.py data --count 100

The scenes are drawn, not simulated: simple shapes in perspective, each on the image and on the mask at once.
A network trained on them learns the method, not to drive. Needs numpy, Pillow and carla.py beside it.
"""

import argparse
import math
import os
import sys
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from carla import CLASS_NAMES, DataError

HEIGHT, WIDTH = 480, 640
FOCAL_LENGTH = WIDTH / 2  # pixels, of a camera that sees 90 degrees from left to right
CAMERA_HEIGHT = 1.4  # metres, as are all lengths below
NEAR, FAR = 1.5, 300.0
LANE = 3.5
CLASS_ID = {name: class_id for class_id, name in enumerate(CLASS_NAMES)}
# Strength of the grain that each surface shows, in grey levels.
STRENGTH = {"sky": 0.7, "road": 6.0, "road line": 6.0, "terrain": 8.0, "vegetation": 13.0}
GRAIN = np.array([STRENGTH.get(name, 4.0) for name in CLASS_NAMES], np.float32)


class Scene:
    """An image and its mask, drawn on together.

    Points are (lateral, height, depth) in metres: lateral from the camera to the right, height above the
    road, depth from the camera along the road.
    """

    def __init__(self, rng):
        self.rng = rng
        self.horizon = 238 + rng.normal(0, 3)
        self.curve = rng.normal(0, 0.0012)
        self.light = np.array([1.03, 1.0, 0.95]) * rng.uniform(0.75, 1.2)
        self.haze = np.array([196, 203, 206]) * rng.uniform(0.8, 1.1)
        self.visibility = rng.uniform(130, 500)
        self.image = Image.fromarray(self._sky())
        self.mask = Image.new("L", (WIDTH, HEIGHT), CLASS_ID["sky"])
        self.canvases = ImageDraw.Draw(self.image), ImageDraw.Draw(self.mask)

    def _sky(self):
        rows = np.clip(np.arange(HEIGHT, dtype=np.float32) / self.horizon, 0, 1)[:, None, None]
        zenith = np.array([92, 122, 156]) * self.rng.uniform(0.75, 1.25)
        clear_sky = (zenith + (self.haze - zenith) * rows**1.3).astype(np.float32)
        clouds = sum(_smooth_noise(self.rng, *size) for size in ((5, 4), (12, 7), (28, 16)))
        cover = np.clip(clouds / 90 + self.rng.uniform(-0.7, 0.5), 0, 0.85)[..., None] * (1 - rows**4)
        return np.clip(clear_sky + (222 - clear_sky) * cover, 0, 255).astype(np.uint8)

    def draw(self, points, class_name, colour, thickness=None):
        """Draw a polygon, or with a thickness in metres a line, on the image and on the mask.

        With None for the class it shows on the image alone, for what lies on a surface: windows, shadows.
        """
        # Plain numbers: for a handful of points numpy takes several times as long.
        points = np.asarray(points, float).tolist()
        pixels = []
        for lateral, height, depth in points:
            x = WIDTH / 2 + FOCAL_LENGTH * (lateral / depth + self.curve * depth)
            y = self.horizon + FOCAL_LENGTH * (CAMERA_HEIGHT - height) / depth
            # Pillow's coordinates overflow far outside the picture.
            pixels.append((min(max(x, -5000), 5000), min(max(y, -5000), 5000)))
        nearest = min(depth for _, _, depth in points)
        clear = math.exp(-nearest / self.visibility)
        levels = zip(colour, self.light, self.haze, strict=True)
        seen = [level * light * clear + haze * (1 - clear) for level, light, haze in levels]
        # None leaves the second canvas, the mask, out.
        fills = [tuple(int(min(max(level, 0), 255)) for level in seen), CLASS_ID.get(class_name)]
        for canvas, fill in zip(self.canvases, fills, strict=True):
            if fill is not None and thickness is None:
                canvas.polygon(pixels, fill=fill)
            elif fill is not None:
                canvas.line(pixels, fill=fill, width=max(1, round(FOCAL_LENGTH * thickness / nearest)))

    def strip(self, start, end, class_name, colour, near=NEAR, far=FAR):
        """Draw a band along the road between two lines, each given as (lateral, height)."""
        # From far to near in pieces, so that it bends with the road and haze grows along it.
        pieces = 1 + int(4 * np.log(far / near))
        for back, front in pairwise(np.geomspace(far, near, pieces + 1)):
            self.draw([(*start, front), (*end, front), (*end, back), (*start, back)], class_name, colour)

    def upright(self, lateral, depth, outline, class_name, colour):
        """Draw a flat figure that faces the camera; outline holds (to the right, upwards) from its foot."""
        self.draw([(lateral + right, up, depth) for right, up in outline], class_name, colour)

    def finish(self):
        """Return the image, with soft edges and grain, and the class ids."""
        class_ids = np.array(self.mask)
        pixels = np.asarray(self.image.filter(ImageFilter.BoxBlur(0.4)), np.float32)
        grain = 0.6 * self.rng.standard_normal((HEIGHT, WIDTH), np.float32)
        grain += 0.02 * _smooth_noise(self.rng, 90, 60)
        return np.clip(pixels + (grain * GRAIN[class_ids])[..., None], 0, 255).astype(np.uint8), class_ids


def _smooth_noise(rng, rows, columns):
    """Return noise in soft patches, about -60..60, as float32 (480, 640)."""
    coarse = rng.normal(0, 30, (rows, columns)).astype(np.float32)
    return np.asarray(Image.fromarray(coarse).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))


def _vary(rng, colour, spread=0.15):
    return np.multiply(colour, rng.uniform(1 - spread, 1 + spread)) + rng.normal(0, 15 * spread, 3)


def _box(half_width, low, high):
    return [(-half_width, low), (half_width, low), (half_width, high), (-half_width, high)]


def _disc(n_corners, width, height, middle):
    angles = np.linspace(0, 2 * np.pi, n_corners, endpoint=False) + np.pi / 2
    return np.stack([np.cos(angles) * width / 2, np.sin(angles) * height / 2 + middle], axis=1)


def _draw_far_land(scene):
    rng = scene.rng
    lateral = np.arange(-400, 401, 3.0)
    waves = 1 + 0.8 * np.sin(lateral / rng.uniform(40, 100) + rng.uniform(0, 6))
    hills = waves * rng.uniform(0, 20)
    trees = waves[::-1] * rng.uniform(1, 8) + rng.exponential(2, lateral.size)
    for heights, name, colour in ((hills, "terrain", (112, 118, 84)), (trees, "vegetation", (70, 86, 52))):
        scene.upright(0, 200, [(-400, -1), *np.stack([lateral, heights], 1), (400, -1)], name, colour)
    scene.strip((-400, 0), (400, 0), "terrain", _vary(rng, (108, 120, 74)))


def _draw_building(scene, lateral, depth, side, width, length, height):
    rng = scene.rng
    wall = _vary(rng, rng.choice([(150, 140, 128), (128, 92, 76), (110, 112, 118), (182, 174, 160)]))
    glass = _vary(rng, (62, 72, 84))
    corner, up = np.array([(lateral, 0, depth), (0, 1, 0)])
    faces = np.array([(side * width, 0, 0), (0, 0, length)])
    for face, brightness in zip(faces, rng.permutation([1.0, 0.62]), strict=True):

        def rectangle(left, right, low, high, face=face):
            return corner + np.outer([left, right, right, left], face) + np.outer([low, low, high, high], up)

        scene.draw(rectangle(0, 1, 0, height), "building", wall * brightness)
        for floor in np.arange(1.2, height - 1.5, 3.2):
            scene.draw(rectangle(0.03, 0.97, floor, floor + 1.7), None, glass * brightness)
        for bay in np.linspace(0, 0.9, max(3, int(length / 4))):
            scene.draw(rectangle(bay, bay + 0.1, 0, height), None, wall * brightness)


def _draw_tree(scene, lateral, depth, height):
    rng = scene.rng
    green = _vary(rng, (66, 84, 44), 0.25)
    conifer = rng.random() < 0.6
    scene.upright(lateral, depth, _box(0.2, 0, height / 2), "vegetation", (74, 58, 44))
    # Ragged tiers, each a little brighter than the one beneath, as if lit from above.
    for tier in np.linspace(0, 1, 9):
        reach = 0.26 * (1 - tier) + 0.02 if conifer else 0.28 * np.sqrt(1 - (1.5 * tier - 0.6) ** 2)
        middle = 0.12 + 0.8 * tier if conifer else 0.35 + 0.55 * tier
        outline = _disc(14, 2 * reach, 0.16, 0) * rng.uniform(0.75, 1.15, (14, 1)) + (0, middle)
        scene.upright(lateral, depth, outline * height, "vegetation", green * (0.7 + 0.6 * tier))


def _draw_vehicle(scene, lateral, depth):
    rng = scene.rng
    half, body, roof, back = (
        rng.uniform(0.85, 1.0),
        rng.uniform(0.85, 1.1),
        rng.uniform(1.4, 1.9),
        depth + 4.2,
    )
    colours = [(190, 190, 188), (52, 54, 60), (130, 30, 28), (36, 58, 104), (150, 132, 92)]
    paint, glass = _vary(rng, rng.choice(colours)), (42, 48, 56)
    left, right = lateral - half - 0.2, lateral + half + 0.2
    scene.draw([(left, 0, depth), (right, 0, depth), (right, 0, back), (left, 0, back)], None, (40, 40, 42))
    edge = lateral - half if lateral > 0 else lateral + half
    cabin = [(body, depth), (roof, depth + 0.6), (roof, back - 1.6), (body, back - 0.9)]
    flank = [(0.25, depth), (body, depth), (body, back), (0.25, back)]
    for outline, colour in ((cabin, glass), (flank, paint * 0.75)):
        scene.draw([(edge, *point) for point in outline], "vehicle", colour)
    for place in (lateral - half + 0.15, lateral + half - 0.15):
        scene.upright(place, depth, _box(0.14, 0, 0.5), "vehicle", (24, 24, 24))
    scene.upright(lateral, depth, _box(half, 0.25, body), "vehicle", paint)
    rear = np.array([(-half, body), (half, body), (half * 0.8, roof), (-half * 0.8, roof)])
    scene.upright(lateral, depth, rear, "vehicle", paint * 0.9)
    scene.upright(lateral, depth, rear * (0.85, 1) - (0, 0.08), "vehicle", glass)
    for place in (lateral - half + 0.2, lateral + half - 0.2):
        scene.upright(place, depth, _box(0.15, body - 0.3, body - 0.1), "vehicle", (170, 30, 24))


def _draw_pedestrian(scene, lateral, depth):
    rng = scene.rng
    height, step = rng.uniform(1.5, 1.9), rng.uniform(0.05, 0.25)
    trousers, coat = _vary(rng, (60, 62, 74), 0.4), _vary(rng, (120, 90, 80), 0.5)
    for foot in (-step, step):
        leg = [(foot - 0.09, 0), (foot + 0.09, 0), (0.14, height / 2), (-0.14, height / 2)]
        scene.upright(lateral, depth, leg, "pedestrian", trousers)
    scene.upright(lateral, depth, _box(0.23, height * 0.45, height * 0.84), "pedestrian", coat)
    scene.upright(lateral, depth, _disc(12, 0.24, 0.3, height * 0.91), "pedestrian", (176, 138, 114))


def _draw_street_lamp(scene, lateral, depth, side):
    top, grey = scene.rng.uniform(7, 10), _vary(scene.rng, (128, 128, 126))
    arm, head = lateral - side * 2.2, lateral - side * 2.9
    scene.draw([(lateral, 0, depth), (lateral, top, depth), (arm, top + 0.4, depth)], "pole", grey, 0.18)
    scene.draw([(arm, top + 0.4, depth), (head, top + 0.4, depth)], "pole", grey, 0.3)


def _draw_traffic_sign(scene, lateral, depth):
    rng = scene.rng
    scene.draw([(lateral, 0, depth), (lateral, 2.6, depth)], "pole", (130, 130, 130), 0.09)
    colours = [
        [(176, 34, 30), (226, 224, 216)],
        [(36, 74, 150), (60, 100, 180)],
        [(208, 168, 40), (226, 190, 60)],
    ]
    n_corners = rng.choice([3, 4, 16])
    for size, colour in zip((0.9, 0.6), rng.choice(colours), strict=True):
        scene.upright(lateral, depth, _disc(n_corners, size, size, 2.5), "traffic sign", colour)


def _draw_traffic_light(scene, lateral, depth, side):
    reach = lateral - side * scene.rng.uniform(4, 8)
    mast = [(lateral, 0, depth), (lateral, 6, depth), (reach, 6.2, depth)]
    scene.draw(mast, "pole", (112, 116, 116), 0.2)
    lit = scene.rng.integers(3)
    for place in (reach, reach + side * 3.5):
        scene.upright(place, depth, _box(0.25, 5.2, 6.3), "traffic light", (44, 44, 40))
        for lamp, colour in enumerate([(70, 200, 110), (220, 180, 40), (220, 50, 40)]):
            shown = np.multiply(colour, 1.0 if lamp == lit else 0.3)
            scene.upright(place, depth, _disc(10, 0.3, 0.3, 5.42 + 0.33 * lamp), "traffic light", shown)


def _draw_barrier(scene, lateral, kind):
    """Draw what runs along the road beside it: a wall, a hedge, a guard rail, a fence or nothing."""
    rng = scene.rng
    if kind == "wall":
        height, stone = rng.uniform(1.2, 2.4), _vary(rng, (132, 112, 102))
        scene.strip((lateral, 0), (lateral, height), "wall", stone)
        scene.strip((lateral, height - 0.15), (lateral, height), "wall", stone * 1.25)
    elif kind == "hedge":
        scene.strip((lateral, 0), (lateral, rng.uniform(0.8, 1.5)), "vegetation", _vary(rng, (84, 94, 46)))
    elif kind in ("guard rail", "fence"):
        bars = [(0.35, 0.85)] if kind == "guard rail" else [(0.4, 0.52), (0.95, 1.07)]
        paint = _vary(rng, (166, 162, 152))
        for depth in np.geomspace(80, NEAR, 40 if kind == "guard rail" else 90):
            scene.draw([(lateral, 0, depth), (lateral, bars[-1][1], depth)], kind, paint * 0.8, 0.1)
        for low, high in bars:
            scene.strip((lateral, low), (lateral, high), kind, paint)


def _draw_road(scene, left, right, lane_lines):
    rng = scene.rng
    asphalt = _vary(rng, (136, 132, 128), 0.12)
    scene.strip((left, 0), (right, 0), "road", asphalt)
    # Shadows and mended places across the road, tracks of tyres along it.
    for depth in rng.uniform(3, 25, rng.integers(0, 4)):
        shade, end = rng.uniform(0.8, 1.05), depth + rng.uniform(0.6, 5)
        band = [(left, 0, depth), (right, 0, depth), (right, 0, end), (left, 0, end)]
        scene.draw(band, None, asphalt * shade)
    for line in lane_lines:
        scene.strip((line + 0.6, 0), (line + 1.2, 0), None, asphalt * rng.uniform(0.94, 1.03))
    white, yellow = (206, 204, 198), (196, 170, 84)
    double_yellow, edge_lines = rng.random(2) < 0.5
    for line in lane_lines:
        bounds = (line - 0.055, 0), (line + 0.055, 0)
        if line == lane_lines[0] and double_yellow:
            for shift in (-0.12, 0.12):
                scene.strip((line + shift - 0.05, 0), (line + shift + 0.05, 0), "road line", yellow)
        elif line in (lane_lines[0], lane_lines[-1]) and edge_lines:
            scene.strip(*bounds, "road line", white)
        else:
            for start in np.arange(rng.uniform(-1, 8), 120, 9):
                scene.strip(*bounds, "road line", white, max(start, NEAR), start + 3)


def _draw_side(scene, edge, side):
    """Draw what lies beside the road, and return what stands at its edge, to be drawn later.

    Arguments:
        scene: the Scene.
        edge: lateral position of the edge of the road.
        side: -1 on the left, 1 on the right.

    Returns:
        list of (depth, function that draws it).
    """
    rng = scene.rng
    town = rng.random() < 0.35
    pavement = rng.uniform(1.5, 3.0) if rng.random() < (0.95 if town else 0.75) else 0.0
    if pavement:
        scene.strip((edge, 0.12), (edge + side * pavement, 0.12), "sidewalk", _vary(rng, (160, 152, 144)))
        scene.strip((edge, 0), (edge, 0.12), "sidewalk", (120, 114, 108))
    verge = edge + side * (pavement + rng.uniform(0.3, 5))
    things = []
    depth = rng.uniform(10, 50)
    while depth < 220:
        if rng.random() < (0.65 if town else 0.12):
            height = rng.uniform(8, 28) if town else rng.uniform(5, 10)
            place, width, length = verge + side * rng.uniform(3, 18), rng.uniform(12, 30), rng.uniform(10, 28)
            things.append((depth, partial(_draw_building, scene, place, depth, side, width, length, height)))
            depth += length
        depth += rng.uniform(3, 30)
    for depth in rng.uniform(10, 110, rng.integers(2, 12) if town else rng.integers(12, 40)):
        place = verge + side * rng.uniform(2.5, 25)
        things.append((depth, partial(_draw_tree, scene, place, depth, rng.uniform(4, 15))))
    _draw_from_far(things)
    barriers = {"wall": 0.2, "hedge": 0.1, "guard rail": 0.4, "fence": 0.15, "": 0.15}
    _draw_barrier(scene, verge, rng.choice(list(barriers), p=list(barriers.values())))

    kerb = edge + side * min(0.5, pavement)
    lamps = np.arange(rng.uniform(8, 40), 150, rng.uniform(25, 45))
    at_edge = [(depth, partial(_draw_street_lamp, scene, kerb, depth, side)) for depth in lamps]
    if rng.random() < 0.5:
        depth = rng.uniform(10, 45)
        at_edge.append((depth, partial(_draw_traffic_sign, scene, kerb, depth)))
    if rng.random() < (0.5 if town else 0.15):
        depth = rng.uniform(25, 60)
        at_edge.append((depth, partial(_draw_traffic_light, scene, kerb, depth, side)))
    for depth in rng.uniform(10, 60, rng.integers(0, 3) if pavement else 0):
        place = edge + side * rng.uniform(0.4, pavement)
        at_edge.append((depth, partial(_draw_pedestrian, scene, place, depth)))
    return at_edge


def _draw_from_far(things):
    for _, draw_thing in sorted(things, key=lambda thing: -thing[0]):
        draw_thing()


def draw_scene(rng):
    """Draw one street scene and its mask.

    Arguments:
        rng: numpy.random.Generator; the same state gives the same scene.

    Returns:
        (image, class_ids): uint8 arrays of shapes (480, 640, 3), colours from 0 to 255, and (480, 640), class
        ids from 0 to 22.
    """
    scene = Scene(rng)
    # The camera drives about the middle of a lane.
    lane_numbers = np.arange(-rng.integers(1, 4), rng.integers(1, 3))
    lanes = rng.normal(0, 0.3) + LANE * (lane_numbers + 1)
    lane_lines = np.append(lanes, lanes[-1] + LANE) - LANE / 2
    left, right = lane_lines[0] - rng.uniform(0.5, 6), lane_lines[-1] + rng.uniform(0.5, 6)
    _draw_far_land(scene)
    _draw_road(scene, left, right, lane_lines)
    things = _draw_side(scene, left, -1) + _draw_side(scene, right, 1)
    for lane in lanes[rng.random(lanes.size) < 0.4]:
        # Nobody drives close before the camera in its own lane.
        depth = rng.uniform(18 if abs(lane) < LANE / 2 else 8, 70)
        things.append((depth, partial(_draw_vehicle, scene, lane, depth)))
    _draw_from_far(things)
    return scene.finish()


def write_scenes(folder, count, seed=0):
    """Write practice scenes in the layout of the CARLA set, and show the progress in one line.

    Scene k, counted from 1, becomes CameraRGB/00000k.png and CameraMask/00000k.png in the folder, both RGBA,
    480 x 640, 8 bit. In a mask red is the class id, green and blue are 0, alpha is 255. A scene depends on
    the seed and on its number alone: 10 scenes are the first 10 of 100.

    Arguments:
        folder: folder to write to, str or path; made if missing.
        count: number of scenes, 1 or more.
        seed: integer from 0.

    Raises:
        DataError: there are PNG files in CameraRGB or CameraMask already.
        OSError: the folder cannot be written to.
    """
    folders = [Path(folder) / "CameraRGB", Path(folder) / "CameraMask"]
    for path in folders:
        found = list(path.glob("[!.]*.png"))
        if found:
            raise DataError(
                f"{path} holds {len(found):,} PNG file{'' if len(found) == 1 else 's'} already; "
                "nothing was written.\nUse them as they are, or delete or move away both CameraRGB and "
                "CameraMask, or name another folder."
            )
    for path in folders:
        path.mkdir(parents=True, exist_ok=True)
    try:
        for number in range(1, count + 1):
            image, class_ids = draw_scene(np.random.default_rng([seed, number]))
            zeros, opaque = np.zeros_like(class_ids), np.full_like(class_ids, 255)
            pictures = np.dstack([image, opaque]), np.dstack([class_ids, zeros, zeros, opaque])
            paths = [path / f"{number:06d}.png" for path in folders]
            _save_together(dict(zip(paths, pictures, strict=True)))
            print(f"\rDrew {number:,} of {count:,} scenes", end="", flush=True)
    finally:
        print()


def _save_together(pictures):
    """Save pictures {path: pixels} so that no file is ever half written, nor one there without the others."""
    parts = {path: path.with_name(path.name + ".part") for path in pictures}
    try:
        for path, pixels in pictures.items():
            # The grain hardly compresses however long one tries.
            Image.fromarray(pixels).save(parts[path], format="PNG", compress_level=1)
        for path, part in parts.items():
            os.replace(part, path)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


def _whole_number(lowest):
    def whole_number(text):
        if not text.isdecimal() or int(text) < lowest:
            raise argparse.ArgumentTypeError(f"{text} is not a whole number from {lowest} up")
        return int(text)

    return whole_number


def main(arguments=None):
    """Write practice scenes from the command line; return the exit status."""
    parser = argparse.ArgumentParser(description="Write practice scenes in the layout of the CARLA set.")
    parser.add_argument("folder", help="where CameraRGB and CameraMask go, such as data")
    parser.add_argument("--count", type=_whole_number(1), default=100, help="number of scenes (default 100)")
    parser.add_argument("--seed", type=_whole_number(0), default=0, help="seed of the scenes (default 0)")
    options = parser.parse_args(arguments)
    try:
        write_scenes(options.folder, options.count, options.seed)
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Cannot write to {options.folder}: {error.strerror}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"Stopped. The scenes in {options.folder} so far are whole and can be used.", file=sys.stderr)
        return 130
    where = Path(options.folder).resolve()
    print(f"Wrote {options.count:,} images to {where / 'CameraRGB'}, their masks to {where / 'CameraMask'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
