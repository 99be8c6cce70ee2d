"""What the processes that grade import before they are forked."""

import keras_autograder.pool.workers  # noqa: F401
