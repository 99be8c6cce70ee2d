"""TensorFlow without the pages that it writes to the error stream when it starts."""

import importlib
import os

from keras_checks import native_stderr_discarded


def import_tensorflow():
    """Import TensorFlow and run a first operation, with the error stream led nowhere.

    Its log begins before it has read how much of it is wanted, and goes on until the first operation has run.

    Returns:
        module, tensorflow.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with native_stderr_discarded():
        tensorflow = importlib.import_module("tensorflow")
        tensorflow.reduce_sum(tensorflow.ones(1))
    return tensorflow
