"""Make a submitted notebook one that can be graded, without losing a line of the student's.

Notebooks come back from Colab, Kaggle, VS Code and their owners' hands with cells split, copied, moved, deleted and
stripped of what nbgrader needs to know. Here every exercise gets one cell again, with the student's last attempt in it,
and every check stands after it as it was given out.
"""

import copy
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from keras_autograder.intake.code import normalised, read_code, without_cell_magic
from keras_autograder.intake.ids import usable_id
from keras_autograder.intake.notes import Note
from keras_autograder.intake.plan import Part, parts_of
from keras_autograder.intake.ungraded import UngradedCells, is_tagged, tag, untag

# A part of a check cell of this many lines is taken for a part of a check cell; fewer could be anybody's imports.
_LINES_OF_A_PIECE = 4
# Nobody cuts a function into more; trying on and on would take minutes for a notebook that was made for it.
_MOST_PIECES = 20


@dataclass(frozen=True)
class Repaired:
    """A notebook that can be graded.

    Attributes:
        notebook: NotebookNode.
        notes: list of Note, what was done, in the order of the notebook. Empty if nothing had to be done that matters.
    """

    notebook: NotebookNode
    notes: list[Note]


def repair(submitted: NotebookNode, source: NotebookNode) -> Repaired:
    """Give a submitted notebook one cell for each exercise, each check as it was given out, and valid metadata.

    The student's other cells stay, in their order. Checks are put back as students got them: the hidden tests come
    from the gradebook, with nbgrader's ``OverwriteCells``.

    Args:
        submitted: NotebookNode, valid and of nbformat 4. It is left as it is.
        source: NotebookNode, the notebook with solutions and hidden tests. It is left as it is.

    Returns:
        Repaired. A notebook that needs nothing comes out equal, without notes.
    """
    return _Bench(submitted, source).repaired()


