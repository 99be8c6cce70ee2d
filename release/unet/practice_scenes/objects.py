"""What stands along a street: houses, trees, vehicles, people, signs, fences and the like.

Each function draws one thing on a Scene; lateral and depth are where it stands, in metres, and side is -1 to the left
of the road and 1 to the right of it. Sizes, colours and details come from the scene's random numbers.
"""

import math
from itertools import pairwise

import numpy as np

from .camera import NEAR, Colour, Scene


def vary(rng: np.random.Generator, colour: Colour, spread: float = 0.2) -> np.ndarray:
    """Return a colour that is a bit brighter or darker and of another tint, float64 (3,)."""
    return (np.multiply(colour, rng.uniform(1 - spread, 1 + spread)) + rng.normal(0, 15 * spread, 3)).clip(0, 255)


def _box(half_width: float, low: float, high: float) -> list[tuple[float, float]]:
    return [(-half_width, low), (half_width, low), (half_width, high), (-half_width, high)]


def disc(n_corners: int, width: float, height: float, middle: float) -> np.ndarray:
    """Return the corners of an ellipse above the origin, float64 (n_corners, 2): to the right, upwards."""
    angles = 2 * np.pi * np.arange(n_corners) / n_corners + np.pi / 2
    return np.stack([np.cos(angles) * width / 2, np.sin(angles) * height / 2 + middle], axis=1)


def draw_building(
    scene: Scene, lateral: float, depth: float, side: int, width: float, length: float, height: float
) -> None:
    """Draw a house of that many metres with windows, perhaps with a gable roof; it stands with its corner there."""
    rng = scene.rng
    colours = [(150, 140, 128), (134, 92, 74), (110, 112, 118), (205, 198, 186), (70, 74, 82), (48, 50, 54)]
    wall = vary(rng, rng.choice(colours), 0.25)
    glass = vary(rng, rng.choice([(62, 72, 84), (30, 34, 40), (120, 132, 142)]))
    if abs(glass.mean() - wall.mean()) < 30:
        glass = glass * 0.5
    storey, skeleton = rng.uniform(2.8, 4.2), rng.random() < 0.12
    if skeleton:
        glass = glass * 0.4
    window, pier = rng.uniform(0.4, 0.65) * storey, rng.uniform(0.25, 0.7)
    for face in ((0, length), (side * width, 0)):

        def rectangle(
            left: float, right: float, low: float, high: float, face: tuple[float, float] = face
        ) -> list[tuple[float, float, float]]:
            near, far = [(lateral + part * face[0], depth + part * face[1]) for part in (left, right)]
            return [(near[0], low, near[1]), (far[0], low, far[1]), (far[0], high, far[1]), (near[0], high, near[1])]

        scene.draw(rectangle(0, 1, 0, height), "building", wall)
        bay = 1 / max(2, round((length if face[1] else width) / rng.uniform(2.5, 5)))
        for floor in np.arange(rng.uniform(0.8, 1.6), height - storey * 0.7, storey).tolist():
            scene.draw(rectangle(0.03, 0.97, floor, floor + window), None, glass)
        if not skeleton:
            for left in np.arange(0, 1, bay).tolist():
                scene.draw(rectangle(left, left + bay * pier, 0, height), None, wall)
    if height < 11 and rng.random() < 0.6:
        ridge = height + rng.uniform(1.5, 3.5)
        roof = [(lateral, height, depth), (lateral, height, depth + length)]
        roof += [(lateral + side * width / 2, ridge, depth + length), (lateral + side * width / 2, ridge, depth)]
        scene.draw(roof, "building", vary(rng, (92, 84, 80), 0.3))
        gable = [(0, height), (side * width, height), (side * width / 2, ridge)]
        scene.upright(lateral, depth, gable, "building", wall)


