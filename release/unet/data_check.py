"""What can be wrong with an image and its mask: unreadable files, sizes, class ids, a mask of another place.

`find_faults` reads pairs from disk and returns every fault; `outline_match` judges from the outlines in a mask
whether it was made for its image. Needs numpy, Pillow, and beside it carla_classes.py and the folder segmentation.
"""

import io
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageChops

from carla_classes import N_CLASSES
from segmentation.errors import shorten

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_END = b"IEND\xaeB`\x82"
HIGHEST_ID_OF_NEWER_CARLA = 28
PROGRESS_MIN_PAIRS = 50
PROGRESS_AFTER_SECONDS = 2.0
PROGRESS_EVERY_SECONDS = 0.2

STRONG_EDGES = 0.15  # share of an image's differences between neighbours that count as edges
MOVED_BY = (4, 8)  # pixels of the halved image
MIN_OUTLINE_PIXELS = 500
LOWEST_OUTLINE_MATCH = 1.35

UNREADABLE = "Unreadable files: copy or download them again, or delete both files of the pair."
OTHER_SIZE = "Different sizes: image and mask must be of the same frame; replace or delete both files."
NOT_8_BIT = "Masks that are not 8-bit: save them again with 8 bits per channel and the class id in the red channel."
PAINTED = (
    "Painted masks: they hold colours in place of class ids; translate them "
    "(python data_sets.py import FOLDER data), or use the masks as the simulator writes them, "
    "before any palette, with the class id in the red channel."
)
GREEN_BLUE = "Masks with green or blue values: the class id is the red channel; set green and blue to 0."
NEWER_CARLA = (
    "Ids up to 28: masks of CARLA 0.9.14 or newer number their classes differently; translate them to the 23 ids "
    "of this course (python data_sets.py import FOLDER data), or use the course's own set."
)
OTHER_IDS = "Unknown ids: class ids run from 0 to 22; translate the masks, or delete both files of the pair."
OTHER_PLACE = (
    "Masks that may show another place: this is a suspicion; draw the mask beside its image, "
    "and leave the pair out if they differ."
)


class Fault(NamedTuple):
    """One thing that is wrong with a file.

    Attributes:
        path: str, the file.
        what: str, what is wrong with it, to be read after the path.
        remedy: str, what to do; the same for all faults of a kind.
    """

    path: str
    what: str
    remedy: str

    @property
    def is_suspicion(self) -> bool:
        """True where a sound file may look the same: masks that seem to show another place."""
        return self.remedy == OTHER_PLACE


def find_faults(image_paths: Sequence[str], mask_paths: Sequence[str]) -> list[Fault]:
    """Read every image and mask once, and return all faults.

    The class id of a pixel is the largest of its red, green and blue values; alpha is ignored. A line shows
    the progress where there are 50 pairs or more and the check takes longer than 2 seconds.

    Args:
        image_paths: list of str, the images.
        mask_paths: list of str, as long; entry k is the mask of image k.

    Returns:
        list of Fault, in the order of the pairs: files that cannot be read, masks that differ from their image
        in size, are not 8 bit, hold ids outside 0..22, or look like another place.
    """
    faults: list[Fault] = []
    start = last_shown = time.monotonic()
    shown = False
    pool = ThreadPoolExecutor()
    try:
        for done, found in enumerate(pool.map(_faults_of_pair, image_paths, mask_paths), start=1):
            faults += found
            now = time.monotonic()
            slow = len(image_paths) >= PROGRESS_MIN_PAIRS and now - start >= PROGRESS_AFTER_SECONDS
            if slow and (now - last_shown >= PROGRESS_EVERY_SECONDS or done == len(image_paths)):
                print(f"\rChecked {done:,} of {len(image_paths):,} pairs", end="", flush=True)
                last_shown, shown = now, True
    finally:
        # Without this an interrupted notebook cell would go on until every file has been read.
        pool.shutdown(cancel_futures=True)
        if shown:
            print()
    return faults


