"""What of the folder that a student handed in can be taken in, within limits, and what is left out with which reason.

Nothing leads out of the folder: no links, no pipes, nothing too large.
"""

import os
from collections import deque
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from keras_autograder.intake.notebook_file import SIZE_LIMIT
from keras_autograder.intake.notes import Note, quoted
from keras_autograder.intake.timestamp import TIMESTAMP, is_timestamp

# Copies that programs make, which are never what a student wants to hand in.
_NEVER = (".ipynb_checkpoints", "__MACOSX", "._*", ".git", "__pycache__")
MOST_LISTED = 10


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


DEFAULT_LIMITS = Limits()


@dataclass
class FolderListing:
    """The files of a submission that can be taken in.

    Attributes:
        folder: Path.
        files: list of Path, relative to the folder: regular files.
        notes: list of Note, on what was left out.
    """

    folder: Path
    files: list[Path] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def list_folder(folder: Path, reserved: Set[Path], ignore: tuple[str, ...], limits: Limits) -> FolderListing:
    """Look through a submission.

    Args:
        folder: Path, what the student handed in. It is left as it is.
        reserved: set of Path, relative to the folder, where files of the course will lie.
        ignore: tuple of str, patterns of names of files and folders that are passed over.
        limits: Limits.

    Returns:
        FolderListing. One of a folder that cannot be read is empty, with the reason as its note.
    """
    try:
        return _listed(folder, reserved, ignore, limits)
    except OSError as error:
        return FolderListing(folder, notes=[Note(f"The submission could not be read: {error.strerror}.")])


def leads_elsewhere(folder: Path) -> bool:
    """Whether a link stands in place of a submission's folder, or of the student's folder around it.

    Args:
        folder: Path.

    Returns:
        bool.
    """
    return folder.is_symlink() or folder.parent.is_symlink()


def _listed(folder: Path, reserved: Set[Path], ignore: tuple[str, ...], limits: Limits) -> FolderListing:
    listing = FolderListing(folder)
    if leads_elsewhere(folder):
        listing.notes.append(Note("The submission is a link to another folder; it was not followed."))
        return listing
    total, left_out = 0, []
    for number, entry in enumerate(_entries(folder, (*ignore, *_NEVER))):
        if number >= limits.files:
            listing.notes.append(
                Note(f"The submission contains more than {limits.files} files; the rest was left out.")
            )
            break
        path = Path(entry.path).relative_to(folder)
        if entry.is_dir(follow_symlinks=False):
            continue
        reason = _reason_to_leave_out(entry, path, reserved, limits.total_size - total, limits)
        if reason:
            left_out.append(f"{quoted(path.as_posix())} {reason}")
            continue
        listing.files.append(path)
        total += 0 if path.name.endswith(".ipynb") else entry.stat(follow_symlinks=False).st_size
    listing.notes += [Note(f"A file was left out: {reason}.") for reason in left_out[:MOST_LISTED]]
    if len(left_out) > MOST_LISTED:
        listing.notes.append(Note(f"{len(left_out) - MOST_LISTED} more files were left out."))
    return listing


def _reason_to_leave_out(
    entry: os.DirEntry[str], path: Path, reserved: Set[Path], room: int, limits: Limits
) -> str | None:
    if not entry.is_file(follow_symlinks=False):
        return "is a link" if entry.is_symlink() else "is not a regular file"
    if path.name.endswith(".ipynb"):
        return None
    # A folder where nbgrader puts a file of the course, or the other way round, would stop it.
    if any(path in one.parents or one in path.parents for one in reserved):
        return "is in the way of a file of the course"
    size = entry.stat(follow_symlinks=False).st_size
    if size > min(limits.file_size, room):
        return f"is too large ({size / 1e6:.0f} MB)"
    if path.as_posix() == TIMESTAMP and not is_timestamp(Path(entry.path)):
        return "contains no valid time"
    return None


def _entries(folder: Path, ignore: tuple[str, ...]) -> Iterator[os.DirEntry[str]]:
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
