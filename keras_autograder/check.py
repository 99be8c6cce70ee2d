"""Check one notebook, whoever wrote it: the verdict that nbgrader would give, without a gradebook."""

import json
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import nbformat
from traitlets.config import Config

from keras_autograder.authoring.shared_modules import copy_files, shared_modules
from keras_autograder.configuration import IGNORED_FILES
from keras_autograder.intake import read_notebook, repair
from keras_autograder.intake.cell_code import read_code
from keras_autograder.nbgrader_hooks.released_text import plan_of
from keras_autograder.report import ExerciseMark, marks_of
from keras_autograder.runner import Assignment, course_secret, grade_notebook


class NoSuchAssignment(Exception):
    """It cannot be told which assignment, or which source notebook, a notebook is to be checked against."""


@dataclass(frozen=True)
class Verdict:
    """What a notebook came to.

    Attributes:
        notebook: str, the file that was checked.
        exercises: list of ExerciseMark.
        repairs: list of str, what had to be done to the notebook before it could be graded.
    """

    notebook: str
    exercises: list[ExerciseMark]
    repairs: list[str]

    @property
    def points(self) -> float:
        """The sum over all exercises."""
        return sum(exercise.points for exercise in self.exercises)

    @property
    def out_of(self) -> float:
        """The points of a right solution."""
        return sum(exercise.out_of for exercise in self.exercises)

    def as_text(self) -> str:
        """For the terminal."""
        lines = [f"{self.notebook}: {self.points:g} of {self.out_of:g} points"]
        for exercise in self.exercises:
            lines.append(f"  {exercise.name}: {exercise.points:g} of {exercise.out_of:g}")
            lines += [f"      {loss}" for loss in exercise.losses]
        lines += [f"  repaired: {sentence}" for sentence in self.repairs]
        return "\n".join(lines)

    def as_json(self) -> str:
        """For programs: the same, and the sums."""
        return json.dumps({**asdict(self), "points": self.points, "out_of": self.out_of}, indent=2)


def check_notebook(path: Path, course: Path, assignment: str, config: Config) -> Verdict:
    """Grade one notebook file.

    Args:
        path: Path of the notebook, wherever it lies and whoever wrote it. It is not changed.
        course: Path, the folder of ``nbgrader_config.py``.
        assignment: str, the assignment's id.
        config: traitlets Config, for ``JudgedExecute``.

    Returns:
        Verdict.

    Raises:
        keras_autograder.intake.UnreadableNotebook: if the file is no notebook.
        NoSuchAssignment: if the assignment's folder does not hold exactly one notebook.
    """
    source = nbformat.read(source_notebook(course, assignment), as_version=4)
    submitted, reading_notes = read_notebook(path)
    repaired = repair(submitted, plan_of(source))
    config = config.copy()
    config.JudgedExecute.secret = course_secret(course)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "submission"
        ignored = shutil.ignore_patterns("*.ipynb", *config.CourseDirectory.get("ignore", IGNORED_FILES))
        shutil.copytree(course / "source" / assignment, folder, ignore=ignored)
        copy_files(shared_modules(course, assignment), folder)
        trusted = Assignment.from_source(source, course / "source" / assignment)
        executed = grade_notebook(repaired.notebook, trusted, folder, config, modules=folder)
    repairs = [note.sentence for note in [*reading_notes, *repaired.notes]]
    return Verdict(str(path), marks_of(executed), repairs)


def source_notebook(course: Path, assignment: str) -> Path:
    """The one source notebook of an assignment.

    Args:
        course: Path, the folder of ``nbgrader_config.py``.
        assignment: str, the assignment's id.

    Returns:
        Path.

    Raises:
        NoSuchAssignment: if there is none, or if there are several.
    """
    folder = course / "source" / assignment
    notebooks = sorted(folder.glob("*.ipynb"))
    if not notebooks:
        raise NoSuchAssignment(f"There is no notebook in {folder}.")
    if len(notebooks) > 1:
        names = ", ".join(path.name for path in notebooks)
        raise NoSuchAssignment(f"There must be one notebook in {folder}, and there are {len(notebooks)}: {names}.")
    return notebooks[0]


def assignment_of(notebook: Path, course: Path) -> str:
    """The assignment that a notebook is an answer to: the one whose graded functions it defines.

    Args:
        notebook: Path of the notebook, wherever it lies and whoever wrote it.
        course: Path, the folder of ``nbgrader_config.py``.

    Returns:
        str, the assignment's id. Of several assignments it is the one whose functions are all defined; the only one of
        a course is it in any case.

    Raises:
        keras_autograder.intake.UnreadableNotebook: if the file is no notebook.
        NoSuchAssignment: if no assignment fits, or if several do.
    """
    submitted, _ = read_notebook(notebook)
    defined = frozenset().union(*(read_code(cell.source).functions for cell in submitted.cells))
    functions: dict[str, set[str]] = {}
    for path in sorted((course / "source").glob("*/*.ipynb")):
        assignment = Assignment.from_source(nbformat.read(path, as_version=4))
        functions.setdefault(path.parent.name, set()).update(assignment.functions)
    if len(functions) == 1:
        return next(iter(functions))
    if not functions:
        raise NoSuchAssignment(f"There is no assignment in {course}. Run the command in the course's folder.")
    some = [name for name, expected in functions.items() if expected & defined]
    whole = [name for name in some if functions[name] <= defined]
    fitting = whole or some
    if not fitting:
        known = "; ".join(f"{name}: {', '.join(sorted(expected))}" for name, expected in functions.items())
        raise NoSuchAssignment(
            f"The notebook defines no function of any assignment ({known}). Say which one it is with --assignment."
        )
    if len(fitting) > 1:
        raise NoSuchAssignment(
            f"The notebook fits several assignments: {', '.join(fitting)}. Say which one with --assignment."
        )
    return fitting[0]
