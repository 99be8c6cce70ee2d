"""A street from the far hills to the kerb, composed at random and drawn from far to near."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from . import objects
from .camera import FAR, NEAR, Scene

LANE = 3.5  # metres, as are all lengths below
# How far away something stands, and what draws it.
Thing = tuple[float, Callable[[], None]]


def _draw_far_land(scene: Scene) -> None:
    rng = scene.rng
    lateral = np.arange(-400, 401, 4.0)

    def waves(length: float) -> np.ndarray:
        return np.sin(lateral / length + rng.uniform(0, 6))

    hills = np.clip(rng.uniform(-8, 8) + rng.uniform(2, 12) * waves(rng.uniform(40, 130)) + 2 * waves(17), 0, None)
    trees = np.clip(rng.uniform(8, 24) + rng.uniform(1, 9) * waves(rng.uniform(15, 60)), 1, None)
    spruces = trees * rng.uniform(0.45, 1.15, lateral.size)
    hill_colour = objects.vary(rng, rng.choice([(112, 122, 84), (150, 136, 112), (96, 104, 84)]))
    far, near = [(-400.0, -2.0)], [(400.0, -2.0)]
    scene.upright(0, 230, [*far, *zip(lateral, hills), *near], "terrain", hill_colour)
    if rng.random() < 0.85:
        wood = objects.vary(rng, (100, 122, 76), 0.35)
        scene.upright(0, 200, [*far, *zip(lateral, spruces), *near], "vegetation", wood)
        nearer = [*far, *zip(lateral, spruces[::-1] * rng.uniform(0.3, 0.8)), *near]
        scene.upright(0, 150, nearer, "vegetation", wood * rng.uniform(0.6, 1.2))
    grass = objects.vary(rng, rng.choice([(106, 128, 62), (96, 122, 58), (134, 126, 100)]), 0.3)
    scene.strip((-400, 0), (400, 0), "terrain", grass)
    if rng.random() < 0.12:
        side = rng.choice([-1, 1])
        blue = objects.vary(rng, (112, 128, 138))
        scene.strip((side * 30, 0), (side * 300, 0), "water", blue, rng.uniform(40, 90), 220)


def _draw_road(scene: Scene, left: float, right: float, lane_lines: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draw road, lines and wear between two edges; return the colours of asphalt and of white lines."""
    rng = scene.rng
    asphalt = objects.vary(rng, rng.choice([(138, 133, 130), (126, 124, 124), (146, 136, 122)]), 0.12)
    scene.strip((left, 0), (right, 0), "road", asphalt)
    # Patches across the road, tracks of tyres along it.
    for depth in rng.uniform(3, 25, rng.integers(0, 4)).tolist():
        shade, end = rng.uniform(0.85, 1.05), depth + rng.uniform(0.6, 5)
        band = [(left, 0, depth), (right, 0, depth), (right, 0, end), (left, 0, end)]
        scene.draw(band, None, asphalt * shade)
    for line in lane_lines:
        scene.strip((line + 0.6, 0), (line + 1.2, 0), None, asphalt * rng.uniform(0.94, 1.03))
    worn = rng.uniform(0.85, 1.12)
    white, yellow = np.multiply((208, 204, 196), worn), np.multiply((200, 176, 90), worn)
    double_yellow, edge_lines = rng.random(2) < (0.35, 0.6)
    wide = rng.uniform(0.05, 0.09)
    for line in lane_lines:
        bounds = (line - wide, 0), (line + wide, 0)
        if line == lane_lines[0] and double_yellow:
            for shift in (-0.16, 0.16):
                scene.strip((line + shift - wide, 0), (line + shift + wide, 0), "road line", yellow)
        elif line in (lane_lines[0], lane_lines[-1]) and edge_lines:
            scene.strip(*bounds, "road line", white)
        else:
            for start in np.arange(rng.uniform(-1, 8), 120, 9).tolist():
                scene.strip(*bounds, "road line", white, max(start, NEAR), start + 3)
    return asphalt, white


