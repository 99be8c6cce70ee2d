"""Find the cells that the author keeps from running while grading, also where their tags were lost.

They load data, train and draw: no mark depends on them, and they may take hours.
"""

from nbformat import NotebookNode

from keras_autograder.intake.cell_code import normalised, read_code

# The tag by which authors keep a cell from running.
NOT_GRADED = "not-graded"

# What only such cells call on objects. A notebook of somebody else's is recognised by these alone.
_LONG_WORK = {"fit", "evaluate", "predict", "imread", "imshow", "list_files", "from_tensor_slices", "from_generator"}


def is_tagged(cell: NotebookNode) -> bool:
    """Whether a cell is kept from running.

    Args:
        cell: NotebookNode.

    Returns:
        bool.
    """
    tags = cell.metadata.get("tags")
    return isinstance(tags, list) and NOT_GRADED in tags


def tag(cell: NotebookNode) -> None:
    """Keep a cell from running while grading.

    Args:
        cell: NotebookNode, changed in place.
    """
    tags = cell.metadata.get("tags")
    cell.metadata["tags"] = [*(tags if isinstance(tags, list) else []), NOT_GRADED]


def untag(cell: NotebookNode) -> None:
    """Let a cell run while grading.

    Args:
        cell: NotebookNode, changed in place.
    """
    cell.metadata["tags"] = [one for one in cell.metadata["tags"] if one != NOT_GRADED]


class UngradedCells:
    """The author's cells that are not run while grading, to compare others with."""

    def __init__(self, source: NotebookNode):
        """Take them from a notebook.

        Args:
            source: NotebookNode, the source notebook.
        """
        tagged = [cell for cell in source.cells if cell.cell_type == "code" and is_tagged(cell)]
        codes = [read_code(cell.source) for cell in tagged]
        self._ids = {cell.get("id"): normalised(cell.source) for cell in tagged}
        self._texts = set(self._ids.values())
        self._functions = frozenset().union(*(code.functions for code in codes))
        self.names = frozenset().union(*(code.bindings for code in codes))

    def includes(self, cell: NotebookNode, needed: frozenset[str]) -> bool:
        """Whether a cell is one of them, whatever happened to its tags.

        Args:
            cell: NotebookNode, of a submission.
            needed: frozenset of str, the names that graded functions use. A cell that defines one of its own is run.

        Returns:
            bool.
        """
        if not self._ids or cell.cell_type != "code":
            return False
        if normalised(cell.source) in self._texts:
            return True
        code = read_code(cell.source)
        if code.bindings & needed - self.names:
            return False
        return cell.get("id") in self._ids or bool(code.functions & self._functions or code.methods & _LONG_WORK)
