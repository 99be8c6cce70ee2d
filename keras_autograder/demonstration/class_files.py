"""Find the demonstration classes of a course: each is a module among the author's files of its assignment.

``source/<assignment>/author/demonstration_class.py`` has a list ``SUBMISSIONS``; adding a submission is one entry.
"""

import importlib.util
from pathlib import Path

from keras_autograder.authoring.shared_modules import AUTHOR_FOLDER
from keras_autograder.demonstration.submission import DemonstrationSubmission

_MODULE = "demonstration_class.py"


def submissions_of(course: Path, assignment: str) -> list[DemonstrationSubmission]:
    """The demonstration class of an assignment.

    Args:
        course: Path, the folder of ``nbgrader_config.py``.
        assignment: str, the assignment's id.

    Returns:
        list of DemonstrationSubmission; empty if the assignment has no demonstration class.

    Raises:
        TypeError: if ``SUBMISSIONS`` is missing, or is not a list of DemonstrationSubmission.
    """
    path = _path(course, assignment)
    if not path.is_file():
        return []
    spec = importlib.util.spec_from_file_location(f"demonstration_class_of_{assignment}", path)
    assert spec and spec.loader  # the name ends with .py
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    submissions = getattr(module, "SUBMISSIONS", None)
    if not isinstance(submissions, list) or not all(isinstance(one, DemonstrationSubmission) for one in submissions):
        raise TypeError(f"{path} needs a list SUBMISSIONS of DemonstrationSubmission")
    return submissions


def all_students(course: Path) -> set[str]:
    """The ids of the students of all demonstration classes of a course.

    Args:
        course: Path, the folder of ``nbgrader_config.py``.

    Returns:
        set of str.
    """
    assignments = (path.name for path in (course / "source").glob("*") if path.is_dir())
    return {one.student for assignment in assignments for one in submissions_of(course, assignment)}


def _path(course: Path, assignment: str) -> Path:
    return course / "source" / assignment / AUTHOR_FOLDER / _MODULE