def draw_tree(scene: Scene, lateral: float, depth: float, height: float, foot: float = 0.0) -> None:
    """Draw a conifer or a broad-leaved tree, on a bank where foot is its height."""
    rng = scene.rng
    if not scene.sees(lateral, depth, height):
        return
    green = vary(rng, rng.choice([(86, 116, 58), (66, 104, 58), (122, 134, 68)]), 0.4)
    conifer = rng.random() < 0.7
    scene.upright(lateral, depth, _box(0.2, 0, height / 2), "vegetation", (74, 58, 44), foot)
    sunny = 0.12 * math.copysign(1, scene.light["right"][1] - scene.light["left"][1])
    # Ragged tiers, from dark beneath to bright at the top; far away, where they would be lost, fewer of them.
    n_tiers, n_corners = (9, 14) if height / depth > 0.3 else (5, 9) if height / depth > 0.12 else (3, 7)
    tiers = np.arange(n_tiers)[:, None] / (n_tiers - 1)
    if conifer:
        reach, middle = 0.27 * (1 - tiers) + 0.015, 0.1 + 0.84 * tiers
    else:
        reach, middle = 0.28 * np.sqrt(1 - (1.5 * tiers - 0.6) ** 2), 0.35 + 0.55 * tiers
    across, up = (disc(n_corners, 2, 2 / n_tiers, 0) * rng.uniform(0.65, 1.2, (n_tiers, n_corners, 1))).transpose(
        2, 0, 1
    )
    outlines = height * np.stack([reach * across, middle + up], axis=2)
    sunlit = height * np.stack([reach * (0.55 * across + sunny), middle + 0.5 * up], axis=2)
    brightness = (1 + 0.25 * min(1.0, scene.sunshine)) * (0.8 + 0.9 * tiers)
    for tier, outline, lit, bright in zip(tiers[:, 0], outlines.tolist(), sunlit.tolist(), brightness):
        scene.upright(lateral, depth, outline, "vegetation", (green * (0.45 + 0.7 * tier)).tolist(), foot)
        if n_tiers == 9:
            scene.upright(lateral, depth, lit, None, (green * bright).tolist(), foot)


def draw_vehicle(scene: Scene, lateral: float, depth: float) -> None:
    """Draw a car, or seldom a lorry or a bus, from behind."""
    rng = scene.rng
    half, body, roof = rng.uniform(0.85, 1.0), rng.uniform(0.85, 1.1), rng.uniform(1.4, 1.9)
    back = depth + rng.uniform(3.8, 4.6)
    if rng.random() < 0.1:
        half, body, roof, back = 1.2, 1.8, rng.uniform(2.4, 3.6), depth + rng.uniform(6, 11)
    colours = [(190, 190, 188), (40, 42, 46), (130, 30, 28), (36, 58, 104), (150, 132, 92), (220, 220, 218)]
    paint, glass = vary(rng, rng.choice(colours)), (42, 48, 56)
    left, right = lateral - half - 0.2, lateral + half + 0.2
    scene.draw([(left, 0, depth), (right, 0, depth), (right, 0, back), (left, 0, back)], None, (40, 40, 42))
    edge = lateral - half if lateral > 0 else lateral + half
    inner = lateral + 0.8 * (edge - lateral)
    cabin = [(edge, body, depth), (inner, roof, depth), (inner, roof, back - 1.6), (edge, body, back - 0.9)]
    flank = [(edge, 0.25, depth), (edge, body, depth), (edge, body, back), (edge, 0.25, back)]
    for outline, colour in ((cabin, glass), (flank, paint)):
        scene.draw(outline, "vehicle", colour)
    for axle in (depth + 0.8, back - 0.8):
        wheel = [(edge, up, axle + along) for along, up in disc(12, 0.66, 0.66, 0.33).tolist()]
        scene.draw(wheel, "vehicle", (24, 24, 24))
    for place in (lateral - half + 0.15, lateral + half - 0.15):
        scene.upright(place, depth, _box(0.14, 0, 0.5), "vehicle", (24, 24, 24))
    scene.upright(lateral, depth, _box(half, 0.25, body), "vehicle", paint)
    rear = np.array([(-half, body), (half, body), (half * 0.8, roof), (-half * 0.8, roof)])
    scene.upright(lateral, depth, rear.tolist(), "vehicle", paint * 0.9)
    scene.upright(lateral, depth, ((rear - (0, body)) * (0.85, 0.8) + (0, body)).tolist(), None, glass)
    for place in (lateral - half + 0.2, lateral + half - 0.2):
        scene.upright(place, depth, _box(0.15, body - 0.3, body - 0.1), None, (170, 30, 24))


def draw_pedestrian(scene: Scene, lateral: float, depth: float) -> None:
    """Draw somebody who walks or stands."""
    rng = scene.rng
    height, step = rng.uniform(1.5, 1.9), rng.uniform(0.05, 0.25)
    trousers, coat = vary(rng, (60, 62, 74), 0.4), vary(rng, (120, 90, 80), 0.5)
    for foot in (-step, step):
        leg = [(foot - 0.09, 0), (foot + 0.09, 0), (0.14, height / 2), (-0.14, height / 2)]
        scene.upright(lateral, depth, leg, "pedestrian", trousers)
    scene.upright(lateral, depth, _box(0.23, height * 0.45, height * 0.84), "pedestrian", coat)
    scene.upright(lateral, depth, disc(12, 0.24, 0.3, height * 0.91).tolist(), "pedestrian", (176, 138, 114))


