"""The CARLA driving scenes on disk: class names, colours, and checks of the image and mask files.

Needs numpy and Pillow, and matplotlib for the two drawing helpers; it works without TensorFlow.
"""

import io
import os
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image, ImageChops

CLASS_NAMES = (
    "unlabeled", "building", "fence", "other", "pedestrian", "pole", "road line", "road", "sidewalk",
    "vegetation", "vehicle", "wall", "traffic sign", "sky", "ground", "bridge", "rail track",
    "guard rail", "traffic light", "static", "dynamic", "water", "terrain",
)  # fmt: skip
N_CLASSES = 23
# The colours that CARLA itself paints its tags in, so that masks look like those in its documentation.
PALETTE = np.array(
    [
        (0, 0, 0), (70, 70, 70), (100, 40, 40), (55, 90, 80), (220, 20, 60), (153, 153, 153),
        (157, 234, 50), (128, 64, 128), (244, 35, 232), (107, 142, 35), (0, 0, 142), (102, 102, 156),
        (220, 220, 0), (70, 130, 180), (81, 0, 81), (150, 100, 100), (230, 150, 140), (180, 165, 180),
        (250, 170, 30), (110, 190, 160), (170, 120, 50), (45, 60, 150), (145, 170, 100),
    ],
    dtype=np.uint8,
)  # fmt: skip

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_END = b"IEND\xaeB`\x82"
HIGHEST_ID_OF_NEWER_CARLA = 28
PROGRESS_MIN_PAIRS = 50
PROGRESS_AFTER_SECONDS = 2.0
PROGRESS_EVERY_SECONDS = 0.2

UNREADABLE = "Unreadable files: copy or download them again, or delete both files of the pair."
OTHER_SIZE = "Different sizes: image and mask must be of the same frame; replace or delete both files."
NOT_8_BIT = "Masks that are not 8 bit: save them again, 8 bits a channel, the class id in the red channel."
PAINTED = (
    "Painted masks: they hold colours in place of class ids; use the masks as the simulator writes them, "
    "before any palette, with the class id in the red channel."
)
GREEN_BLUE = "Masks with green or blue values: the class id is the red channel; set green and blue to 0."
NEWER_CARLA = (
    "Ids up to 28: masks of CARLA 0.9.14 or newer number their classes differently; "
    "translate them to the 23 ids of this course, or use the course's own set."
)
OTHER_IDS = "Unknown ids: class ids run from 0 to 22; translate the masks, or delete both files of the pair."


class DataError(Exception):
    """Something is wrong with the files on disk; the message says what it is and what to do.

    A notebook shows the message alone. Anywhere else it is an exception like any other.
    """

    def _render_traceback_(self):
        # IPython calls this in place of drawing the traceback, and wants a list of lines.
        return [f"{type(self).__name__}: {self}"]


def mask_colormap():
    """Return the colours of the 23 classes as a matplotlib colormap.

    Draw a mask with `plt.imshow(mask, cmap=mask_colormap(), vmin=0, vmax=22, interpolation="nearest")`;
    without `vmin` and `vmax` the colours depend on which classes the mask happens to hold.

    Returns:
        matplotlib.colors.ListedColormap: 23 colours, entry k for class id k.
    """
    from matplotlib.colors import ListedColormap

    return ListedColormap(PALETTE / 255.0, name="carla")


def legend_handles(class_ids):
    """Return one coloured patch for each class, for `plt.legend(handles=...)`.

    Arguments:
        class_ids: class ids, integers from 0 to 22, of any shape; a whole mask will do. Repeated ids count
            once.

    Returns:
        list of matplotlib.patches.Patch: ordered by class id, labelled like "7 road".

    Raises:
        ValueError: an id is not an integer from 0 to 22.
    """
    from matplotlib.patches import Patch

    unique_ids = np.unique(np.asarray(class_ids))
    unknown = [value for value in unique_ids.tolist() if value not in range(N_CLASSES)]
    if unknown:
        raise ValueError(f"class ids are integers from 0 to 22, but these are not: {_shorten(unknown, 5)}")
    return [Patch(color=PALETTE[k] / 255.0, label=f"{k} {CLASS_NAMES[k]}") for k in unique_ids.astype(int)]


