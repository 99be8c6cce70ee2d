"""``new``: begin an assignment."""

import argparse
import sys
from pathlib import Path

SENTENCE = "begin an assignment, and the course around it where there is none yet"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("assignment", help="the assignment's id, for instance first_network")


def run(options: argparse.Namespace) -> int:
    """Make the files that are missing, and say for each file whether it was made or left as it is."""
    from keras_autograder.authoring import NewAssignmentRefused, new_assignment

    try:
        print("\n".join(new_assignment(Path.cwd(), options.assignment)))
    except NewAssignmentRefused as refusal:
        print(refusal, file=sys.stderr)
        return 2
    return 0