class _Bench:
    """A notebook while it is being repaired. Cells are known by identity: their positions change."""

    def __init__(self, submitted: NotebookNode, source: NotebookNode):
        self.notebook = copy.deepcopy(submitted)
        self.source = source
        self.cells: list[NotebookNode] = self.notebook.cells
        self.parts = parts_of(source)
        self.written = [part for part in self.parts if part.is_written]
        self.homes: dict[str, NotebookNode] = {}
        self.checks: dict[str, NotebookNode] = {}
        self.remarks: list[tuple[str, NotebookNode | None]] = []

    def repaired(self) -> Repaired:
        for part in self.written:
            self._find_home(part)
        for part in self.parts:
            if not part.is_written:
                self._put_check(part)
        self._strip_other_cells()
        self._tag_ungraded_cells()
        self._set_kernel()
        self._set_format()
        place = {id(cell): index for index, cell in enumerate(self.cells)}
        notes = [Note(sentence, place.get(id(cell))) for sentence, cell in self.remarks]
        return Repaired(
            self.notebook, sorted(notes, key=lambda note: -1 if note.cell_index is None else note.cell_index)
        )

    def _remark(self, sentence: str, cell: NotebookNode | None = None) -> None:
        self.remarks.append((sentence, cell))

    # --- cells that students write

    def _find_home(self, part: Part) -> None:
        """Choose the cell that holds a student's answer, and make it the cell that nbgrader knows."""
        anchors = self._anchors(part)
        if not part.functions:
            home = self._last_filled(anchors, part)
        else:
            home = (
                self._last_definition(part) or self._definition_out_of_reach(part) or self._last_filled(anchors, part)
            )
        if home is None:
            self._add_empty(part)
            return
        if self._is_home(home):
            self._point_to(home, part)
            return
        self.homes[part.grade_id] = home
        if home.cell_type != part.cell.cell_type:
            self._change_type(home, part.cell.cell_type)
            self._remark(
                f"The cell of {part.name} was not a {part.cell.cell_type} cell any more; it is one again.", home
            )
        if part.functions:
            self._join_pieces(part, home)
            self._clear_rivals(part, home)
            if not set(part.functions) <= read_code(home.source).bindings:
                self._remark(f"{part.name} was not found: its cell defines no function of this name.", home)
        if not part.metadata_fits(home):
            self._remark_on_metadata(part, home)
            self._know_as(part, home)

    def _anchors(self, part: Part) -> list[NotebookNode]:
        """The cells that say that they are this part's: by grade id, else by cell id, else by a marker."""
        others = {name for one in self.written if one is not part for name in one.functions}
        free = [cell for cell in self.cells if not self._is_home(cell) and not others & _functions_in(cell)]
        ways = (
            lambda cell: _grade_id(cell) == part.grade_id,
            lambda cell: cell.get("id") == part.cell.get("id"),
            lambda cell: bool(part.functions) and cell.cell_type == "code" and part.is_marked_in(cell.source),
        )
        found = ([cell for cell in free if way(cell)] for way in ways)
        return next((cells for cells in found if cells), [])

    def _is_home(self, cell: NotebookNode) -> bool:
        return any(cell is home for home in self.homes.values())

    def _last_definition(self, part: Part) -> NotebookNode | None:
        """The last cell that defines the function when it runs. What the author gave out is nobody's attempt."""
        codes = [(cell, read_code(cell.source)) for cell in self.cells if cell.cell_type == "code"]
        found = [(cell, code) for cell, code in codes if code.is_run and set(part.functions) & code.functions]
        ranks = (
            lambda cell, code: code.parses and not part.is_untouched(cell.source),
            lambda cell, code: not part.is_untouched(cell.source),
            lambda cell, code: True,
        )
        for rank in ranks:
            chosen = [cell for cell, code in found if rank(cell, code)]
            if chosen:
                return chosen[-1]
        return None

    def _definition_out_of_reach(self, part: Part) -> NotebookNode | None:
        """A definition in a cell that does not run as code: under ``%%writefile``, or turned into text by accident."""
        names = set(part.functions)
        imports = [cell for cell in self.cells if cell.cell_type == "code" and names & read_code(cell.source).bindings]
        if any("import" in cell.source for cell in imports):
            return None
        for cell in reversed(self.cells):
            code = read_code(cell.source)
            if not names & code.functions:
                continue
            if cell.cell_type == "code":
                copied = self._new_cell("code", without_cell_magic(cell.source))
                self._insert_after(cell, copied)
                self._remark(
                    f"{part.name} stood in a cell that starts with %% and defines nothing in the notebook; "
                    "its lines were taken as code.",
                    copied,
                )
                return copied
            if code.parses or _grade_id(cell) == part.grade_id:
                return cell
        return None

    def _last_filled(self, anchors: list[NotebookNode], part: Part) -> NotebookNode | None:
        filled = [cell for cell in anchors if cell.source.strip()]
        changed = [cell for cell in filled if not part.is_untouched(cell.source)]
        return (changed or filled or anchors or [None])[-1]

    def _join_pieces(self, part: Part, home: NotebookNode) -> None:
        """Join what was cut off from a function: its end in the cells below, its marker in the cell above."""
        pieces = 0
        while pieces < _MOST_PIECES:
            below = self._code_after(home)
            if below is None or not _goes_on(home.source, below.source):
                break
            home.source = f"{home.source.rstrip()}\n{below.source.rstrip()}"
            self._remove(below)
            pieces += 1
        index = self._index(home)
        above = self.cells[index - 1] if index else None
        if (
            above is not None
            and above.cell_type == "code"
            and not self._is_home(above)
            and read_code(above.source).is_empty
            and part.is_marked_in(above.source)
        ):
            home.source = f"{above.source.rstrip()}\n{home.source}"
            self._remove(above)
            pieces += 1
        if pieces:
            self._remark(f"The cell of {part.name} had been split; its {pieces + 1} pieces were joined.", home)

    def _code_after(self, home: NotebookNode) -> NotebookNode | None:
        """The next cell with code, if only empty cells stand between."""
        for cell in self.cells[self._index(home) + 1 :]:
            if cell.source.strip():
                is_free = cell.cell_type == "code" and not self._is_home(cell)
                return cell if is_free and _grade_id(cell) not in self._check_ids() else None
        return None

    def _check_ids(self) -> set[str]:
        return {part.grade_id for part in self.parts if not part.is_written}

    def _clear_rivals(self, part: Part, home: NotebookNode) -> None:
        """Remove the author's blank where the answer stands elsewhere, and say which of several attempts counts."""
        rivals = [cell for cell in self.cells if cell is not home and set(part.functions) & _functions_in(cell)]
        attempts = 0
        for cell in rivals:
            if self._is_home(cell) or not read_code(cell.source).is_run:
                continue
            if part.is_untouched(cell.source):
                self._remove(cell)
                if not part.is_untouched(home.source):
                    self._remark(f"{part.name} was written outside of its own cell; what stands there counts.", home)
            else:
                attempts += 1
        if attempts:
            is_last = self._index(home) > max(self._index(cell) for cell in rivals if self._has(cell))
            which = "the last one counts" if is_last else "the last one that is valid Python counts"
            self._remark(f"{part.name} is defined in {attempts + 1} cells; {which}.", home)

    def _point_to(self, shared: NotebookNode, part: Part) -> None:
        """Several exercises were written into one cell: the others' cells say where to look."""
        owner = next(part.name for part in self.written if self.homes.get(part.grade_id) is shared)
        sentence = f"{part.name} was written into the cell of {owner}."
        pointer = next((cell for cell in self._anchors(part) if cell.source == f"# {sentence}"), None)
        if pointer is None:
            pointer = self._new_cell("code", f"# {sentence}")
            self._insert_after([cell for cell in self.cells if self._is_home(cell)][-1], pointer)
        self.homes[part.grade_id] = pointer
        # The blank would define the function anew, with nothing in it.
        for cell in [cell for cell in self.cells if cell is not shared and part.is_untouched(cell.source)]:
            self._remove(cell)
        self._know_as(part, pointer)
        self._remark(sentence, shared)

    def _add_empty(self, part: Part) -> None:
        """An exercise of which nothing is left gets an empty cell, so that its check can say so."""
        empty = self._new_cell(part.cell.cell_type, "")
        index = self.parts.index(part)
        known = [cell for cell in map(self._cell_of, self.parts[index + 1 :]) if cell is not None]
        before = [cell for cell in map(self._cell_of, self.parts[:index]) if cell is not None]
        if before:
            self._insert_after(before[-1], empty)
        elif known:
            self.cells.insert(self._index(known[0]), empty)
        else:
            self.cells.append(empty)
        self.homes[part.grade_id] = empty
        self._know_as(part, empty)
        is_imported = any(
            set(part.functions) & read_code(c.source).bindings for c in self.cells if c.cell_type == "code"
        )
        if is_imported:
            self._remark(f"{part.name} is not defined by any cell, but imported or assigned in one.", empty)
        else:
            self._remark(f"{part.name} was not found in the notebook.", empty)

    def _cell_of(self, part: Part) -> NotebookNode | None:
        if part.is_written:
            return self.homes.get(part.grade_id)
        found = [cell for cell in self.cells if _grade_id(cell) == part.grade_id]
        return self.checks.get(part.grade_id) or (found[0] if found else None)

    def _remark_on_metadata(self, part: Part, home: NotebookNode) -> None:
        if _grade_id(home) == part.grade_id:
            self._remark(f"What nbgrader knows of the cell of {part.name} had been changed; it was put right.", home)
            return
        if home.get("id") == part.cell.get("id"):
            way = "its cell id"
        elif part.is_marked_in(home.source):
            way = "its marker"
        else:
            way = "what it defines"
        self._remark(f"The cell of {part.name} had lost its grade id; it was recognised by {way}.", home)

    # --- cells that students are given

    def _put_check(self, part: Part) -> None:
        """Put a cell that students are given in its place, as it was given out."""
        taken = [*self.homes.values(), *self.checks.values()]
        copies = [cell for cell in self._copies(part) if not any(cell is one for one in taken)]
        earlier = [self._cell_of(one) for one in self.parts[: self.parts.index(part)]]
        earlier += self._helpers_below(part, copies)
        barrier = max((self._index(cell) for cell in earlier if cell is not None), default=-1)
        if not copies:
            cell = self._new_cell(part.cell.cell_type, part.released, part.cell.get("id"))
            self._know_as(part, cell)
            self.cells.insert(barrier + 1, cell)
            self.checks[part.grade_id] = cell
            self._remark(f"The check {part.grade_id} was missing; it was put back.", cell)
            return
        behind = [cell for cell in copies if self._index(cell) > barrier]
        cell = self.checks[part.grade_id] = (behind or copies)[0]
        for other in copies:
            if other is not cell:
                other.metadata.pop("nbgrader", None)
                self._keep_from_running(other)
        if cell.cell_type != part.cell.cell_type:
            self._change_type(cell, part.cell.cell_type)
        if cell.source != part.released:
            if not part.is_untouched(cell.source):
                self._remark(f"The check {part.grade_id} was not as it was given out; it was put right.", cell)
            cell.source = part.released
        if not part.metadata_fits(cell):
            self._know_as(part, cell)
        if not behind or self._is_hidden(part, cell):
            self._remove(cell)
            barrier = max((self._index(one) for one in earlier if one is not None), default=-1)
            self.cells.insert(barrier + 1, cell)
            self._remark(
                f"The check {part.grade_id} was moved to where it belongs, after the functions it tests.", cell
            )

    def _copies(self, part: Part) -> list[NotebookNode]:
        """The cells that were this one: by grade id, else by cell id, else by what they say."""
        defined = {name for one in self.written for name in one.functions}
        # Other courses use the same grade ids for other things. A cell that defines an exercise's function is no check.
        free = [cell for cell in self.cells if not defined & _functions_in(cell)]
        by_grade_id = [cell for cell in free if _grade_id(cell) == part.grade_id]
        by_id = [cell for cell in free if cell.get("id") == part.cell.get("id")]
        return by_grade_id or by_id or [cell for cell in free if part.is_untouched(cell.source)]

    def _is_hidden(self, part: Part, check: NotebookNode) -> bool:
        """Whether a cell between an exercise and its check gives the function's name to something else."""
        before = [one for one in self.parts[: self.parts.index(part)] if one.is_written]
        if not before:
            return False
        home = self.homes[before[-1].grade_id]
        between = self.cells[self._index(home) + 1 : self._index(check)]
        names = set(before[-1].functions)
        return any(names & read_code(cell.source).bindings for cell in between if cell.cell_type == "code")

    def _helpers_below(self, part: Part, copies: list[NotebookNode]) -> list[NotebookNode]:
        """Cells that define what the exercises before a check use, if none above the check does."""
        homes = [self.homes[one.grade_id] for one in self.parts[: self.parts.index(part)] if one.is_written]
        if not homes:
            return []
        others = [
            cell
            for cell in self.cells
            if cell.cell_type == "code"
            and not self._is_home(cell)
            and _grade_id(cell) not in self._check_ids()
            and not any(cell is one for one in copies)
        ]
        needed = _needed_names(homes, others)
        place = max(self._index(cell) for cell in [*homes, *copies[:1]])
        above = set().union(
            *(read_code(cell.source).bindings for cell in self.cells[:place] if cell.cell_type == "code")
        )
        below = [cell for cell in others if self._index(cell) > place and not is_tagged(cell)]
        return [cell for cell in below if read_code(cell.source).functions & needed - above]

    def _keep_from_running(self, cell: NotebookNode) -> None:
        if cell.cell_type == "code" and not is_tagged(cell):
            tag(cell)
            self._remark("A part or a copy of a check cell is kept, but not run.", cell)

    # --- all other cells

    def _strip_other_cells(self) -> None:
        known = {id(cell) for cell in map(self._cell_of, self.parts)}
        checks = [normalised(part.released) for part in self.parts if not part.is_written and part.released.strip()]
        stripped = 0
        for cell in self.cells:
            if id(cell) in known:
                continue
            if "nbgrader" in cell.metadata:
                del cell.metadata["nbgrader"]
                stripped += 1
            text = normalised(cell.source)
            if text.count("\n") >= _LINES_OF_A_PIECE - 1 and any(text in check for check in checks):
                self._keep_from_running(cell)
        if stripped:
            cells = "1 cell" if stripped == 1 else f"{stripped} cells"
            self._remark(f"{cells} carried data of nbgrader's that were not theirs; these were removed.")

    def _tag_ungraded_cells(self) -> None:
        # nbgrader gives full marks to a check that was not run: nobody but the author decides what is not run.
        for part in self.parts:
            cell = self._cell_of(part)
            if cell is not None and is_tagged(cell) and not is_tagged(part.cell):
                untag(cell)
                self._remark("A cell of an exercise was tagged as not to be run; it is run.", cell)
        ungraded = UngradedCells(self.source)
        known = {id(cell) for cell in map(self._cell_of, self.parts)}
        others = [cell for cell in self.cells if id(cell) not in known and cell.cell_type == "code"]
        needed = _needed_names(list(self.homes.values()), others)
        for cell in others:
            if is_tagged(cell):
                own = read_code(cell.source).functions & needed - ungraded.names
                if own:
                    untag(cell)
                    names = ", ".join(sorted(own))
                    self._remark(f"The cell that defines {names} is run: an exercise uses it.", cell)
            elif ungraded.includes(cell, needed):
                tag(cell)

    # --- the notebook

    def _set_kernel(self) -> None:
        wanted, found = self.source.metadata.get("kernelspec"), self.notebook.metadata.get("kernelspec", {})
        if not wanted or found == wanted:
            return
        language = found.get("language", wanted.get("language"))
        if str(language).lower() != str(wanted.get("language")).lower():
            self._remark(f"The notebook was set to another language than {wanted.get('language')}.")
            self.notebook.metadata.pop("language_info", None)
        self.notebook.metadata["kernelspec"] = copy.deepcopy(wanted)

    def _set_format(self) -> None:
        """Bring the notebook to nbformat 4.5, with valid ids of which none stands twice."""
        self.notebook.nbformat, self.notebook.nbformat_minor = 4, 5
        # Widgets of a page that is not open any more. Where their state is missing, nbconvert cannot make feedback.
        self.notebook.metadata.pop("widgets", None)
        taken = {part.cell.get("id") for part in self.parts}
        own = {id(self._cell_of(part)): part.cell.get("id") for part in self.parts}
        for number, cell in enumerate(self.cells):
            its_own = own.get(id(cell))
            taken.discard(its_own)
            cell["id"] = usable_id(cell.get("id"), its_own or f"cell-{number}", taken)
            taken.add(cell["id"])

    # --- tools

    def _know_as(self, part: Part, cell: NotebookNode) -> None:
        cell.metadata["nbgrader"] = copy.deepcopy(part.cell.metadata.nbgrader)

    def _new_cell(self, cell_type: str, source: str, cell_id: str | None = None) -> NotebookNode:
        make = {
            "code": nbformat.v4.new_code_cell,
            "markdown": nbformat.v4.new_markdown_cell,
            "raw": nbformat.v4.new_raw_cell,
        }[cell_type]
        cell = make(source)
        # An id of chance would make two repairs of one notebook differ.
        cell["id"] = cell_id or ""
        return cell

    def _change_type(self, cell: NotebookNode, cell_type: str) -> None:
        new = self._new_cell(cell_type, cell.source, cell.get("id"))
        new.metadata = cell.metadata
        cell.clear()
        cell.update(new)

    def _index(self, cell: NotebookNode) -> int:
        return next(index for index, one in enumerate(self.cells) if one is cell)

    def _has(self, cell: NotebookNode) -> bool:
        return any(one is cell for one in self.cells)

    def _insert_after(self, cell: NotebookNode, new: NotebookNode) -> None:
        self.cells.insert(self._index(cell) + 1, new)

    def _remove(self, cell: NotebookNode) -> None:
        del self.cells[self._index(cell)]


def _grade_id(cell: NotebookNode) -> str | None:
    found = cell.metadata.get("nbgrader")
    grade_id = found.get("grade_id") if isinstance(found, dict) else None
    return grade_id if isinstance(grade_id, str) else None


def _functions_in(cell: NotebookNode) -> frozenset[str]:
    return read_code(cell.source).functions if cell.cell_type == "code" else frozenset()


def _goes_on(above: str, below: str) -> bool:
    """Whether a cell is the rest of a function that begins in the cell above it."""
    first = next((line for line in below.splitlines() if line.strip()), "")
    joined = read_code(f"{above.rstrip()}\n{below.rstrip()}")
    if first[:1] in (" ", "\t"):
        return joined.parses or not read_code(above).parses
    return joined.parses and not read_code(above).parses


def _needed_names(homes: list[NotebookNode], others: list[NotebookNode]) -> frozenset[str]:
    """The names that exercises use, and those that the cells which define them use in turn."""
    codes = [read_code(cell.source) for cell in others]
    needed = set().union(*(read_code(home.source).uses for home in homes))
    while True:
        further = set().union(*(code.uses for code in codes if code.functions & needed))
        if further <= needed:
            return frozenset(needed)
        needed |= further