def _draw_junction(
    scene: Scene, left: float, right: float, asphalt: np.ndarray, white: np.ndarray, near: float, far: float
) -> None:
    """Draw a road across, over everything flat, with a stop line and perhaps a zebra crossing before it."""
    scene.strip((-150, 0), (150, 0), "road", asphalt, near, far)
    scene.strip((-LANE / 2, 0), (right, 0), "road line", white, near - 1, near - 0.6)
    if scene.rng.random() < 0.5:
        for stripe in np.arange(left + 0.3, right - 0.6, 1.2).tolist():
            scene.strip((stripe, 0), (stripe + 0.6, 0), "road line", white, max(NEAR, near - 5), near - 1.8)


def _draw_shadows(scene: Scene, left: float, right: float) -> None:
    """Let trees, houses and other things beside or behind the camera throw shadows on the ground."""
    rng = scene.rng
    polygons = []
    if rng.random() < 0.5:
        side = rng.choice([-1, 1])
        start = rng.uniform(-1, 30)
        edge = rng.uniform(left, right)
        end = start + rng.exponential(15) + 2
        lean = rng.uniform(-8, 8)
        near = max(NEAR, start)
        polygons.append([(side * 60, near), (edge, near), (edge + lean, max(near + 0.3, end)), (side * 60, end + 4)])
    for _ in range(rng.integers(0, 9)):
        place, depth = rng.uniform(left - 4, right + 4), rng.uniform(2, 45)
        blob = objects.disc(16, rng.uniform(1, 9), rng.uniform(0.5, 4), 0) * rng.uniform(0.6, 1.3, (16, 1))
        blob += (place, depth)
        polygons.append(np.maximum(blob, (-200, NEAR)).tolist())
    scene.darken(polygons)


def _lay_side(scene: Scene, edge: float, side: int, pavement: float) -> None:
    """Draw the ground beside the road: the pavement, where there is one, with its kerb, and bare ground."""
    rng = scene.rng
    if rng.random() < 0.25:
        scene.strip((edge, 0), (edge + side * rng.uniform(1, 15), 0), "ground", objects.vary(rng, (138, 124, 108)))
    if pavement:
        stone = objects.vary(rng, (160, 152, 144))
        scene.strip((edge, 0.12), (edge + side * pavement, 0.12), "sidewalk", stone)
        scene.strip((edge, 0), (edge, 0.12), "sidewalk", stone * 0.75)
    if rng.random() < 0.08:
        bed = edge + side * (pavement + rng.uniform(2, 8))
        scene.strip((bed, 0), (bed + side * 2.6, 0), "rail track", objects.vary(rng, (112, 98, 84)))


def _fill_side(
    scene: Scene, edge: float, side: int, town: bool, pavement: float, junction: tuple[float, float] | None
) -> list[Thing]:
    """Draw what stands beside the road, and return what stands at its edge, to be drawn later.

    Args:
        scene: the Scene.
        edge: lateral position of the edge of the road.
        side: -1 on the left, 1 on the right.
        town: whether there are many houses and few trees.
        pavement: width of the pavement in metres, 0 for none.
        junction: (near, far) depth of a road across, which nothing may stand on, or None.

    Returns:
        list of (depth, function that draws it).
    """
    rng = scene.rng
    verge = edge + side * (pavement + rng.uniform(0.2, 4))
    near, far = junction or (FAR, FAR)
    things = []
    depth = rng.uniform(4, 50)
    while depth < 200:
        length = rng.uniform(10, 34)
        if rng.random() < (0.8 if town else 0.16) and not (depth < far and depth + length > near):
            height = (
                rng.choice([rng.uniform(6, 22), rng.uniform(18, 50)], p=[0.75, 0.25]) if town else rng.uniform(4, 10)
            )
            place, width = verge + side * rng.uniform(3, 22), rng.uniform(12, 30)
            things.append((depth, partial(objects.draw_building, scene, place, depth, side, width, length, height)))
        depth += length + rng.uniform(1, 30)
    for depth in (8 + 110 * rng.random(rng.integers(5, 18) if town else rng.integers(14, 42)) ** 0.8).tolist():
        if not near < depth < far:
            place = verge + side * rng.uniform(2, 28)
            things.append((depth, partial(objects.draw_tree, scene, place, depth, rng.uniform(4, 17))))
    if rng.random() < 0.12:
        depth = rng.uniform(15, 60)
        things.append((depth, partial(objects.draw_billboard, scene, verge + side * rng.uniform(1, 8), depth)))
    _draw_from_far(things)
    if rng.random() < 0.2:
        objects.draw_power_line(scene, verge)
    behind = {"wall": 0.32, "hedge": 0.14, "fence": 0.24, "bank": 0.14, "": 0.16}
    behind = rng.choice(list(behind), p=list(behind.values()))
    before = rng.choice(["guard rail", "concrete", ""], p=[0.3, 0.3, 0.4])
    for start, end in ((far, FAR), (NEAR, near)):
        if end > start:
            objects.draw_barrier(scene, verge + side * rng.uniform(0.6, 3), side, behind, start, end)
            objects.draw_barrier(scene, verge, side, before, start, end)

    kerb = edge + side * min(0.5, pavement)
    at_edge = []
    if rng.random() < 0.7:
        for depth in np.arange(rng.uniform(6, 40), 150, rng.uniform(25, 45)).tolist():
            at_edge.append((depth, partial(objects.draw_street_lamp, scene, kerb, depth, side)))
    if rng.random() < 0.5:
        depth = rng.uniform(8, 45)
        at_edge.append((depth, partial(objects.draw_traffic_sign, scene, kerb, depth)))
    if rng.random() < (0.7 if junction else 0.1):
        depth = far if junction and far < 80 else rng.uniform(20, 60)
        at_edge.append((depth, partial(objects.draw_traffic_light, scene, kerb, depth, side)))
    if pavement:
        for depth in rng.uniform(10, 60, rng.integers(0, 3)).tolist():
            place = edge + side * rng.uniform(0.4, pavement)
            at_edge.append((depth, partial(objects.draw_pedestrian, scene, place, depth)))
        for depth in rng.uniform(7, 40, rng.integers(0, 3) if town else 0).tolist():
            at_edge.append((depth, partial(objects.draw_bin, scene, kerb + side * 0.4, depth)))
        if rng.random() < (0.15 if town else 0.04):
            depth = rng.uniform(10, 35)
            at_edge.append((depth, partial(objects.draw_shelter, scene, kerb + side * 0.3, depth, side)))
    return at_edge


