"""The course that a command works on."""

import sys
from pathlib import Path


def course_here(assignment: str) -> Path:
    """The course in whose folder the command was typed.

    Args:
        assignment: str, the id of an assignment that it must have.

    Returns:
        Path, the folder of ``nbgrader_config.py``.

    Raises:
        SystemExit: with status 2, if this folder has no such assignment; a sentence on stderr says so.
    """
    course = Path.cwd()
    require_assignment(course, assignment)
    return course


def require_assignment(course: Path, assignment: str) -> None:
    """Stop the command if a course does not have an assignment.

    Args:
        course: Path, the folder of ``nbgrader_config.py``.
        assignment: str, the assignment's id.

    Raises:
        SystemExit: with status 2, after a sentence on stderr.
    """
    if not (course / "source" / assignment).is_dir():
        print(
            f"There is no assignment source/{assignment} here. Run the command in the course's folder, "
            f"the one of nbgrader_config.py (this is {course}).",
            file=sys.stderr,
        )
        raise SystemExit(2)
