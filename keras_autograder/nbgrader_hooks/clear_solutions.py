"""Hook: releases a solution as the blank that its author wrote beside it.

nbgrader's own ``ClearSolutions`` puts one fixed stub in the place of every solution, and refuses solution regions in
cells that it is not to grade. It offers no setting for either; its method ``_replace_solution_region`` is the one
place where a region's text is decided, and it is overridden here. nbgrader would have to let authors say what stands
in the place of each region. How a blank is written: ``keras_autograder.authoring.solution_regions``.
"""

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions
from nbgrader.utils import is_solution
from traitlets import Unicode

from keras_autograder.authoring.solution_regions import BLANK, Delimiters, check_that_it_parses, with_blanks


class ClearSolutionsToBlanks(ClearSolutions):
    """``ClearSolutions`` that keeps the blank of a solution region, and falls back to the stub where there is none.

    It belongs in ``c.GenerateAssignment.preprocessors``, in the place of ``ClearSolutions``. Cells of optional
    exercises, which nbgrader does not know, carry a tag and are blanked as well.
    """

    blank_delimeter = Unicode(
        BLANK, help="The line that separates a solution from the commented-out blank that students get in its place"
    ).tag(config=True)

    not_graded_tag = Unicode(
        "not-graded", help="The tag of cells that may hold solution regions though they are no solution cells"
    ).tag(config=True)

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], cell_index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Put the blanks into one cell.

        Args:
            cell: NotebookNode, changed in place.
            resources: dict, with the notebook's language under ``language``.
            cell_index: int, its position.

        Returns:
            tuple of the cell and the resources.

        Raises:
            RuntimeError: if the cell's regions or blanks are not well formed, or a cell that is neither graded nor
                tagged holds one.
        """
        if not is_solution(cell) and self.not_graded_tag in cell.metadata.get("tags", []):
            self._replace_solution_region(cell, resources["language"])
            return cell, resources
        cleared: tuple[NotebookNode, dict[str, Any]] = super().preprocess_cell(cell, resources, cell_index)
        return cleared

    def _replace_solution_region(self, cell: NotebookNode, language: str) -> bool:
        """Put the blank of each region in its place, in the cell itself; return whether there was a region."""
        delimiters = Delimiters(self.begin_solution_delimeter, self.end_solution_delimeter, self.blank_delimeter)
        released = with_blanks(cell.source, delimiters)
        has_blanks = bool(released != cell.source)
        cell.source = released
        # What is left are regions without a blank, and mistakes in the markers: both are nbgrader's to handle.
        has_stubs = super()._replace_solution_region(cell, language)
        if has_blanks and language == "python":
            check_that_it_parses(cell.source)
        return has_blanks or bool(has_stubs)
