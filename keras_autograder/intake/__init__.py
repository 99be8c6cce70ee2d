"""From whatever a student hands in to a notebook that can be graded, with notes on what was done."""

from keras_autograder.intake.assignment_plan import AssignmentPlan
from keras_autograder.intake.clean_copy import TakenIn, copy_timestamp, take_in
from keras_autograder.intake.folder_listing import Limits
from keras_autograder.intake.notebook_file import UnreadableNotebook, read_notebook
from keras_autograder.intake.notes import Note
from keras_autograder.intake.platform_file_names import PLATFORM_FILE_NAMES, STUDENT_FOLDERS
from keras_autograder.intake.repair import Repaired, repair

__all__ = [
    "PLATFORM_FILE_NAMES",
    "STUDENT_FOLDERS",
    "AssignmentPlan",
    "Limits",
    "Note",
    "Repaired",
    "TakenIn",
    "UnreadableNotebook",
    "copy_timestamp",
    "read_notebook",
    "repair",
    "take_in",
]
