"""A process that draws a share of the scenes: every n-th one.

    python -m practice_scenes.worker FOLDER SEED COUNT FIRST STEP

It writes one byte to its standard output for each scene: DONE, or the number of an error.
"""

import os
import sys
from collections.abc import Sequence

from .scene_files import write_numbers
from .writing import DONE


def main(arguments: Sequence[str]) -> int:
    """Draw every n-th scene.

    Args:
        arguments: the folder, and four whole numbers: the seed, the number of all scenes, the first to draw here, and
            the step to the next one.

    Returns:
        int, the exit status: 0, or 1 where a file could not be written or nobody waits any more.
    """
    folder, *numbers = arguments
    seed, count, first, step = map(int, numbers)
    try:
        for _ in write_numbers(folder, range(first, count + 1, step), seed):
            os.write(sys.stdout.fileno(), DONE)
    except BrokenPipeError:
        # Nobody waits for the scenes any more.
        return 1
    except OSError as error:
        os.write(sys.stdout.fileno(), bytes([error.errno]))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
