"""``report``: everybody's points."""

import argparse

from keras_autograder.commands.course import course_here

SENTENCE = "print everybody's points, the reasons, what was repaired, and where the feedback is"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("assignment", help="the assignment's id")
    parser.add_argument("--usage", action="store_true", help="also say what each submission's kernel used")


def run(options: argparse.Namespace) -> int:
    """Print the table."""
    from keras_autograder.report import as_table, read_marks

    marks = read_marks(course_here(options.assignment), options.assignment)
    print(as_table(marks, with_usage=options.usage))
    return 0
