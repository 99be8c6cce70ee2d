"""Hook: the course directory that nbgrader works with while it grades, in place of the course's own.

nbgrader looks for notebooks before any preprocessor runs. A student without one at the top of the folder is passed
over, one with a file that cannot be parsed is thrown out, and what links in the folder lead to is copied. Beside each
submission it puts the files of ``source/<assignment>/`` and nothing else. So it is given other folders: one of clean
copies for ``submitted_directory``, and for ``source_directory`` one in which all that the assignment imports lies
beside its notebook. What this relies on: a converter takes its folders from its ``coursedir`` each time anew, and
joins them to the course's root, which an absolute path overrides. nbgrader would have to let a plugin list and read
submissions.
"""

import functools
import os
import re
import shutil
import tempfile
import weakref
from fnmatch import fnmatch
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import find_all_files

from keras_autograder.authoring.shared_modules import copy_files, shared_modules
from keras_autograder.intake import AssignmentPlan
from keras_autograder.nbgrader_hooks.released_text import plan_of


class StagedCourse:
    """A course with clean copies of submissions and a complete source. Both are removed with this object.

    Args:
        course: CourseDirectory, of the converter.

    Attributes:
        own: CourseDirectory, the course's own.
        directory: CourseDirectory, for the converter.
        plans: dict from each notebook's name to its AssignmentPlan: the notebooks that are graded.
    """

    def __init__(self, course: CourseDirectory):
        self.own = course
        self.plans = _plans(course)
        names = course.trait_names(config=True)
        self.directory = CourseDirectory(parent=course.parent, **{name: getattr(course, name) for name in names})
        self.directory.submitted_directory = self._scratch_folder()
        self.directory.source_directory = self._staged_source()

    @property
    def assignment(self) -> str:
        """The assignment's id."""
        return str(self.own.assignment_id)

    def clean_copy(self, student: str) -> Path:
        """Where the clean copy of a student's submission lies, or will lie.

        Args:
            student: str, the student's id.

        Returns:
            Path, absolute.
        """
        return Path(self.directory.format_path(self.directory.submitted_directory, student, self.assignment))

    @functools.cached_property
    def files(self) -> dict[Path, Path]:
        """The files that the instructor's notebooks need, by their places beside a notebook."""
        folder = self.directory.format_path(self.directory.source_directory, ".", self.assignment)
        paths = map(Path, find_all_files(folder, [*self.own.ignore, "*.ipynb"]))
        return {Path(os.path.relpath(path, folder)): path for path in paths}

    def _scratch_folder(self) -> str:
        scratch = tempfile.mkdtemp(prefix="submissions-")
        # nbgrader takes the folder's path for a regular expression; few systems' temporary folders are none.
        if os.sep != "/" or not re.fullmatch(scratch, scratch):
            os.rmdir(scratch)
            scratch = os.path.basename(tempfile.mkdtemp(prefix=".submissions-", dir=self.own.root))
        weakref.finalize(self, shutil.rmtree, os.path.join(self.own.root, scratch), ignore_errors=True)
        return scratch

    def _staged_source(self) -> str:
        """The assignment's source with all that it imports beside it, as nbgrader is to copy it to each submission."""
        staged = tempfile.mkdtemp(prefix="source-")
        weakref.finalize(self, shutil.rmtree, staged, ignore_errors=True)
        source = Path(self.own.format_path(self.own.source_directory, ".", self.assignment))
        files = {Path(name).relative_to(source): Path(name) for name in find_all_files(str(source), self.own.ignore)}
        copy_files(shared_modules(Path(self.own.root), self.assignment) | files, Path(staged, self.assignment))
        return staged


def _plans(course: CourseDirectory) -> dict[str, AssignmentPlan]:
    """The source notebooks that are graded, by name: those that were released."""
    with Gradebook(course.db_url, course.course_id) as gradebook:
        try:
            known = {notebook.name for notebook in gradebook.find_assignment(course.assignment_id).notebooks}
        except MissingEntry:
            return {}
    folder = Path(course.format_path(course.source_directory, ".", course.assignment_id))
    paths = [path for path in sorted(folder.glob("*.ipynb")) if path.stem in known]
    return {
        path.stem: plan_of(nbformat.read(path, as_version=4))
        for path in paths
        if fnmatch(path.stem, course.notebook_id)
    }
