"""What grading needs to know of an assignment: its check cells, and the functions that students write."""

import ast
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.utils import is_grade, is_solution

# In a folder of which nothing goes to students.
_TINY_DATA = Path("author") / "tiny_data.py"


@dataclass(frozen=True)
class Assignment:
    """The trusted part of a notebook.

    Attributes:
        checks: dict from grade id to the source of a check cell, hidden tests included.
        functions: tuple of str, the functions that students write.
        tiny_data: str, code that makes a little data beside the notebook, for the cells that need some; empty where
            the author has written none.
    """

    checks: dict[str, str]
    functions: tuple[str, ...]
    tiny_data: str = ""

    @classmethod
    def from_gradebook(cls, db_url: str, notebook: str, assignment: str, source: Path | None = None) -> "Assignment":
        """Read what ``nbgrader generate_assignment`` has put into the gradebook.

        Args:
            db_url: str, the gradebook's address.
            notebook: str, its name.
            assignment: str, its id.
            source: Path or None, the assignment's folder in ``source/``, where ``author/tiny_data.py`` may lie.

        Returns:
            Assignment.

        Raises:
            nbgrader.api.MissingEntry: if the assignment was not released yet.
        """
        with Gradebook(db_url) as gradebook:
            entry = gradebook.find_notebook(notebook, assignment)
            sources = {cell.name: cell.source for cell in entry.source_cells}
            checks = {cell.name: sources[cell.name] for cell in entry.grade_cells if cell.cell_type == "code"}
            functions = _functions(sources[cell.name] for cell in entry.solution_cells)
            return cls(checks, functions, _tiny_data(source))

    @classmethod
    def from_source(cls, notebook: NotebookNode, source: Path | None = None) -> "Assignment":
        """Read the author's source notebook.

        Args:
            notebook: NotebookNode, with hidden tests.
            source: Path or None, the folder in which it lies, where ``author/tiny_data.py`` may lie too.

        Returns:
            Assignment.
        """
        checks = {cell.metadata.nbgrader.grade_id: cell.source for cell in notebook.cells if is_grade(cell)}
        functions = _functions(cell.source for cell in notebook.cells if is_solution(cell))
        return cls(checks, functions, _tiny_data(source))


def _tiny_data(source: Path | None) -> str:
    path = source / _TINY_DATA if source else None
    return path.read_text(encoding="utf-8") if path and path.is_file() else ""


def _functions(sources: Iterable[str]) -> tuple[str, ...]:
    names: list[str] = []
    for source in sources:
        with contextlib.suppress(SyntaxError):
            names += [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return tuple(names)
