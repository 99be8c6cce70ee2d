"""Every cell that students are given, checks above all, stands where it belongs, as it was given out."""

from nbformat import NotebookNode

from keras_autograder.intake.assignment_plan import Part
from keras_autograder.intake.cell_code import read_code
from keras_autograder.intake.ungraded_cells import is_tagged, tag
from keras_autograder.intake.workbench import (
    Workbench,
    change_type,
    functions_in,
    grade_id_of,
    is_among,
    needed_names,
    new_cell,
)


def put_given_cell(bench: Workbench, part: Part) -> None:
    """Put a cell that students are given in its place, as it was given out.

    Args:
        bench: Workbench, changed in place. All exercises, and the given parts before this one, have their cells.
        part: Part, one that students are given.
    """
    taken = [*bench.homes.values(), *bench.checks.values()]
    copies = [cell for cell in _copies(bench, part) if not is_among(cell, taken)]
    earlier = [*bench.cells_of(bench.plan.before(part)), *_helpers_below(bench, part, copies)]
    if not copies:
        cell = new_cell(part.cell.cell_type, part.released, part.cell.get("id"))
        bench.know_as(part, cell)
        _put_below(bench, cell, earlier)
        bench.checks[part.grade_id] = cell
        bench.remark(f"The check {part.grade_id} was missing; it was put back.", cell)
        return
    barrier = max(map(bench.index, earlier), default=-1)
    behind = [cell for cell in copies if bench.index(cell) > barrier]
    cell = bench.checks[part.grade_id] = (behind or copies)[0]
    for other in copies:
        if other is not cell:
            other.metadata.pop("nbgrader", None)
            keep_from_running(bench, other)
    _restore(bench, part, cell)
    if not behind or _is_hidden(bench, part, cell):
        bench.remove(cell)
        _put_below(bench, cell, earlier)
        bench.remark(f"The check {part.grade_id} was moved to where it belongs, after the functions it tests.", cell)


def keep_from_running(bench: Workbench, cell: NotebookNode) -> None:
    """Keep what is left of a check cell, and do not run it.

    Args:
        bench: Workbench, which hears of it.
        cell: NotebookNode, changed in place.
    """
    if cell.cell_type == "code" and not is_tagged(cell):
        tag(cell)
        bench.remark("A part or a copy of a check cell is kept, but not run.", cell)


def _put_below(bench: Workbench, cell: NotebookNode, earlier: list[NotebookNode]) -> None:
    bench.cells.insert(max(map(bench.index, earlier), default=-1) + 1, cell)


def _restore(bench: Workbench, part: Part, cell: NotebookNode) -> None:
    if cell.cell_type != part.cell.cell_type:
        change_type(cell, part.cell.cell_type)
    if cell.source != part.released:
        if not part.is_untouched(cell.source):
            bench.remark(f"The check {part.grade_id} had been changed; it was restored.", cell)
        cell.source = part.released
    if not part.metadata_fits(cell):
        bench.know_as(part, cell)


def _copies(bench: Workbench, part: Part) -> list[NotebookNode]:
    """The cells that were this one: by grade id, else by cell id, else by what they say."""
    defined = {name for one in bench.plan.written for name in one.functions}
    # Other courses use the same grade ids for other things. A cell that defines an exercise's function is no check.
    free = [cell for cell in bench.cells if not defined & functions_in(cell)]
    by_grade_id = [cell for cell in free if grade_id_of(cell) == part.grade_id]
    by_id = [cell for cell in free if cell.get("id") == part.cell.get("id")]
    return by_grade_id or by_id or [cell for cell in free if part.is_untouched(cell.source)]


def _is_hidden(bench: Workbench, part: Part, check: NotebookNode) -> bool:
    """Whether a cell between an exercise and its check gives the function's name to something else."""
    before = [one for one in bench.plan.before(part) if one.is_written]
    if not before:
        return False
    home = bench.homes[before[-1].grade_id]
    between = bench.cells[bench.index(home) + 1 : bench.index(check)]
    names = set(before[-1].functions)
    return any(names & read_code(cell.source).bindings for cell in between if cell.cell_type == "code")


def _helpers_below(bench: Workbench, part: Part, copies: list[NotebookNode]) -> list[NotebookNode]:
    """Cells that define what the exercises before a check use, if none above the check does."""
    homes = [bench.homes[one.grade_id] for one in bench.plan.before(part) if one.is_written]
    if not homes:
        return []
    others = [
        cell
        for cell in bench.cells
        if cell.cell_type == "code"
        and not bench.is_home(cell)
        and not bench.is_check(cell)
        and not is_among(cell, copies)
    ]
    needed = needed_names(homes, others)
    place = max(bench.index(cell) for cell in [*homes, *copies[:1]])
    above: set[str] = set().union(
        *(read_code(cell.source).bindings for cell in bench.cells[:place] if cell.cell_type == "code")
    )
    below = [cell for cell in others if bench.index(cell) > place and not is_tagged(cell)]
    return [cell for cell in below if read_code(cell.source).functions & needed - above]
