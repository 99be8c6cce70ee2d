"""Release a solution as the blank that its author wrote beside it.

nbgrader's own ``ClearSolutions`` puts one fixed stub in the place of every solution. Here the author writes, inside the
solution region, what the student is to see:

    ### BEGIN SOLUTION
    conv = Conv2D(n_filters, 3, padding='same')(inputs)
    ### BLANK
    # conv = Conv2D(None,  # number of filters
    #               None,  # kernel size
    #               padding=None)(inputs)
    ### END SOLUTION

The blank is commented out, so the source notebook runs as it stands; in the release it takes the place of the region.
"""

import ast
import re

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions
from nbgrader.utils import is_solution
from traitlets import Unicode

from keras_autograder.authoring.solutions import BLANK_DELIMITER


class ClearSolutionsToBlanks(ClearSolutions):
    """``ClearSolutions`` that keeps the blank of a solution region, and falls back to the stub where there is none.

    Cells of optional exercises, which nbgrader does not know, carry a tag and are blanked as well.
    """

    blank_delimeter = Unicode(
        BLANK_DELIMITER,
        help="The line that parts a solution from the commented-out blank that students get in its place",
    ).tag(config=True)

    not_graded_tag = Unicode(
        "not-graded", help="The tag of cells that may hold solution regions though they are no solution cells"
    ).tag(config=True)

    def preprocess_cell(self, cell: NotebookNode, resources: dict, cell_index: int) -> tuple[NotebookNode, dict]:
        """Put the blanks into one cell; nbgrader's own refuses regions in a cell that it is not to grade."""
        if not is_solution(cell) and self.not_graded_tag in cell.metadata.get("tags", []):
            self._replace_solution_region(cell, resources["language"])
            return cell, resources
        return super().preprocess_cell(cell, resources, cell_index)

    def _replace_solution_region(self, cell: NotebookNode, language: str) -> bool:
        """Put the blank of each region in its place, in the cell itself; return whether there was a region."""
        region = re.compile(
            rf"^[^\n]*{re.escape(self.begin_solution_delimeter)}[^\n]*\n(.*?)"
            rf"^[^\n]*{re.escape(self.end_solution_delimeter)}[^\n]*$",
            re.DOTALL | re.MULTILINE,
        )
        released = region.sub(self._blank_or_region, cell.source)
        has_blanks = released != cell.source
        cell.source = released
        # What is left are regions without a blank, and mistakes in the markers: both are nbgrader's to handle.
        has_stubs = super()._replace_solution_region(cell, language)
        if has_blanks and language == "python":
            self._check_that_it_parses(cell)
        return has_blanks or has_stubs

    def _blank_or_region(self, match: re.Match) -> str:
        lines = match[1].splitlines()
        marks = [number for number, line in enumerate(lines) if line.strip() == self.blank_delimeter]
        if not marks or self.begin_solution_delimeter in match[1]:
            return match[0]
        return "\n".join(_uncommented(line) for line in lines[marks[0] + 1 :])

    def _check_that_it_parses(self, cell: NotebookNode) -> None:
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            raise RuntimeError(
                f"the released cell would not be valid Python, line {error.lineno}: {error.msg}. Cell:\n{cell.source}"
            ) from error


def _uncommented(line: str) -> str:
    match = re.fullmatch(r"(\s*)#(?: (.*))?", line)
    if match is None:
        raise RuntimeError(f"a blank must be commented out line by line, and this line is not: {line!r}")
    indent, text = match.groups()
    return indent + text if text else ""
