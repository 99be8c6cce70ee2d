"""``check``: the verdict on one notebook."""

import argparse
import sys
from pathlib import Path

from keras_autograder.commands.course import require_assignment

SENTENCE = "check one notebook, whoever wrote it; exits with 0 for all points, 1 for fewer, 2 if it cannot be checked"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("notebook", type=Path, help="a notebook that defines the functions of the assignment")
    parser.add_argument("--assignment", help="the assignment's id; left out, it is the one whose functions are defined")
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")


def run(options: argparse.Namespace) -> int:
    """Print the verdict; on stderr why there is none."""
    from traitlets.config.loader import PyFileConfigLoader

    from keras_autograder.check import NoSuchAssignment, assignment_of, check_notebook
    from keras_autograder.intake import UnreadableNotebook

    # The notebook may be anywhere, and so may the person who checks it; a clone of the kit is a course itself.
    course = Path.cwd()
    if not (course / "source").is_dir():
        course = Path(__file__).resolve().parents[2]
    try:
        assignment = options.assignment or assignment_of(options.notebook, course)
        require_assignment(course, assignment)
        config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
        verdict = check_notebook(options.notebook, course, assignment, config)
    except (UnreadableNotebook, NoSuchAssignment, FileNotFoundError) as error:
        print(f"{options.notebook}: {error}", file=sys.stderr)
        return 2
    print(verdict.as_json() if options.json else verdict.as_text())
    return 0 if verdict.points == verdict.out_of else 1
