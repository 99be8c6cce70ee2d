"""From whatever a student hands in to a notebook that can be graded, with notes on what was done."""

from keras_autograder.intake.clean_copy import Limits, take_in
from keras_autograder.intake.names import PLATFORM_FILE_NAMES, STUDENT_FOLDERS
from keras_autograder.intake.notes import Note
from keras_autograder.intake.reading import UnreadableNotebook, read_notebook
from keras_autograder.intake.repair import Repaired, repair

__all__ = [
    "PLATFORM_FILE_NAMES",
    "STUDENT_FOLDERS",
    "Limits",
    "Note",
    "Repaired",
    "UnreadableNotebook",
    "read_notebook",
    "repair",
    "take_in",
]
