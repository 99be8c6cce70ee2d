"""From what a student handed in, whatever it is, to a clean folder that nbgrader can grade.

Of the submission nothing is changed. Of what is copied nothing leads out of it: no links, no pipes, nothing too large.
"""

import os
import shutil
from collections import deque
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import parse_utc

from keras_autograder.intake.files import open_file
from keras_autograder.intake.notes import Note, quoted
from keras_autograder.intake.plan import Part, parts_of
from keras_autograder.intake.reading import SIZE_LIMIT, UnreadableNotebook, read_notebook

_NOTEBOOKS = ("*.ipynb", "*.ipynb.txt", "*.ipynb.json", "*.json")
# Copies that programs make, which are never what a student wants to hand in.
_NEVER = (".ipynb_checkpoints", "__MACOSX", "._*", ".git", "__pycache__")
_TIMESTAMP = "timestamp.txt"
_TIMESTAMP_SIZE = 1000
_MOST_LISTED = 10
# Reading one may take a second.
_MOST_NOTEBOOKS_READ = 20


@dataclass(frozen=True)
class Limits:
    """How much of a submission is taken in.

    Attributes:
        notebook_size: int, in bytes, of one notebook.
        file_size: int, in bytes, of any other file.
        total_size: int, in bytes, of all files together that are not notebooks.
        files: int, how many files are looked at.
    """

    notebook_size: int = SIZE_LIMIT
    file_size: int = 10_000_000
    total_size: int = 50_000_000
    files: int = 1000


@dataclass
class Submission:
    """The files of a submission that can be taken in.

    Attributes:
        folder: Path.
        files: list of Path, relative to the folder: regular files.
        notes: list of Note, on what was left out.
    """

    folder: Path
    files: list[Path] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def take_in(
    folder: Path,
    clean: Path,
    sources: dict[str, NotebookNode],
    reserved: Set[Path] = frozenset(),
    ignore: tuple[str, ...] = (),
    limits: Limits = Limits(),
) -> dict[str, list[Note]]:
    """Make a clean copy of a submission, with one valid notebook under each expected name.

    Args:
        folder: Path, what the student handed in. It is left as it is.
        clean: Path, the folder to make. It must not exist.
        sources: dict from each notebook's name, without suffix, to its source notebook.
        reserved: set of Path, the files of the course that nbgrader puts into the copy, relative to it.
        ignore: tuple of str, patterns of names of files and folders that are not copied.
        limits: Limits.

    Returns:
        dict from each notebook's name to a list of Note. A notebook that was not to be found or read is empty, with
        the reason as its note.

    Raises:
        OSError: if the clean copy cannot be written.
    """
    clean.mkdir(parents=True)
    reserved = reserved | {Path(f"{name}.ipynb") for name in sources}
    try:
        submission = _inventory(folder, reserved, ignore, limits)
    except OSError as error:
        submission = Submission(folder, notes=[Note(f"The submission could not be read: {error.strerror}.")])
    notes = {}
    for name, source in sources.items():
        notebook, notes[name] = _choose(submission, name, source, set(sources), limits)
        notes[name] = [*submission.notes, *notes[name]]
        nbformat.write(notebook, clean / f"{name}.ipynb")
    for path in submission.files:
        if not path.name.endswith(".ipynb"):
            _copy(folder / path, clean / path)
    return notes


def _inventory(folder: Path, reserved: Set[Path], ignore: tuple[str, ...], limits: Limits) -> Submission:
    submission = Submission(folder)
    if _leads_elsewhere(folder):
        submission.notes.append(Note("The submission is a link to another folder; it was not followed."))
        return submission
    total, left_out = 0, []
    for number, entry in enumerate(_entries(folder, (*ignore, *_NEVER))):
        if number >= limits.files:
            submission.notes.append(
                Note(f"The submission holds more than {limits.files} files; the rest was left out.")
            )
            break
        path = Path(entry.path).relative_to(folder)
        if entry.is_dir(follow_symlinks=False):
            continue
        reason = _reason_to_leave_out(entry, path, reserved, limits.total_size - total, limits)
        if reason:
            left_out.append(f"{quoted(path.as_posix())} {reason}")
            continue
        submission.files.append(path)
        total += 0 if path.name.endswith(".ipynb") else entry.stat(follow_symlinks=False).st_size
    submission.notes += [Note(f"A file was left out: {reason}.") for reason in left_out[:_MOST_LISTED]]
    if len(left_out) > _MOST_LISTED:
        submission.notes.append(Note(f"{len(left_out) - _MOST_LISTED} more files were left out."))
    return submission


