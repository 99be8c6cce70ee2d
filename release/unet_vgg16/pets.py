"""The pets: their three classes, and the pictures with trimaps, drawn or photographed.

    train, test = load()                           drawn pets, made when they are first needed; no network
    train, test = load("oxford")                   the Oxford-IIIT set, 811 MB, downloaded when it is first needed
    train, test = load("folder", "data/my_pets")   any unpacked set in the layout of the Oxford-IIIT set

    PETS_MIRROR   an address that holds images.tar.gz and annotations.tar.gz, such as one in the classroom's network, to
                  take them from in place of the authors' server

The Oxford-IIIT Pet set: O. M. Parkhi, A. Vedaldi, A. Zisserman, C. V. Jawahar, "Cats and Dogs", CVPR 2012,
https://www.robots.ox.ac.uk/~vgg/data/pets/, CC BY-SA 4.0. Needs TensorFlow, for "oxford" also tensorflow_datasets, and
the module reachable and the packages drawn_pets and segmentation beside it.
"""

import contextlib
import io
import itertools
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from drawn_pets import FOLDER_NAMES, write_pets
from reachable import is_reachable
from segmentation.classes import ClassTable, Palette
from segmentation.download import download
from segmentation.errors import DataError, shorten
from segmentation.processors import usable_processors
from segmentation.progress_line import ProgressLine

# The data set counts from 1; classes count from 0.
CLASSES = ClassTable(
    names=("pet", "background", "border"),
    palettes={
        # Orange, dark blue and near white differ in lightness as well (CIELAB 70, 21, 95), for those who cannot
        # tell colours apart.
        "pets": Palette(np.array([(240, 152, 48), (32, 50, 88), (246, 240, 226)], np.uint8), ("", "", "")),
    },
)
FIRST_LABEL = 1

SOURCES = ("drawn", "oxford", "folder")
DOWNLOAD_FOLDER = "oxford_iiit_pet_download"
MIRROR_VARIABLE = "PETS_MIRROR"
SECONDS_TO_ANSWER = 10.0
DRAWN_ADVICE = 'The drawn pets need no network:\n  pets.load("drawn")'


def load(
    source: str = "drawn", folder: str | Path = "data", count: int = 200, mirror: str | None = None
) -> tuple[tf.data.Dataset, tf.data.Dataset]:
    """Return the pictures and trimaps for training and for testing.

    Args:
        source: "drawn": pets that are drawn into `folder`/drawn_pets_200 if they are not there. "oxford": the
            photographs of the Oxford-IIIT set, 3,680 and 3,669, which tensorflow_datasets keeps in `folder`; they are
            downloaded if they are not there. "folder": what lies in `folder` in the layout of the Oxford-IIIT set, as
            its two archives unpack.
        folder: str or path.
        count: int from 5, how many pets are drawn; every fifth is for testing.
        mirror: str, an address to take the archives of the Oxford-IIIT set from; None for that in PETS_MIRROR, or else
            the authors' server.

    Returns:
        (train, test): two tf.data.Dataset of (image, trimap), uint8 of shapes (height, width, 3), red, green and blue
        from 0 to 255, and (height, width, 1), class ids 0 pet, 1 background, 2 border. Sizes differ from picture to
        picture. The datasets know their cardinality.

    Raises:
        DataError: files are missing or broken, or cannot be downloaded; the message says what to do.
        ValueError: there is no such source, or too few pets are asked for.
        OSError: the folder cannot be written to.
    """
    if source not in SOURCES:
        raise ValueError(f"source must be one of {', '.join(map(repr, SOURCES))}, not {source!r}")
    folder = Path(folder).expanduser()
    if source == "drawn":
        return _read_folder(_drawn(folder, count), check=False)
    if source == "folder":
        return _read_folder(folder, check=True)
    return _oxford(folder, mirror or os.environ.get(MIRROR_VARIABLE) or None)


def _drawn(folder: Path, count: int) -> Path:
    """Draw pets if there are not exactly as many yet; return their folder."""
    folder = folder / f"drawn_pets_{count}"
    if not (folder / "annotations").exists():
        write_pets(folder, count)
    return folder


# An unpacked set --------------------------------------------------------------------------------------------------

SPLITS = ("trainval", "test")


def _read_folder(folder: Path, check: bool) -> tuple[tf.data.Dataset, ...]:
    pairs = {split: _paths(folder, _listed(folder, split)) for split in SPLITS}
    if check:
        _check(folder, [pair for split in SPLITS for pair in pairs[split]])
    return tuple(_dataset(pairs[split]) for split in SPLITS)


