"""Every exercise gets one cell again, with the student's last attempt in it, whole."""

from nbformat import NotebookNode

from keras_autograder.intake.answer_search import anchors_of, find_answer
from keras_autograder.intake.assignment_plan import Part
from keras_autograder.intake.cell_code import read_code
from keras_autograder.intake.workbench import Workbench, change_type, functions_in, grade_id_of, new_cell

# Nobody cuts a function into more; trying on and on would take minutes for a notebook that was made for it.
_MOST_PIECES = 20


def put_answer(bench: Workbench, part: Part) -> None:
    """Choose the cell that holds a student's answer, and make it the cell that nbgrader knows.

    Args:
        bench: Workbench, changed in place. The parts before this one have their cells.
        part: Part, one that students write.
    """
    home = find_answer(bench, part)
    if home is None:
        _add_empty(bench, part)
        return
    if bench.is_home(home):
        _point_to(bench, home, part)
        return
    bench.homes[part.grade_id] = home
    if home.cell_type != part.cell.cell_type:
        change_type(home, part.cell.cell_type)
        bench.remark(f"The cell of {part.name} was no longer a {part.cell.cell_type} cell; it is one again.", home)
    if part.functions:
        _join_pieces(bench, part, home)
        _clear_rivals(bench, part, home)
        if not set(part.functions) <= read_code(home.source).bindings:
            bench.remark(f"{part.name} was not found: its cell defines no function of this name.", home)
    if not part.metadata_fits(home):
        _remark_on_metadata(bench, part, home)
        bench.know_as(part, home)


def _join_pieces(bench: Workbench, part: Part, home: NotebookNode) -> None:
    """Join what was cut off from a function: its end in the cells below, its marker in the cell above."""
    pieces = 0
    while pieces < _MOST_PIECES:
        below = _code_after(bench, home)
        if below is None or not _goes_on(home.source, below.source):
            break
        home.source = f"{home.source.rstrip()}\n{below.source.rstrip()}"
        bench.remove(below)
        pieces += 1
    index = bench.index(home)
    above = bench.cells[index - 1] if index else None
    if (
        above is not None
        and above.cell_type == "code"
        and not bench.is_home(above)
        and read_code(above.source).is_empty
        and part.is_marked_in(above.source)
    ):
        home.source = f"{above.source.rstrip()}\n{home.source}"
        bench.remove(above)
        pieces += 1
    if pieces:
        bench.remark(f"The cell of {part.name} had been split; its {pieces + 1} pieces were joined.", home)


def _code_after(bench: Workbench, home: NotebookNode) -> NotebookNode | None:
    """The next cell with code, if only empty cells stand between."""
    for cell in bench.cells[bench.index(home) + 1 :]:
        if cell.source.strip():
            is_free = cell.cell_type == "code" and not bench.is_home(cell)
            return cell if is_free and not bench.is_check(cell) else None
    return None


def _goes_on(above: str, below: str) -> bool:
    """Whether a cell is the rest of a function that begins in the cell above it."""
    first = next((line for line in below.splitlines() if line.strip()), "")
    joined = read_code(f"{above.rstrip()}\n{below.rstrip()}")
    if first[:1] in (" ", "\t"):
        return joined.parses or not read_code(above).parses
    return joined.parses and not read_code(above).parses


def _clear_rivals(bench: Workbench, part: Part, home: NotebookNode) -> None:
    """Remove the author's blank where the answer stands elsewhere, and say which of several attempts counts."""
    rivals = [cell for cell in bench.cells if cell is not home and set(part.functions) & functions_in(cell)]
    attempts = 0
    for cell in rivals:
        if bench.is_home(cell) or not read_code(cell.source).is_run:
            continue
        if part.is_untouched(cell.source):
            bench.remove(cell)
            if not part.is_untouched(home.source):
                bench.remark(f"{part.name} was written outside its own cell; that version counts.", home)
        else:
            attempts += 1
    if attempts:
        is_last = bench.index(home) > max(bench.index(cell) for cell in rivals if bench.has(cell))
        which = "the last one counts" if is_last else "the last one that is valid Python counts"
        bench.remark(f"{part.name} is defined in {attempts + 1} cells; {which}.", home)


def _point_to(bench: Workbench, shared: NotebookNode, part: Part) -> None:
    """Several exercises were written into one cell: the others' cells say where to look."""
    owner = next(one.name for one in bench.plan.written if bench.homes.get(one.grade_id) is shared)
    sentence = f"{part.name} was written into the cell of {owner}."
    pointer = next((cell for cell in anchors_of(bench, part) if cell.source == f"# {sentence}"), None)
    if pointer is None:
        pointer = new_cell("code", f"# {sentence}")
        bench.insert_after([cell for cell in bench.cells if bench.is_home(cell)][-1], pointer)
    bench.homes[part.grade_id] = pointer
    # The blank would define the function anew, with nothing in it.
    for cell in [cell for cell in bench.cells if cell is not shared and part.is_untouched(cell.source)]:
        bench.remove(cell)
    bench.know_as(part, pointer)
    bench.remark(sentence, shared)


def _add_empty(bench: Workbench, part: Part) -> None:
    """An exercise of which nothing is left gets an empty cell, so that its check can say so."""
    empty = new_cell(part.cell.cell_type, "")
    before, after = bench.cells_of(bench.plan.before(part)), bench.cells_of(bench.plan.after(part))
    if before:
        bench.insert_after(before[-1], empty)
    elif after:
        bench.cells.insert(bench.index(after[0]), empty)
    else:
        bench.cells.append(empty)
    bench.homes[part.grade_id] = empty
    bench.know_as(part, empty)
    codes = [read_code(cell.source) for cell in bench.cells if cell.cell_type == "code"]
    if any(set(part.functions) & code.bindings for code in codes):
        bench.remark(f"{part.name} is not defined by any cell, but imported or assigned in one.", empty)
    else:
        bench.remark(f"{part.name} was not found in the notebook.", empty)


def _remark_on_metadata(bench: Workbench, part: Part, home: NotebookNode) -> None:
    if grade_id_of(home) == part.grade_id:
        bench.remark(f"The nbgrader metadata of the cell of {part.name} had been changed; it was restored.", home)
        return
    if home.get("id") == part.cell.get("id"):
        way = "its cell id"
    elif part.is_marked_in(home.source):
        way = "its marker"
    else:
        way = "what it defines"
    bench.remark(f"The cell of {part.name} had lost its grade id; it was recognised by {way}.", home)
