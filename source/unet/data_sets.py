"""Real CARLA sets for the notebook: download one, convert one, check one.

    python data_sets.py fetch [data]             download the public Lyft-Udacity set from Kaggle
    python data_sets.py fetch [data] --url URL   download a zip or tar file from any web server
    python data_sets.py import FOLDER [data]     convert a set that lies in a folder
    python data_sets.py check [data]             name every faulty file

In a notebook cell write an exclamation mark before the command. What is fetched or imported ends up in the
course's layout: data/CameraRGB and data/CameraMask, masks RGBA, 8 bit, the class id in the red channel.

Needs numpy, Pillow, the modules carla, carla_classes, data_check and the folder segmentation beside it, and `kagglehub`
for the download from Kaggle.
"""

import argparse
import io
import os
import shutil
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from carla import find_pairs, png_names
from carla_classes import CLASS_NAMES, N_CLASSES, PALETTE
from data_check import NOT_8_BIT, OTHER_SIZE, UNREADABLE, Fault, different_sizes, find_faults, read_png
from segmentation.atomic_files import write_together
from segmentation.download import PICTURES, download, unpack
from segmentation.errors import DataError, shorten
from segmentation.progress_line import ProgressLine

PRACTICE = "Practice scenes need no network:  python driving_scenes.py data --count 100"

# "Semantic Segmentation for Self Driving Cars" on Kaggle is the set of the Lyft-Udacity perception challenge of
# 2018: 5,000 frames in dataA..dataE, 600 x 800, ids 0..12. The 1,060 frames of the public course are another set,
# 480 x 640, with ids that CARLA has had since 0.9.10 of 2020; they come by `import`, or by `fetch --url`.
# https://www.kaggle.com/datasets/kumaresanmanickavelu/lyft-udacity-challenge
KAGGLE_SET = "kumaresanmanickavelu/lyft-udacity-challenge"

IMAGE_FOLDER = "CameraRGB"
MASK_FOLDERS = ("CameraMask", "CameraSeg")

# The semantic tags of CARLA 0.9.14 and later, in the order of their values, and the course's class for each: CARLA,
# Docs/ref_sensors.md, semantic segmentation camera. The pages of 0.9.14 itself still show the older table, which
# the simulator no longer writes: https://github.com/carla-simulator/carla/issues/6902
# The course has one class for all vehicles, and none for riders, who are people.
CARLA_0_9_14 = (
    "unlabeled", "road", "sidewalk", "building", "wall", "fence", "pole", "traffic light", "traffic sign",
    "vegetation", "terrain", "sky", "pedestrian", "pedestrian", "vehicle", "vehicle", "vehicle", "vehicle",
    "vehicle", "vehicle", "static", "dynamic", "other", "water", "road line", "ground", "bridge", "rail track",
    "guard rail",
)  # fmt: skip

# What CARLA's CityScapes palette paints beside the course's own colours: CARLA before 0.9.10 (fence, other),
# the Lyft-Udacity challenge (other, vehicle), and CARLA from 0.9.14 on (fence, terrain, rider and vehicles).
# LibCarla/source/carla/image/CityScapesPalette.h and the sensors reference of CARLA. No two versions give one
# colour to two classes.
OTHER_COLOURS = {
    (190, 153, 153): "fence", (250, 170, 160): "other", (72, 0, 90): "other", (0, 0, 255): "vehicle",
    (152, 251, 152): "terrain", (255, 0, 0): "pedestrian", (0, 0, 70): "vehicle", (0, 60, 100): "vehicle",
    (0, 80, 100): "vehicle", (0, 0, 230): "vehicle", (119, 11, 32): "vehicle",
}  # fmt: skip

TABLES = ("course", "carla-0.9.14", "palette")
SAMPLE = 40
ROAD_IN_COURSE, ROAD_IN_CARLA_0_9_14 = 7, 1
UNKNOWN = 255


NO_PARTNER = "Files without a partner: add the other file of the same name, delete this one, or leave it out."
OTHER_CLASSES = "Masks with unknown classes: look whether the set has one kind of mask only; else name another --table."


def _class_id(name):
    return CLASS_NAMES.index(name)


def _colour_table():
    """Return the class id for each of the 2**24 colours, UNKNOWN where CARLA has no such colour."""
    table = np.full(1 << 24, UNKNOWN, np.uint8)
    colours = {tuple(colour): class_id for class_id, colour in enumerate(PALETTE.tolist())}
    colours |= {colour: _class_id(name) for colour, name in OTHER_COLOURS.items()}
    for (red, green, blue), class_id in colours.items():
        table[red << 16 | green << 8 | blue] = class_id
    return table