def draw_street_lamp(scene: Scene, lateral: float, depth: float, side: int) -> None:
    """Draw a lamp on an arm over the road."""
    top, grey = scene.rng.uniform(7, 12), vary(scene.rng, (140, 140, 136))
    arm, head = lateral - side * 2.2, lateral - side * 2.9
    scene.draw([(lateral, 0, depth), (lateral, top, depth), (arm, top + 0.4, depth)], "pole", grey, 0.18)
    scene.draw([(arm, top + 0.4, depth), (head, top + 0.4, depth)], "pole", grey, 0.3)


def draw_traffic_sign(scene: Scene, lateral: float, depth: float) -> None:
    """Draw a sign on its post."""
    rng = scene.rng
    scene.draw([(lateral, 0, depth), (lateral, 2.6, depth)], "pole", (130, 130, 130), 0.09)
    colours = [
        [(176, 34, 30), (226, 224, 216)],
        [(226, 224, 218), (190, 190, 186)],
        [(36, 74, 150), (60, 100, 180)],
        [(208, 168, 40), (226, 190, 60)],
    ]
    n_corners = rng.choice([3, 4, 16])
    for size, colour in zip((0.9, 0.6), rng.choice(colours)):
        scene.upright(lateral, depth, disc(n_corners, size, size, 2.5).tolist(), "traffic sign", colour)


def draw_traffic_light(scene: Scene, lateral: float, depth: float, side: int) -> None:
    """Draw two traffic lights on a mast that reaches over the road."""
    reach = lateral - side * scene.rng.uniform(4, 8)
    mast = [(lateral, 0, depth), (lateral, 6, depth), (reach, 6.2, depth)]
    scene.draw(mast, "pole", (112, 116, 116), 0.2)
    lit = scene.rng.integers(3)
    housing = [(44, 44, 40), (190, 150, 50)][scene.rng.integers(2)]
    for place in (reach, reach + side * 3.5):
        scene.upright(place, depth, _box(0.25, 5.2, 6.3), "traffic light", housing)
        for lamp, colour in enumerate([(70, 200, 110), (220, 180, 40), (220, 50, 40)]):
            shown = np.multiply(colour, 1.0 if lamp == lit else 0.3)
            scene.upright(place, depth, disc(10, 0.3, 0.3, 5.42 + 0.33 * lamp).tolist(), "traffic light", shown)


def draw_billboard(scene: Scene, lateral: float, depth: float) -> None:
    """Draw an advertisement on a mast."""
    rng = scene.rng
    high, half = rng.uniform(4, 8), rng.uniform(2, 4)
    scene.draw([(lateral, 0, depth), (lateral, high, depth)], "static", (90, 90, 92), 0.4)
    scene.upright(lateral, depth, _box(half, high, high + 2.6), "static", (70, 70, 74))
    scene.upright(lateral, depth, _box(half - 0.2, high + 0.2, high + 2.4), None, rng.uniform(20, 230, 3))


def draw_shelter(scene: Scene, lateral: float, depth: float, side: int) -> None:
    """Draw the shelter of a bus stop."""
    dark, near, far = vary(scene.rng, (60, 64, 70)), depth, depth + 4
    for place in (lateral, lateral + side * 1.4):
        for end in (far, near):
            scene.draw([(place, 0, end), (place, 2.5, end)], "static", dark, 0.12)
    back = lateral + side * 1.4
    scene.draw([(back, 0.1, near), (back, 2.3, near), (back, 2.3, far), (back, 0.1, far)], "static", dark)
    scene.draw([(lateral, 2.4, near), (lateral, 2.6, near), (lateral, 2.6, far), (lateral, 2.4, far)], "static", dark)
    scene.upright(lateral + side * 0.7, near, _box(0.9, 2.4, 2.6), "static", dark)


def draw_bin(scene: Scene, lateral: float, depth: float) -> None:
    """Draw a litter bin."""
    colour = vary(scene.rng, scene.rng.choice([(70, 90, 70), (150, 110, 60), (80, 80, 84)]), 0.3)
    scene.upright(lateral, depth, _box(0.35, 0, 1.1), "dynamic", colour)
    scene.upright(lateral, depth, _box(0.42, 1.1, 1.25), "dynamic", colour * 0.6)


