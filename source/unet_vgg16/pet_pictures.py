"""Drawn pets in the layout of the Oxford-IIIT set, for running the notebook without downloading anything.

In a terminal:          python pet_pictures.py data --count 200
In a notebook cell:     !python pet_pictures.py data --count 200

The cats and dogs are drawn, not photographed: simple bodies with fur, light and shade, on the picture and on the
trimap at once. As in the real set a trimap holds 1 for the pet, 2 for the background and 3 for a band about the
outline, where people who trace pets by hand do not agree; picture sizes differ; a capital letter begins the name of a
cat, and a small one that of a dog. Needs numpy, Pillow, the package segmentation, and the modules pet_backgrounds,
pet_bodies and pet_canvas beside it.
"""

import argparse
import functools
import os
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from pet_backgrounds import draw_background
from pet_bodies import CATS, DOGS, POSES, Pet, draw_pet
from pet_canvas import Canvas, plane_of
from segmentation.commands import whole_number, write_or_tell
from segmentation.errors import DataError
from segmentation.progress_line import ProgressLine

PET, BACKGROUND, BORDER = 1, 2, 3
# The most frequent sizes of the real set are like these.
SIZES = ((500, 375), (500, 333), (375, 500), (333, 500), (400, 300), (300, 400), (450, 338), (350, 350), (300, 300))
SIZE_CHANCES = (0.28, 0.2, 0.12, 0.08, 0.08, 0.06, 0.08, 0.05, 0.05)
POSE_CHANCES = {"sitting": 0.27, "lying": 0.2, "standing": 0.16, "curled": 0.09, "portrait": 0.28}
GRAIN_SIZE = 1024
FOLDER_NAMES = "images", "annotations"
TEST_SHARE = 5  # every fifth picture is for the test


def draw_picture(rng):
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


def _as_photographed(rgb, rng):
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
def _grain():
    return np.random.default_rng(3).standard_normal((GRAIN_SIZE, GRAIN_SIZE), np.float32)


def _trimap(is_pet, rng):
    """Return a trimap: the outline becomes a band, some pixels wide on either side."""
    reach = int(rng.integers(5, 10))
    outer, inner = is_pet, is_pet
    for step in range(reach):
        # Across and aslant by turns, the band is about as wide in every direction.
        outer, inner = _grown(outer, step % 2), ~_grown(~inner, step % 2)
    return np.where(inner, PET, np.where(outer, BORDER, BACKGROUND)).astype(np.uint8)


def _grown(mask, aslant):
    """Return a mask that is a pixel larger; aslant pixels count as neighbours too, if asked for."""
    grown = mask.copy()
    grown[1:] |= mask[:-1]
    grown[:-1] |= mask[1:]
    source = grown.copy() if aslant else mask
    grown[:, 1:] |= source[:, :-1]
    grown[:, :-1] |= source[:, 1:]
    return grown


def write_pets(folder, count, seed=0):
    """Write drawn pets in the layout of the Oxford-IIIT set, and show the progress in one line.

    Picture k, counted from 1, becomes images/BREED_k.jpg and annotations/trimaps/BREED_k.png; every fifth is listed in
    annotations/test.txt, the others in annotations/trainval.txt. A picture depends on the seed and on its number
    alone: 10 pictures are the first 10 of 100. However it ends, all of the set is there or nothing is.

    Args:
        folder: folder to write to, str or path; made if missing.
        count: number of pictures, int from 5, so that there is one for the test.
        seed: int from 0.

    Raises:
        DataError: the folder holds images or annotations already.
        ValueError: there are too few pictures.
        OSError: the folder cannot be written to.
    """
    if count < TEST_SHARE:
        raise ValueError(f"{count} pictures are too few: every fifth is for the test, so there must be 5 or more")
    folder = Path(folder)
    for name in FOLDER_NAMES:
        if (folder / name).exists():
            raise DataError(
                f"{folder / name} is there already; nothing was written.\n"
                "Use what is there, or delete or move away both images and annotations, or name another folder."
            )
    folder.mkdir(parents=True, exist_ok=True)
    # Beside where the set is to be: it is moved there in one go, which works on one disk only.
    unfinished = Path(tempfile.mkdtemp(prefix=".drawing-", dir=folder))
    try:
        _write_all(unfinished, count, seed)
        for name in FOLDER_NAMES:
            os.rename(unfinished / name, folder / name)
    except BaseException:
        for name in FOLDER_NAMES:
            if not (unfinished / name).exists():
                shutil.rmtree(folder / name, ignore_errors=True)
        raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _write_all(folder, count, seed):
    images, trimaps = folder / "images", folder / "annotations" / "trimaps"
    images.mkdir()
    trimaps.mkdir(parents=True)
    lists = {"trainval": [], "test": []}
    with ProgressLine() as line:
        for number in range(1, count + 1):
            picture, trimap, breed = draw_picture(np.random.default_rng([seed, number]))
            name = f"{breed}_{number}"
            Image.fromarray(picture).save(images / f"{name}.jpg", quality=90)
            Image.fromarray(trimap).save(trimaps / f"{name}.png", compress_level=3)
            lists["trainval" if number % TEST_SHARE else "test"].append(f"{name} {_numbers_of(breed)}\n")
            line.show(f"Drew {number:,} of {count:,} pets", is_last=number == count)
    for split, lines in lists.items():
        (folder / "annotations" / f"{split}.txt").write_text("".join(sorted(lines)), encoding="ascii")


def _numbers_of(breed):
    """Return what the set's lists tell of a breed: its class, its species (1 cat, 2 dog), and its number there."""
    relatives, species = (CATS, 1) if breed in CATS else (DOGS, 2)
    class_id, breed_id = [sorted(names, key=str.lower).index(breed) + 1 for names in ([*CATS, *DOGS], relatives)]
    return f"{class_id} {species} {breed_id}"


def main(arguments=None):
    """Write drawn pets from the command line; return the exit status."""
    parser = argparse.ArgumentParser(description="Write drawn pets in the layout of the Oxford-IIIT set.")
    parser.add_argument("folder", help="where images and annotations go, such as data")
    parser.add_argument("--count", type=whole_number(TEST_SHARE), default=200, help="number of pets (default 200)")
    parser.add_argument("--seed", type=whole_number(0), default=0, help="seed of the pets (default 0)")
    options = parser.parse_args(arguments)
    status = write_or_tell(
        lambda: write_pets(options.folder, options.count, options.seed), options.folder, "Stopped; nothing was written."
    )
    if status:
        return status
    where = Path(options.folder).resolve()
    print(f"Wrote {options.count:,} pictures to {where / 'images'}, their trimaps to {where / 'annotations'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
