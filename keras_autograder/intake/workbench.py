"""A notebook while it is being repaired: its cells, which of them is which part's, and what is to be said about it."""

import copy
from collections.abc import Iterable

import nbformat
from nbformat import NotebookNode

from keras_autograder.intake.assignment_plan import AssignmentPlan, Part
from keras_autograder.intake.cell_code import read_code
from keras_autograder.intake.notes import Note


class Workbench:
    """A submitted notebook and what is known of it so far. Cells are known by identity: their positions change.

    Args:
        submitted: NotebookNode. It is left as it is; ``notebook`` is a copy.
        plan: AssignmentPlan.

    Attributes:
        homes: dict from grade id to the cell that holds a student's answer to this part.
        checks: dict from grade id to the cell that holds what students are given.
    """

    def __init__(self, submitted: NotebookNode, plan: AssignmentPlan):
        self.notebook = copy.deepcopy(submitted)
        self.plan = plan
        self.cells: list[NotebookNode] = self.notebook.cells
        self.homes: dict[str, NotebookNode] = {}
        self.checks: dict[str, NotebookNode] = {}
        self._remarks: list[tuple[str, NotebookNode | None]] = []

    def remark(self, sentence: str, cell: NotebookNode | None = None) -> None:
        """Say something of a cell, or of the whole notebook."""
        self._remarks.append((sentence, cell))

    def notes(self) -> list[Note]:
        """What was said, in the order of the notebook as it stands now."""
        place = {id(cell): index for index, cell in enumerate(self.cells)}
        notes = [Note(sentence, place.get(id(cell))) for sentence, cell in self._remarks]
        return sorted(notes, key=lambda note: -1 if note.cell_index is None else note.cell_index)

    def is_home(self, cell: NotebookNode) -> bool:
        """Whether a cell holds an answer that was found already."""
        return is_among(cell, self.homes.values())

    def is_check(self, cell: NotebookNode) -> bool:
        """Whether a cell says by its grade id that students are given it."""
        return grade_id_of(cell) in {part.grade_id for part in self.plan.given}

    def cell_of(self, part: Part) -> NotebookNode | None:
        """The cell of a part, if there is one."""
        if part.is_written:
            return self.homes.get(part.grade_id)
        found = [cell for cell in self.cells if grade_id_of(cell) == part.grade_id]
        return self.checks.get(part.grade_id) or (found[0] if found else None)

    def cells_of(self, parts: Iterable[Part]) -> list[NotebookNode]:
        """The cells of parts, as far as there are any."""
        return [cell for cell in map(self.cell_of, parts) if cell is not None]

    def know_as(self, part: Part, cell: NotebookNode) -> None:
        """Give a cell the metadata by which nbgrader knows a part."""
        cell.metadata["nbgrader"] = copy.deepcopy(part.cell.metadata.nbgrader)

    def index(self, cell: NotebookNode) -> int:
        """The position of a cell of the notebook."""
        return next(index for index, one in enumerate(self.cells) if one is cell)

    def has(self, cell: NotebookNode) -> bool:
        """Whether a cell is still in the notebook."""
        return is_among(cell, self.cells)

    def insert_after(self, cell: NotebookNode, new: NotebookNode) -> None:
        """Put a new cell below another one."""
        self.cells.insert(self.index(cell) + 1, new)

    def remove(self, cell: NotebookNode) -> None:
        """Take a cell out."""
        del self.cells[self.index(cell)]


def is_among(cell: NotebookNode, cells: Iterable[NotebookNode]) -> bool:
    """Whether a cell is one of several: the same one, and not one that is equal to it."""
    return any(cell is one for one in cells)


def grade_id_of(cell: NotebookNode) -> str | None:
    """The grade id that a cell carries, whatever else its metadata may hold."""
    found = cell.metadata.get("nbgrader")
    grade_id = found.get("grade_id") if isinstance(found, dict) else None
    return grade_id if isinstance(grade_id, str) else None


def functions_in(cell: NotebookNode) -> frozenset[str]:
    """The functions that a cell defines; of a cell that is not code, none."""
    return read_code(cell.source).functions if cell.cell_type == "code" else frozenset()


def new_cell(cell_type: str, source: str, cell_id: str | None = None) -> NotebookNode:
    """Make a cell. Without an id it gets one at the end of the repair."""
    make = {
        "code": nbformat.v4.new_code_cell,
        "markdown": nbformat.v4.new_markdown_cell,
        "raw": nbformat.v4.new_raw_cell,
    }[cell_type]
    cell = make(source)
    # An id of chance would make two repairs of one notebook differ.
    cell["id"] = cell_id or ""
    return cell


def change_type(cell: NotebookNode, cell_type: str) -> None:
    """Make a cell one of another type, in place."""
    new = new_cell(cell_type, cell.source, cell.get("id"))
    new.metadata = cell.metadata
    cell.clear()
    cell.update(new)


def needed_names(homes: list[NotebookNode], others: list[NotebookNode]) -> frozenset[str]:
    """The names that exercises use, and those that the cells which define them use in turn.

    Args:
        homes: list of NotebookNode, the cells of exercises.
        others: list of NotebookNode, the code cells that may define what these use.

    Returns:
        frozenset of str.
    """
    codes = [read_code(cell.source) for cell in others]
    needed: set[str] = set().union(*(read_code(home.source).uses for home in homes))
    while True:
        further: set[str] = set().union(*(code.uses for code in codes if code.functions & needed))
        if further <= needed:
            return frozenset(needed)
        needed |= further
