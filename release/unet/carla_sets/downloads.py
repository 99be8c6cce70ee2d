"""Downloading a set, from Kaggle or any web server, and converting it."""

import shutil
from pathlib import Path

from data_check import Fault
from segmentation.download import download, unpack
from segmentation.errors import DataError

from .conversion import import_set

PRACTICE = "Practice scenes need no network:  python driving_scenes.py data --count 100"

# "Semantic Segmentation for Self Driving Cars" on Kaggle is the set of the Lyft-Udacity perception challenge of
# 2018: 5,000 frames in dataA..dataE, 600 x 800, ids 0..12. The 1,060 frames of the public course are another set,
# 480 x 640, with ids that CARLA has had since 0.9.10 of 2020; they come by `import`, or by `fetch --url`.
# https://www.kaggle.com/datasets/kumaresanmanickavelu/lyft-udacity-challenge
KAGGLE_SET = "kumaresanmanickavelu/lyft-udacity-challenge"


def fetch_url(url: str, data: str | Path = "data", sha256: str | None = None, table: str = "auto") -> list[Fault]:
    """Download a zip or tar file from a web server, unpack it, and import the set in it.

    The download is kept in a folder .download in data until the set is imported.

    Args:
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


def fetch_from_kaggle(data: str | Path = "data", table: str = "auto") -> list[Fault]:
    """Download the Lyft-Udacity set from Kaggle, and import it.

    5,000 pairs, 600 x 800, with the ids 0..12 of the course's table; the sky is 0, unlabeled. The library
    kagglehub downloads it, checks it, keeps it in a folder of its own, and resumes a download that broke off.

    Args:
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
            reason = "Kaggle cannot be reached: are you online?"
        else:
            first_line, _, _ = str(error).strip().partition("\n")
            reason = f"The download from Kaggle failed ({kind}: {first_line[:200]})."
        raise DataError(
            f"{reason} Run the same command again: it resumes where it stopped.\n"
            f"Or download it in a browser from https://www.kaggle.com/datasets/{KAGGLE_SET},\n"
            f"unpack it, and run:  python data_sets.py import FOLDER {data}\n{PRACTICE}"
        ) from None
    return import_set(folder, data, table)
