"""Hook: nbgrader's Execute step with the judge. No check cell runs in a process that runs a student's code."""

import shutil
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import KernelManager
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute

from keras_autograder.metadata import METADATA_KEY
from keras_autograder.nbgrader_hooks.course_directory import course_directory_of
from keras_autograder.runner import Assignment
from keras_autograder.runner.notebook_runner import IsolationRefused, NotebookRunner
from keras_autograder.runner.settings import GradingSettings

__all__ = ["IsolationRefused", "JudgedExecute"]


class JudgedExecute(GradingSettings, Execute):
    """Runs the student's cells in the student's kernel, and the check cells in the judge.

    Check cells come from the gradebook, where ``nbgrader generate_assignment`` has put them; what stands in the
    submission in their place is not run. ``NotebookRunner`` does the work; here is what nbgrader sees of it.
    """

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict, km: KernelManager | None = None
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Execute a notebook, or take it from the resources where it was executed ahead.

        See ``nbconvert.preprocessors.ExecutePreprocessor.preprocess``.

        Args:
            nb: NotebookNode, the submission; its outputs are written into it.
            resources: ResourcesDict of nbconvert with nbgrader's entries.
            km: KernelManager, or None for a new one.

        Returns:
            (NotebookNode, ResourcesDict).

        Raises:
            IsolationRefused: no sandbox can be had, and no setting says to do without.
        """
        ahead = resources.get(METADATA_KEY, {}).get("graded")
        if ahead is not None:
            for level, message in ahead.messages:
                self.log.log(level, message)
            return nbformat.reads(ahead.notebook, as_version=4), resources
        names, folder = resources["nbgrader"], Path(resources["metadata"]["path"])
        assignment = Assignment.from_gradebook(
            names["db_url"], names["notebook"], names["assignment"], self._source_folder(names["assignment"])
        )
        modules = _folder_of(course_directory_of(self), names["assignment"])
        runner = NotebookRunner(nb, assignment, folder, modules, km, log=self.log, config=self.config, **self._values())
        try:
            return runner.run(), resources
        except IsolationRefused:
            # nbgrader would take any other exception for this submission's, and go on with the next one.
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _values(self) -> dict[str, Any]:
        """The settings of this step, whoever has made them."""
        shared = set(NotebookRunner.class_trait_names(config=True)) & set(self.trait_names(config=True))
        return {name: getattr(self, name) for name in shared}

    def _source_folder(self, assignment: str) -> Path | None:
        """Where the author's own files lie. While it grades, nbgrader is shown a copy of the source without them."""
        return _folder_of(CourseDirectory(config=self.config, root=course_directory_of(self).root), assignment)


def _folder_of(course: CourseDirectory, assignment: str) -> Path | None:
    """Where an assignment's source lies, with the modules that check cells import."""
    folder = Path(course.format_path(course.source_directory, ".", assignment))
    return folder.resolve() if folder.is_dir() else None
