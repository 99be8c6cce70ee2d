"""Drawn pets in the layout of the Oxford-IIIT set, for running the notebook without downloading anything.

In a terminal:          python pet_pictures.py data --count 200
In a notebook cell:     !python pet_pictures.py data --count 200

Needs numpy, Pillow, and the packages drawn_pets and segmentation beside it.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from drawn_pets import TEST_SHARE, draw_picture, write_pets
from segmentation.commands import whole_number, write_or_tell

__all__ = ["draw_picture", "main", "write_pets"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write drawn pets from the command line.

    Args:
        arguments: sequence of str, or None for those of the command line.

    Returns:
        int, the exit status: 0, 1 for an error, 130 for Ctrl-C.
    """
    parser = argparse.ArgumentParser(description="Write drawn pets in the layout of the Oxford-IIIT set.")
    parser.add_argument("folder", help="where images and annotations go, such as data")
    parser.add_argument("--count", type=whole_number(TEST_SHARE), default=200, help="number of pets (default: 200)")
    parser.add_argument("--seed", type=whole_number(0), default=0, help="seed of the pets (default: 0)")
    options = parser.parse_args(arguments)
    status = write_or_tell(
        lambda: write_pets(options.folder, options.count, options.seed), options.folder, "Stopped; nothing was written."
    )
    if status:
        return status
    where = Path(options.folder).resolve()
    print(f"Wrote {options.count:,} pictures to {where / 'images'}, their trimaps to {where / 'annotations'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
