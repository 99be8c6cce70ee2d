"""``expected``: print the rows that a visible check is to compare with."""

import argparse
import os
import sys

from keras_autograder.commands.course import course_here

SENTENCE = "print the rows that a visible check compares with, made from your own solution"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("assignment", help="the assignment's id")
    parser.add_argument("expression", help="Python that makes the model, for instance 'classifier((28, 28, 1), 10)'")


def run(options: argparse.Namespace) -> int:
    """Print the rows; on stderr why there are none."""
    # Before TensorFlow is imported: its messages would stand among the rows.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from keras_autograder.authoring.expected_rows import ExpectationFailed, expected_rows, value_in_notebook

    (notebook,) = (course_here(options.assignment) / "source" / options.assignment).glob("*.ipynb")
    try:
        print(expected_rows(value_in_notebook(notebook, options.expression)))
    except ExpectationFailed as error:
        print(error, file=sys.stderr)
        return 2
    return 0
