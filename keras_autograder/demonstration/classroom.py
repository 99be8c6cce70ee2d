"""Put the demonstration class where nbgrader looks for submissions."""

import contextlib
import copy
import shutil
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry

from keras_autograder.authoring import graded_cells, solved_notebook
from keras_autograder.demonstration.class_files import all_students, submissions_of
from keras_autograder.demonstration.submission import DemonstrationSubmission


class NotADemonstration(Exception):
    """There are submissions of a real class, and the demonstration must not be mixed with them.

    Attributes:
        students: list of str, ids of the students found.
    """

    def __init__(self, students: list[str]):
        shown = ", ".join(students[:5]) + (", ..." if len(students) > 5 else "")
        super().__init__(
            f"submitted/ holds the work of {len(students)} other students ({shown}), "
            "so the demonstration class was not added"
        )
        self.students = students


def set_up_class(course: Path, assignment: str) -> list[DemonstrationSubmission]:
    """Write the submissions of the assignment's demonstration class and forget the marks of an earlier one.

    Args:
        course: Path, the folder of ``nbgrader_config.py``; its release must be up to date.
        assignment: str, the assignment's id.

    Returns:
        list of DemonstrationSubmission, the class; empty if the assignment has none.

    Raises:
        NotADemonstration: if there are other submissions. An earlier demonstration is forgotten even then, so that its
            marks do not appear among those of a real class.
    """
    students = {folder.name for folder in (course / "submitted").glob("*") if folder.is_dir()}
    others = sorted(students - all_students(course))
    _forget(course, assignment)
    if others:
        raise NotADemonstration(others)
    (source_path,) = (course / "source" / assignment).glob("*.ipynb")
    source = nbformat.read(source_path, as_version=4)
    release = nbformat.read(course / "release" / assignment / source_path.name, as_version=4)
    submissions = submissions_of(course, assignment)
    for submission in submissions:
        folder = course / "submitted" / submission.student / assignment
        folder.mkdir(parents=True)
        nbformat.write(submitted_notebook(submission, source, release), folder / source_path.name)
    return submissions


def submitted_notebook(
    submission: DemonstrationSubmission, source: NotebookNode, release: NotebookNode
) -> NotebookNode:
    """The notebook that one student of the class hands in.

    Args:
        submission: DemonstrationSubmission.
        source: NotebookNode, the source notebook.
        release: NotebookNode, the notebook as it was released. Both are left as they are.

    Returns:
        NotebookNode.

    Raises:
        ValueError: if an edit of the submission does not fit the solution.
    """
    notebook = solved_notebook(source, release)
    cells = graded_cells(notebook)
    for marker, edits in submission.edits.items():
        for old, new in edits:
            if old not in cells[marker].source:
                raise ValueError(f"{submission.student}: the solution of {marker} does not contain {old!r}")
            cells[marker].source = cells[marker].source.replace(old, new)
    for marker, code in submission.cells.items():
        cells[marker].source = code
    released = graded_cells(copy.deepcopy(release))
    for marker in submission.blank:
        cells[marker].source = released[marker].source
    return notebook


def _forget(course: Path, assignment: str) -> None:
    demonstrators = all_students(course)
    for student in demonstrators:
        for step in ("submitted", "autograded", "feedback"):
            shutil.rmtree(course / step / student / assignment, ignore_errors=True)
            with contextlib.suppress(OSError):
                # Fails, as it should, while something of another assignment is left.
                (course / step / student).rmdir()
    database = course / "gradebook.db"
    if database.exists():
        with Gradebook(f"sqlite:///{database}") as gradebook:
            for student in gradebook.students:
                if student.id in demonstrators:
                    with contextlib.suppress(MissingEntry):
                        gradebook.remove_submission(assignment, student.id)
                    if not gradebook.student_submissions(student.id):
                        gradebook.remove_student(student.id)
