"""Find the figures of all assignments."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

SOURCE = Path(__file__).resolve().parent.parent / "source"


def figures_by_assignment(source: Path = SOURCE) -> dict[str, tuple[ModuleType, ...]]:
    """Load the package ``author/figures`` of every assignment that has one.

    Args:
        source: Path, the folder with a folder for each assignment.

    Returns:
        dict from an assignment's id to the modules of its figures, in the order in which its notebook shows them.
    """
    packages = sorted(source.glob("*/author/figures/__init__.py"))
    return {path.parents[2].name: _loaded(path).FIGURES for path in packages}


def _loaded(path: Path) -> ModuleType:
    # A name of its own for each: all of these packages lie in a folder of one name.
    name = f"figures_of_{path.parents[2].name}"
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=[str(path.parent)])
    package = importlib.util.module_from_spec(spec)
    # Before it runs: it imports its modules, and these look it up.
    sys.modules[name] = package
    spec.loader.exec_module(package)
    return package
