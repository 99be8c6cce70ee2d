"""The folders in which sets come, and the pairs of images and masks in them."""

import os
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from carla import png_names
from data_check import Fault
from segmentation.download import PICTURES
from segmentation.errors import DataError

IMAGE_FOLDER = "CameraRGB"

MASK_FOLDERS = ("CameraMask", "CameraSeg")

NO_PARTNER = "Files without a partner: add the missing file of the same name, delete this one, or leave it out."


class SourcePair(NamedTuple):
    """An image and its mask where a set holds them.

    Attributes:
        image: Path.
        mask: Path.
        name: str, the file name that both get in the course's layout.
    """

    image: Path
    mask: Path
    name: str


def find_source_pairs(folder: str | Path, data: str | Path | None = None) -> tuple[list[SourcePair], list[Fault]]:
    """Find the pairs of a set in one of the layouts that are in use.

    CameraRGB lies beside CameraMask (the course) or CameraSeg (Lyft-Udacity), in the folder itself or in folders
    below it, such as dataA to dataE. Images are PNG or JPEG files, masks PNG files.

    Args:
        folder: str or path.
        data: str or path, the folder that the set is written to; its own CameraRGB is not a source. None for none.

    Returns:
        (pairs, faults): a list of SourcePair, sorted by name; and a list of data_check.Fault for files without a
        partner. A name that occurs in several of the sets below the folder gets its set's name in front:
        dataA_000001.png.

    Raises:
        DataError: there is no such folder, or no CameraRGB beside CameraMask or CameraSeg in it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(f"There is no folder {folder} ({folder.resolve()}).\nName the folder that holds the set.")
    found, faults = [], []
    target = data and Path(data).resolve()
    for parent, names, _ in os.walk(folder):
        # Hidden folders hold downloads and deleted files.
        names[:] = sorted(name for name in names if not name.startswith("."))
        if Path(parent).resolve() == target:
            continue
        mask_folders = [name for name in MASK_FOLDERS if name in names]
        if IMAGE_FOLDER not in names or not mask_folders:
            continue
        if len(mask_folders) > 1:
            raise DataError(
                f"{parent} holds both {mask_folders[0]} and {mask_folders[1]}: move the one that you do not want "
                "to another folder."
            )
        images, masks = Path(parent, IMAGE_FOLDER), Path(parent, mask_folders[0])
        # Sorted backwards, so that of 1.png and 1.jpg the PNG file is kept.
        image_names = {Path(name).stem: name for name in sorted(_picture_names(images, PICTURES), reverse=True)}
        image_names |= {Path(name).stem: name for name in png_names(images)}
        mask_names = {Path(name).stem: name for name in png_names(masks)}
        lonely = [(images / image_names[stem], masks) for stem in image_names.keys() - mask_names.keys()]
        lonely += [(masks / mask_names[stem], images) for stem in mask_names.keys() - image_names.keys()]
        for path, partners in sorted(lonely):
            faults.append(Fault(str(path), f"has no partner of the same name in {partners}", NO_PARTNER))
        # Kaggle's archive holds dataA/dataA.
        set_name = "_".join(dict.fromkeys(Path(parent).relative_to(folder).parts))
        for stem in image_names.keys() & mask_names.keys():
            found.append((images / image_names[stem], masks / mask_names[stem], set_name, stem))
    if not found and folder.resolve() == target and (folder / IMAGE_FOLDER).is_dir():
        raise DataError(
            f"{folder} is where the set would be written: move the set to another folder, and import that.\n"
            f"If its masks are right already, there is nothing to import:  python data_sets.py check {folder}"
        )
    if not found:
        raise DataError(
            f"Found no pairs in {folder}: looked for {IMAGE_FOLDER} beside {' or '.join(MASK_FOLDERS)}, there and in "
            f"the folders below it.\nName the folder that holds them, or rename the set's folders to these names."
        )
    # Without regard to case: on many disks A.png and a.png are one file.
    times = Counter(stem.lower() for _, _, _, stem in found)
    pairs, taken = [], {stem.lower() for _, _, _, stem in found if times[stem.lower()] == 1}
    for image, mask, set_name, stem in sorted(found, key=lambda entry: entry[2:]):
        name = stem
        if times[stem.lower()] > 1:
            name = base = f"{set_name}_{stem}" if set_name else stem
            number = 2
            while name.lower() in taken:
                name, number = f"{base}_{number}", number + 1
            taken.add(name.lower())
        pairs.append(SourcePair(image, mask, f"{name}.png"))
    return sorted(pairs, key=lambda pair: pair.name), faults


def _picture_names(folder: Path, endings: tuple[str, ...]) -> list[str]:
    return [
        entry.name
        for entry in os.scandir(folder)
        if entry.is_file() and entry.name.lower().endswith(endings) and not entry.name.startswith(".")
    ]
