"""A picture of one pet and its trimap, as if photographed."""

import functools

import numpy as np

from .backgrounds import draw_background
from .canvas import Canvas, plane_of
from .coats import CATS, DOGS, Pet
from .poses import POSES, draw_pet

PET, BACKGROUND, BORDER = 1, 2, 3

# The most frequent sizes of the real set are like these.
SIZES = ((500, 375), (500, 333), (375, 500), (333, 500), (400, 300), (300, 400), (450, 338), (350, 350), (300, 300))

SIZE_CHANCES = (0.28, 0.2, 0.12, 0.08, 0.08, 0.06, 0.08, 0.05, 0.05)

POSE_CHANCES = {"sitting": 0.27, "lying": 0.2, "standing": 0.16, "curled": 0.09, "portrait": 0.28}

GRAIN_SIZE = 1024


def draw_picture(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, str]:
    """Draw one pet and its trimap.

    Args:
        rng: numpy.random.Generator; the same state gives the same picture.

    Returns:
        (picture, trimap, breed): uint8 arrays of shapes (height, width, 3) and (height, width), values of the trimap
        1 (pet), 2 (background) and 3 (border), and the str that the files' names begin with.
    """
    width, height = SIZES[rng.choice(len(SIZES), p=SIZE_CHANCES)]
    is_cat = bool(rng.random() < 0.4)
    breeds = CATS if is_cat else DOGS
    breed = list(breeds)[rng.integers(len(breeds))]
    pet = Pet(is_cat, breeds[breed], rng)
    pose = POSES[rng.choice(list(POSE_CHANCES), p=list(POSE_CHANCES.values()))]
    left, top, right, bottom = pose.box
    unit = rng.uniform(*pose.room) * min(height / (bottom - top), width / (right - left))
    spare = width - unit * (right - left)
    x = width / 2 - unit * (left + right) / 2 + 0.5 * rng.uniform(-1, 1) * abs(spare)
    room_below = max(height - unit * (bottom - top), 0)
    y = height - rng.uniform(0.15, 0.7) * room_below if pose.shadow[1] else height + unit * rng.uniform(-0.06, 0.1)
    background = draw_background(rng, height, width, y)
    light = rng.uniform(-0.8, 0.8), rng.uniform(-1, -0.3)
    canvas = Canvas(background, rng, light)
    draw_pet(canvas, pet, pose, x, y, unit)
    picture, cover = _as_photographed(canvas.rgb, rng), canvas.pet
    if rng.random() < 0.5:
        picture, cover = picture[:, ::-1], cover[:, ::-1]
    return np.ascontiguousarray(picture), _trimap(cover > 0.5, rng), breed


def _as_photographed(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a picture with the camera's exposure, colour cast and noise, as uint8."""
    _, height, width = rgb.shape
    gain = np.exp(rng.normal(-0.04, 0.1) + rng.normal(0, 0.035, 3))
    down, across = rng.normal(0, 0.12, 2)
    rows, columns = [np.linspace(-1, 1, side, dtype=np.float32) for side in (height, width)]
    picture = rgb * plane_of(gain)
    picture *= 1 + np.float32(down) * rows[:, None] + np.float32(across) * columns
    first_row, first_column = rng.integers(0, GRAIN_SIZE - max(height, width), 2)
    grain = _grain()[first_row : first_row + height, first_column : first_column + width]
    picture += np.float32(rng.uniform(1, 6)) * grain
    return np.clip(picture, 0, 255, out=picture).astype(np.uint8).transpose(1, 2, 0)


@functools.cache
def _grain() -> np.ndarray:
    return np.random.default_rng(3).standard_normal((GRAIN_SIZE, GRAIN_SIZE), np.float32)


def _trimap(is_pet: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a trimap: the outline becomes a band, some pixels wide on either side."""
    reach = int(rng.integers(5, 10))
    outer, inner = is_pet, is_pet
    for step in range(reach):
        # Straight and diagonal in turn, so that the band is about as wide in every direction.
        outer, inner = _grown(outer, step % 2), ~_grown(~inner, step % 2)
    return np.where(inner, PET, np.where(outer, BORDER, BACKGROUND)).astype(np.uint8)


def _grown(mask: np.ndarray, diagonal: int) -> np.ndarray:
    """Return a mask that is a pixel larger; diagonal pixels count as neighbours too, if asked for."""
    grown = mask.copy()
    grown[1:] |= mask[:-1]
    grown[:-1] |= mask[1:]
    source = grown.copy() if diagonal else mask
    grown[:, 1:] |= source[:, :-1]
    grown[:, :-1] |= source[:, 1:]
    return grown
