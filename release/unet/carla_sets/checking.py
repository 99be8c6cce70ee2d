"""Every fault of a set in the course's layout."""

import os

from carla import find_pairs, png_names
from data_check import Fault, find_faults

from .layouts import IMAGE_FOLDER, MASK_FOLDERS, NO_PARTNER


def check_set(data: str | os.PathLike[str] = "data") -> tuple[int, list[Fault]]:
    """Find every fault of a set in the course's layout.

    Args:
        data: folder with CameraRGB and CameraMask, str or path.

    Returns:
        (number of pairs, list of data_check.Fault).

    Raises:
        DataError: one of the two folders is missing or empty.
    """
    folders = [os.path.join(data, name) for name in (IMAGE_FOLDER, MASK_FOLDERS[0])]
    try:
        names = [png_names(folder) for folder in folders]
    except OSError:
        names = [[], []]
    if not all(names):
        find_pairs(*folders)  # says what is missing
    faults: list[Fault] = []
    for own, other, kind in ((0, 1, "mask"), (1, 0, "image")):
        for name in sorted(set(names[own]) - set(names[other])):
            path = os.path.join(folders[own], name)
            faults.append(Fault(path, f"has no {kind} of the same name in {folders[other]}", NO_PARTNER))
    both = sorted(set(names[0]) & set(names[1]))
    return len(both), faults + find_faults(*[[os.path.join(folder, name) for name in both] for folder in folders])
