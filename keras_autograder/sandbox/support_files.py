"""Copying the files that come with a submission to where its code may see them."""

import os
import shutil
from pathlib import Path


class TooLarge(Exception):
    """The files that come with a submission are larger than its sandbox."""


def copy_support_files(folder: Path, work: Path, most_bytes: int) -> list[str]:
    """Copy the plain files of a folder and of those below it.

    Notebooks stay behind: beside a submission lie others that have hidden tests in them already. Links, sockets and
    devices stay behind too: a link from a stranger may point at anything.

    Args:
        folder: Path.
        work: Path, outside of ``folder``; made if need be.
        most_bytes: int, bytes of all files together.

    Returns:
        list of str, what was left out, relative to ``folder``.

    Raises:
        TooLarge: there is more than ``most_bytes``.
    """
    left_out, total = [], 0
    for place, folders, names in os.walk(folder):
        here = Path(place)
        there = work / here.relative_to(folder)
        there.mkdir(parents=True, exist_ok=True)
        links = [name for name in folders if (here / name).is_symlink()]
        left_out += [str((here / name).relative_to(folder)) for name in links]
        folders[:] = [name for name in folders if name not in links]
        for name in names:
            file = here / name
            if file.is_symlink() or not file.is_file() or file.suffix == ".ipynb":
                left_out.append(str(file.relative_to(folder)))
                continue
            total += file.stat().st_size
            if total > most_bytes:
                raise TooLarge(f"The files beside the notebook are larger than {most_bytes} bytes together.")
            shutil.copyfile(file, there / name)
    return sorted(left_out)
