"""The solution cells of a source notebook, and the notebook of a student who has written all of them."""

import copy
import re

from nbformat import NotebookNode

from keras_autograder.authoring.solution_regions import BEGIN_SOLUTION, BLANK, END_SOLUTION

_MARKER = re.compile(r"^# (UNQ_C\d+)\s*$", re.MULTILINE)


def graded_cells(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """The cells that students write, by their marker.

    Args:
        notebook: NotebookNode, a source, release or submitted notebook.

    Returns:
        dict from ``"UNQ_C1"`` and so on to the cell.
    """
    found = {}
    for cell in notebook.cells:
        marker = _MARKER.search(cell.source) if cell.cell_type == "code" else None
        if marker:
            found[marker[1]] = cell
    return found


def solution_of(source_cell: NotebookNode) -> str:
    """The code of a source cell as a student would hand it in: the solution, without markers and blanks.

    Args:
        source_cell: NotebookNode, a graded cell of the source notebook.

    Returns:
        str, Python code.
    """
    lines, in_blank = [], False
    for line in source_cell.source.splitlines():
        if line.strip() == BLANK:
            in_blank = True
        elif END_SOLUTION in line:
            in_blank = False
        elif not in_blank and BEGIN_SOLUTION not in line:
            lines.append(line)
    return "\n".join(lines)


def solved_notebook(source: NotebookNode, release: NotebookNode) -> NotebookNode:
    """The release notebook with every graded cell filled in with the author's solution.

    Args:
        source: NotebookNode, the notebook with solutions and hidden tests.
        release: NotebookNode, what students get. It is left as it is.

    Returns:
        NotebookNode, a submission that earns all points.
    """
    solved = copy.deepcopy(release)
    targets = graded_cells(solved)
    for marker, cell in graded_cells(source).items():
        targets[marker].source = solution_of(cell)
    return solved
