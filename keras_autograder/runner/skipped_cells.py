"""Names that a graded cell needs and that only cells define which are skipped while grading.

A student may write ``def model(input_size=(img_height, img_width, 3))``, where a cell that reads data sets both.
"""

import ast
import re
from collections.abc import Iterable, Iterator

from nbformat import NotebookNode


def missing_name(cell: NotebookNode) -> str | None:
    """The name that a cell did not find, if that is why it failed.

    Args:
        cell: NotebookNode, with outputs.

    Returns:
        str or None.
    """
    for output in cell.outputs:
        if output.output_type == "error" and output.ename == "NameError":
            match = re.match(r"name '(\w+)' is not defined", output.evalue)
            return match[1] if match else None
    return None


def ways_to_define(name: str, cells: Iterable[NotebookNode], tag: str, tiny_data: str) -> Iterator[list[str]]:
    """Code that may define a name, one way after the other. Cells that train are in none of them.

    Args:
        name: str.
        cells: iterable of NotebookNode, the notebook's.
        tag: str, what marks the cells that are skipped while grading.
        tiny_data: str, code that makes a little data, as ``Assignment`` has it.

    Yields:
        list of str, code to run in this order.
    """
    skipped = [
        cell.source
        for cell in cells
        if cell.cell_type == "code" and tag in cell.metadata.get("tags", []) and ".fit(" not in cell.source
    ]
    defining = [source for source in skipped if name in _assigned(source)]
    # Most such names are plain numbers. Only where they are not, the cells before are run as well, on a little data.
    yield defining
    yield [*filter(None, [tiny_data]), *skipped, *defining]


def _assigned(source: str) -> set[str]:
    """The names to which a cell assigns."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