def _reason_to_leave_out(entry: os.DirEntry, path: Path, reserved: Set[Path], room: int, limits: Limits) -> str:
    if not entry.is_file(follow_symlinks=False):
        return "is a link" if entry.is_symlink() else "is no file"
    if path.name.endswith(".ipynb"):
        return ""
    # A folder where nbgrader puts a file of the course, or the other way round, would stop it.
    if any(path in one.parents or one in path.parents for one in reserved):
        return "is in the way of a file of the course"
    size = entry.stat(follow_symlinks=False).st_size
    if size > min(limits.file_size, room):
        return f"is too large ({size / 1e6:.0f} MB)"
    if path.as_posix() == _TIMESTAMP and not _is_timestamp(Path(entry.path)):
        return "holds no time"
    return ""


def _leads_elsewhere(folder: Path) -> bool:
    """Whether a link stands in the place of the submission, or of the student's folder around it."""
    return folder.is_symlink() or folder.parent.is_symlink()


def _entries(folder: Path, ignore: tuple[str, ...]) -> Iterator[os.DirEntry]:
    """Everything in a folder and its folders, nearest first, without following links."""
    waiting = deque([folder])
    while waiting:
        try:
            with os.scandir(waiting.popleft()) as found:
                entries = sorted(found, key=lambda one: one.name)
        except (PermissionError, FileNotFoundError):
            continue
        for entry in entries:
            if any(fnmatch(entry.name, pattern) for pattern in ignore):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(Path(entry.path))
            yield entry


def _is_notebook(path: Path) -> bool:
    return any(fnmatch(path.name.lower(), pattern) for pattern in _NOTEBOOKS)


def _is_timestamp(path: Path) -> bool:
    """nbgrader gives up on a student whose time of submission it cannot read."""
    try:
        text = path.read_text() if path.stat().st_size <= _TIMESTAMP_SIZE else ""
        return bool(text.strip()) and parse_utc(text.strip()) is not None
    except (OSError, ValueError, OverflowError):
        return False


def _choose(
    submission: Submission, name: str, source: NotebookNode, names: set[str], limits: Limits
) -> tuple[NotebookNode, list[Note]]:
    """The notebook that is to be graded under a name, and notes on how it was found."""
    own = Path(f"{name}.ipynb")
    notes = []
    if own in submission.files:
        try:
            return read_notebook(submission.folder / own, limits.notebook_size)
        except UnreadableNotebook as error:
            notes.append(Note(f"{own} could not be read: {error.reason}."))
    others = {f"{other}.ipynb" for other in names - {name}}
    found, unread = [], []
    candidates = [
        path for path in submission.files if _is_notebook(path) and path.as_posix() not in {*others, own.name}
    ]
    for path in candidates[:_MOST_NOTEBOOKS_READ]:
        try:
            notebook, remarks = read_notebook(submission.folder / path, limits.notebook_size)
        except UnreadableNotebook as error:
            if path.suffix == ".ipynb":
                unread.append(Note(f"{quoted(path.as_posix())} could not be read: {error.reason}."))
            continue
        found.append((_exercises_in(notebook, parts_of(source)), path, notebook, remarks))
    chosen = _most_complete(found, own.name)
    if len(chosen) > 1:
        listed = ", ".join(quoted(path.as_posix()) for _, path, *_ in chosen[:_MOST_LISTED])
        return _empty(), [*notes, Note(f"Several notebooks were handed in, and none is named {own}: {listed}.")]
    if not chosen:
        return _empty(), [*notes, *unread] or [Note(f"No notebook was handed in: {own} is missing.")]
    _, path, notebook, remarks = chosen[0]
    return notebook, [*notes, Note(f"{quoted(path.as_posix())} was graded in the place of {own}."), *remarks]


def _most_complete(found: list[tuple], name: str) -> list[tuple]:
    """The notebooks with the most exercises; of several one that has the right name, or the first if they are equal."""
    best = max((count for count, *_ in found), default=0)
    chosen = [one for one in found if one[0] == best and (best or one[1].suffix == ".ipynb")]
    named = [one for one in chosen if one[1].name == name]
    if len(named) == 1:
        return named
    texts = {"\0".join(cell.source for cell in notebook.cells) for _, _, notebook, _ in chosen}
    return chosen[:1] if len(texts) == 1 else chosen


def _exercises_in(notebook: NotebookNode, parts: list[Part]) -> int:
    """How many exercises a notebook holds something of."""
    written = [part for part in parts if part.is_written]
    return sum(any(part.is_in(cell) for cell in notebook.cells) for part in written)


def _empty() -> NotebookNode:
    return nbformat.v4.new_notebook()


def _copy(path: Path, clean: Path) -> None:
    clean.parent.mkdir(parents=True, exist_ok=True)
    try:
        original = open_file(path)
    except OSError:
        # A file that cannot be read is no reason not to grade the notebook.
        return
    with original, open(clean, "wb") as copy:
        shutil.copyfileobj(original, copy)
