"""Check one notebook, whoever wrote it: the verdict that nbgrader would give, without a gradebook."""

import json
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import nbformat
from traitlets.config import Config

from keras_autograder.authoring.shared_modules import shared_modules
from keras_autograder.configuration import IGNORED_FILES
from keras_autograder.intake import read_notebook, repair
from keras_autograder.report import ExerciseMark, marks_of
from keras_autograder.runner import Assignment, course_secret, grade_notebook


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
    """
    beside = course / "source" / assignment
    (source_path,) = beside.glob("*.ipynb")
    source = nbformat.read(source_path, as_version=4)
    submitted, reading_notes = read_notebook(path)
    repaired = repair(submitted, source)
    config = config.copy()
    config.JudgedExecute.secret = course_secret(course)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "submission"
        shutil.copytree(beside, folder, ignore=shutil.ignore_patterns("*.ipynb", *IGNORED_FILES))
        for place, path in shared_modules(course, assignment).items():
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / place)
        trusted = Assignment.from_source(source, beside)
        executed = grade_notebook(repaired.notebook, trusted, folder, config, modules=folder)
    repairs = [note.sentence for note in [*reading_notes, *repaired.notes]]
    return Verdict(str(path), marks_of(executed), repairs)