def _draw_from_far(things: Sequence[Thing]) -> None:
    for _, draw_thing in sorted(things, key=lambda thing: -thing[0]):
        draw_thing()


def draw_scene(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw one street scene and its mask.

    Args:
        rng: numpy.random.Generator; the same state gives the same scene.

    Returns:
        (image, class_ids): uint8 arrays of shapes (480, 640, 3), colours from 0 to 255, and (480, 640), class
        ids from 0 to 22.
    """
    scene = Scene(rng)
    # The camera drives about the middle of a lane, seldom near the edge of the road.
    lanes = rng.normal(0, 0.3) + LANE * np.arange(-rng.integers(0, 4), rng.integers(1, 4))
    if rng.random() < 0.12:
        lanes -= lanes[-1] + rng.uniform(0, 2)
    lane_lines = np.append(lanes, lanes[-1] + LANE) - LANE / 2
    shoulders = np.where(rng.random(2) < 0.5, rng.uniform(0.2, 0.8, 2), rng.uniform(0.5, 6, 2))
    left, right = (lane_lines[[0, -1]] + (-1, 1) * shoulders).tolist()
    _draw_far_land(scene)
    sides = []
    for edge, side in ((left, -1), (right, 1)):
        town = rng.random() < 0.45
        pavement = rng.uniform(1.4, 4) if rng.random() < (0.95 if town else 0.75) else 0.0
        _lay_side(scene, edge, side, pavement)
        sides.append((edge, side, town, pavement))
    asphalt, white = _draw_road(scene, left, right, lane_lines)
    junction = None
    if rng.random() < 0.35:
        near = rng.uniform(9, 60)
        junction = near, near + rng.uniform(8, 22)
        _draw_junction(scene, left, right, asphalt, white, *junction)
    if scene.sunshine > 0.3:
        _draw_shadows(scene, left, right)
    if rng.random() < 0.1:
        objects.draw_overpass(scene, rng.uniform(60, 140), left, right)
    things = [thing for side in sides for thing in _fill_side(scene, *side, junction)]
    for lane in lanes[rng.random(lanes.size) < 0.28].tolist():
        # Nobody drives close before the camera in its own lane.
        depth = rng.uniform(16 if abs(lane) < LANE / 2 else 5, 60)
        things.append((depth, partial(objects.draw_vehicle, scene, lane, depth)))
    _draw_from_far(things)
    return scene.finish()
