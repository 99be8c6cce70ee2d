"""VGG16 as Keras has it, which also works where its weights cannot be downloaded.

`VGG16(weights="imagenet")` of Keras downloads 58 MB, and fails without a network. The function here takes the same
arguments and builds the same layers. It takes the weights from Keras's cache or from the network; where it finds
none, it goes on without them and says so. Keras itself is left as it is, unless `use_in_keras` is called.

    VGG16_WEIGHTS_MIRROR   an address to take the file from in place of Keras's, such as one in the classroom's
                           network: that of the file itself, or of the folder that holds it under Keras's name
    VGG16_WEIGHTS_MD5      the MD5 checksum of another file of weights, to be used in place of Keras's

Needs Keras, and the module reachable and the package segmentation beside it.
"""

import functools
import hashlib
import importlib
import inspect
import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np

from reachable import is_reachable
from segmentation.errors import DataError

# From keras/src/applications/vgg16.py, with and without the three layers on top.
ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications/vgg16/"
FILES = {
    True: ("vgg16_weights_tf_dim_ordering_tf_kernels.h5", "64373286793e3c8b2b4e3219cbf3544b"),
    False: ("vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5", "6d6bbae143d832006294945121d1f1fc"),
}
MIRROR_VARIABLE, MD5_VARIABLE = "VGG16_WEIGHTS_MIRROR", "VGG16_WEIGHTS_MD5"
SECONDS_TO_ANSWER = 5.0
SECONDS_OF_SILENCE = 30.0
# The mean blue, green and red of ImageNet, subtracted from what VGG16 was trained on: Keras's preprocess_input.
MEAN_BGR = (103.939, 116.779, 123.68)

_keras_vgg16 = getattr(keras.applications.VGG16, "__wrapped__", keras.applications.VGG16)
_noticed = False


@functools.wraps(_keras_vgg16)
def VGG16(*args: Any, **kwargs: Any) -> keras.Model:
    """Build VGG16 (Simonyan and Zisserman 2014), with its ImageNet weights where they can be found.

    Where the weights are asked for and can neither be found nor downloaded, the network begins with random numbers,
    and one printed notice says what that means. While a notebook is graded, nothing is downloaded; where only the
    structure of a network is asked for (in a `keras.StatelessScope`), no weights are read.

    Args:
        The arguments are those of keras.applications.VGG16.
        include_top: bool, whether the three layers that classify are there; True if not given.
        weights: "imagenet" (if not given), None for random numbers, or the path of a file of weights.
        input_tensor: keras.KerasTensor to begin with, or None.
        input_shape: (height, width, 3), where the layers on top are left out.
        pooling, classes, classifier_activation, name: as Keras describes them.

    Returns:
        keras.Model.

    Raises:
        DataError: a download broke off, or brought a different file from the one expected.
        ValueError: the arguments do not fit together.
    """
    given = inspect.signature(_keras_vgg16).bind(*args, **kwargs).arguments
    if given.get("weights", "imagenet") != "imagenet":
        return _keras_vgg16(**given)
    include_top = given.get("include_top", True)
    if include_top and given.get("classes", 1000) != 1000:
        raise ValueError("ImageNet has 1000 classes: with include_top=True and weights='imagenet', leave out `classes`")
    path = None if _is_structure_only() else find_weights(include_top)
    model = _keras_vgg16(**{**given, "weights": None})
    if path is not None:
        model.load_weights(path)
    return model


def use_in_keras() -> None:
    """Make `keras.applications.VGG16` the function above, under every name that Keras and TensorFlow have for it.

    A notebook calls this once, so that VGG16 works without a network whatever name a student uses. Calling it again
    changes nothing.
    """
    for name in ("keras.applications.vgg16", "tensorflow.keras.applications.vgg16"):
        importlib.import_module(name)
    # One function, several modules: keras.applications, tensorflow.keras.applications, what both take it from, ...
    for name, module in list(sys.modules.items()):
        if "keras" in name and "applications" in name and getattr(module, "VGG16", None) is _keras_vgg16:
            module.VGG16 = VGG16