def _listed(folder: Path, split: str) -> list[str]:
    """Return the names in one of the set's lists."""
    for name in FOLDER_NAMES:
        if not (folder / name).is_dir():
            raise DataError(
                f"{folder.absolute()} does not hold the folder {name}{_contents(folder)}.\n"
                "A set of pets consists of images/NAME.jpg and annotations/trimaps/NAME.png, with the lists "
                f"annotations/trainval.txt and annotations/test.txt.\n{DRAWN_ADVICE}"
            )
    path = folder / "annotations" / f"{split}.txt"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a text file"
        raise DataError(f"The list {path} cannot be read ({reason}). It belongs to annotations.tar.gz.") from None
    names = [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]
    if not names:
        raise DataError(f"The list {path} names no pictures.")
    return names


def _contents(folder: Path) -> str:
    try:
        names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        return "; there is no such folder"
    return f"; it holds {shorten(names, 5)}" if names else "; it is empty"


def _paths(folder: Path, names: Sequence[str]) -> list[tuple[str, ...]]:
    pairs = [(folder / "images" / f"{name}.jpg", folder / "annotations" / "trimaps" / f"{name}.png") for name in names]
    missing = [path for pair in pairs for path in pair if not path.is_file()]
    if missing:
        raise DataError(
            f"{len(missing):,} listed file{' is' if len(missing) == 1 else 's are'} missing in {folder}: "
            f"{shorten([path.relative_to(folder).as_posix() for path in missing], 5)}.\n"
            "Unpack both archives again, or remove the names from annotations/trainval.txt and annotations/test.txt."
        )
    return [tuple(map(os.fspath, pair)) for pair in pairs]


def _check(folder: Path, pairs: Sequence[tuple[str, ...]]) -> None:
    """Read every picture and trimap once, and report all faulty ones together."""
    faults = []
    with ThreadPoolExecutor(usable_processors()) as pool, ProgressLine() as line:
        for done, fault in enumerate(pool.map(_fault, pairs), start=1):
            faults += [fault] if fault else []
            line.show(f"Checked {done:,} of {len(pairs):,} pets", is_last=done == len(pairs))
    if faults:
        listed = "\n".join(f"  {fault}" for fault in faults[:10])
        more = f"\n  and {len(faults) - 10:,} more" if len(faults) > 10 else ""
        raise DataError(
            f"{len(faults):,} of {len(pairs):,} pets in {folder} {'is' if len(faults) == 1 else 'are'} faulty:\n"
            f"{listed}{more}\nReplace these files, or remove their names from annotations/trainval.txt and "
            "annotations/test.txt."
        )


def _fault(pair: tuple[str, ...]) -> str | None:
    decoded = []
    for path, decode in zip(pair, (_image, _labels)):
        try:
            decoded.append(decode(tf.io.read_file(path)))
        except tf.errors.OpError:
            return f"{path} cannot be read: it is damaged, or not a picture"
    image, labels = decoded
    if image.shape[:2] != labels.shape[:2]:
        sizes = " and ".join(f"{values.shape[0]} x {values.shape[1]}" for values in decoded)
        return f"{pair[1]} differs in size from its picture ({sizes})"
    found = np.unique(labels).tolist()
    known = range(FIRST_LABEL, FIRST_LABEL + CLASSES.n_classes)
    if not set(found) <= set(known):
        return f"{pair[1]} holds {shorten(found, 5)}: a trimap holds 1 (pet), 2 (background) and 3 (border)"
    return None


