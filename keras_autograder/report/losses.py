"""Why a check cell did not earn all points, from what it left in the graded notebook."""

import re
from collections.abc import Sequence
from typing import Any

from nbformat import NotebookNode

from keras_checks import SCORE_MIME_TYPE

_CELL_FILE = re.compile(r"\((?:\d+\.py|<ipython-input[^>]*>), line (\d+)\)")
_ANSI_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def losses_of(cell: NotebookNode | None, cells: Sequence[NotebookNode]) -> list[str]:
    """Say in one line each what cost points.

    Args:
        cell: NotebookNode, a check cell after it was run; None where it is missing.
        cells: sequence of NotebookNode, all cells of its notebook.

    Returns:
        list of str.
    """
    if cell is None:
        return ["the check cell is missing from the graded notebook"]
    for output in cell.get("outputs", []):
        record = output.get("data", {}).get(SCORE_MIME_TYPE)
        if record and record["headline"]:
            return [f"-{record['out_of'] - record['points']:g} {_broken_cell(record, cells) or record['headline']}"]
        if record:
            lost = [criterion for criterion in record["criteria"] if criterion["earned"] < criterion["points"]]
            return [_loss(criterion) for criterion in lost]
    return [_error_of(cell) or "the check cell ended without a result"]


def _loss(criterion: dict[str, Any]) -> str:
    reason = criterion["reasons"][0]["found"] if criterion["reasons"] else f"{criterion['sentence']}: not reached"
    return f"-{criterion['points'] - criterion['earned']:g} {reason}"


def _broken_cell(record: dict[str, Any], cells: Sequence[NotebookNode]) -> str:
    """The error of the cell that should have defined the function, if it has one."""
    for cell in cells:
        if f"def {record['function']}(" in cell.source and _error_of(cell):
            return f"could not be run: {_error_of(cell)}"
    return ""


def _error_of(cell: NotebookNode) -> str:
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            message = _ANSI_COLOUR.sub("", output.evalue).strip().splitlines() or [""]
            # IPython names a cell by a file of its own, which tells nobody anything.
            return f"{output.ename}: " + _CELL_FILE.sub(r"(line \1 of its cell)", message[0])
    return ""