def outline_match(image: Image.Image, class_ids: Image.Image) -> float | None:
    """Say how well the outlines in a mask lie on edges in an image.

    Where one class ends and another begins, the image mostly has an edge, and a few pixels beside that it
    mostly has none. So the share of outline pixels that lie on an edge is divided by the same share after the
    outlines were moved by 4 and by 8 pixels in eight directions; upright and level outlines are counted apart
    and have the same weight, since the horizon of another place lies right by chance. Edges are the strongest
    15 % of the differences between neighbours, at half the resolution, whatever the light and the noise.

    Measured on 100 real frames of the course's set, 480 x 640, each with its own mask and with 6 masks of
    other frames that agree with its own in less than 85 % of the pixels (masks that agree in more show the
    same place), against the limit `LOWEST_OUTLINE_MATCH` = 1.35:

    | pairs | values | below the limit |
    | --- | --- | --- |
    | 100 frames, own masks | 1.47 .. 2.23, median 1.79 | 0 |
    | the same with grey noise of 12 levels | from 1.45 | 0 |
    | the same a third as bright | from 1.48 | 0 |
    | the same blurred by a Gaussian of 1.5 pixels | from 1.39 | 0 |
    | 600 frames with a mask of another place | median 1.10, up to 1.61 | 584 (97 %) |
    | 100 frames, own masks mirrored | | 97 |
    | 100 scenes of driving_scenes, own masks | 1.62 .. 2.62 | 0 |
    | 100 scenes of driving_scenes, masks of another scene | up to 1.18 | 100 |

    Every fourth frame resized, its own mask: from 1.43 at 960 x 1280, 1.50 at 600 x 800, 1.52 at 192 x 256.
    The limit was chosen on these frames, between the two kinds.
    The frames come from few drives, and sets with other weather or cameras were not at hand: a value below the
    limit is a suspicion.

    Args:
        image: PIL.Image.Image, the camera image.
        class_ids: PIL.Image.Image of mode L and the same size, a class id for each pixel.

    Returns:
        float, about 1 where mask and image have nothing to do with each other; None where the mask has less
        than 500 pixels of outline at half the resolution, too few to judge.
    """
    grey = np.asarray(image.convert("L").reduce(2), np.int16)
    # Nearest neighbours: a mean of two class ids would be a third class.
    ids = np.asarray(class_ids)[::2, ::2][: grey.shape[0], : grey.shape[1]]
    border = max(MOVED_BY) + 1
    if min(grey.shape) <= 2 * border + 2:
        return None
    upright_edges = np.abs(grey[1:-1, 2:] - grey[1:-1, :-2])
    level_edges = np.abs(grey[2:, 1:-1] - grey[:-2, 1:-1])
    counts = np.bincount(upright_edges.ravel(), minlength=256) + np.bincount(level_edges.ravel(), minlength=256)
    weakest = np.searchsorted(counts.cumsum(), (1 - STRONG_EDGES) * counts.sum())
    middle = ids[1:-1, 1:-1]
    upright_outlines = (middle != ids[1:-1, 2:]) | (middle != ids[1:-1, :-2])
    level_outlines = (middle != ids[2:, 1:-1]) | (middle != ids[:-2, 1:-1])
    width = middle.shape[1]
    angles = np.arange(8) * np.pi / 4
    moves = [width * round(by * np.sin(a)) + round(by * np.cos(a)) for by in MOVED_BY for a in angles]
    ratios, n_pixels = [], 0
    for edges, outlines in ((upright_edges, upright_outlines), (level_edges, level_outlines)):
        inner = np.zeros_like(outlines)
        inner[border:-border, border:-border] = outlines[border:-border, border:-border]
        places = np.flatnonzero(inner)
        n_pixels += places.size
        is_edge = (edges > weakest).ravel()
        on_edges = np.count_nonzero(is_edge[places])
        moved = np.mean([np.count_nonzero(is_edge[places + move]) for move in moves])
        ratios.append((on_edges + 1) / (moved + 1))
    return float(np.mean(ratios)) if n_pixels >= MIN_OUTLINE_PIXELS else None


