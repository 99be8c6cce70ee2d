"""What the processes that grade import before they are forked."""

import keras_autograder.parallel.workers  # noqa: F401