def find_pairs(image_folder="data/CameraRGB", mask_folder="data/CameraMask"):
    """List the images and their masks, paired by file name.

    Hidden files and files that do not end in .png are ignored.

    Arguments:
        image_folder: folder with the camera images, str or path.
        mask_folder: folder with the masks; the mask of an image has the image's file name.

    Returns:
        (image_paths, mask_paths): two lists of str, equally long and sorted by file name; entry k of one
        belongs to entry k of the other.

    Raises:
        DataError: a folder is missing or empty, an image has no mask, or a mask has no image.
    """
    image_folder, mask_folder = os.fspath(image_folder), os.fspath(mask_folder)
    folders = {"image": image_folder, "mask": mask_folder}
    names, problems = {}, []
    for kind, folder in folders.items():
        try:
            names[kind] = _png_names(folder)
        except OSError as error:
            names[kind] = []
            problems.append(_describe_missing_folder(kind, folder, error))
        else:
            if not names[kind]:
                problems.append(f"The {kind} folder {_show(folder)} holds no PNG file{_contents(folder)}.")
    if not problems:
        for kind, partner in (("image", "mask"), ("mask", "image")):
            lonely = sorted(set(names[kind]) - set(names[partner]))
            if lonely:
                problems.append(
                    f"{_count(lonely, kind)} in {folders[kind]} without its {partner} of the same name "
                    f"in {folders[partner]}: {_shorten(lonely, 5)}."
                )
        advice = "Add the missing files, or delete the ones that have no partner."
    else:
        advice = f"Put the CARLA set there, as {image_folder}/000001.png ... and {mask_folder}/000001.png ..."
    if problems:
        occupied = any(names.values())
        raise DataError("\n".join([*problems, advice, _practice_advice(image_folder, mask_folder, occupied)]))
    image_paths = [os.path.join(image_folder, name) for name in names["image"]]
    mask_paths = [os.path.join(mask_folder, name) for name in names["mask"]]
    return image_paths, mask_paths


def check_pairs(image_paths, mask_paths):
    """Read every image and mask once, and report all faulty files together.

    The class id of a pixel is the largest of its red, green and blue values; alpha is ignored. Whether an
    image and its mask show the same place is not checked: look at some of them. A line shows the progress
    where there are 50 pairs or more and the check takes longer than 2 seconds.

    Arguments:
        image_paths: list of str, the images.
        mask_paths: list of str, entry k is the mask of image k.

    Raises:
        DataError: a file cannot be read, or a mask differs from its image in size, is not 8 bit, or holds ids
            outside 0..22. One message names the faulty files.
    """
    if len(image_paths) != len(mask_paths):
        raise DataError(
            f"{_count(image_paths, 'image')} and {_count(mask_paths, 'mask')} are no pairs. "
            "Take both lists from find_pairs()."
        )
    faults = []
    start = last_shown = time.monotonic()
    shown = False
    pool = ThreadPoolExecutor()
    try:
        for done, found in enumerate(pool.map(_check_pair, image_paths, mask_paths), start=1):
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
    if faults:
        listed = "\n".join(f"  {path}: {what}" for path, what, _ in faults[:10])
        more = f"\n  and {len(faults) - 10:,} more" if len(faults) > 10 else ""
        remedies = "\n".join(f"  {remedy}" for remedy in dict.fromkeys(remedy for _, _, remedy in faults))
        counts = f"{_count(faults, 'fault')} in {_count(image_paths, 'pair')}"
        raise DataError(f"{counts}:\n{listed}{more}\nWhat to do:\n{remedies}")


def _check_pair(image_path, mask_path):
    """Return the faults of one pair as a list of (path, what is wrong, what to do)."""
    image, _, image_problem = _read_png(image_path)
    mask, bit_depth, mask_problem = _read_png(mask_path)
    faults = []
    if image_problem:
        faults.append((image_path, image_problem, UNREADABLE))
    if mask_problem:
        faults.append((mask_path, mask_problem, UNREADABLE))
    if image and mask and image.size != mask.size:
        image_size, mask_size = [f"{height} x {width}" for width, height in (image.size, mask.size)]
        what = f"is {mask_size} pixels (height x width), and its image {image_size}"
        faults.append((mask_path, what, OTHER_SIZE))
    if mask and bit_depth != 8:
        faults.append((mask_path, f"has {bit_depth} bit a channel, not 8", NOT_8_BIT))
    elif mask:
        faults += [(mask_path, *fault) for fault in _check_ids(mask)]
    return faults