def read_png(path: str | Path) -> tuple[Image.Image | None, int | None, str | None]:
    """Read a PNG file and compare its checksums.

    Args:
        path: the file, str or path.

    Returns:
        (picture, bits per channel, None), or (None, None, str that says why the file cannot be read).
    """
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        return None, None, f"cannot be opened ({error.strerror})"
    if not data:
        return None, None, "is empty (0 bytes)"
    if not data.startswith(PNG_SIGNATURE):
        return None, None, f"is not a PNG file (it begins with {data[:8]!r})"
    cut_short = f"is cut short or damaged ({len(data):,} bytes)"
    if PNG_END not in data:
        return None, None, cut_short
    try:
        # verify() compares the checksums; decoding alone would let damage pass.
        Image.open(io.BytesIO(data), formats=["PNG"]).verify()
        picture = Image.open(io.BytesIO(data), formats=["PNG"])
        picture.load()
    except Exception:
        return None, None, cut_short
    # Pillow silently reduces 16 bits to 8; the header has the true depth, in its byte 24.
    return picture, data[24], None


def different_sizes(image: Image.Image, mask: Image.Image) -> str | None:
    """Return what is wrong with the sizes of an image and its mask, both PIL.Image.Image, as str, or None."""
    if image.size == mask.size:
        return None
    image_size, mask_size = [f"{height} x {width}" for width, height in (image.size, mask.size)]
    return f"is {mask_size} pixels (height x width), and its image is {image_size}"


def _faults_of_pair(image_path: str, mask_path: str) -> list[Fault]:
    image, _, image_problem = read_png(image_path)
    mask, bit_depth, mask_problem = read_png(mask_path)
    faults = []
    if image_problem:
        faults.append(Fault(image_path, image_problem, UNREADABLE))
    if mask_problem:
        faults.append(Fault(mask_path, mask_problem, UNREADABLE))
    sizes = image and mask and different_sizes(image, mask)
    if sizes:
        faults.append(Fault(mask_path, sizes, OTHER_SIZE))
    if mask and bit_depth != 8:
        faults.append(Fault(mask_path, f"has {bit_depth} bits per channel, not 8", NOT_8_BIT))
    elif mask:
        class_ids, unknown = _check_ids(mask)
        if unknown:
            faults.append(Fault(mask_path, *unknown))
        elif image and not sizes:
            match = outline_match(image, class_ids)
            if match is not None and match < LOWEST_OUTLINE_MATCH:
                what = f"may not show the same place as its image (outline match {match:.2f} < {LOWEST_OUTLINE_MATCH})"
                faults.append(Fault(mask_path, what, OTHER_PLACE))
    return faults


def _check_ids(mask: Image.Image) -> tuple[Image.Image, tuple[str, str] | None]:
    """Return the class ids as a picture, and (what is wrong, what to do) where one is outside 0..22, else None."""
    red, green, blue = mask.convert("RGB").split()
    # Pillow lets the other threads run meanwhile and is faster here than numpy.
    class_ids = ImageChops.lighter(red, ImageChops.lighter(green, blue))
    ids = _values(class_ids)
    unknown = [value for value in ids if value >= N_CLASSES]
    if not unknown:
        return class_ids, None
    red_only = not green.getbbox() and not blue.getbbox()
    grey = red.tobytes() == green.tobytes() == blue.tobytes()
    source = "red channel" if red_only else "grey values" if grey else "largest of red, green and blue"
    if red_only or grey:
        remedy = NEWER_CARLA if ids[-1] <= HIGHEST_ID_OF_NEWER_CARLA else OTHER_IDS
    elif mask.mode != "P" and _values(red)[-1] < N_CLASSES:
        remedy = GREEN_BLUE
    else:
        remedy = PAINTED
    return class_ids, (f"holds ids outside 0..22: {shorten(unknown, 5)} ({source})", remedy)


def _values(channel: Image.Image) -> list[int]:
    return [value for value, count in enumerate(channel.histogram()) if count]
