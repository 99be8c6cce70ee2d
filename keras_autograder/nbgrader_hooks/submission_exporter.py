"""The way into ``nbgrader autograde``: every submission comes in as a clean copy that it can read.

nbgrader looks for notebooks before any preprocessor runs. A student without one at the top of the folder is passed
over, one with a file that cannot be parsed is thrown out, and what links in the folder lead to is copied. Its exporter
is the first thing of ours that it makes, after it has listed the submissions and before it reads one; so the exporter
puts clean copies into the list.
"""

import glob
import os
import re
import shutil
import tempfile
import weakref
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import find_all_files
from traitlets import Integer

from keras_autograder.authoring.shared_modules import shared_modules
from keras_autograder.intake.clean_copy import Limits, take_in
from keras_autograder.intake.notes import Note
from keras_autograder.metadata import METADATA_KEY


class SubmissionExporter(NotebookExporter):
    """Reads submissions through clean copies of them, whatever state they are in.

    It belongs into ``c.Autograde.exporter_class``, with ``RepairNotebook`` first in
    ``c.Autograde.sanitize_preprocessors``, which shows its notes. The copies are removed with the exporter.
    """

    notebook_size_limit = Integer(
        Limits.notebook_size,
        help="Bytes of the largest notebook that is read; a larger one gets 0 points, with a reason",
    ).tag(config=True)
    file_size_limit = Integer(
        Limits.file_size, help="Bytes of the largest file beside a notebook that is taken in; a larger one is left out"
    ).tag(config=True)
    total_size_limit = Integer(
        Limits.total_size, help="Bytes of all files beside the notebooks that are taken in; those beyond are left out"
    ).tag(config=True)
    file_count_limit = Integer(
        Limits.files, help="Files and folders of a submission that are looked at; those beyond are left out"
    ).tag(config=True)

    def __init__(self, config: Any = None, **kw: Any):
        """Make the exporter; within ``nbgrader autograde``, it makes clean copies of the submissions that wait."""
        super().__init__(config=config, **kw)
        self._notes: dict[str, list[Note]] = {}
        # From the folder of a clean copy to that of the submission, until it is made.
        self._waiting: dict[str, str] = {}
        self._turn = ""
        if isinstance(self.parent, Autograde):
            self._take_over(self.parent)

    def begin_turn(self, clean: str) -> None:
        """Be told whose turn it is: the copy is there when nbgrader looks, and the one before is not needed any more.

        Args:
            clean: str, the folder of a clean copy.
        """
        if clean != self._turn:
            if self._turn:
                shutil.rmtree(self._turn, ignore_errors=True)
            self._turn = clean
        self.take_in(clean)

    def take_in(self, clean: str) -> None:
        """Make the clean copy of a submission, if it was not made yet.

        Args:
            clean: str, its folder.
        """
        folder = self._waiting.pop(clean, None)
        if folder is not None:
            self._take_in(Path(folder), Path(clean))

    def from_filename(self, filename: str, resources: dict | None = None, **kw: Any) -> tuple[str, dict]:
        """Convert a notebook, with the notes of its intake in the resources.

        Args:
            filename: str, a notebook in a clean copy, or one that is graded already.
            resources: dict, or None.
            **kw: passed on.

        Returns:
            tuple of the notebook as text and the resources.
        """
        resources = dict(resources or {})
        resources[METADATA_KEY] = {**resources.get(METADATA_KEY, {}), "notes": self._notes.pop(filename, [])}
        return super().from_filename(filename, resources=resources, **kw)

    def _take_over(self, converter: Autograde) -> None:
        """Let nbgrader grade clean copies in the place of the submissions."""
        course = converter.coursedir
        sources = _sources(course)
        if not sources:
            # nbgrader says itself what is missing.
            return
        copies = CourseDirectory(
            parent=course.parent,
            **{name: getattr(course, name) for name in course.trait_names(config=True)},
        )
        copies.submitted_directory = self._scratch = self._scratch_folder(course)
        copies.source_directory = self._staged_source(course)
        converter.coursedir = copies
        converter.assignments = _Turns(self.begin_turn)
        self._course, self._sources = course, sources
        self._course_files = _files_of(copies)
        waiting = course.format_path(course.submitted_directory, course.student_id, course.assignment_id)
        for folder in sorted(glob.glob(waiting)):
            pattern = course.format_path(
                course.submitted_directory, "(?P<student_id>.*)", "(?P<assignment_id>.*)", escape=True
            )
            student = re.match(pattern, folder)["student_id"]
            if not self._is_waiting(converter, course, student, folder, sources):
                self.log.info("Skipping existing assignment: %s", folder)
                continue
            clean = copies.format_path(copies.submitted_directory, student, course.assignment_id)
            self._waiting[clean] = folder
            converter.assignments[clean] = [os.path.join(clean, f"{name}.ipynb") for name in sources]

    def _scratch_folder(self, course: CourseDirectory) -> str:
        scratch = tempfile.mkdtemp(prefix="submissions-")
        # nbgrader takes the folder's path for a regular expression; few systems' temporary folders are none.
        if os.sep != "/" or not re.fullmatch(scratch, scratch):
            os.rmdir(scratch)
            scratch = os.path.basename(tempfile.mkdtemp(prefix=".submissions-", dir=course.root))
        weakref.finalize(self, shutil.rmtree, os.path.join(course.root, scratch), ignore_errors=True)
        return scratch

    def _staged_source(self, course: CourseDirectory) -> str:
        """The assignment's source with all that it imports beside it, as nbgrader is to copy it to each submission."""
        staged = tempfile.mkdtemp(prefix="source-")
        weakref.finalize(self, shutil.rmtree, staged, ignore_errors=True)
        assignment = course.assignment_id
        source = Path(course.format_path(course.source_directory, ".", assignment))
        files = {Path(name).relative_to(source): Path(name) for name in find_all_files(str(source), course.ignore)}
        for place, path in (shared_modules(Path(course.root), assignment) | files).items():
            copy = Path(staged, assignment, place)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        return staged

    def _is_waiting(
        self, converter: Autograde, course: CourseDirectory, student: str, folder: str, sources: dict[str, NotebookNode]
    ) -> bool:
        """Whether a submission is to be graded: by nbgrader's rule, or because an interruption left it half done."""
        graded = Path(course.format_path(course.autograded_directory, student, course.assignment_id))
        if converter.force or not graded.exists():
            return True
        unfinished = [name for name in sources if not _is_finished(graded / f"{name}.ipynb")]
        if unfinished:
            self.log.warning("The grading of %s was interrupted; it is done again", student)
            if course.notebook_id == "*":
                shutil.rmtree(graded)
            for name in unfinished:
                (graded / f"{name}.ipynb").unlink(missing_ok=True)
            return True
        return _text_of(Path(folder) / "timestamp.txt") != _text_of(graded / "timestamp.txt")

    def _take_in(self, folder: Path, clean: Path) -> None:
        course, sources = self._course, self._sources
        limits = Limits(self.notebook_size_limit, self.file_size_limit, self.total_size_limit, self.file_count_limit)
        try:
            notes = take_in(folder, clean, sources, set(self._course_files), tuple(course.ignore), limits)
        # Whatever somebody hands in, the others are graded.
        except Exception:
            self.log.exception("%s could not be taken in", folder)
            shutil.rmtree(clean, ignore_errors=True)
            clean.mkdir(parents=True)
            notes = {}
            for name in sources:
                nbformat.write(nbformat.v4.new_notebook(), clean / f"{name}.ipynb")
                notes[name] = [Note("The submission could not be read. Please tell your instructor.")]
        self._notes.update({str(clean / f"{name}.ipynb"): remarks for name, remarks in notes.items()})


