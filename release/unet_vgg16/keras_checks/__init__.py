"""What checks a Keras network, for both sides: for learners in their notebook and for the judge.

It imports Keras and nothing else of this project.
"""

from keras_checks.blanks import blank_lines_in
from keras_checks.comparison import Comparison, compare
from keras_checks.differences import Change, Difference, by_cause
from keras_checks.draws import SECRET_VARIABLE, Draws
from keras_checks.expected import ExpectedSummary
from keras_checks.layers import Layer, LayerReference
from keras_checks.learner_errors import LearnerError, Rejected
from keras_checks.mismatch import SummaryMismatch, comparator
from keras_checks.picture import NetworkPicture, draw, draw_network
from keras_checks.quiet_streams import native_stderr_discarded
from keras_checks.rebinding import with_globals
from keras_checks.rendering.notebook import show_in_notebook
from keras_checks.rendering.tables import html_table
from keras_checks.rubric.criterion import Criterion
from keras_checks.rubric.exercise import Exercise
from keras_checks.rubric.score import SCORE_MIME_TYPE, ExerciseNotPassed, Score
from keras_checks.summarising import Summary, summary

__all__ = [
    "SCORE_MIME_TYPE",
    "SECRET_VARIABLE",
    "Change",
    "Comparison",
    "Criterion",
    "Difference",
    "Draws",
    "Exercise",
    "ExerciseNotPassed",
    "ExpectedSummary",
    "Layer",
    "LayerReference",
    "LearnerError",
    "NetworkPicture",
    "Rejected",
    "Score",
    "Summary",
    "SummaryMismatch",
    "blank_lines_in",
    "by_cause",
    "comparator",
    "compare",
    "draw",
    "draw_network",
    "html_table",
    "native_stderr_discarded",
    "show_in_notebook",
    "summary",
    "with_globals",
]
