"""Make the release version of an assignment without losing what somebody has written into it.

``nbgrader generate_assignment --force`` removes the release folder and everything in it: a data set that was put beside
the notebook, and the work of anybody who opened the notebook there. So the release is built elsewhere, and only what is
ours is brought up to date.
"""

import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from nbgrader.utils import compute_checksum

from keras_autograder.authoring.shared_modules import unavailable_imports


class WorkInProgress(Exception):
    """Somebody has worked in the release notebook, so it was not replaced.

    Attributes:
        notebook: Path, the notebook that was left as it is.
    """

    def __init__(self, notebook: Path):
        super().__init__(
            f"{notebook} holds somebody's work and was left as it is, though a newer release of it exists. "
            "Move it elsewhere and run the command again to get the new one."
        )
        self.notebook = notebook


class ImportUnavailable(Exception):
    """Students could not import what the assignment imports; the message says what and where, a line for each."""


def refuse_unavailable_imports(course: Path, assignment: str) -> None:
    """Stop before students get something that cannot be run.

    Args:
        course: Path, the folder of ``nbgrader_config.py``.
        assignment: str, the assignment's id.

    Raises:
        ImportUnavailable: if students could not import something.
    """
    sentences = [
        f"{path} imports {name}, and students could not: there is no such module beside the notebook, at the top of "
        "the course's folder or among the installed packages that students may use."
        for path, name in unavailable_imports(course, assignment)
    ]
    if sentences:
        raise ImportUnavailable("\n".join(sentences))


def build_release(course: Path, assignment: str, release_directory: Path) -> Path:
    """Run ``nbgrader generate_assignment`` with another release folder.

    Args:
        course: Path, the folder of ``nbgrader_config.py``.
        assignment: str, the assignment's id.
        release_directory: Path, where to make the folder ``<assignment>``.

    Returns:
        Path, the folder that was made.

    Raises:
        subprocess.CalledProcessError: if nbgrader fails; it has said why.
    """
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", assignment, "--force", "--log-level=WARN"]
    command.append(f"--CourseDirectory.release_directory={release_directory.resolve()}")
    subprocess.run(command, cwd=course, check=True)
    return release_directory / assignment


def refresh_release(course: Path, assignment: str, scratch: Path) -> list[Path]:
    """Bring ``release/<assignment>`` up to date with ``source/<assignment>``.

    Files that nbgrader did not make, such as a data set, stay. Only a package that comes along is kept as it is made
    now: modules that it no longer has are removed.

    Args:
        course: Path, the folder of ``nbgrader_config.py``.
        assignment: str, the assignment's id.
        scratch: Path, an empty folder to build in.

    Returns:
        list of Path, the files that changed or were removed.

    Raises:
        ImportUnavailable: if students could not import something. Nothing has changed then.
        WorkInProgress: if a notebook would change that somebody has worked in. The other files are brought up to date.
        subprocess.CalledProcessError: if nbgrader fails; it has said why.
    """
    refuse_unavailable_imports(course, assignment)
    built = build_release(course, assignment, scratch)
    release = course / "release" / assignment
    changed, kept = [], None
    for new in sorted(path for path in built.rglob("*") if path.is_file()):
        old = release / new.relative_to(built)
        if old.exists() and filecmp.cmp(new, old, shallow=False):
            continue
        if old.exists() and old.suffix == ".ipynb" and _is_worked_in(old):
            kept = old
            continue
        old.parent.mkdir(parents=True, exist_ok=True)
        # A file is either the old one or the new one, whatever interrupts the copying.
        partial = old.with_name(old.name + ".partial")
        shutil.copyfile(new, partial)
        os.replace(partial, old)
        changed.append(old)
    for old in _outdated_modules(built, release):
        old.unlink()
        changed.append(old)
    if kept:
        raise WorkInProgress(kept)
    return changed


def _outdated_modules(built: Path, release: Path) -> list[Path]:
    """The modules of an older release that its packages do not have any more."""
    packages = {path.parent.relative_to(built) for path in built.rglob("__init__.py")}
    return [
        path
        for package in sorted(packages)
        for path in sorted((release / package).glob("*.py"))
        if not (built / path.relative_to(release)).exists()
    ]


def _is_worked_in(notebook: Path) -> bool:
    """Whether the notebook was run, or a cell that nbgrader signed when it was released is not what it was."""
    try:
        cells = nbformat.read(notebook, as_version=4).cells
    except (nbformat.reader.NotJSONError, nbformat.ValidationError):
        return True
    return any(cell.get("outputs") or cell.get("execution_count") or _is_edited(cell) for cell in cells)


def _is_edited(cell: nbformat.NotebookNode) -> bool:
    checksum = cell.metadata.get("nbgrader", {}).get("checksum")
    return checksum is not None and checksum != compute_checksum(cell)
