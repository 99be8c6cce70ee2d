"""From whatever a student hands in to a notebook that can be graded, with notes on what was done."""

from keras_autograder.repair.exporter import SubmissionExporter
from keras_autograder.repair.intake import Limits, take_in
from keras_autograder.repair.names import PLATFORM_FILE_NAMES, STUDENT_FOLDERS
from keras_autograder.repair.notes import Note
from keras_autograder.repair.preprocessor import RepairNotebook
from keras_autograder.repair.reading import UnreadableNotebook, read_notebook
from keras_autograder.repair.repair import Repaired, repair

__all__ = [
    "PLATFORM_FILE_NAMES",
    "STUDENT_FOLDERS",
    "Limits",
    "Note",
    "RepairNotebook",
    "Repaired",
    "SubmissionExporter",
    "UnreadableNotebook",
    "read_notebook",
    "repair",
    "take_in",
]
