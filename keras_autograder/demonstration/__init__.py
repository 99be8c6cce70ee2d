"""A class to try the course on: submissions right and wrong, each with the story behind it."""

from keras_autograder.demonstration.class_files import submissions_of
from keras_autograder.demonstration.classroom import NotADemonstration, set_up_class
from keras_autograder.demonstration.submission import DemonstrationSubmission

__all__ = ["DemonstrationSubmission", "NotADemonstration", "set_up_class", "submissions_of"]
