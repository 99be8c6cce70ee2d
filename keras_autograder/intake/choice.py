"""Which of the notebooks that a student handed in is graded under a name."""

from collections.abc import Set
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from keras_autograder.intake.assignment_plan import AssignmentPlan
from keras_autograder.intake.folder_listing import MOST_LISTED, FolderListing
from keras_autograder.intake.notebook_file import UnreadableNotebook, read_notebook
from keras_autograder.intake.notes import Note, quoted

_NOTEBOOKS = ("*.ipynb", "*.ipynb.txt", "*.ipynb.json", "*.json")
# Reading one may take a second.
_MOST_NOTEBOOKS_READ = 20


@dataclass(frozen=True)
class _Candidate:
    """A notebook that may be the one.

    Attributes:
        exercises: int, how many exercises it holds something of.
        path: Path, relative to the submission.
        notebook: NotebookNode.
        notes: list of Note, on what was wrong with its file.
    """

    exercises: int
    path: Path
    notebook: NotebookNode
    notes: list[Note]


def choose_notebook(
    listing: FolderListing, name: str, plan: AssignmentPlan, names: Set[str], size_limit: int
) -> tuple[NotebookNode, list[Note]]:
    """Find the notebook that is to be graded under a name.

    Args:
        listing: FolderListing of the submission.
        name: str, without suffix.
        plan: AssignmentPlan of that notebook.
        names: set of str, those of all notebooks of the assignment.
        size_limit: int, in bytes; larger notebooks are not read.

    Returns:
        tuple of NotebookNode, empty where there is none, and a list of Note on how it was found.
    """
    own = Path(f"{name}.ipynb")
    notes = []
    if own in listing.files:
        try:
            return read_notebook(listing.folder / own, size_limit)
        except UnreadableNotebook as error:
            notes.append(Note(f"{own} could not be read: {error.reason}."))
    taken = {f"{other}.ipynb" for other in names}
    paths = [path for path in listing.files if _is_notebook(path) and path.as_posix() not in taken]
    found, unread = _candidates(listing.folder, paths[:_MOST_NOTEBOOKS_READ], plan, size_limit)
    chosen = _most_complete(found, own.name)
    if len(chosen) > 1:
        listed = ", ".join(quoted(one.path.as_posix()) for one in chosen[:MOST_LISTED])
        return _empty(), [*notes, Note(f"Several notebooks were handed in, and none is named {own}: {listed}.")]
    if not chosen:
        return _empty(), [*notes, *unread] or [Note(f"No notebook was handed in: {own} is missing.")]
    (one,) = chosen
    return one.notebook, [*notes, Note(f"{quoted(one.path.as_posix())} was graded in place of {own}."), *one.notes]


def _candidates(
    folder: Path, paths: list[Path], plan: AssignmentPlan, size_limit: int
) -> tuple[list[_Candidate], list[Note]]:
    """The notebooks that can be read, and notes on those that cannot."""
    found, unread = [], []
    for path in paths:
        try:
            notebook, notes = read_notebook(folder / path, size_limit)
        except UnreadableNotebook as error:
            if path.suffix == ".ipynb":
                unread.append(Note(f"{quoted(path.as_posix())} could not be read: {error.reason}."))
            continue
        exercises = sum(any(part.is_in(cell) for cell in notebook.cells) for part in plan.written)
        found.append(_Candidate(exercises, path, notebook, notes))
    return found, unread


def _most_complete(found: list[_Candidate], name: str) -> list[_Candidate]:
    """The notebooks with the most exercises; of several one that has the right name, or the first if they are equal."""
    best = max((one.exercises for one in found), default=0)
    chosen = [one for one in found if one.exercises == best and (best or one.path.suffix == ".ipynb")]
    named = [one for one in chosen if one.path.name == name]
    if len(named) == 1:
        return named
    texts = {"\0".join(cell.source for cell in one.notebook.cells) for one in chosen}
    return chosen[:1] if len(texts) == 1 else chosen


def _is_notebook(path: Path) -> bool:
    return any(fnmatch(path.name.lower(), pattern) for pattern in _NOTEBOOKS)


def _empty() -> NotebookNode:
    return nbformat.v4.new_notebook()
