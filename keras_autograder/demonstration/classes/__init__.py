"""The demonstration classes, a module for each assignment, as data: adding a submission is one entry.

Each module bears the id of its assignment and has a list ``SUBMISSIONS``.
"""

import importlib
import pkgutil

from keras_autograder.demonstration.submission import Submission


def submissions_of(assignment: str) -> list[Submission]:
    """The demonstration class of an assignment.

    Args:
        assignment: str, the assignment's id.

    Returns:
        list of Submission; empty where the assignment has no demonstration class.
    """
    if assignment not in _assignments():
        return []
    return importlib.import_module(f"{__name__}.{assignment}").SUBMISSIONS


def all_students() -> set[str]:
    """The ids of the students of all demonstration classes."""
    return {one.student for assignment in _assignments() for one in submissions_of(assignment)}


def _assignments() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(__path__)]
