"""Hook: one database engine for a whole run.

nbgrader opens the gradebook ten times for each submission, each time with a new SQLAlchemy engine, and an engine that
is new compiles all its queries anew: that is most of what the gradebook costs. ``nbgrader.api.Gradebook`` looks the
name ``create_engine`` up in its module; it is replaced there, for the time of a run. nbgrader would have to take an
engine, or keep one for each address.
"""

import functools
from collections.abc import Callable

import nbgrader.api


def keep_engine() -> Callable[[], None]:
    """Have nbgrader's gradebooks share what SQLAlchemy has compiled. Connections are opened and closed as before.

    Returns:
        function that undoes it.
    """
    create = nbgrader.api.create_engine
    nbgrader.api.create_engine = functools.cache(create)

    def undo() -> None:
        nbgrader.api.create_engine = create

    return undo
