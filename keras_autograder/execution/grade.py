"""Grade one notebook: a notebook in, the executed notebook out; no gradebook, no shared folder."""

import copy
from pathlib import Path

from nbformat import NotebookNode
from traitlets.config import Config

from keras_autograder.execution.assignment import Assignment
from keras_autograder.execution.judged_execute import JudgedExecute


def grade_notebook(
    notebook: NotebookNode, assignment: Assignment, folder: Path, config: Config | None = None, kernel_manager=None
) -> NotebookNode:
    """Run a submission's cells, and its check cells in the judge.

    Args:
        notebook: NotebookNode, the submission, with the check cells in their places. It is left as it is.
        assignment: Assignment, whose check cells are run, whatever stands in the submission.
        folder: Path, with the files that stand beside the notebook.
        config: traitlets Config, for the settings of ``JudgedExecute``.
        kernel_manager: KernelManager of a kernel to run in; None for a new one.

    Returns:
        NotebookNode, with outputs.
    """
    executed = copy.deepcopy(notebook)
    for cell in executed.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    step = JudgedExecute(config=config or Config())
    resources = {"nbgrader": {"judged_assignment": assignment}, "metadata": {"path": str(folder)}}
    executed, _ = step.preprocess(executed, resources, kernel_manager)
    return executed
