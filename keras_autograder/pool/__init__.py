"""A whole class at once: submissions are graded by many workers, while nbgrader takes them in its own order.

nbgrader converts one submission after the other and writes the gradebook. That stays as it is. What takes long is
running the notebooks: they are handed out ahead of nbgrader's loop, and the results are ready when it gets there.
"""

from keras_autograder.pool.grading import ClassGrading, Interrupted

__all__ = ["ClassGrading", "Interrupted"]
