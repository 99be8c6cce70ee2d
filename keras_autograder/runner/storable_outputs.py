"""Outputs of a kernel that is not to be believed, made fit to be kept in a notebook."""

from typing import Any

from nbformat import NotebookNode, ValidationError
from nbformat.v4 import new_output
from nbformat.v4.nbbase import validate

DROPPED = "An output that a notebook cannot store was dropped.\n"


def storable(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Outputs as they are, but for those that no notebook can hold.

    Args:
        outputs: list of NotebookNode, as a kernel sent them.

    Returns:
        list of NotebookNode. Text that UTF-8 cannot express has question marks in its place; an output that is none by
        nbformat's schema is replaced by a sentence that says so.
    """
    return [_storable(output) for output in outputs]


def error_output(name: str, message: str) -> NotebookNode:
    """An error as a notebook keeps it.

    Args:
        name: str, its class.
        message: str.

    Returns:
        NotebookNode.
    """
    return new_output("error", ename=name, evalue=message, traceback=[f"{name}: {message}"])


def _storable(output: NotebookNode) -> NotebookNode:
    try:
        output = _encodable(output)
        validate(output, ref="output")
    except (ValidationError, RecursionError):
        return new_output("stream", name="stdout", text=DROPPED)
    return output


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return type(value)({_encodable(key): _encodable(item) for key, item in value.items()})
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    return value
