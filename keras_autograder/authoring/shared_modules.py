"""The modules that an assignment imports and that lie elsewhere: in the course's folder, or in the installed kit.

Several assignments share them, so they lie in one place; students get them beside their notebook, where an import finds
them on any machine.
"""

import importlib.util
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests

from keras_autograder.authoring.imports import imported_modules

# The packages of this kit that are made for students. The grader's own is never handed out.
STUDENT_PACKAGES = ("keras_checks", "segmentation")
# A folder of ``source/<assignment>/`` that is the author's alone: nothing in it goes to students.
AUTHOR_FOLDER = "author"
_GRADER = "keras_autograder"
# Folders that hold no modules and may be large.
_NOT_SEARCHED = {AUTHOR_FOLDER, "data", "__pycache__"}


def shared_modules(course: Path, assignment: str, for_students: bool = False) -> dict[Path, Path]:
    """Find what an assignment imports, itself or through what it imports, and does not hold.

    Args:
        course: Path, the folder of ``nbgrader_config.py``. Modules and packages at its top may be imported.
        assignment: str, the assignment's id.
        for_students: bool, whether to leave out what only hidden tests import.

    Returns:
        dict from Path, the place of a file relative to the notebook, to Path, where it lies.
    """
    folder = course / "source" / assignment
    found: dict[Path, Path] = {}
    seen = _beside(folder)
    waiting = set().union(*(imported_modules(text) for _, text in _sources_in(folder, for_students)))
    while waiting := waiting - seen:
        seen |= waiting
        files = {place: path for name in sorted(waiting) for place, path in _files_of(name, course).items()}
        found |= files
        waiting = set().union(*(imported_modules(_text(path)) for path in files.values() if path.suffix == ".py"))
    return found


def copy_files(files: Mapping[Path, Path], folder: Path) -> None:
    """Copy files to their places in a folder.

    Args:
        files: mapping from Path, the place relative to the folder, to Path, where the file lies.
        folder: Path; it and folders in it are made if need be.
    """
    for place, path in files.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / place)


def unavailable_imports(course: Path, assignment: str) -> list[tuple[Path, str]]:
    """Find imports that would fail for students: of modules that are nowhere, and of the grader's own.

    What is imported within a function, or where a failure is handled, may be missing.

    Args:
        course: Path, the folder of ``nbgrader_config.py``.
        assignment: str, the assignment's id.

    Returns:
        list of tuple (Path, the importing file relative to the course; str, the module's name).
    """
    folder = course / "source" / assignment
    beside = _beside(folder)
    return [
        (path.relative_to(course), name)
        for path, text in _sources_in(folder, for_students=True)
        for name in sorted(imported_modules(text, only_needed=True) - beside)
        if not _is_available(name, course)
    ]


def _beside(folder: Path) -> set[str]:
    """The modules and packages that lie beside the notebook."""
    files = (path.relative_to(folder) for path in _modules_in(folder))
    return {path.stem if path.parent == Path() else path.parts[0] for path in files}


def _sources_in(folder: Path, for_students: bool) -> Iterator[tuple[Path, str]]:
    """Pairs of a file and code in it: each code cell of the notebooks, then each module."""
    for path in sorted(folder.glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                yield path, _without_hidden_tests(cell) if for_students else cell.source
    for path in _modules_in(folder):
        yield path, _text(path)


def _without_hidden_tests(cell: NotebookNode) -> str:
    hidden = ClearHiddenTests()
    kept, is_hidden = [], False
    for line in cell.source.splitlines():
        if hidden.begin_test_delimeter in line:
            is_hidden = True
        elif hidden.end_test_delimeter in line:
            is_hidden = False
        elif not is_hidden:
            kept.append(line)
    return "\n".join(kept)


def _modules_in(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _NOT_SEARCHED and not name.startswith("."))
        yield from (Path(place, name) for name in sorted(names) if name.endswith(".py"))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _files_of(name: str, course: Path) -> dict[Path, Path]:
    """The files of a module or package by this name, as they are to lie beside the notebook."""
    if name == _GRADER:
        return {}
    module = course / f"{name}.py"
    if module.is_file():
        return {Path(module.name): module}
    package = course / name
    if not (package / "__init__.py").is_file():
        if name not in STUDENT_PACKAGES:
            return {}
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            return {}
        package = Path(spec.origin).parent
    files = {path.relative_to(package): path for path in sorted(package.rglob("*")) if path.is_file()}
    return {Path(name) / place: path for place, path in files.items() if not _is_left_behind(place)}


def _is_left_behind(place: Path) -> bool:
    """Whether a tool has left this file, relative to its package, behind."""
    return any(part == "__pycache__" or part.startswith(".") for part in place.parts)


def _is_available(name: str, course: Path) -> bool:
    if name in (_GRADER, AUTHOR_FOLDER):
        return False
    if _files_of(name, course):
        return True
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return False
    if spec is None:
        return False
    # A folder without an ``__init__.py`` passes for a package wherever Python is started, as ``data`` would here.
    places = spec.submodule_search_locations if spec.origin is None else None
    return places is None or any(not Path(place).is_relative_to(course.resolve()) for place in places)
