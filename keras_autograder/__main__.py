"""Commands around nbgrader's own, as ``python -m keras_autograder <command> ...``."""

import argparse
import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path


def _course(assignment: str, otherwise: Path | None = None) -> Path:
    """The course that one stands in, or ``otherwise`` where one stands in none."""
    course = Path.cwd()
    if otherwise and not (course / "source").is_dir():
        course = otherwise
    if not (course / "source" / assignment).is_dir():
        print(
            f"There is no assignment source/{assignment} here. Run the command in the course's folder, "
            f"the one of nbgrader_config.py (this is {course}).",
            file=sys.stderr,
        )
        raise SystemExit(2)
    return course


def _new(options: argparse.Namespace) -> int:
    from keras_autograder.authoring import NewAssignmentRefused, new_assignment

    try:
        print("\n".join(new_assignment(Path.cwd(), options.assignment)))
    except NewAssignmentRefused as refusal:
        print(refusal, file=sys.stderr)
        return 2
    return 0


def _expected(options: argparse.Namespace) -> int:
    # Before TensorFlow is imported: its messages would stand among the rows.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from keras_autograder.authoring.expected import ExpectationFailed, expected_rows, value_in_notebook

    (notebook,) = (_course(options.assignment) / "source" / options.assignment).glob("*.ipynb")
    try:
        print(expected_rows(value_in_notebook(notebook, options.expression)))
    except ExpectationFailed as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _release(options: argparse.Namespace) -> int:
    from keras_autograder.authoring import WorkInProgress, refresh_release

    course = _course(options.assignment)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            changed = refresh_release(course, options.assignment, Path(scratch))
        except WorkInProgress as note:
            print(f"Note: {note}")
            return 0
        except subprocess.CalledProcessError:
            print("nbgrader could not make the release. It says why above.", file=sys.stderr)
            return 1
    for path in changed:
        print(f"updated {path.relative_to(course)}")
    print(f"release/{options.assignment} is up to date")
    return 0


def _demonstration(options: argparse.Namespace) -> int:
    from keras_autograder.demonstration import NotADemonstration, set_up_class

    try:
        submissions = set_up_class(_course(options.assignment), options.assignment)
    except NotADemonstration as note:
        print(f"Note: {note}. They are graded as they are.")
        return 0
    if not submissions:
        print(f"Note: the assignment {options.assignment} has no demonstration class. Nothing was submitted.")
        return 0
    print(f"{len(submissions)} submissions of the demonstration class are in submitted/")
    return 0


def _report(options: argparse.Namespace) -> int:
    from keras_autograder.report import as_table, read_marks

    marks = read_marks(_course(options.assignment), options.assignment)
    print(as_table(marks, with_usage=options.usage))
    return 0


def _settings(options: argparse.Namespace) -> int:
    from keras_autograder.nbgrader_hooks.submission_exporter import SubmissionExporter
    from keras_autograder.pool import ClassGrading
    from keras_autograder.runner.settings import GradingSettings
    from keras_autograder.sandbox.provisioner import SandboxProvisioner

    print("What nbgrader_config.py can say beside nbgrader's own settings, as c.<name> = <value>.\n")
    sections = {
        "ClassGrading": ClassGrading,
        "JudgedExecute": GradingSettings,
        "SandboxProvisioner": SandboxProvisioner,
        "SubmissionExporter": SubmissionExporter,
    }
    for section, owner in sections.items():
        for name, trait in owner.class_own_traits(config=True).items():
            print(f"{section}.{name} = {trait.default()!r}")
            print(textwrap.fill(trait.help.rstrip(".") + ".", 100, initial_indent="    ", subsequent_indent="    "))
    return 0


def _check(options: argparse.Namespace) -> int:
    from traitlets.config.loader import PyFileConfigLoader

    from keras_autograder.check import check_notebook
    from keras_autograder.intake import UnreadableNotebook

    # A notebook to be checked may lie anywhere, and so may whoever checks it.
    course = _course(options.assignment, otherwise=Path(__file__).resolve().parent.parent)
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    try:
        verdict = check_notebook(options.notebook, course, options.assignment, config)
    except (UnreadableNotebook, FileNotFoundError) as error:
        print(f"{options.notebook}: {error}", file=sys.stderr)
        return 2
    print(verdict.as_json() if options.json else verdict.as_text())
    return 0 if verdict.points == verdict.out_of else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m keras_autograder", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    def add(name: str, run, sentence: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=sentence, description=sentence)
        command.set_defaults(run=run)
        return command

    new = add("new", _new, "begin an assignment, and the course around it where there is none yet")
    expected = add("expected", _expected, "print the rows that a visible check is to expect, of your own solution")
    release = add("release", _release, "bring release/ up to date with source/, without touching anybody's work")
    demonstration = add(
        "demonstration", _demonstration, "put the demonstration class into submitted/, unless a real class is there"
    )
    report = add(
        "report", _report, "print everybody's points, the reasons, what was repaired, and where the feedback lies"
    )
    for command in (new, expected, release, demonstration, report):
        command.add_argument("assignment", help="the assignment's id, for instance unet")
    expected.add_argument("expression", help="what makes the model, for instance 'unet_model((96, 128, 3))'")
    report.add_argument("--usage", action="store_true", help="say what each submission's kernel used as well")
    check = add(
        "check",
        _check,
        "check one notebook, whoever wrote it; ends with 0 for all points, 1 for fewer, 2 if it cannot be read",
    )
    check.add_argument("notebook", type=Path, help="a notebook that defines the functions of the assignment")
    check.add_argument("--assignment", default="unet", help="the assignment's id (default: unet)")
    check.add_argument("--json", action="store_true", help="print the verdict as JSON")
    add("settings", _settings, "print the settings of grading, their defaults and what they mean")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run one command; see ``--help``."""
    options = _parser().parse_args(arguments)
    return options.run(options)


if __name__ == "__main__":
    sys.exit(main())
