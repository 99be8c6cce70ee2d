"""Removing a folder that a stranger's code has filled, without ``shutil``: its import is slower than the launcher."""

import contextlib
import os
from collections.abc import Callable


def remove_folder(folder: str) -> None:
    """Remove a folder with all in it, as far as possible.

    Args:
        folder: str.
    """
    for path, folders, names in os.walk(folder, topdown=False):
        for name in names:
            _try(os.unlink, os.path.join(path, name))
        for name in folders:
            _try(os.rmdir, os.path.join(path, name))
            _try(os.unlink, os.path.join(path, name))
    _try(os.rmdir, folder)


def _try(function: Callable[[str], None], path: str) -> None:
    # Gone already, or of the other kind; what cannot be removed is left to whoever cleans the temporary folder.
    with contextlib.suppress(OSError):
        function(path)
