"""Practice scenes in the layout of the CARLA set, for running the notebook without downloading anything.

In a terminal:          python driving_scenes.py data --count 100
In a notebook cell:     !python driving_scenes.py data --count 100

Needs numpy, Pillow, and beside it the module carla_classes and the folders practice_scenes and segmentation.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from practice_scenes import draw_scene, write_scenes
from segmentation.commands import whole_number, write_or_tell

__all__ = ["draw_scene", "main", "write_scenes"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write practice scenes from the command line.

    Args:
        arguments: sequence of str, or None for those of the command line.

    Returns:
        int, the exit status: 0, 1 for an error, 130 for Ctrl-C.
    """
    parser = argparse.ArgumentParser(description="Write practice scenes in the layout of the CARLA set.")
    parser.add_argument("folder", help="where CameraRGB and CameraMask go, such as data")
    parser.add_argument("--count", type=whole_number(1), default=100, help="number of scenes (default: 100)")
    parser.add_argument("--seed", type=whole_number(0), default=0, help="seed of the scenes (default: 0)")
    options = parser.parse_args(arguments)
    status = write_or_tell(
        lambda: write_scenes(options.folder, options.count, options.seed),
        options.folder,
        f"Stopped. The scenes drawn so far are in {options.folder}, and can be used.",
    )
    if status:
        return status
    where = Path(options.folder).resolve()
    print(f"Wrote {options.count:,} images to {where / 'CameraRGB'}, their masks to {where / 'CameraMask'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
