"""Which cell of a submitted notebook holds a student's answer to a part of the assignment."""

from collections.abc import Callable

from nbformat import NotebookNode

from keras_autograder.intake.assignment_plan import Part
from keras_autograder.intake.cell_code import Code, read_code, without_cell_magic
from keras_autograder.intake.workbench import Workbench, functions_in, grade_id_of, new_cell


def find_answer(bench: Workbench, part: Part) -> NotebookNode | None:
    """The cell that holds a student's answer: the last attempt that counts.

    Args:
        bench: Workbench. A definition that stands where it would not run is copied into a new cell.
        part: Part, one that students write.

    Returns:
        NotebookNode, or None. It may be the cell of another part, where both were written into one.
    """
    anchors = anchors_of(bench, part)
    if not part.functions:
        return _last_filled(anchors, part)
    return _last_definition(bench, part) or _definition_out_of_reach(bench, part) or _last_filled(anchors, part)


def anchors_of(bench: Workbench, part: Part) -> list[NotebookNode]:
    """The cells that say that they are this part's: by grade id, else by cell id, else by a marker.

    Args:
        bench: Workbench.
        part: Part, one that students write.

    Returns:
        list of NotebookNode, in their order.
    """
    others = {name for one in bench.plan.written if one is not part for name in one.functions}
    free = [cell for cell in bench.cells if not bench.is_home(cell) and not others & functions_in(cell)]
    ways: tuple[Callable[[NotebookNode], bool], ...] = (
        lambda cell: grade_id_of(cell) == part.grade_id,
        lambda cell: bool(cell.get("id") == part.cell.get("id")),
        lambda cell: bool(part.functions) and cell.cell_type == "code" and part.is_marked_in(cell.source),
    )
    found = ([cell for cell in free if way(cell)] for way in ways)
    return next((cells for cells in found if cells), [])


def _last_definition(bench: Workbench, part: Part) -> NotebookNode | None:
    """The last cell that defines the function when it runs. What the author gave out is nobody's attempt."""
    codes = [(cell, read_code(cell.source)) for cell in bench.cells if cell.cell_type == "code"]
    found = [(cell, code) for cell, code in codes if code.is_run and set(part.functions) & code.functions]
    ranks: tuple[Callable[[NotebookNode, Code], bool], ...] = (
        lambda cell, code: code.parses and not part.is_untouched(cell.source),
        lambda cell, code: not part.is_untouched(cell.source),
        lambda cell, code: True,
    )
    for rank in ranks:
        chosen = [cell for cell, code in found if rank(cell, code)]
        if chosen:
            return chosen[-1]
    return None


def _definition_out_of_reach(bench: Workbench, part: Part) -> NotebookNode | None:
    """A definition in a cell that does not run as code: under ``%%writefile``, or turned into text by accident."""
    names = set(part.functions)
    imports = [cell for cell in bench.cells if cell.cell_type == "code" and names & read_code(cell.source).bindings]
    if any("import" in cell.source for cell in imports):
        return None
    for cell in reversed(bench.cells):
        code = read_code(cell.source)
        if not names & code.functions:
            continue
        if cell.cell_type == "code":
            copied = new_cell("code", without_cell_magic(cell.source))
            bench.insert_after(cell, copied)
            bench.remark(
                f"{part.name} was written in a cell that starts with %% and defines nothing in the notebook; "
                "its lines were taken as code.",
                copied,
            )
            return copied
        if code.parses or grade_id_of(cell) == part.grade_id:
            return cell
    return None


def _last_filled(anchors: list[NotebookNode], part: Part) -> NotebookNode | None:
    filled = [cell for cell in anchors if cell.source.strip()]
    changed = [cell for cell in filled if not part.is_untouched(cell.source)]
    return (changed or filled or anchors or [None])[-1]
