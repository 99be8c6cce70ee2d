"""What students get of a source notebook's cells, made by the same steps that release it.

``intake`` compares what comes back with what was given out. It is handed these texts and knows nothing of nbgrader's
steps.
"""

import copy

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme

from keras_autograder.intake.assignment_plan import AssignmentPlan
from keras_autograder.nbgrader_hooks.clear_solutions import ClearSolutionsToBlanks


def released_text(cell: NotebookNode) -> str:
    """The text of a cell as students get it: without solution, hidden tests and marking scheme.

    Args:
        cell: NotebookNode of a source notebook, one that nbgrader knows. It is left as it is.

    Returns:
        str.
    """
    cell = copy.deepcopy(cell)
    is_written = bool(cell.metadata.nbgrader.get("solution"))
    for step in [ClearSolutionsToBlanks()] if is_written else [ClearHiddenTests(), ClearMarkScheme()]:
        cell, _ = step.preprocess_cell(cell, {"language": "python"}, 0)
    return str(cell.source)


def plan_of(source: NotebookNode) -> AssignmentPlan:
    """What an assignment consists of, for the intake of submissions.

    Args:
        source: NotebookNode, the source notebook with solutions and hidden tests. It is left as it is.

    Returns:
        AssignmentPlan.
    """
    return AssignmentPlan(source, released_text)
