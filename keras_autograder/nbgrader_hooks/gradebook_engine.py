"""One database engine for a whole run."""

import functools
from collections.abc import Callable

import nbgrader.api


def keep_engine() -> Callable[[], None]:
    """Have nbgrader's gradebooks share what SQLAlchemy has compiled.

    nbgrader opens the gradebook ten times for each submission, each time with a new engine, and an engine that is new
    compiles all its queries anew: that is most of what the gradebook costs. Connections are opened and closed as
    before.

    Returns:
        function that undoes it.
    """
    create = nbgrader.api.create_engine
    nbgrader.api.create_engine = functools.cache(create)

    def undo() -> None:
        nbgrader.api.create_engine = create

    return undo
