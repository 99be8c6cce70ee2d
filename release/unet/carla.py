"""The CARLA driving scenes on disk: class names, colours, and the pairs of images and masks.

Needs numpy, Pillow, carla_classes.py, data_check.py and the folder segmentation beside it, and matplotlib for
`mask_colormap`; it works without TensorFlow.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from carla_classes import CLASS_NAMES, CLASSES, N_CLASSES, PALETTE
from data_check import Fault, find_faults
from segmentation.errors import DataError, shorten

if TYPE_CHECKING:
    from matplotlib.colors import ListedColormap

__all__ = [
    "CLASSES",
    "CLASS_NAMES",
    "N_CLASSES",
    "PALETTE",
    "DataError",
    "check_pairs",
    "find_pairs",
    "mask_colormap",
    "png_names",
]


def mask_colormap() -> "ListedColormap":
    """Return the colours of the 23 classes as a matplotlib colormap.

    Draw a mask with `plt.imshow(mask, cmap=mask_colormap(), vmin=0, vmax=22, interpolation="nearest")`;
    without `vmin` and `vmax` the colours depend on which classes the mask happens to hold.

    Returns:
        matplotlib.colors.ListedColormap: 23 colours, entry k for class id k.
    """
    from matplotlib.colors import ListedColormap

    return ListedColormap(PALETTE / 255.0, name="carla")


def find_pairs(
    image_folder: str | Path = "data/CameraRGB",
    mask_folder: str | Path = "data/CameraMask",
    leave_out: str | Path | Iterable[str | Path] = (),
) -> tuple[list[str], list[str]]:
    """List the images and their masks, paired by file name.

    Hidden files and files that do not end in .png are ignored.

    Args:
        image_folder: folder with the camera images, str or path.
        mask_folder: folder with the masks; the mask of an image has the image's file name.
        leave_out: files to leave out: names or paths of images or masks, one or a list of them, such as
            ["000012.png", "000345.png"]; or a text file with one per line, as `python data_sets.py check data
            --write-list faulty.txt` writes it. Of each file its partner is left out too.

    Returns:
        (image_paths, mask_paths): two lists of str, equally long and sorted by file name; entry k of one
        belongs to entry k of the other.

    Raises:
        DataError: a folder is missing or empty, an image has no mask, a mask has no image, `leave_out` cannot
            be read or names a file that is in neither folder, or nothing is left.
    """
    image_folder, mask_folder = os.fspath(image_folder), os.fspath(mask_folder)
    left_out = set(_names_to_leave_out(leave_out))
    folders = {"image": image_folder, "mask": mask_folder}
    names: dict[str, list[str]] = {}
    problems: list[str] = []
    for kind, folder in folders.items():
        try:
            names[kind] = png_names(folder)
        except OSError as error:
            names[kind] = []
            problems.append(_describe_missing_folder(kind, folder, error))
        else:
            if not names[kind]:
                problems.append(f"The {kind} folder {_show(folder)} holds no PNG files{_contents(folder)}.")
    if not problems:
        unknown = sorted(left_out - set(names["image"]) - set(names["mask"]))
        if unknown:
            raise DataError(
                f"leave_out names {_count(unknown, 'file')} that {'is' if len(unknown) == 1 else 'are'} neither in "
                f"{image_folder} nor in {mask_folder}: {shorten(unknown, 5)}.\n"
                "Correct the names, or remove those whose files are gone."
            )
        names = {kind: [name for name in names[kind] if name not in left_out] for kind in folders}
        if not any(names.values()):
            raise DataError(f"leave_out names every file in {image_folder} and {mask_folder}: nothing is left.")
        for kind, partner in (("image", "mask"), ("mask", "image")):
            lonely = sorted(set(names[kind]) - set(names[partner]))
            if lonely:
                problems.append(
                    f"{_count(lonely, kind)} in {folders[kind]} without its {partner} of the same name "
                    f"in {folders[partner]}: {shorten(lonely, 5)}."
                )
        advice = "Add the missing files, or delete those that have no partner.\n"
        advice += _leave_out_advice(set(names["image"]) ^ set(names["mask"]), image_folder, mask_folder)
    else:
        advice = f"Put the CARLA set there, as {image_folder}/000001.png ... and {mask_folder}/000001.png ..."
    if problems:
        occupied = any(names.values())
        raise DataError("\n".join([*problems, advice, _practice_advice(image_folder, mask_folder, occupied)]))
    image_paths = [os.path.join(image_folder, name) for name in names["image"]]
    mask_paths = [os.path.join(mask_folder, name) for name in names["mask"]]
    return image_paths, mask_paths


def check_pairs(image_paths: Sequence[str], mask_paths: Sequence[str]) -> None:
    """Read every image and mask once, and report all faulty files together.

    The class id of a pixel is the largest of its red, green and blue values; alpha is ignored. A mask that
    seems to show another place than its image is named in a printed line and not refused, since it is a
    suspicion: see `data_check.outline_match`. A line shows the progress where there are 50 pairs or more and
    the check takes longer than 2 seconds.

    Args:
        image_paths: list of str, the images.
        mask_paths: list of str, entry k is the mask of image k.

    Raises:
        DataError: a file cannot be read, or a mask differs from its image in size, is not 8 bit, or holds ids
            outside 0..22. One message names the faulty files, and how to leave them out.
    """
    if len(image_paths) != len(mask_paths):
        raise DataError(
            f"{_count(image_paths, 'image')} and {_count(mask_paths, 'mask')} do not make pairs. "
            "Take both lists from find_pairs()."
        )
    found = find_faults(image_paths, mask_paths)
    faults = [fault for fault in found if not fault.is_suspicion]
    suspicions = [fault for fault in found if fault.is_suspicion]
    if faults:
        listed = "\n".join(f"  {fault.path}: {fault.what}" for fault in faults[:10])
        more = f"\n  and {len(faults) - 10:,} more" if len(faults) > 10 else ""
        remedies = "\n".join(f"  {remedy}" for remedy in dict.fromkeys(fault.remedy for fault in faults))
        counts = f"{_count(faults, 'fault')} in {_count(image_paths, 'pair')}"
        advice = _leave_out_advice_for(faults, image_paths, mask_paths)
        raise DataError(f"{counts}:\n{listed}{more}\nWhat to do:\n{remedies}\n{advice}")
    if suspicions:
        names = [os.path.basename(fault.path) for fault in suspicions]
        verb = "seems" if len(names) == 1 else "seem"
        print(
            f"{_count(names, 'mask')} of {len(mask_paths):,} {verb} to show a different place from the image: "
            f"{shorten(names, 5)}.\nThis is a suspicion, not an error: draw image and mask side by side.\n"
            + _leave_out_advice_for(suspicions, image_paths, mask_paths)
        )


def png_names(folder: str | os.PathLike[str]) -> list[str]:
    """Return the names of the PNG files in a folder, sorted, without hidden ones.

    Args:
        folder: str or path.

    Returns:
        list of str.

    Raises:
        OSError: the folder is missing or cannot be read.
    """
    with os.scandir(folder) as entries:
        return sorted(
            entry.name
            for entry in entries
            if entry.is_file() and entry.name.lower().endswith(".png") and not entry.name.startswith(".")
        )


def _names_to_leave_out(leave_out: str | Path | Iterable[str | Path]) -> list[str]:
    one = isinstance(leave_out, (str, os.PathLike))
    if one and not os.fspath(leave_out).lower().endswith(".png"):
        try:
            with open(leave_out, encoding="utf-8-sig") as file:
                lines = [line.strip() for line in file]
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not a text file"
            raise DataError(
                f"The list of files to leave out, {_show(os.fspath(leave_out))}, cannot be read ({reason}).\n"
                "Make it with: python data_sets.py check data --write-list faulty.txt"
            ) from None
        names = [line for line in lines if line and not line.startswith("#")]
    else:
        names = [leave_out] if one else leave_out
    # A list that was written on Windows has other separators.
    return [os.fspath(name).replace("\\", "/").rpartition("/")[2] for name in names]


def _leave_out_advice_for(faults: Sequence[Fault], image_paths: Sequence[str], mask_paths: Sequence[str]) -> str:
    folders = [os.path.dirname(paths[0]) for paths in (image_paths, mask_paths)]
    return _leave_out_advice([fault.path for fault in faults], *folders)


def _leave_out_advice(paths: Iterable[str], image_folder: str, mask_folder: str) -> str:
    """Return how to do without some files: few by their names, many by a list."""
    names = sorted({os.path.basename(path) for path in paths})
    data = _data_folder(image_folder, mask_folder)
    if len(names) <= 5:
        return f"Or leave them out:\n  find_pairs(image_path, mask_path, leave_out={names!r})"
    if data is None:
        return "Or leave them out: find_pairs(image_path, mask_path, leave_out=[...]) takes their names."
    command = f"python data_sets.py check {data} --write-list faulty.txt"
    return f'Or leave them out:\n  !{command}\n  find_pairs(image_path, mask_path, leave_out="faulty.txt")'


def _data_folder(image_folder: str, mask_folder: str) -> str | None:
    """Return the folder that holds both in the course's layout, quoted for a command, or None."""
    data = os.path.dirname(image_folder)
    if image_folder != os.path.join(data, "CameraRGB") or mask_folder != os.path.join(data, "CameraMask"):
        return None
    return f'"{data}"' if " " in data else data or "."


