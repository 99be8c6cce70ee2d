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
    example_requirements,
    ignored_files,
)


class NewAssignmentRefused(Exception):
    """An assignment cannot be made under this name; the message says why."""


def new_assignment(course: Path, assignment: str) -> list[str]:
    """Make what an assignment needs and does not have.

    Args:
        course: Path, an empty folder or the folder of a course.
        assignment: str, the assignment's id.

    Returns:
        list of str, a line for each file: whether it was made, or was there and left as it is.

    Raises:
        NewAssignmentRefused: if no assignment can have this name, or another one has it; nothing was made then.
    """
    _check_name(course, assignment)
    folder = Path("source", assignment)
    texts = {
        Path("nbgrader_config.py"): example_configuration(re.sub(r"\W+", "_", course.resolve().name) or "course"),
        Path(".gitignore"): ignored_files(),
        folder / f"{assignment}.ipynb": nbformat.writes(example_notebook(assignment)) + "\n",
        folder / f"outputs_{assignment}.py": example_outputs(assignment),
        folder / "requirements.txt": example_requirements(),
    }
    lines = []
    for path, text in texts.items():
        if os.path.lexists(course / path):
            lines.append(f"left {path.as_posix()}{_remark(course / path)}")
        else:
            _write(course / path, text)
            lines.append(f"made {path.as_posix()}")
    return lines


def _check_name(course: Path, assignment: str) -> None:
    # The name becomes that of a module as well, outputs_NAME.
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", assignment) or keyword.iskeyword(assignment):
        raise NewAssignmentRefused(
            f"{assignment!r} cannot name an assignment: use letters, digits and underscores, beginning with a letter, "
            "for instance first_network"
        )
    notebooks = sorted(path.name for path in (course / "source" / assignment).glob("*.ipynb"))
    if notebooks and notebooks != [f"{assignment}.ipynb"]:
        raise NewAssignmentRefused(
            f"source/{assignment} is an assignment already, with {', '.join(notebooks)}: choose another name"
        )


def _remark(path: Path) -> str:
    """What there is to say of a file that was left as it is."""
    if path.name == "nbgrader_config.py" and "configure(" not in path.read_text(encoding="utf-8"):
        return (
            ", which does not use this kit; add, after c = get_config(): "
            "from keras_autograder.configuration import configure; configure(c, Path(__file__).resolve().parent)"
        )
    return ""


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # What an interruption leaves half done must not be taken for somebody's file.
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)
