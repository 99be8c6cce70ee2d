"""Running a submission: the student's cells in a kernel of their own, the check cells in the judge."""

from keras_autograder.execution.assignment import Assignment, course_secret
from keras_autograder.execution.grade import Graded, Submission, give_up, grade_notebook, grade_submission
from keras_autograder.execution.judged_execute import IsolationRefused, JudgedExecute

__all__ = [
    "Assignment",
    "Graded",
    "IsolationRefused",
    "JudgedExecute",
    "Submission",
    "course_secret",
    "give_up",
    "grade_notebook",
    "grade_submission",
]
