"""What checks a Keras network, for both sides: for learners in their notebook and for the judge.

It imports Keras and nothing else of this project.
"""

from keras_checks.comparison import (
    Comparison,
    Difference,
    Layer,
    Summary,
    SummaryMismatch,
    by_cause,
    comparator,
    compare,
    html_table,
    show_in_notebook,
    summary,
)
from keras_checks.exercise import (
    SCORE_MIME_TYPE,
    SECRET_VARIABLE,
    Criterion,
    Draws,
    Exercise,
    ExerciseNotPassed,
    LearnerError,
    Rejected,
    Score,
    blank_lines_in,
    native_stderr_discarded,
    with_globals,
)
from keras_checks.expected import ExpectedSummary
from keras_checks.picture import draw

__all__ = [
    "SCORE_MIME_TYPE",
    "SECRET_VARIABLE",
    "Comparison",
    "Criterion",
    "Difference",
    "Draws",
    "Exercise",
    "ExerciseNotPassed",
    "ExpectedSummary",
    "Layer",
    "LearnerError",
    "Rejected",
    "Score",
    "Summary",
    "SummaryMismatch",
    "blank_lines_in",
    "by_cause",
    "comparator",
    "compare",
    "draw",
    "html_table",
    "native_stderr_discarded",
    "show_in_notebook",
    "summary",
    "with_globals",
]
