"""Hook: nbgrader's sanitising steps, run ahead of nbgrader.

Between the submission and the notebook that is run stand the steps of ``Autograde.sanitize_preprocessors``. nbgrader
runs them by changing the steps of its one exporter, and only when a submission's turn comes; here an exporter of its
own has them from the start, so that submissions can be made ready ahead. Everything is done in nbconvert's public
ways. nbgrader would have to keep an exporter for each of its two passes.
"""

from typing import Any

from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde

from keras_autograder.intake import TakenIn
from keras_autograder.metadata import METADATA_KEY
from keras_autograder.nbgrader_hooks.staged_course import StagedCourse

Sanitized = tuple[str, dict[str, Any]]


class Sanitizer:
    """Makes of a submitted notebook the one that is run.

    Args:
        converter: Autograde, whose ``sanitize_preprocessors`` are applied.
        staged: StagedCourse.
        optimistic_validation: bool, whether a notebook is checked once, and not after each step.
    """

    def __init__(self, converter: Autograde, staged: StagedCourse, optimistic_validation: bool):
        self._staged = staged
        # Without the steps that every other exporter would have: nbgrader takes these away from its own as well.
        self._exporter = NotebookExporter(
            parent=converter,
            config=converter.config,
            preprocessors=[],
            default_preprocessors=[],
            optimistic_validation=optimistic_validation,
        )
        for step in converter.sanitize_preprocessors:
            self._exporter.register_preprocessor(step)

    def sanitize(self, taken_in: TakenIn, student: str, notebook: str) -> Sanitized:
        """Run the steps.

        Args:
            taken_in: TakenIn.
            student, notebook: str, their names.

        Returns:
            tuple of the notebook's text and nbconvert's resources, as nbgrader expects them of its exporter.
        """
        resources = {
            "metadata": {"name": notebook, "path": str(self._staged.clean_copy(student))},
            # As nbgrader's converter has them.
            "unique_key": notebook,
            "output_files_dir": f"{notebook}_files",
            "nbgrader": {
                "student": student,
                "assignment": self._staged.assignment,
                "notebook": notebook,
                "db_url": self._staged.own.db_url,
            },
            METADATA_KEY: {"notes": taken_in.notes},
        }
        text, resources = self._exporter.from_notebook_node(taken_in.notebook, resources=resources)
        return str(text), resources
