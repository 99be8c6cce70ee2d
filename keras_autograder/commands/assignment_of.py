"""Which assignment a notebook answers."""

import re
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from keras_autograder.authoring import graded_cells
from keras_autograder.intake import read_notebook

_DEFINITION = re.compile(r"^def (\w+)\(", re.MULTILINE)


def assignment_of(notebook: Path, course: Path) -> str | None:
    """Find the assignment whose graded functions a notebook defines.

    Args:
        notebook: Path of the notebook, wherever it lies and whoever wrote it.
        course: Path, the folder of ``nbgrader_config.py``.

    Returns:
        str, the assignment's id; None if several fit equally well, or none of several does.

    Raises:
        keras_autograder.intake.UnreadableNotebook: if the file is not a notebook.
    """
    submitted, _ = read_notebook(notebook)
    defined = _defined([cell for cell in submitted.cells if cell.cell_type == "code"])
    sources = {path.parent.name: path for path in sorted((course / "source").glob("*/*.ipynb"))}
    if len(sources) == 1:
        return next(iter(sources))
    fitting = {
        assignment: len(defined & _defined(graded_cells(nbformat.read(path, as_version=4)).values()))
        for assignment, path in sources.items()
    }
    most = max(fitting.values(), default=0)
    best = [assignment for assignment, count in fitting.items() if count == most > 0]
    return best[0] if len(best) == 1 else None


def _defined(cells: Iterable[NotebookNode]) -> set[str]:
    return {name for cell in cells for name in _DEFINITION.findall(cell.source)}
