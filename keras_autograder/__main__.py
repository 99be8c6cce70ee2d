"""Commands around nbgrader's own: ``python -m keras_autograder {check,release,demonstration,report,settings} ...``."""

import argparse
import sys
import tempfile
import textwrap
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


def _report(course: Path, assignment: str, with_usage: bool = False) -> None:
    from keras_autograder.report import as_table, read_marks

    print(as_table(read_marks(course, assignment), with_usage=with_usage))


def _settings() -> None:
    from keras_autograder.execution import JudgedExecute
    from keras_autograder.repair import SubmissionExporter
    from keras_autograder.sandbox.kernel import SandboxedKernelManager

    print("What nbgrader_config.py can say beside nbgrader's own settings, as c.<name> = <value>.\n")
    for owner in (JudgedExecute, SandboxedKernelManager, SubmissionExporter):
        for name, trait in owner.class_own_traits(config=True).items():
            print(f"{owner.__name__}.{name} = {trait.default()!r}")
            print(textwrap.fill(trait.help.rstrip(".") + ".", 100, initial_indent="    ", subsequent_indent="    "))


def _check(course: Path, options: argparse.Namespace) -> int:
    from traitlets.config.loader import PyFileConfigLoader

    from keras_autograder.check import check_notebook
    from keras_autograder.repair import UnreadableNotebook

    config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    try:
        verdict = check_notebook(options.notebook, course, options.assignment, config)
    except (UnreadableNotebook, FileNotFoundError) as error:
        print(f"{options.notebook}: {error}", file=sys.stderr)
        return 2
    print(verdict.as_json() if options.json else verdict.as_text())
    return 0 if verdict.points == verdict.out_of else 1


_COMMANDS = {
    "release": (_release, "bring release/ up to date with source/, without touching anybody's work"),
    "demonstration": (_demonstration, "put the demonstration class into submitted/, unless a real class is there"),
    "report": (_report, "print everybody's points, the reasons, what was repaired, and where the feedback lies"),
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; see ``--help``."""
    parser = argparse.ArgumentParser(prog="python -m keras_autograder", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, sentence) in _COMMANDS.items():
        command = commands.add_parser(name, help=sentence, description=sentence)
        command.add_argument("assignment", help="the assignment's id, for instance unet")
        if name == "report":
            command.add_argument("--usage", action="store_true", help="say what each submission's kernel used as well")
    sentence = "check one notebook, whoever wrote it; ends with 0 for all points, 1 for fewer, 2 if it cannot be read"
    check = commands.add_parser("check", help=sentence, description=sentence)
    check.add_argument("notebook", type=Path, help="a notebook that defines the functions of the assignment")
    check.add_argument("--assignment", default="unet", help="the assignment's id (default: unet)")
    check.add_argument("--json", action="store_true", help="print the verdict as JSON")
    sentence = "print the settings of grading, their defaults and what they mean"
    commands.add_parser("settings", help=sentence, description=sentence)
    options = parser.parse_args(arguments)
    if options.command == "settings":
        _settings()
        return 0
    # The check is for notebooks that lie anywhere; the other commands are for the course that one stands in.
    here = Path.cwd()
    course = (
        here if options.command != "check" or (here / "source").is_dir() else Path(__file__).resolve().parent.parent
    )
    if not (course / "source" / options.assignment).is_dir():
        print(
            f"There is no assignment source/{options.assignment} here. Run the command in the course's folder, "
            f"the one of nbgrader_config.py (this is {course}).",
            file=sys.stderr,
        )
        return 2
    if options.command == "check":
        return _check(course, options)
    usage = {"with_usage": options.usage} if options.command == "report" else {}
    _COMMANDS[options.command][0](course, options.assignment, **usage)
    return 0


if __name__ == "__main__":
    sys.exit(main())
