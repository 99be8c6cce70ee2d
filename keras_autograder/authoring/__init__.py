"""From the source notebook, which holds solutions and hidden tests, to what students get."""

from keras_autograder.authoring.new_assignment import NewAssignmentRefused, new_assignment
from keras_autograder.authoring.release import ImportUnavailable, WorkInProgress, build_release, refresh_release
from keras_autograder.authoring.solutions import graded_cells, solution_of, solved_notebook

__all__ = [
    "ImportUnavailable",
    "NewAssignmentRefused",
    "WorkInProgress",
    "build_release",
    "graded_cells",
    "new_assignment",
    "refresh_release",
    "solution_of",
    "solved_notebook",
]