class _Turns(dict):
    """What nbgrader has to convert; it looks a submission up when the turn comes to it, and not before."""

    def __init__(self, begin: Callable[[str], None]):
        super().__init__()
        self._begin = begin

    def __getitem__(self, folder: str) -> list[str]:
        self._begin(folder)
        return super().__getitem__(folder)


def _sources(course: CourseDirectory) -> dict[str, NotebookNode]:
    """The source notebooks that are graded, by name: those that were released."""
    with Gradebook(course.db_url, course.course_id) as gradebook:
        try:
            known = {notebook.name for notebook in gradebook.find_assignment(course.assignment_id).notebooks}
        except MissingEntry:
            return {}
    folder = Path(course.format_path(course.source_directory, ".", course.assignment_id))
    paths = [path for path in sorted(folder.glob("*.ipynb")) if path.stem in known]
    return {path.stem: nbformat.read(path, as_version=4) for path in paths if fnmatch(path.stem, course.notebook_id)}


def _files_of(course: CourseDirectory) -> dict[Path, Path]:
    """The files that the instructor's notebooks need, by their places beside a notebook."""
    folder = course.format_path(course.source_directory, ".", course.assignment_id)
    paths = map(Path, find_all_files(folder, [*course.ignore, "*.ipynb"]))
    return {Path(os.path.relpath(path, folder)): path for path in paths}


def _is_finished(path: Path) -> bool:
    """Whether a graded notebook was run to its end. Until then a copy stands there that was not run."""
    try:
        cells = nbformat.read(path, as_version=4).cells
    except (OSError, ValueError, nbformat.ValidationError):
        return False
    code = [cell for cell in cells if cell.cell_type == "code"]
    return not code or any(cell.execution_count or cell.outputs for cell in code)


def _text_of(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, ValueError):
        return ""
