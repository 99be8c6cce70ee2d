"""Make a submitted notebook one that can be graded, without losing a line of the student's.

Notebooks come back from Colab, Kaggle, VS Code and their owners' hands with cells split, copied, moved, deleted and
stripped of what nbgrader needs to know. Here every exercise gets one cell again, with the student's last attempt in it,
and every check stands after it as it was given out.
"""

from dataclasses import dataclass

from nbformat import NotebookNode

from keras_autograder.intake.answers import put_answer
from keras_autograder.intake.assignment_plan import AssignmentPlan
from keras_autograder.intake.given_cells import put_given_cell
from keras_autograder.intake.notebook_format import set_format, set_kernel
from keras_autograder.intake.notes import Note
from keras_autograder.intake.other_cells import strip_other_cells, tag_ungraded_cells
from keras_autograder.intake.workbench import Workbench


@dataclass(frozen=True)
class Repaired:
    """A notebook that can be graded.

    Attributes:
        notebook: NotebookNode.
        notes: list of Note, what was done, in the order of the notebook. Empty if nothing had to be done that matters.
    """

    notebook: NotebookNode
    notes: list[Note]


def repair(submitted: NotebookNode, plan: AssignmentPlan) -> Repaired:
    """Give a submitted notebook one cell for each exercise, each check as it was given out, and valid metadata.

    The student's other cells stay, in their order. Checks are put back as students got them: the hidden tests come
    from the gradebook, with nbgrader's ``OverwriteCells``.

    Args:
        submitted: NotebookNode, valid and of nbformat 4. It is left as it is.
        plan: AssignmentPlan.

    Returns:
        Repaired. A notebook that needs nothing comes out equal, without notes.
    """
    bench = Workbench(submitted, plan)
    for part in plan.written:
        put_answer(bench, part)
    for part in plan.given:
        put_given_cell(bench, part)
    strip_other_cells(bench)
    tag_ungraded_cells(bench)
    set_kernel(bench)
    set_format(bench)
    return Repaired(bench.notebook, bench.notes())
