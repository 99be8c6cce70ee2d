"""Hook: the step of ``nbgrader autograde`` that repairs a notebook, first of all its steps.

nbgrader finds the cells of a submission by their metadata alone. It gives no points for a cell whose metadata an
editor has dropped, and aborts the whole class for a cell whose metadata is not as expected. A preprocessor in
``sanitize_preprocessors`` is its own way to change a submission before that; what it relies on is that nbgrader runs
these steps first, in their order, and reads the notebook anew afterwards.
"""

import functools
from pathlib import Path

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

from keras_autograder.intake.assignment_plan import AssignmentPlan
from keras_autograder.intake.cell_ids import usable_id
from keras_autograder.intake.notes import Note
from keras_autograder.intake.repair import repair
from keras_autograder.metadata import METADATA_KEY
from keras_autograder.nbgrader_hooks.course_directory import course_directory_of
from keras_autograder.nbgrader_hooks.released_text import plan_of


class RepairNotebook(NbGraderPreprocessor):
    """Make a submitted notebook one that can be graded, and tell the student what was done.

    It belongs first in ``c.Autograde.sanitize_preprocessors``.
    """

    heading = Unicode(
        "What was repaired before grading",
        help="The heading of the cell at the top of a graded notebook that lists the repairs",
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Repair a notebook against the assignment's source notebook.

        Args:
            nb: NotebookNode, as it was submitted.
            resources: dict, with what nbgrader says of the notebook, and the notes of those who read the file.

        Returns:
            tuple of the repaired NotebookNode and the resources.
        """
        # What stands there came with the submission.
        nb.metadata.pop(METADATA_KEY, None)
        repaired = repair(nb, self._plan(resources["nbgrader"]))
        notes = [*resources.get(METADATA_KEY, {}).get("notes", []), *repaired.notes]
        for note in notes:
            self.log.warning("Repaired: %s", note.sentence)
        if notes:
            self._write(notes, repaired.notebook)
        return repaired.notebook, resources

    def _plan(self, names: dict[str, str]) -> AssignmentPlan:
        courses = course_directory_of(self)
        folder = courses.format_path(courses.source_directory, ".", names["assignment"])
        path = Path(folder) / f"{names['notebook']}.ipynb"
        return _read_plan(path, path.stat().st_mtime_ns)

    def _write(self, notes: list[Note], notebook: NotebookNode) -> None:
        lines = "\n".join(f"- {note.sentence}" for note in notes)
        top = nbformat.v4.new_markdown_cell(f"## {self.heading}\n\n{lines}")
        top["id"] = usable_id("repairs", "repairs", {cell.id for cell in notebook.cells})
        repairs = []
        for note in notes:
            about = None if note.cell_index is None else notebook.cells[note.cell_index].id
            index = None if note.cell_index is None else note.cell_index + 1
            repairs.append({"sentence": note.sentence, "cell_index": index, "cell_id": about})
        notebook.cells.insert(0, top)
        notebook.metadata[METADATA_KEY] = nbformat.from_dict({"repairs": repairs})


@functools.lru_cache(maxsize=8)
def _read_plan(path: Path, changed: int) -> AssignmentPlan:
    """One reading of a source notebook serves a whole class. ``changed`` is there to read a new version anew."""
    return plan_of(nbformat.read(path, as_version=4))
