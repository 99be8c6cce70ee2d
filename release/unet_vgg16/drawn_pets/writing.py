"""Drawn pets as files, in the layout of the Oxford-IIIT set."""

import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from segmentation.errors import DataError
from segmentation.progress_line import ProgressLine

from .coats import CATS, DOGS
from .drawing import draw_picture

FOLDER_NAMES = "images", "annotations"

TEST_SHARE = 5  # every fifth picture is for the test


def write_pets(folder: str | Path, count: int, seed: int = 0) -> None:
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
                "Use what is there, delete images and annotations or move both elsewhere, or name another folder."
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


def _write_all(folder: Path, count: int, seed: int) -> None:
    images, trimaps = folder / "images", folder / "annotations" / "trimaps"
    images.mkdir()
    trimaps.mkdir(parents=True)
    lists: dict[str, list[str]] = {"trainval": [], "test": []}
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


def _numbers_of(breed: str) -> str:
    """Return what the set's lists tell of a breed: its class, its species (1 cat, 2 dog), and its number there."""
    relatives, species = (CATS, 1) if breed in CATS else (DOGS, 2)
    class_id, breed_id = [sorted(names, key=str.lower).index(breed) + 1 for names in ([*CATS, *DOGS], relatives)]
    return f"{class_id} {species} {breed_id}"
