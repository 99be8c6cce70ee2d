"""TensorFlow without the log that it writes to the error stream when it starts."""

import contextlib
import importlib
import os
from collections.abc import Iterator
from types import ModuleType


def import_tensorflow() -> ModuleType:
    """Import TensorFlow and run a first operation, with the error stream discarded.

    Its log begins before it has read which level is asked for, and goes on until the first operation has run.

    Returns:
        module, tensorflow.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _error_stream_discarded():
        tensorflow = importlib.import_module("tensorflow")
        tensorflow.reduce_sum(tensorflow.ones(1))
    return tensorflow


@contextlib.contextmanager
def _error_stream_discarded() -> Iterator[None]:
    """Discard what is written to file descriptor 2, where native code writes past sys.stderr."""
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