def _dataset(pairs: Sequence[tuple[str, ...]]) -> tf.data.Dataset:
    def read(image_path: tf.Tensor, trimap_path: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        image, labels = _image(tf.io.read_file(image_path)), _labels(tf.io.read_file(trimap_path))
        return image, labels - FIRST_LABEL

    image_paths, trimap_paths = map(list, zip(*pairs))
    files = tf.data.Dataset.from_tensor_slices((image_paths, trimap_paths))
    return files.map(read, num_parallel_calls=usable_processors())


def _image(data: tf.Tensor) -> tf.Tensor:
    """Decode a picture: a dozen files of the real set are not JPEG in spite of their names, or have alpha."""
    image = tf.io.decode_image(data, expand_animations=False)
    is_grey = tf.shape(image)[-1] < 3
    image = tf.cond(is_grey, lambda: tf.repeat(image[..., :1], 3, -1), lambda: image[..., :3])
    return tf.ensure_shape(image, (None, None, 3))


def _labels(data: tf.Tensor) -> tf.Tensor:
    return tf.io.decode_png(data, channels=1)


# The Oxford-IIIT set ----------------------------------------------------------------------------------------------


def _oxford(folder: Path, mirror: str | None) -> tuple[tf.data.Dataset, ...]:
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise DataError(
            f"The Oxford-IIIT set is read by tensorflow_datasets, which cannot be imported ({error}).\n"
            f"Install what the course needs: pip install -r requirements.txt\n{DRAWN_ADVICE}"
        ) from None
    builder = tfds.builder("oxford_iiit_pet", data_dir=os.fspath(folder))
    # What it makes is moved there whole; its own is_prepared() writes a warning.
    if not Path(builder.data_dir).exists():
        _prepare(tfds, builder, folder, mirror)
    return tuple(
        builder.as_dataset(split=split).map(_pair, num_parallel_calls=usable_processors())
        for split in ("train", "test")
    )


def _pair(example: dict[str, tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
    return example["image"], example["segmentation_mask"] - FIRST_LABEL


def _prepare(tfds: Any, builder: Any, folder: Path, mirror: str | None) -> None:
    """Download the archives, and have tensorflow_datasets make its files of them."""
    downloads = folder / DOWNLOAD_FOLDER
    downloads.mkdir(parents=True, exist_ok=True)
    registered = {
        info.filename: (f"{mirror.rstrip('/')}/{info.filename}" if mirror else url, info)
        for url, info in builder.url_infos.items()
    }
    missing = {name: source for name, source in registered.items() if not (downloads / name).exists()}
    _check_room(folder, sum(info.size for _, info in registered.values()))
    advice = (
        f"Or get the archives from elsewhere: set {MIRROR_VARIABLE} to the address of a folder with "
        f'{" and ".join(registered)}, or unpack both into one folder and name it: pets.load("folder", "...").\n'
        f"{DRAWN_ADVICE}"
    )
    for name, (url, info) in missing.items():
        if not is_reachable(url, SECONDS_TO_ANSWER):
            raise DataError(f"The Oxford-IIIT set cannot be downloaded: {url} cannot be reached.\n{advice}")
        print(f"The Oxford-IIIT set, {name} from {url}", flush=True)
        # This download resumes after a break, which 792 MB need; tensorflow_datasets would start again.
        os.replace(download(url, downloads, info.checksum, advice), downloads / name)
    _convert(tfds, builder, downloads)
    # Most of a gigabyte, twice, that nobody needs any more.
    shutil.rmtree(downloads)


def _convert(tfds: Any, builder: Any, downloads: Path) -> None:
    """Have tensorflow_datasets verify and unpack the archives, and write its own files."""
    config = tfds.download.DownloadConfig(
        manual_dir=downloads, extract_dir=downloads / "extracted", try_download_gcs=False
    )
    numbers = itertools.count(1)
    examples_of = builder._generate_examples

    def counted_examples(*args: Any, **named: Any) -> Iterator[Any]:
        for example in examples_of(*args, **named):
            with contextlib.redirect_stdout(shown):
                line.show(f"Converted {next(numbers):,} pets")
            yield example

    # Its many progress bars overwrite each other and need ipywidgets in a notebook; what it prints is about a
    # download of unknown size.
    tfds.disable_progress_bar()
    shown = sys.stdout
    builder._generate_examples = counted_examples
    try:
        print("Unpacking the archives", flush=True)
        with ProgressLine() as line:
            with contextlib.redirect_stdout(io.StringIO()):
                builder.download_and_prepare(download_dir=downloads, download_config=config)
            line.show(f"Converted {next(numbers) - 1:,} pets", is_last=True)
    except Exception as error:  # its own have no common base
        raise DataError(
            f"tensorflow_datasets cannot use the archives in {downloads} ({type(error).__name__}):\n  {error}\n"
            f"Delete that folder and call again.\n{DRAWN_ADVICE}"
        ) from None
    finally:
        tfds.enable_progress_bar()
        del builder._generate_examples


def _check_room(folder: Path, size: int) -> None:
    """Raise DataError where there is no room for the archives, their contents, and what is made of these."""
    free = shutil.disk_usage(folder).free
    if free < 3 * size:
        raise DataError(
            f"The Oxford-IIIT set needs {3 * size / 1e6:,.0f} MB for a while, then {size / 1e6:,.0f} MB; "
            f"only {free / 1e6:,.0f} MB are free in {folder.absolute()}.\n{DRAWN_ADVICE}"
        )
