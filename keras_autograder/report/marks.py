"""Read marks from nbgrader's gradebook, and the reasons for them from the graded notebooks."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from nbgrader.utils import determine_grade, is_grade

from keras_autograder.metadata import METADATA_KEY
from keras_checks import SCORE_MIME_TYPE

_CELL_FILE = re.compile(r"\((?:\d+\.py|<ipython-input[^>]*>), line (\d+)\)")
_ANSI_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class ExerciseMark:
    """One student's points for one exercise.

    Attributes:
        name: str, the grade id of its check cell.
        points, out_of: float.
        losses: list of str, one line for each thing that cost points.
    """

    name: str
    points: float
    out_of: float
    losses: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class StudentMarks:
    """One student's points for an assignment.

    Attributes:
        student: str, the student's id.
        exercises: list of ExerciseMark, in the order of the notebook.
        feedback: Path of the HTML feedback, or None where there is none yet.
        needs_manual_grade: bool, whether nbgrader could not decide.
        repairs: list of str, what had to be done to the submission before it could be graded.
        usage: dict, what the submission's kernel used, see ``sandbox.watch.Usage``; empty where it was not measured.
    """

    student: str
    exercises: list[ExerciseMark]
    feedback: Path | None
    needs_manual_grade: bool
    repairs: list[str] = field(default_factory=list)
    usage: dict = field(default_factory=dict)

    @property
    def points(self) -> float:
        return sum(exercise.points for exercise in self.exercises)

    @property
    def out_of(self) -> float:
        return sum(exercise.out_of for exercise in self.exercises)


def marks_of(notebook: nbformat.NotebookNode) -> list[ExerciseMark]:
    """The marks that a graded notebook holds, without a gradebook.

    Args:
        notebook: NotebookNode, after its check cells were run.

    Returns:
        list of ExerciseMark, one for each check cell.
    """
    marks = []
    for cell in notebook.cells:
        if is_grade(cell):
            points, out_of = determine_grade(cell)
            losses = _losses(cell, notebook.cells) if (points or 0) < out_of else []
            marks.append(ExerciseMark(cell.metadata.nbgrader.grade_id, points or 0.0, out_of, losses))
    return marks


def read_marks(course: Path, assignment: str) -> list[StudentMarks]:
    """The marks of everybody who was graded.

    Args:
        course: Path, the folder of ``nbgrader_config.py``.
        assignment: str, the assignment's id.

    Returns:
        list of StudentMarks, sorted by student; empty where nobody was graded yet.
    """
    database = course / "gradebook.db"
    if not database.exists():
        return []
    with Gradebook(f"sqlite:///{database}") as gradebook:
        if assignment not in {known.name for known in gradebook.assignments}:
            return []
        return [
            _student_marks(course, assignment, submission)
            for submission in sorted(gradebook.assignment_submissions(assignment), key=lambda one: one.student.id)
        ]


def _student_marks(course: Path, assignment: str, submission) -> StudentMarks:
    student = submission.student.id
    exercises, feedback, needs_manual_grade, repairs, usage = [], None, False, [], {}
    for notebook in submission.notebooks:
        graded = course / "autograded" / student / assignment / f"{notebook.name}.ipynb"
        written = nbformat.read(graded, as_version=4) if graded.exists() else nbformat.v4.new_notebook()
        cells, notes = written.cells, written.metadata.get(METADATA_KEY, {})
        repairs += [note["sentence"] for note in notes.get("repairs", [])]
        usage = notes.get("usage", usage)
        points = {grade.name: grade for grade in notebook.grades}
        # The gradebook keeps no order; the graded notebook does.
        order = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells]
        position = {name: index for index, name in enumerate(order)}
        for name in sorted(points, key=lambda name: position.get(name, len(order))):
            grade = points[name]
            cell = cells[position[name]] if name in position else None
            earned = grade.score or 0.0
            losses = _losses(cell, cells) if earned < grade.max_score else []
            exercises.append(ExerciseMark(name, earned, grade.max_score, losses))
            needs_manual_grade |= bool(grade.needs_manual_grade)
        page = course / "feedback" / student / assignment / f"{notebook.name}.html"
        feedback = page if page.exists() else feedback
    return StudentMarks(student, exercises, feedback, needs_manual_grade, repairs, usage)


def _losses(cell, cells) -> list[str]:
    """Why a check cell did not earn all points, from what it left in the graded notebook."""
    if cell is None:
        return ["the check cell is missing in the graded notebook"]
    for output in cell.get("outputs", []):
        record = output.get("data", {}).get(SCORE_MIME_TYPE)
        if record and record["headline"]:
            return [f"-{record['out_of'] - record['points']:g} {_broken_cell(record, cells) or record['headline']}"]
        if record:
            lost = [criterion for criterion in record["criteria"] if criterion["earned"] < criterion["points"]]
            return [_loss(criterion) for criterion in lost]
    return [_error_of(cell) or "the check cell ended without a result"]


def _loss(criterion: dict) -> str:
    reason = criterion["reasons"][0]["found"] if criterion["reasons"] else f"{criterion['sentence']}: not reached"
    return f"-{criterion['points'] - criterion['earned']:g} {reason}"


def _broken_cell(record: dict, cells) -> str:
    """The error of the cell that should have defined the function, if it has one."""
    for cell in cells:
        if f"def {record['function']}(" in cell.source and _error_of(cell):
            return f"could not be run: {_error_of(cell)}"
    return ""


def _error_of(cell) -> str:
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            message = _ANSI_COLOUR.sub("", output.evalue).strip().splitlines() or [""]
            # IPython names a cell by a file of its own, which tells nobody anything.
            return f"{output.ename}: " + _CELL_FILE.sub(r"(line \1 of its cell)", message[0])
    return ""
