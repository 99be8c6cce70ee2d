"""What shows itself under the cell that runs."""

from __future__ import annotations

import sys

__all__ = ["show_in_notebook"]


def show_in_notebook(thing: object) -> bool:
    """Show an object under the cell that runs, where there is one.

    Args:
        thing: object with ``_repr_html_``.

    Returns:
        bool, whether it was shown: False outside of notebooks.
    """
    # IPython is there if, and only if, the code runs under it: a script must not have to import it.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None or type(shell).__name__ == "TerminalInteractiveShell":
        return False
    from IPython.display import display

    display(thing)
    return True