def _id_table(classes):
    table = np.full(256, UNKNOWN, np.uint8)
    table[: len(classes)] = [_class_id(name) for name in classes]
    return table


class _Translation:
    """From the masks of one table to the course's class ids."""

    def __init__(self, table):
        self.is_painted = table == "palette"
        if self.is_painted:
            self.class_ids = _colour_table()
        else:
            self.class_ids = _id_table(CLASS_NAMES if table == "course" else CARLA_0_9_14)

    def __call__(self, mask):
        """Translate a mask.

        Arguments:
            mask: PIL.Image.Image.

        Returns:
            (class ids as uint8 (height, width), None), or (None, str that names what is unknown).
        """
        values = _packed_colours(mask) if self.is_painted else _tags(mask)
        class_ids = self.class_ids[values]
        wrong = class_ids == UNKNOWN
        if not wrong.any():
            return class_ids, None
        unknown, counts = np.unique(values[wrong], return_counts=True)
        common = unknown[np.argsort(-counts, kind="stable")].tolist()
        if self.is_painted:
            common = [(value >> 16, value >> 8 & 255, value & 255) for value in common]
        noun = ("colour" if self.is_painted else "id") + ("" if len(common) == 1 else "s")
        listed = shorten(common, 3)
        return None, f"holds {len(common):,} unknown {noun} in {wrong.sum():,} of {wrong.size:,} pixels: {listed}"


def _packed_colours(mask):
    rgb = np.asarray(mask.convert("RGB")).astype(np.uint32)
    return rgb[..., 0] << 16 | rgb[..., 1] << 8 | rgb[..., 2]


def _tags(mask):
    """Return the tag of each pixel: the red channel, or the index of a file with a palette of its own."""
    return np.asarray(mask if mask.mode in ("P", "L") else mask.convert("RGB").getchannel("R"))


class _SourcePair(NamedTuple):
    image: Path
    mask: Path
    name: str  # of both files in the course's layout


