"""Running a submission: the student's cells in a kernel of their own, the check cells in the judge."""

from keras_autograder.execution.assignment import Assignment, course_secret
from keras_autograder.execution.grade import grade_notebook
from keras_autograder.execution.judged_execute import JudgedExecute

__all__ = ["Assignment", "JudgedExecute", "course_secret", "grade_notebook"]
