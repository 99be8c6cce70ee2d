"""What a graded class came to: who has how many points, what for, and why not more."""

from keras_autograder.report.marks import ExerciseMark, StudentMarks, marks_of, read_marks
from keras_autograder.report.table import as_table

__all__ = ["ExerciseMark", "StudentMarks", "as_table", "marks_of", "read_marks"]
