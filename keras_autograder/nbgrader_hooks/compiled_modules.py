"""The course's modules in the form in which Python keeps them, so that not every kernel needs to compile them."""

import contextlib
import os
import py_compile
import tempfile
from collections.abc import Iterator, Mapping
from importlib.util import cache_from_source
from pathlib import Path


def compiled(files: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Compile the modules among files.

    Args:
        files: mapping from path, relative to a notebook, to content in bytes.

    Returns:
        iterator of tuples of path and content, as in ``files``. Modules that do not compile are left out.
    """
    with tempfile.TemporaryDirectory() as scratch:
        for name, content in files.items():
            if not name.endswith(".py"):
                continue
            path = Path(scratch) / os.path.basename(name)
            path.write_bytes(content)
            with contextlib.suppress(py_compile.PyCompileError):
                # By its hash, which is not looked at: the file stands beside in a version of no other date.
                mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
                made = py_compile.compile(
                    str(path), str(path) + "c", dfile=path.name, doraise=True, invalidation_mode=mode
                )
                if made is not None:
                    yield str(cache_from_source(name)), Path(made).read_bytes()
