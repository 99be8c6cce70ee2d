"""Files that belong together are written together, and never half."""

import os
from collections.abc import Mapping
from pathlib import Path


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write files so that none is ever half written, and none is there without the others.

    Args:
        contents: dict from pathlib.Path to bytes. Files that are there are replaced.

    Raises:
        OSError: a file cannot be written; then none was.
    """
    parts = {path: path.with_name(path.name + ".part") for path in contents}
    try:
        for path, data in contents.items():
            parts[path].write_bytes(data)
        for path, part in parts.items():
            os.replace(part, path)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
