"""``demonstration``: a class to try the course on."""

import argparse

from keras_autograder.commands.course import course_here

SENTENCE = "put the demonstration class into submitted/, unless a real class is there"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("assignment", help="the assignment's id")


def run(options: argparse.Namespace) -> int:
    """Write the submissions, and say how many there are."""
    from keras_autograder.demonstration import NotADemonstration, set_up_class

    try:
        submissions = set_up_class(course_here(options.assignment), options.assignment)
    except NotADemonstration as note:
        print(f"Note: {note}. They are graded as they are.")
        return 0
    if not submissions:
        print(f"Note: the assignment {options.assignment} has no demonstration class. Nothing was submitted.")
        return 0
    print(f"{len(submissions)} submissions of the demonstration class are in submitted/")
    return 0
