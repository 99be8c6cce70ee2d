"""Begin an assignment, and the course around it where there is none yet; what is there stays as it is."""

import keyword
import os
import re
from pathlib import Path

import nbformat

from keras_autograder.authoring.example import (
    example_configuration,
    example_notebook,
    example_outputs,
    ignored_files,
)

# A clone or the environment's packages: the modules at the top of the one lie at the top of the other.
_KIT = Path(__file__).resolve().parent.parent.parent
# What students need beside their notebook. Once in a course, so that all of its assignments are judged by the same.
STUDENTS_MODULES = ("exercise.py", "network_picture.py", "outputs.py", "test_utils.py")


class NewAssignmentRefused(Exception):
    """An assignment cannot be made under this name, or not on this system; the message says why."""


def new_assignment(course: Path, assignment: str) -> list[str]:
    """Make what an assignment needs and does not have.

    Args:
        course: Path, an empty folder or the folder of a course.
        assignment: str, the assignment's id.

    Returns:
        list of str, a line for each file: whether it was made, or was there and left as it is.

    Raises:
        NewAssignmentRefused: if the name is none for an assignment, or another assignment's; then nothing was made.
            Also if the system makes no links.
    """
    _check_name(course, assignment)
    folder, outputs = Path("source", assignment), f"outputs_{assignment}.py"
    texts = {
        Path("nbgrader_config.py"): example_configuration(re.sub(r"\W+", "_", course.resolve().name) or "course"),
        Path(".gitignore"): ignored_files(),
        **{Path(name): _kits(name) for name in STUDENTS_MODULES},
        Path(outputs): example_outputs(assignment),
        folder / f"{assignment}.ipynb": nbformat.writes(example_notebook(assignment)) + "\n",
    }
    lines = []
    for path, text in texts.items():
        if os.path.lexists(course / path):
            lines.append(f"left {path}{_remark(course / path, text)}")
        else:
            _write(course / path, text)
            lines.append(f"made {path}")
    for name in (*STUDENTS_MODULES, outputs):
        link, target = course / folder / name, os.path.join("..", "..", name)
        if os.path.lexists(link):
            lines.append(f"left {folder / name}")
        else:
            _link(link, target)
            lines.append(f"made {folder / name}, a link to {name}")
    return lines


def _check_name(course: Path, assignment: str) -> None:
    # The name becomes that of a module as well, outputs_NAME.
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", assignment) or keyword.iskeyword(assignment):
        raise NewAssignmentRefused(
            f"{assignment!r} cannot name an assignment: take letters, digits and underscores, a letter first, "
            "for instance first_network"
        )
    notebooks = sorted(path.name for path in (course / "source" / assignment).glob("*.ipynb"))
    if notebooks and notebooks != [f"{assignment}.ipynb"]:
        raise NewAssignmentRefused(
            f"source/{assignment} is an assignment already, with {', '.join(notebooks)}: take another name"
        )


def _kits(name: str) -> str:
    """The text of one of the kit's modules. In a course's folder, an import would find the course's own."""
    return (_KIT / name).read_text(encoding="utf-8")


def _remark(path: Path, text: str) -> str:
    """What there is to say of a file that was left as it is."""
    if path.name in STUDENTS_MODULES and path.is_file() and path.read_text(encoding="utf-8") != text:
        return ", which is not the one of the installed kit; to get that one, remove the file and run this again"
    if path.name == "nbgrader_config.py" and "configure(" not in path.read_text(encoding="utf-8"):
        return (
            ", which does not use this kit; let it say, after c = get_config(): "
            "from keras_autograder.configuration import configure; configure(c, Path(__file__).resolve().parent)"
        )
    return ""


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # What an interruption leaves half done must not be taken for somebody's file.
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)


def _link(link: Path, target: str) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    try:
        link.symlink_to(target)
    except OSError as error:
        raise NewAssignmentRefused(
            f"{link} cannot be made a link to {target} ({error.strerror}). Windows makes links in developer mode; "
            "run this again there."
        ) from error
