"""A scene as a pair of files, in the layout of the CARLA set."""

import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from segmentation.atomic_files import write_together

from .street import draw_scene

FOLDER_NAMES = "CameraRGB", "CameraMask"


def write_numbers(folder: str | Path, numbers: Iterable[int], seed: int) -> Iterator[int]:
    """Draw and save the scenes of these numbers, and yield each number when its pair of files is there.

    Args:
        folder: str or Path that holds CameraRGB and CameraMask.
        numbers: iterable of int, from 1.
        seed: int from 0.

    Yields:
        int, the number of the scene.

    Raises:
        OSError: a file cannot be written.
    """
    for number in numbers:
        image, class_ids = draw_scene(np.random.default_rng([seed, number]))
        zeros, opaque = np.zeros_like(class_ids), np.full_like(class_ids, 255)
        pictures = np.dstack([image, opaque]), np.dstack([class_ids, zeros, zeros, opaque])
        paths = [Path(folder) / name / f"{number:06d}.png" for name in FOLDER_NAMES]
        write_together(dict(zip(paths, map(_png, pictures))))
        yield number


def _png(pixels: np.ndarray) -> bytes:
    """Return uint8 (height, width, 4) as the bytes of a PNG file; specification: https://www.w3.org/TR/png-3/.

    Pillow tries five filters for every row, and takes longer over it than the scene took to draw.
    """
    height, width, _ = pixels.shape
    rows = pixels.reshape(height, -1)
    filtered = np.empty((height, 1 + rows.shape[1]), np.uint8)
    filtered[:, 0] = 2  # each row as its difference from the one above
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)  # 8 bits of red, green, blue and alpha
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(filtered, 1)), (b"IEND", b"")
    framed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)
