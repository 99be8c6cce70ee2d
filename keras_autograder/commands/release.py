"""``release``: make what students get."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from keras_autograder.commands.course import course_here

SENTENCE = "bring release/ up to date with source/, without touching anybody's work"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("assignment", help="the assignment's id")


def run(options: argparse.Namespace) -> int:
    """Bring the release up to date, and name each file that changed."""
    from keras_autograder.authoring import ImportUnavailable, WorkInProgress, refresh_release

    course = course_here(options.assignment)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            changed = refresh_release(course, options.assignment, Path(scratch))
        except WorkInProgress as note:
            print(f"Note: {note}")
            return 0
        except ImportUnavailable as error:
            print(error, file=sys.stderr)
            return 1
        except subprocess.CalledProcessError:
            print("nbgrader could not make the release. It says why above.", file=sys.stderr)
            return 1
    for path in changed:
        print(f"{'updated' if path.exists() else 'removed'} {path.relative_to(course)}")
    print(f"release/{options.assignment} is up to date")
    return 0