def _read_png(path):
    """Return (picture, bits a channel, None), or (None, None, why the file cannot be read)."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        return None, None, f"cannot be opened ({error.strerror})"
    if not data:
        return None, None, "is empty (0 bytes)"
    if not data.startswith(PNG_SIGNATURE):
        return None, None, f"is no PNG file (it begins with {data[:8]!r})"
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
    # Pillow hands out 8 bit where the file has 16 and does not tell; the header does, in its byte 24.
    return picture, data[24], None


def _check_ids(mask):
    """Return [(what is wrong, what to do)] for a mask with ids outside 0..22, else []."""
    red, green, blue = mask.convert("RGB").split()
    # Pillow lets the other threads run meanwhile and is faster here than numpy.
    ids = _values(ImageChops.lighter(red, ImageChops.lighter(green, blue)))
    unknown = [value for value in ids if value >= N_CLASSES]
    if not unknown:
        return []
    red_only = not green.getbbox() and not blue.getbbox()
    grey = red.tobytes() == green.tobytes() == blue.tobytes()
    source = "red channel" if red_only else "grey values" if grey else "largest of red, green and blue"
    if red_only or grey:
        remedy = NEWER_CARLA if ids[-1] <= HIGHEST_ID_OF_NEWER_CARLA else OTHER_IDS
    elif mask.mode != "P" and _values(red)[-1] < N_CLASSES:
        remedy = GREEN_BLUE
    else:
        remedy = PAINTED
    return [(f"holds ids outside 0..22: {_shorten(unknown, 5)} ({source})", remedy)]


def _values(channel):
    return [value for value, count in enumerate(channel.histogram()) if count]


def _png_names(folder):
    with os.scandir(folder) as entries:
        return sorted(
            entry.name
            for entry in entries
            if entry.is_file() and entry.name.lower().endswith(".png") and not entry.name.startswith(".")
        )


def _describe_missing_folder(kind, folder, error):
    if os.path.isfile(folder):
        return f"{_show(folder)} is a file, and should be the {kind} folder."
    if os.path.isdir(folder):
        return f"The {kind} folder {_show(folder)} cannot be read ({error.strerror})."
    parent = os.path.dirname(os.path.abspath(folder))
    found = f" ({parent} is there{_contents(parent)})" if os.path.isdir(parent) else ""
    return f"The {kind} folder {_show(folder)} does not exist{found}."


def _show(folder):
    """Return a folder with its full path: a wrong working directory is the usual mistake."""
    full = os.path.abspath(folder)
    return folder if os.path.normpath(folder) == full else f"{folder} ({full})"


def _contents(folder):
    """Return what a folder holds, since the set often lies one folder too deep after unpacking."""
    try:
        names = sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError:
        return ""
    return f", it holds: {_shorten(names, 5)}" if names else ", it is empty"


def _practice_advice(image_folder, mask_folder, occupied):
    """Return how to make practice scenes where the two folders lie."""
    target = os.path.dirname(image_folder)
    if image_folder != os.path.join(target, "CameraRGB") or mask_folder != os.path.join(target, "CameraMask"):
        target = "data"
    target = f'"{target}"' if " " in target else target or "."
    begin = "Or move the PNG files there away and make" if occupied else "Or make"
    command = f"python driving_scenes.py {target} --count 100"
    return f"{begin} practice scenes:\n  !{command}    in a notebook cell\n  {command}     in a terminal"


def _count(items, noun):
    return f"{len(items):,} {noun}{'' if len(items) == 1 else 's'}"


def _shorten(values, limit):
    """Return the first values as text, and how many more there are."""
    more = f" and {len(values) - limit:,} more" if len(values) > limit else ""
    return ", ".join(map(str, values[:limit])) + more
