"""From what a student handed in, whatever it is, to a clean folder that nbgrader can grade.

Of the submission nothing is changed.
"""

import shutil
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from keras_autograder.intake.assignment_plan import AssignmentPlan
from keras_autograder.intake.choice import choose_notebook
from keras_autograder.intake.folder_listing import DEFAULT_LIMITS, Limits, leads_elsewhere, list_folder
from keras_autograder.intake.notes import Note
from keras_autograder.intake.plain_files import open_file
from keras_autograder.intake.timestamp import TIMESTAMP, is_timestamp


@dataclass(frozen=True)
class TakenIn:
    """A notebook of a submission, as it came in.

    Attributes:
        notebook: NotebookNode, valid and of nbformat 4.5. One that was not to be found or read is empty.
        notes: list of Note, on how it was found and what was wrong with it and the files beside it.
    """

    notebook: NotebookNode
    notes: list[Note] = field(default_factory=list)


def copy_timestamp(folder: Path, clean: Path) -> None:
    """Begin a clean copy: with the time of submission alone, which nbgrader asks for before all else.

    Args:
        folder: Path, what the student handed in. It is left as it is.
        clean: Path, the folder to make.

    Raises:
        OSError: if the clean copy cannot be written.
    """
    clean.mkdir(parents=True, exist_ok=True)
    path = folder / TIMESTAMP
    if not leads_elsewhere(folder) and is_timestamp(path):
        _copy(path, clean / TIMESTAMP)


def take_in(
    folder: Path,
    clean: Path,
    plans: Mapping[str, AssignmentPlan],
    reserved: Set[Path] = frozenset(),
    ignore: tuple[str, ...] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> dict[str, TakenIn]:
    """Make a clean copy of a submission, with one valid notebook under each expected name.

    Args:
        folder: Path, what the student handed in. It is left as it is.
        clean: Path, the folder to make. It may hold the timestamp already.
        plans: mapping from each notebook's name, without suffix, to its AssignmentPlan.
        reserved: set of Path, the files of the course that nbgrader puts into the copy, relative to it.
        ignore: tuple of str, patterns of names of files and folders that are not copied.
        limits: Limits.

    Returns:
        dict from each notebook's name to TakenIn.

    Raises:
        OSError: if the clean copy cannot be written.
    """
    clean.mkdir(parents=True, exist_ok=True)
    reserved = reserved | {Path(f"{name}.ipynb") for name in plans}
    listing = list_folder(folder, reserved, ignore, limits)
    taken_in = {}
    for name, plan in plans.items():
        notebook, notes = choose_notebook(listing, name, plan, plans.keys(), limits.notebook_size)
        taken_in[name] = TakenIn(notebook, [*listing.notes, *notes])
        nbformat.write(notebook, clean / f"{name}.ipynb")
    for path in listing.files:
        if not path.name.endswith(".ipynb"):
            _copy(folder / path, clean / path)
    return taken_in


def _copy(path: Path, clean: Path) -> None:
    clean.parent.mkdir(parents=True, exist_ok=True)
    try:
        original = open_file(path)
    except OSError:
        # A file that cannot be read is no reason not to grade the notebook.
        return
    with original, open(clean, "wb") as copy:
        shutil.copyfileobj(original, copy)
