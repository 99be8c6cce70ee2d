"""A class to try the course on: submissions right and wrong, each with the story behind it."""

from keras_autograder.demonstration.classroom import NotADemonstration, set_up_class
from keras_autograder.demonstration.submissions import SUBMISSIONS, Submission

__all__ = ["SUBMISSIONS", "NotADemonstration", "Submission", "set_up_class"]
