"""The modules that an assignment imports and that lie elsewhere: at the course's top, or in the installed kit.

Several assignments share them, so they lie in one place; students get them beside their notebook, where an import finds
them on any machine.
"""

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import nbformat

# The packages of this kit that are made for students. The grader's own is never handed out.
STUDENT_PACKAGES = ("keras_checks", "segmentation")
# A folder of ``source/<assignment>/`` that is the author's alone: nothing in it goes to students.
AUTHOR_FOLDER = "author"
_GRADER = "keras_autograder"


def shared_modules(course: Path, assignment: str) -> dict[Path, Path]:
    """Find what an assignment imports, itself or through what it imports, and does not hold.

    Args:
        course: Path, the folder of ``nbgrader_config.py``. Modules and packages at its top may be imported.
        assignment: str, the assignment's id.

    Returns:
        dict from Path, the place of a file relative to the notebook, to Path, where it lies.
    """
    folder = course / "source" / assignment
    beside = {path.stem for path in folder.glob("*.py")} | {path.parent.name for path in folder.glob("*/__init__.py")}
    found: dict[Path, Path] = {}
    seen = set(beside)
    waiting = set().union(*(_imported(source) for source in _sources_in(folder)))
    while waiting := waiting - seen:
        seen |= waiting
        files = {place: path for name in sorted(waiting) for place, path in _files_of(name, course).items()}
        found |= files
        waiting = set().union(*(_imported(_text(path)) for path in files.values() if path.suffix == ".py"))
    return found


def _sources_in(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.ipynb")):
        yield from (cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
    for path in sorted(folder.rglob("*.py")):
        if path.relative_to(folder).parts[0] != AUTHOR_FOLDER:
            yield _text(path)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _imported(source: str) -> set[str]:
    """The first parts of the names of all modules that a text imports."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        # A cell with a magic: its lines that are imports are read all the same.
        lines = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
        try:
            tree = ast.parse("\n".join(lines))
        except SyntaxError:
            return set()
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.add(node.module.partition(".")[0])
    return names


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
    files = (path for path in sorted(package.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {Path(name) / path.relative_to(package): path for path in files}
