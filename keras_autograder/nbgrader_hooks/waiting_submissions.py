"""Hook: the list of submissions that nbgrader goes through, with everybody on it who handed in anything.

nbgrader makes its list, ``Autograde.assignments``, of the folders in which it finds a notebook, before it makes the
exporter. The exporter makes it anew: with every folder, under the name of its clean copy. Who was graded already is
left out by nbgrader's own rule, which compares ``timestamp.txt``, and who was being graded when a run was killed is
taken in again. nbgrader would have to list folders, not notebooks.
"""

import glob
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.converters import Autograde

from keras_autograder.intake import copy_timestamp
from keras_autograder.intake.timestamp import TIMESTAMP, timestamp_text
from keras_autograder.nbgrader_hooks.staged_course import StagedCourse


@dataclass(frozen=True)
class HandedIn:
    """A submission that waits for its turn.

    Attributes:
        student: str, the student's id.
        folder: Path, what the student handed in.
        clean: Path, where its clean copy will lie. It holds the time of submission so far.
    """

    student: str
    folder: Path
    clean: Path


def list_waiting(converter: Autograde, staged: StagedCourse) -> list[HandedIn]:
    """Give nbgrader the list of clean copies in place of that of the submissions.

    Args:
        converter: Autograde, whose list is made anew.
        staged: StagedCourse, whose course directory the converter gets.

    Returns:
        list of HandedIn, in the order in which nbgrader will go through them.
    """
    waiting = sorted(_waiting(converter, staged), key=lambda one: str(one.clean))
    for one in waiting:
        # nbgrader looks for it before it asks for the submission.
        copy_timestamp(one.folder, one.clean)
    converter.coursedir = staged.directory
    converter.assignments = {
        str(one.clean): [str(one.clean / f"{name}.ipynb") for name in staged.plans] for one in waiting
    }
    return waiting


def _waiting(converter: Autograde, staged: StagedCourse) -> Iterator[HandedIn]:
    course = staged.own
    folders = course.format_path(course.submitted_directory, course.student_id, course.assignment_id)
    pattern = course.format_path(course.submitted_directory, "(?P<student_id>.*)", "(?P<assignment_id>.*)", escape=True)
    for name in sorted(glob.glob(folders)):
        found = re.match(pattern, name)
        if found is None:
            converter.log.warning("This folder is not named as submissions are; it is left out: %s", name)
            continue
        one = HandedIn(found["student_id"], Path(name), staged.clean_copy(found["student_id"]))
        if _is_to_be_graded(converter, staged, one):
            yield one
        else:
            converter.log.info("Skipping existing assignment: %s", name)


def _is_to_be_graded(converter: Autograde, staged: StagedCourse, one: HandedIn) -> bool:
    """Whether a submission is to be graded: by nbgrader's rule, or because an interruption left it half done."""
    course = staged.own
    graded = Path(course.format_path(course.autograded_directory, one.student, staged.assignment))
    if converter.force or not graded.exists():
        return True
    unfinished = [name for name in staged.plans if not _is_finished(graded / f"{name}.ipynb")]
    if unfinished:
        converter.log.warning("The grading of %s was interrupted; it is done again", one.student)
        if course.notebook_id == "*":
            shutil.rmtree(graded)
        for name in unfinished:
            (graded / f"{name}.ipynb").unlink(missing_ok=True)
        return True
    return timestamp_text(one.folder / TIMESTAMP) != timestamp_text(graded / TIMESTAMP)


def _is_finished(path: Path) -> bool:
    """Whether a graded notebook was run to its end. Until then a copy stands there that was not run."""
    try:
        cells = nbformat.read(path, as_version=4).cells
    except (OSError, ValueError, nbformat.ValidationError):
        return False
    code = [cell for cell in cells if cell.cell_type == "code"]
    return not code or any(cell.execution_count or cell.outputs for cell in code)