def find_weights(include_top: bool = False) -> Path | None:
    """Return the file of the ImageNet weights, downloaded if necessary.

    Args:
        include_top: bool, whether the file holds the weights of the three layers that classify, too.

    Returns:
        pathlib.Path, or None where there is no network, or none may be used. Then a notice is printed, once, and none
        while a notebook is graded.

    Raises:
        DataError: a download broke off, or brought a different file from the one expected.
    """
    name, md5 = FILES[bool(include_top)]
    expected = os.environ.get(MD5_VARIABLE, "").strip().lower() or md5
    # Another file must not lie where Keras looks for its own.
    paths = [folder / (name if expected == md5 else f"{expected[:8]}_{name}") for folder in cache_folders()]
    for path in paths:
        if path.is_file() and _md5(path) == expected:
            return path
    if os.environ.get("NBGRADER_EXECUTION") == "autograde":
        return None
    url = _address(name)
    if not is_reachable(url, SECONDS_TO_ANSWER):
        _notice(url, path)
        return None
    _download(url, path, expected)
    return path


def cache_folders() -> list[Path]:
    """Return the folders where Keras keeps weights.

    Returns:
        list of pathlib.Path, whether they exist or not; downloads go into the last.
    """
    home = Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser()
    # keras.utils.get_file goes elsewhere too, where it may not write.
    elsewhere = Path("/tmp" if os.path.isdir("/tmp") else tempfile.gettempdir(), ".keras")
    return [folder / "models" for folder in ([home] if os.access(home, os.W_OK) else [home, elsewhere])]


def preprocess(images: Any) -> Any:
    """Turn pictures into what VGG16 was trained on: blue, green, red, from about -124 to 152.

    Args:
        images: float array or tensor (..., 3) in [0, 1]: red, green, blue.

    Returns:
        the same kind of array, shape and type.
    """
    return keras.applications.vgg16.preprocess_input(255.0 * images)


def to_pictures(preprocessed: Any) -> np.ndarray:
    """Turn what `preprocess` returned into pictures again.

    Args:
        preprocessed: float array or tensor (..., 3).

    Returns:
        numpy.ndarray of float32 in [0, 1], of the same shape: red, green, blue.
    """
    bgr = (np.asarray(preprocessed, np.float32) + np.float32(MEAN_BGR)) / 255
    return np.clip(bgr[..., ::-1], 0, 1)


def _is_structure_only() -> bool:
    """Tell whether variables get no values here: one that brings its own value is then refused."""
    try:
        keras.Variable(0.0)
    except ValueError:
        return True
    return False


def _address(name: str) -> str:
    mirror = os.environ.get(MIRROR_VARIABLE, "").strip()
    if mirror.endswith(".h5"):
        return mirror
    return f"{mirror.rstrip('/')}/{name}" if mirror else ADDRESS + name


def _download(url: str, path: Path, md5: str) -> None:
    part = path.with_name(path.name + ".part")
    try:
        with _limited_silence(SECONDS_OF_SILENCE):
            # An absolute folder is taken as it is.
            keras.utils.get_file(
                part.name,
                url,
                cache_subdir=os.fspath(path.parent),
                file_hash=md5,
                hash_algorithm="md5",
                force_download=True,
            )
        os.replace(part, path)
    except Exception as error:  # get_file raises nothing narrower
        if part.exists():
            what = f"The file from {url} is not the one expected (MD5 {_md5(part)}, not {md5}); it was deleted."
        else:
            what = f"The weights of VGG16 could not be downloaded from {url}:\n  {error}"
        raise DataError(
            f"{what}\nRun the cell again, or go on without the weights: VGG16(weights=None). {_by_hand(url, path)}"
        ) from None
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _limited_silence(seconds: float) -> Iterator[None]:
    """Give connections that are opened meanwhile a timeout: get_file takes none."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _notice(url: str, path: Path) -> None:
    global _noticed
    if _noticed:
        return
    _noticed = True
    print(
        f"VGG16 has no ImageNet weights here: {path} does not exist, and {url} cannot be reached.\n"
        "Its layers begin with random numbers, and keep them while they are frozen. Everything runs, but the network "
        f"segments much worse than it would with a trained encoder.\n{_by_hand(url, path)}"
    )


def _by_hand(url: str, path: Path) -> str:
    return (
        f"To get the weights, download this file on a machine with a network\n  {url}\nand copy it to\n  {path}\n"
        f"or set {MIRROR_VARIABLE} to its address in your own network before you start the notebook."
    )


def _md5(path: Path) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