def draw_power_line(scene: Scene, lateral: float) -> None:
    """Draw poles along the road with wires that sag between them."""
    rng = scene.rng
    top, wood = rng.uniform(9, 12), vary(rng, (96, 84, 72))
    stations = np.arange(rng.uniform(2, 20), 160, rng.uniform(25, 35)).tolist()
    for near, far in reversed(list(pairwise([NEAR, *stations]))):
        for wire in (-0.9, 0.0, 0.9)[: rng.integers(2, 4)]:
            shares = np.arange(7) / 6
            depths, heights = near + (far - near) * shares, top - 3.2 * shares * (1 - shares)
            points = [(lateral + wire, height, depth) for height, depth in zip(heights, depths.tolist())]
            for piece in pairwise(points):
                scene.draw(list(piece), "other", (50, 50, 52), 0.035)
        scene.draw([(lateral, 0, far), (lateral, top + 0.3, far)], "pole", wood, 0.28)
        scene.draw([(lateral - 1.1, top, far), (lateral + 1.1, top, far)], "pole", wood, 0.14)


def draw_overpass(scene: Scene, depth: float, left: float, right: float) -> None:
    """Draw a bridge across a road whose edges are left and right, perhaps with a railway on it."""
    rng = scene.rng
    concrete, low, rail = vary(rng, (128, 122, 116)), rng.uniform(5.5, 8), rng.random() < 0.4
    for place in (left - 1.5, right + 1.5, left - 30, right + 30):
        scene.upright(place, depth, _box(0.7, 0, low), "bridge", concrete * 0.8)
    scene.upright(0, depth, _box(200, low, low + rng.uniform(1.2, 2)), "bridge", concrete)
    scene.upright(0, depth, _box(200, low - 0.4, low), "bridge", concrete * 0.5)
    if rail:
        scene.upright(0, depth, _box(200, low + 1.2, low + 2.4), "rail track", vary(rng, (128, 104, 88)))


def draw_barrier(scene: Scene, lateral: float, side: int, kind: str, near: float, far: float) -> None:
    """Draw what runs along the road beside it, from near to far.

    The kind is "wall", "hedge", "bank" (a slope of grass or rock), "guard rail", "concrete" (a guard rail of it),
    "fence" or "" for nothing.
    """
    rng = scene.rng
    if kind == "wall":
        height = rng.uniform(0.9, 4) if rng.random() < 0.85 else rng.uniform(4, 7)
        stone = vary(rng, rng.choice([(140, 112, 98), (150, 144, 136), (172, 152, 124), (214, 208, 196)]), 0.3)
        scene.strip((lateral, 0), (lateral, height), "wall", stone, near, far)
        scene.strip((lateral, height - 0.15), (lateral, height), None, stone * rng.uniform(0.7, 1.3), near, far)
    elif kind == "hedge":
        green = vary(rng, rng.choice([(84, 94, 46), (188, 164, 66), (60, 76, 44)]), 0.25)
        scene.strip((lateral, 0), (lateral, rng.uniform(0.8, 2)), "vegetation", green, near, far)
    elif kind == "bank":
        height, width = rng.uniform(1.5, 14), rng.uniform(4, 12)
        colour = vary(rng, rng.choice([(108, 122, 70), (140, 130, 116), (96, 94, 92)]), 0.3)
        ends = np.geomspace(far, near, 14).tolist()
        heights = height * (1 + 0.3 * np.sin(np.log(ends) * rng.uniform(2, 5) + rng.uniform(0, 6)))
        for (back, front), (high, low) in zip(pairwise(ends), pairwise(heights.tolist())):
            outer = lateral + side * width
            slope = [(lateral, 0, front), (outer, low, front), (outer, high, back), (lateral, 0, back)]
            scene.draw(slope, "terrain", colour * rng.uniform(0.92, 1.08))
            if back < 70 and rng.random() < 0.6:
                draw_tree(scene, lateral + side * (width + 1), back, rng.uniform(4, 11), high - 0.5)
    elif kind == "concrete":
        paint = vary(rng, rng.choice([(176, 172, 162), (214, 210, 202), (196, 140, 50)]))
        scene.strip((lateral, 0), (lateral, rng.uniform(0.7, 1.1)), "guard rail", paint, near, far)
    elif kind in ("guard rail", "fence"):
        pickets, wood = rng.random() < 0.4, rng.random() < 0.6
        bars = [(0.4, 0.52), (0.75, 0.87), (1.1, 1.22)] if kind == "fence" else [(0.4, 0.85)]
        paint = vary(rng, (150, 118, 88) if kind == "fence" and wood else (186, 182, 174), 0.25)
        n_posts = 40 if kind == "guard rail" else 60
        for depth in np.geomspace(min(80, far), near, n_posts).tolist():
            post = [(lateral, 0, depth), (lateral, bars[-1][1], depth)]
            scene.draw(post, kind, paint * 0.8, 0.2 if pickets else 0.11)
        for low, high in bars:
            scene.strip((lateral, low), (lateral, high), kind, paint, near, far)
