"""Converting a set to the course's layout: CameraRGB and CameraMask, the class id in the red channel."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from data_check import NOT_8_BIT, OTHER_SIZE, UNREADABLE, Fault, different_sizes, read_png
from segmentation.atomic_files import write_together
from segmentation.errors import DataError
from segmentation.progress_line import ProgressLine

from .class_tables import Translation
from .layouts import IMAGE_FOLDER, MASK_FOLDERS, SourcePair, find_source_pairs
from .recognition import recognise_table

OTHER_CLASSES = (
    "Masks with unknown classes: check that all masks of the set are of one kind; if so, name another --table."
)


def import_set(folder: str | Path, data: str | Path = "data", table: str = "auto") -> list[Fault]:
    """Convert a set to the course's layout, and show the progress in one line.

    Pairs are written one by one, both files or none. Pairs that are there already are left as they are, so that
    an import that was interrupted resumes where it stopped. Images keep their size; PNG images are copied byte
    for byte. In the Lyft-Udacity set the sky has the id 0, unlabeled, and keeps it.

    Args:
        folder: where the set lies, str or path: see `find_source_pairs` for the layouts.
        data: folder to write CameraRGB and CameraMask to, str or path; made if missing.
        table: "course", "carla-0.9.14", "palette", or "auto" to recognise it: see `recognise_table`.

    Returns:
        list of data_check.Fault: the files that were not imported.

    Raises:
        DataError: there is no set in the folder, its table cannot be recognised, or data already holds another
            picture of the same name.
        OSError: data cannot be written to.
    """
    pairs, faults = find_source_pairs(folder, data)
    targets = Path(data, IMAGE_FOLDER), Path(data, MASK_FOLDERS[0])
    if table == "auto":
        table = recognise_table([pair.mask for pair in pairs])
        print(f"Found {len(pairs):,} pairs in {folder}, with masks of the table {table!r}.")
    translate = Translation(table)
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
                            f"Name an empty folder:  python data_sets.py import {folder} OTHER_FOLDER"
                        )
                n_there += 1
            else:
                write_together(dict(zip(paths, contents, strict=True)))
                n_written += 1
            line.show(f"Imported {done:,} of {len(pairs):,} pairs", is_last=done == len(pairs))
    there = f", {n_there:,} were there already" if n_there else ""
    missing = f"; faulty files left out: {len(faults):,}" if faults else ""
    print(f"Wrote {n_written:,} pairs to {Path(data).resolve()}{there}{missing}.")
    return faults


def _converted(pair: SourcePair, translate: Translation) -> tuple[tuple[bytes, bytes] | None, Fault | None]:
    """Return ((the image's bytes, the mask's bytes), None), or (None, Fault)."""
    image_bytes, fault = _image_as_png(pair.image)
    if fault:
        return None, fault
    mask_bytes, fault = _translated(pair, image_bytes, translate)
    return (None, fault) if fault else ((image_bytes, mask_bytes), None)


def _same_pixels(path: Path, content: bytes) -> bool:
    """Tell whether a file shows what the bytes of another one show: other versions of Pillow pack otherwise."""
    there, _, problem = read_png(path)
    new = Image.open(io.BytesIO(content))
    return problem is None and there.mode == new.mode and there.size == new.size and there.tobytes() == new.tobytes()


def _image_as_png(path: Path) -> tuple[bytes | None, Fault | None]:
    """Return (the bytes of a PNG file, None), or (None, Fault)."""
    if path.suffix.lower() == ".png":
        _, _, problem = read_png(path)
        return (None, Fault(str(path), problem, UNREADABLE)) if problem else (path.read_bytes(), None)
    try:
        with Image.open(path, formats=["JPEG"]) as picture:
            return _png_bytes(picture.convert("RGB")), None
    except OSError as error:
        return None, Fault(str(path), f"cannot be read ({error})", UNREADABLE)


def _translated(pair: SourcePair, image_bytes: bytes, translate: Translation) -> tuple[bytes | None, Fault | None]:
    """Return (the bytes of the course's mask, None), or (None, Fault)."""
    mask, bit_depth, problem = read_png(pair.mask)
    if problem:
        return None, Fault(str(pair.mask), problem, UNREADABLE)
    # Files with a palette have 1, 2, 4 or 8 bits per index.
    if bit_depth != 8 and mask.mode != "P":
        return None, Fault(str(pair.mask), f"has {bit_depth} bits per channel, not 8", NOT_8_BIT)
    sizes = different_sizes(Image.open(io.BytesIO(image_bytes)), mask)
    if sizes:
        return None, Fault(str(pair.mask), sizes, OTHER_SIZE)
    class_ids, unknown = translate(mask)
    if unknown:
        return None, Fault(str(pair.mask), unknown, OTHER_CLASSES)
    zeros, opaque = np.zeros_like(class_ids), np.full_like(class_ids, 255)
    return _png_bytes(Image.fromarray(np.dstack([class_ids, zeros, zeros, opaque]))), None


def _png_bytes(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", compress_level=4)
    return buffer.getvalue()
