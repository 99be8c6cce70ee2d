"""The notebook around its cells: the kernel that it asks for, its format, the ids of its cells."""

import copy

from keras_autograder.intake.cell_ids import usable_id
from keras_autograder.intake.workbench import Workbench


def set_kernel(bench: Workbench) -> None:
    """Have a notebook ask for the kernel that its source asks for.

    Args:
        bench: Workbench, changed in place.
    """
    expected, found = bench.plan.source.metadata.get("kernelspec"), bench.notebook.metadata.get("kernelspec", {})
    if not expected or found == expected:
        return
    language = found.get("language", expected.get("language"))
    if str(language).lower() != str(expected.get("language")).lower():
        bench.remark(f"The notebook was set to a language other than {expected.get('language')}.")
        bench.notebook.metadata.pop("language_info", None)
    bench.notebook.metadata["kernelspec"] = copy.deepcopy(expected)


def set_format(bench: Workbench) -> None:
    """Bring a notebook to nbformat 4.5, with valid ids of which none stands twice.

    Args:
        bench: Workbench, changed in place. All parts have their cells.
    """
    bench.notebook.nbformat, bench.notebook.nbformat_minor = 4, 5
    # Widgets of a page that is not open any more. Where their state is missing, nbconvert cannot make feedback.
    bench.notebook.metadata.pop("widgets", None)
    taken = {part.cell.get("id") for part in bench.plan.parts}
    own = {id(bench.cell_of(part)): part.cell.get("id") for part in bench.plan.parts}
    for number, cell in enumerate(bench.cells):
        its_own = own.get(id(cell))
        taken.discard(its_own)
        cell["id"] = usable_id(cell.get("id"), its_own or f"cell-{number}", taken)
        taken.add(cell["id"])
