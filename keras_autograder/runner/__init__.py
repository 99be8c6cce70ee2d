"""Running a submission: the student's cells in a kernel of their own, the check cells in the judge."""

from keras_autograder.runner.assignment import Assignment
from keras_autograder.runner.grade import Graded, Submission, give_up, grade_notebook, grade_submission
from keras_autograder.runner.secret import course_secret

__all__ = [
    "Assignment",
    "Graded",
    "Submission",
    "course_secret",
    "give_up",
    "grade_notebook",
    "grade_submission",
]
