"""How much output is kept of a notebook: a kernel may send without end."""

from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

_OUTPUTS = {"stream", "display_data", "execute_result", "error", "update_display_data"}


class OutputLimit:
    """Counts the outputs of one notebook.

    Args:
        most_bytes: int, of all outputs together.
    """

    def __init__(self, most_bytes: int):
        self._most_bytes = most_bytes
        self._size = 0

    def is_kept(self, message: dict[str, Any], cell: NotebookNode) -> bool:
        """Count a message of the kernel's, and note in its cell when it is the first that is too much.

        Args:
            message: dict, as the kernel has sent it.
            cell: NotebookNode, to which it belongs.

        Returns:
            bool: False for an output beyond the limit, True for all else.
        """
        if message["msg_type"] not in _OUTPUTS:
            return True
        if self._size <= self._most_bytes:
            self._size += len(str(message["content"]))
        if self._size <= self._most_bytes:
            return True
        notice = f"Output beyond {self._most_bytes:,} bytes was dropped.\n"
        if not cell.outputs or cell.outputs[-1].get("text") != notice:
            cell.outputs.append(new_output("stream", name="stdout", text=notice))
        return False
