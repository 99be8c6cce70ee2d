"""What an assignment consists of: the cells that students write and the cells that they are given, from its source."""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

from nbformat import NotebookNode

from keras_autograder.intake.cell_code import normalised, read_code
from keras_autograder.intake.ungraded_cells import UngradedCells

_MARKER = re.compile(r"^\s*#\s*(UNQ_C\d+)\b", re.MULTILINE)
_TITLE = re.compile(r"^\s*#\s*GRADED FUNCTION:?\s*(\w+)", re.MULTILINE)
_METADATA_OF_RELEASE = {"checksum", "cell_type"}


@dataclass(frozen=True)
class Part:
    """A cell of the source notebook that nbgrader knows.

    Attributes:
        grade_id: str.
        cell: NotebookNode, as it stands in the source.
        released: str, its text as students get it: without solution, without hidden tests.
        is_written: bool, whether students write it. They are given the others: checks, and text that is locked.
        functions: tuple of str, the functions that students are to define in it.
    """

    grade_id: str
    cell: NotebookNode
    released: str
    is_written: bool
    functions: tuple[str, ...]

    @property
    def name(self) -> str:
        """What notes call it."""
        return " and ".join(self.functions) or self.grade_id

    def is_untouched(self, source: str) -> bool:
        """Whether a text is what students were given, formatting aside."""
        return normalised(source) == normalised(self.released)

    def is_in(self, cell: NotebookNode) -> bool:
        """Whether a cell holds an answer to this part, or the place for one."""
        found = cell.metadata.get("nbgrader")
        if isinstance(found, dict) and found.get("grade_id") == self.grade_id:
            return True
        return bool(set(self.functions) & read_code(cell.source).functions) or self.is_marked_in(cell.source)

    def is_marked_in(self, source: str) -> bool:
        """Whether a text carries the comments that mark this cell: ``# UNQ_C1`` or ``# GRADED FUNCTION: name``."""
        own = set(_MARKER.findall(self.cell.source))
        return bool(
            own.intersection(_MARKER.findall(source)) or set(self.functions).intersection(_TITLE.findall(source))
        )

    def metadata_fits(self, cell: NotebookNode) -> bool:
        """Whether a cell carries what nbgrader needs to know of it, and nothing that nbgrader would refuse."""
        found, wanted = cell.metadata.get("nbgrader"), self.cell.metadata.nbgrader
        if not isinstance(found, dict) or any(found.get(key) != value for key, value in wanted.items()):
            return False
        rest = {key: value for key, value in found.items() if key not in wanted}
        checksum = rest.get("checksum", "0" * 32)
        return (
            rest.keys() <= _METADATA_OF_RELEASE
            and rest.get("cell_type", cell.cell_type) == cell.cell_type
            and isinstance(checksum, str)
            and len(checksum) == 32
        )


class AssignmentPlan:
    """The parts of an assignment, read once for a whole class.

    Args:
        source: NotebookNode, the source notebook with solutions and hidden tests. It is left as it is.
        released: function from a cell of the source notebook to its text as students get it.

    Attributes:
        source: NotebookNode.
        parts: list of Part, the cells that nbgrader knows, in their order.
    """

    def __init__(self, source: NotebookNode, released: Callable[[NotebookNode], str]):
        self.source = source
        cells = [cell for cell in source.cells if cell.metadata.get("nbgrader", {}).get("grade_id")]
        self.parts = [_part(cell, released(cell)) for cell in cells]

    @functools.cached_property
    def written(self) -> list[Part]:
        """The parts that students write."""
        return [part for part in self.parts if part.is_written]

    @functools.cached_property
    def given(self) -> list[Part]:
        """The parts that students are given."""
        return [part for part in self.parts if not part.is_written]

    @functools.cached_property
    def ungraded(self) -> UngradedCells:
        """The cells that are not run while grading."""
        return UngradedCells(self.source)

    def before(self, part: Part) -> list[Part]:
        """The parts that stand before one of them.

        Args:
            part: Part.

        Returns:
            list of Part.
        """
        return self.parts[: self.parts.index(part)]

    def after(self, part: Part) -> list[Part]:
        """The parts that stand after one of them.

        Args:
            part: Part.

        Returns:
            list of Part.
        """
        return self.parts[self.parts.index(part) + 1 :]


def _part(cell: NotebookNode, released: str) -> Part:
    is_written = bool(cell.metadata.nbgrader.get("solution"))
    functions = read_code(cell.source).functions if is_written and cell.cell_type == "code" else ()
    order = sorted(functions, key=lambda name: cell.source.find(f"def {name}"))
    return Part(cell.metadata.nbgrader["grade_id"], cell, released, is_written, tuple(order))