def find_source_pairs(folder, data=None):
    """Find the pairs of a set in one of the layouts that are in use.

    CameraRGB lies beside CameraMask (the course) or CameraSeg (Lyft-Udacity), in the folder itself or in folders
    below it, such as dataA to dataE. Images are PNG or JPEG files, masks PNG files.

    Arguments:
        folder: str or path.
        data: str or path, a folder whose own CameraRGB is no source, because the set is written there.

    Returns:
        (pairs, faults): a list of (image, mask, name), two paths and the file name that both get, sorted by name;
        and a list of data_check.Fault for files without a partner. A name that is in several of the sets below
        the folder gets the set's own name before it: dataA_000001.png.

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
                f"{parent} holds both {mask_folders[0]} and {mask_folders[1]}: move away the one that is not wanted."
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
            f"{folder} is where the set would be written to: move the set to another folder, and import that.\n"
            f"If its masks are right already there is nothing to import:  python data_sets.py check {folder}"
        )
    if not found:
        raise DataError(
            f"Found no pair in {folder}: looked for {IMAGE_FOLDER} beside {' or '.join(MASK_FOLDERS)}, there and in "
            f"the folders below it.\nName the folder that holds them, or give the set's folders these names."
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
        pairs.append(_SourcePair(image, mask, f"{name}.png"))
    return sorted(pairs, key=lambda pair: pair.name), faults


def _picture_names(folder, endings):
    return [
        entry.name
        for entry in os.scandir(folder)
        if entry.is_file() and entry.name.lower().endswith(endings) and not entry.name.startswith(".")
    ]


def recognise_table(mask_paths):
    """Tell how a set's masks name their classes, from up to 40 masks spread over it.

    Masks with colours are painted. Else the ids decide: in a driving scene the road takes most of the lower
    half, and it has id 7 in the course's table and 1 in that of CARLA 0.9.14; ids above 22 are of the latter.

    Arguments:
        mask_paths: list of str or paths.

    Returns:
        str: "course", which the Lyft-Udacity masks share, "carla-0.9.14" or "palette".

    Raises:
        DataError: the masks could be of either table, or of none.
    """
    step = max(1, len(mask_paths) // SAMPLE)
    kinds, lower, highest_ids = Counter(), np.zeros(256, np.int64), []
    n_unknown_colours = n_pixels = 0
    colour_table = None
    for path in mask_paths[::step]:
        mask, _, problem = read_png(path)
        if problem:
            continue
        if mask.mode == "P":
            # An index may be an id with colours for looking at, or an index of nothing: colours tell.
            painted = True
        else:
            red, green, blue = mask.convert("RGB").split()
            painted = bool(green.getbbox() or blue.getbbox()) and not (
                red.tobytes() == green.tobytes() == blue.tobytes()
            )
        kinds[painted] += 1
        if painted:
            colour_table = _colour_table() if colour_table is None else colour_table
            colours = _packed_colours(mask)
            n_unknown_colours += np.count_nonzero(colour_table[colours] == UNKNOWN)
            n_pixels += colours.size
        else:
            tags = _tags(mask)
            highest_ids.append(int(tags.max()))
            lower += np.bincount(tags[tags.shape[0] // 2 :].ravel(), minlength=256)
    choices = "  --table course | carla-0.9.14 | palette"
    if not kinds:
        raise DataError("None of the masks can be read. Copy or download the set again.")
    if len(kinds) == 2:
        raise DataError(
            f"Of {kinds.total()} masks {kinds[True]} are painted and {kinds[False]} hold class ids.\n"
            f"Import each kind alone, or say how all of them are to be read:\n{choices}"
        )
    if kinds[True]:
        if n_unknown_colours > 0.01 * n_pixels:
            raise DataError(
                f"The masks hold colours, and {100 * n_unknown_colours / n_pixels:.0f} % of the pixels have none of "
                "CARLA's palette. If the red channel holds class ids (masks of single objects use green and blue for "
                f"the object), say which table they are from:\n{choices}"
            )
        return "palette"
    shares = lower / lower.sum()
    course, newer = shares[ROAD_IN_COURSE], shares[ROAD_IN_CARLA_0_9_14]
    # Of the middle one, since a few masks may be faulty.
    usual_highest = sorted(highest_ids)[len(highest_ids) // 2]
    if course >= 0.15 and course > 4 * newer and usual_highest < N_CLASSES:
        return "course"
    if newer >= 0.15 and newer > 4 * course and usual_highest < len(CARLA_0_9_14):
        return "carla-0.9.14"
    raise DataError(
        f"Cannot tell what the ids mean: they go up to {max(highest_ids)}, and in the lower half of the masks, "
        f"where the road is, {100 * course:.0f} % of the pixels have id 7 (road in the course's table) and "
        f"{100 * newer:.0f} % id 1 (road in CARLA 0.9.14 and later).\nSay which table they are from:\n{choices}"
    )


def import_set(folder, data="data", table="auto"):
    """Convert a set to the course's layout, and show the progress in one line.

    Pairs are written one by one, both files or none. Pairs that are there already are left as they are, so that
    an import that was interrupted goes on where it stopped. Images keep their size; PNG images are copied byte
    for byte. In the Lyft-Udacity set the sky has the id 0, unlabeled, and keeps it.

    Arguments:
        folder: where the set lies, str or path: see `find_source_pairs` for the layouts.
        data: folder to write CameraRGB and CameraMask to, str or path; made if missing.
        table: "course", "carla-0.9.14", "palette", or "auto" to recognise it: see `recognise_table`.

    Returns:
        list of data_check.Fault: the files that were not imported.

    Raises:
        DataError: there is no set in the folder, its table cannot be told, or data holds another picture under a
            name that is needed.
        OSError: data cannot be written to.
    """
    pairs, faults = find_source_pairs(folder, data)
    targets = Path(data, IMAGE_FOLDER), Path(data, MASK_FOLDERS[0])
    if table == "auto":
        table = recognise_table([pair.mask for pair in pairs])
        print(f"Found {len(pairs):,} pairs in {folder}, with masks of the table {table!r}.")
    translate = _Translation(table)
    for target in targets:
        target.mkdir(parents=True, exist_ok=True)
    n_written = n_there = 0
    with ProgressLine() as line:
        for done, pair in enumerate(pairs, start=1):
            paths = [target / pair.name for target in targets]
            contents, fault = _converted(pair, translate)
            if fault:
                faults.append(fault)
            elif all(path.exists() for path in paths):
                for path, content, original in zip(paths, contents, pair[:2], strict=True):
                    if path.read_bytes() != content and not _same_pixels(path, content):
                        raise DataError(
                            f"{path} is there already and differs from what {original} gives.\n"
                            f"Name a folder that is empty:  python data_sets.py import {folder} OTHER_FOLDER"
                        )
                n_there += 1
            else:
                write_together(dict(zip(paths, contents, strict=True)))
                n_written += 1
            line.show(f"Imported {done:,} of {len(pairs):,} pairs", is_last=done == len(pairs))
    there = f", {n_there:,} were there already" if n_there else ""
    missing = f"; faulty files that were left out: {len(faults):,}" if faults else ""
    print(f"Wrote {n_written:,} pairs to {Path(data).resolve()}{there}{missing}.")
    return faults


def _converted(pair, translate):
    """Return ((the image's bytes, the mask's bytes), None), or (None, Fault)."""
    image_bytes, fault = _image_as_png(pair.image)
    if fault:
        return None, fault
    mask_bytes, fault = _translated(pair, image_bytes, translate)
    return (None, fault) if fault else ((image_bytes, mask_bytes), None)


def _same_pixels(path, content):
    """Tell whether a file shows what the bytes of another one show: other versions of Pillow pack otherwise."""
    there, _, problem = read_png(path)
    new = Image.open(io.BytesIO(content))
    return problem is None and there.mode == new.mode and there.size == new.size and there.tobytes() == new.tobytes()


def _image_as_png(path):
    """Return (the bytes of a PNG file, None), or (None, Fault)."""
    if path.suffix.lower() == ".png":
        _, _, problem = read_png(path)
        return (None, Fault(str(path), problem, UNREADABLE)) if problem else (path.read_bytes(), None)
    try:
        with Image.open(path, formats=["JPEG"]) as picture:
            return _png_bytes(picture.convert("RGB")), None
    except OSError as error:
        return None, Fault(str(path), f"cannot be read ({error})", UNREADABLE)


def _translated(pair, image_bytes, translate):
    """Return (the bytes of the course's mask, None), or (None, Fault)."""
    mask, bit_depth, problem = read_png(pair.mask)
    if problem:
        return None, Fault(str(pair.mask), problem, UNREADABLE)
    # Files with a palette have 1, 2, 4 or 8 bit an index.
    if bit_depth != 8 and mask.mode != "P":
        return None, Fault(str(pair.mask), f"has {bit_depth} bit a channel, not 8", NOT_8_BIT)
    sizes = different_sizes(Image.open(io.BytesIO(image_bytes)), mask)
    if sizes:
        return None, Fault(str(pair.mask), sizes, OTHER_SIZE)
    class_ids, unknown = translate(mask)
    if unknown:
        return None, Fault(str(pair.mask), unknown, OTHER_CLASSES)
    zeros, opaque = np.zeros_like(class_ids), np.full_like(class_ids, 255)
    return _png_bytes(Image.fromarray(np.dstack([class_ids, zeros, zeros, opaque]))), None


def _png_bytes(picture):
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", compress_level=4)
    return buffer.getvalue()


def check_set(data="data"):
    """Find every fault of a set in the course's layout, and go on after each.

    Arguments:
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
    faults = []
    for own, other, kind in ((0, 1, "mask"), (1, 0, "image")):
        for name in sorted(set(names[own]) - set(names[other])):
            path = os.path.join(folders[own], name)
            faults.append(Fault(path, f"has no {kind} of the same name in {folders[other]}", NO_PARTNER))
    both = sorted(set(names[0]) & set(names[1]))
    return len(both), faults + find_faults(*[[os.path.join(folder, name) for name in both] for folder in folders])


def fetch_url(url, data="data", sha256=None, table="auto"):
    """Download a zip or tar file from a web server, unpack it, and import the set in it.

    The download is kept in a folder .download in data until the set is imported.

    Arguments:
        url, sha256: as in `download`.
        data, table: as in `import_set`.

    Returns:
        list of data_check.Fault: the files that were not imported.

    Raises:
        DataError, OSError: as `download`, `unpack` and `import_set` do.
    """
    folder = Path(data, ".download")
    unpacked = folder / "unpacked"
    try:
        archive = download(url, folder, sha256, PRACTICE)
        unpack(archive, unpacked)
        faults = import_set(unpacked, data, table)
        archive.unlink()
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)
        for path in (folder, folder.parent):
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()
    return faults


def fetch_from_kaggle(data="data", table="auto"):
    """Download the Lyft-Udacity set from Kaggle, and import it.

    5,000 pairs, 600 x 800, with the ids 0..12 of the course's table; the sky is 0, unlabeled. The library
    kagglehub downloads it, checks and keeps it in a folder of its own, and goes on where a download broke off.

    Arguments:
        data, table: as in `import_set`.

    Returns:
        list of data_check.Fault: the files that were not imported.

    Raises:
        DataError: kagglehub is not installed, Kaggle cannot be reached, or `import_set` raises it.
        OSError: data cannot be written to.
    """
    try:
        import kagglehub
    except ImportError:
        raise DataError(f"The download from Kaggle needs kagglehub:\n  pip install kagglehub\n{PRACTICE}") from None
    try:
        folder = kagglehub.dataset_download(KAGGLE_SET)
    # kagglehub has errors of its own and passes on those of requests and of the system.
    except Exception as error:
        kind = type(error).__name__
        if "Connection" in kind or "Timeout" in kind:
            reason = "Kaggle cannot be reached: is there a network?"
        else:
            first_line, _, _ = str(error).strip().partition("\n")
            reason = f"The download from Kaggle failed ({kind}: {first_line[:200]})."
        raise DataError(
            f"{reason} Run the same command again: it goes on where it stopped.\n"
            f"Or download it in a browser from https://www.kaggle.com/datasets/{KAGGLE_SET},\n"
            f"unpack it, and:  python data_sets.py import FOLDER {data}\n{PRACTICE}"
        ) from None
    return import_set(folder, data, table)


def _print_faults(faults):
    for fault in faults:
        print(f"{fault.path}: {fault.what}")
    print("What to do:")
    for remedy in dict.fromkeys(fault.remedy for fault in faults):
        print(f"  {remedy}")


def _check(options):
    n_pairs, faults = check_set(options.data)
    if options.write_list:
        names = sorted({os.path.basename(fault.path) for fault in faults})
        Path(options.write_list).write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    if not faults:
        print(f"No fault in {n_pairs:,} pair{'' if n_pairs == 1 else 's'} in {Path(options.data).resolve()}.")
        return 0
    _print_faults(faults)
    print(f"{len(faults):,} fault{'' if len(faults) == 1 else 's'}, {n_pairs:,} pairs.", end=" ")
    if options.write_list:
        how = f'find_pairs(image_path, mask_path, leave_out="{options.write_list}")'
        print(f"Their names are in {options.write_list}: {how}")
    else:
        print("To leave these files out, write their names to a list:  --write-list faulty.txt")
    return 1


def _import(options):
    faults = import_set(options.folder, options.data, options.table)
    if faults:
        _print_faults(faults)
    return 1 if faults else 0


def _fetch(options):
    if options.url:
        faults = fetch_url(options.url, options.data, options.sha256, options.table)
    else:
        faults = fetch_from_kaggle(options.data, options.table)
    if faults:
        _print_faults(faults)
    return 1 if faults else 0


def main(arguments=None):
    """Fetch, import or check a set from the command line; return the exit status."""
    parser = argparse.ArgumentParser(description="Real CARLA sets: download, convert and check them.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    fetch = commands.add_parser("fetch", help="download a set and import it")
    fetch.add_argument("data", nargs="?", default="data", help="where it goes (default data)")
    fetch.add_argument("--url", help="a zip or tar file on a web server (default: the Lyft-Udacity set on Kaggle)")
    fetch.add_argument("--sha256", help="SHA-256 of the file, in hexadecimal")
    fetch.set_defaults(run=_fetch)
    convert = commands.add_parser("import", help="convert a set to the course's layout")
    convert.add_argument("folder", help="where the set lies")
    convert.add_argument("data", nargs="?", default="data", help="where it goes (default data)")
    convert.set_defaults(run=_import)
    for command in (fetch, convert):
        command.add_argument(
            "--table", choices=("auto", *TABLES), default="auto", help="how its masks name classes (default: recognise)"
        )
    check = commands.add_parser("check", help="name every faulty file of a set")
    check.add_argument("data", nargs="?", default="data", help="folder with CameraRGB and CameraMask (default data)")
    check.add_argument("--write-list", metavar="FILE", help="write the names of the faulty files there, one a line")
    check.set_defaults(run=_check)
    options = parser.parse_args(arguments)
    if getattr(options, "sha256", None) and not options.url:
        parser.error("--sha256 goes with --url")
    try:
        return options.run(options)
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Cannot read or write {error.filename or options.data}: {error.strerror or error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. What is written so far is whole; the same command goes on from there.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
