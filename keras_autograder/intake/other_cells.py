"""The cells that are no part of the assignment: none carries nbgrader's data, none runs that the author exempts."""

from keras_autograder.intake.cell_code import normalised, read_code
from keras_autograder.intake.given_cells import keep_from_running
from keras_autograder.intake.ungraded_cells import is_tagged, tag, untag
from keras_autograder.intake.workbench import Workbench, needed_names

# A part of a check cell of this many lines is taken for a part of a check cell; fewer could be anybody's imports.
_LINES_OF_A_PIECE = 4


def strip_other_cells(bench: Workbench) -> None:
    """Remove what nbgrader would take for its own from cells that are no part, and keep pieces of checks from running.

    Args:
        bench: Workbench, changed in place. All parts have their cells.
    """
    known = {id(cell) for cell in bench.cells_of(bench.plan.parts)}
    checks = [normalised(part.released) for part in bench.plan.given if part.released.strip()]
    stripped = 0
    for cell in bench.cells:
        if id(cell) in known:
            continue
        if "nbgrader" in cell.metadata:
            del cell.metadata["nbgrader"]
            stripped += 1
        text = normalised(cell.source)
        if text.count("\n") >= _LINES_OF_A_PIECE - 1 and any(text in check for check in checks):
            keep_from_running(bench, cell)
    if stripped == 1:
        bench.remark("1 cell carried nbgrader metadata that was not its own; it was removed.")
    elif stripped:
        bench.remark(f"{stripped} cells carried nbgrader metadata that was not their own; it was removed.")


def tag_ungraded_cells(bench: Workbench) -> None:
    """Keep from running what the author keeps from running, and nothing else that matters.

    Args:
        bench: Workbench, changed in place. All parts have their cells.
    """
    # nbgrader gives full marks to a check that was not run: nobody but the author decides what is not run.
    for part in bench.plan.parts:
        cell = bench.cell_of(part)
        if cell is not None and is_tagged(cell) and not is_tagged(part.cell):
            untag(cell)
            bench.remark("A cell of an exercise was tagged not to be run; it is run all the same.", cell)
    ungraded = bench.plan.ungraded
    known = {id(cell) for cell in bench.cells_of(bench.plan.parts)}
    others = [cell for cell in bench.cells if id(cell) not in known and cell.cell_type == "code"]
    needed = needed_names(list(bench.homes.values()), others)
    for cell in others:
        if is_tagged(cell):
            own = read_code(cell.source).functions & needed - ungraded.names
            if own:
                untag(cell)
                bench.remark(f"The cell that defines {', '.join(sorted(own))} is run: an exercise uses it.", cell)
        elif ungraded.includes(cell, needed):
            tag(cell)
