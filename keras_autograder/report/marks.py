"""Read marks from nbgrader's gradebook, and the reasons for them from the graded notebooks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Grade, Gradebook, SubmittedAssignment
from nbgrader.utils import determine_grade, is_grade

from keras_autograder.metadata import METADATA_KEY
from keras_autograder.report.losses import losses_of


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
        usage: dict from name to float, what the submission's kernel used, see ``sandbox.watch.Usage``; empty where it
            was not measured.
    """

    student: str
    exercises: list[ExerciseMark]
    feedback: Path | None
    needs_manual_grade: bool
    repairs: list[str] = field(default_factory=list)
    usage: dict[str, float] = field(default_factory=dict)

    @property
    def points(self) -> float:
        """The sum over all exercises."""
        return sum(exercise.points for exercise in self.exercises)

    @property
    def out_of(self) -> float:
        """The points of a right solution."""
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
            losses = losses_of(cell, notebook.cells) if (points or 0) < out_of else []
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


def _student_marks(course: Path, assignment: str, submission: SubmittedAssignment) -> StudentMarks:
    student = submission.student.id
    marks = StudentMarks(student, [], None, False)
    for notebook in submission.notebooks:
        graded = course / "autograded" / student / assignment / f"{notebook.name}.ipynb"
        page = course / "feedback" / student / assignment / f"{notebook.name}.html"
        written = nbformat.read(graded, as_version=4) if graded.exists() else nbformat.v4.new_notebook()
        notes: dict[str, Any] = written.metadata.get(METADATA_KEY, {})
        marks = replace(
            marks,
            exercises=[*marks.exercises, *_exercise_marks(notebook.grades, written)],
            feedback=page if page.exists() else marks.feedback,
            needs_manual_grade=marks.needs_manual_grade or any(grade.needs_manual_grade for grade in notebook.grades),
            repairs=[*marks.repairs, *(note["sentence"] for note in notes.get("repairs", []))],
            usage=notes.get("usage", marks.usage),
        )
    return marks


def _exercise_marks(grades: Iterable[Grade], graded: nbformat.NotebookNode) -> Iterator[ExerciseMark]:
    points = {grade.name: grade for grade in grades}
    # The gradebook keeps no order; the graded notebook does.
    order = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in graded.cells]
    position = {name: index for index, name in enumerate(order)}
    for name in sorted(points, key=lambda name: position.get(name, len(order))):
        grade = points[name]
        cell = graded.cells[position[name]] if name in position else None
        earned = grade.score or 0.0
        losses = losses_of(cell, graded.cells) if earned < grade.max_score else []
        yield ExerciseMark(name, earned, grade.max_score, losses)