def _describe_missing_folder(kind: str, folder: str, error: OSError) -> str:
    if os.path.isfile(folder):
        return f"{_show(folder)} is a file, but should be the {kind} folder."
    if os.path.isdir(folder):
        return f"The {kind} folder {_show(folder)} cannot be read ({error.strerror})."
    parent = os.path.dirname(os.path.abspath(folder))
    found = f" ({parent} is there{_contents(parent)})" if os.path.isdir(parent) else ""
    return f"The {kind} folder {_show(folder)} does not exist{found}."


def _show(folder: str) -> str:
    """Return a folder with its full path: a wrong working directory is the usual mistake."""
    full = os.path.abspath(folder)
    return folder if os.path.normpath(folder) == full else f"{folder} ({full})"


def _contents(folder: str) -> str:
    """Return what a folder holds, since the set often lies one folder too deep after unpacking."""
    try:
        names = sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError:
        return ""
    return f", it holds: {shorten(names, 5)}" if names else ", it is empty"


def _practice_advice(image_folder: str, mask_folder: str, occupied: bool) -> str:
    """Return how to make practice scenes where the two folders lie."""
    target = _data_folder(image_folder, mask_folder) or "data"
    begin = "Or move the PNG files there to another folder, and make" if occupied else "Or make"
    command = f"python driving_scenes.py {target} --count 100"
    return f"{begin} practice scenes:\n  !{command}    in a notebook cell\n  {command}     in a terminal"


def _count(items: Sequence[object], noun: str) -> str:
    return f"{len(items):,} {noun}{'' if len(items) == 1 else 's'}"
