"""TensorFlow without the pages that it writes to the error stream when it starts."""

import importlib
import os


def import_tensorflow():
    """Import TensorFlow and run a first operation, with the error stream led nowhere.

    Its log begins before it has read how much of it is wanted, and goes on until the first operation has run.

    Returns:
        module, tensorflow.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        tensorflow = importlib.import_module("tensorflow")
        tensorflow.reduce_sum(tensorflow.ones(1))
    finally:
        os.dup2(kept, 2)
        os.close(kept)
    return tensorflow
