"""Commands around nbgrader's own: ``python -m keras_autograder {release,demonstration,report} unet``."""

import argparse
import sys
import tempfile
from pathlib import Path


def _release(course: Path, assignment: str) -> None:
    from keras_autograder.authoring import WorkInProgress, refresh_release

    with tempfile.TemporaryDirectory() as scratch:
        try:
            changed = refresh_release(course, assignment, Path(scratch))
        except WorkInProgress as note:
            print(f"Note: {note}")
            return
    for path in changed:
        print(f"updated {path.relative_to(course)}")
    print(f"release/{assignment} is up to date")


def _demonstration(course: Path, assignment: str) -> None:
    from keras_autograder.demonstration import NotADemonstration, set_up_class

    try:
        submissions = set_up_class(course, assignment)
    except NotADemonstration as note:
        print(f"Note: {note}. They are graded as they are.")
        return
    print(f"{len(submissions)} submissions of the demonstration class are in submitted/")


def _report(course: Path, assignment: str) -> None:
    from keras_autograder.report import as_table, read_marks

    print(as_table(read_marks(course, assignment)))


_COMMANDS = {
    "release": (_release, "bring release/ up to date with source/, without touching anybody's work"),
    "demonstration": (_demonstration, "put the demonstration class into submitted/, unless a real class is there"),
    "report": (_report, "print everybody's points, why points were lost, and where the feedback lies"),
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; see ``--help``."""
    parser = argparse.ArgumentParser(prog="python -m keras_autograder", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, sentence) in _COMMANDS.items():
        command = commands.add_parser(name, help=sentence, description=sentence)
        command.add_argument("assignment", help="the assignment's id, for instance unet")
    options = parser.parse_args(arguments)
    course = Path.cwd()
    if not (course / "source" / options.assignment).is_dir():
        print(
            f"There is no assignment source/{options.assignment} here. Run the command in the course's folder, "
            f"the one of nbgrader_config.py (this is {course}).",
            file=sys.stderr,
        )
        return 2
    _COMMANDS[options.command][0](course, options.assignment)
    return 0


if __name__ == "__main__":
    sys.exit(main())
