"""Where a step of nbgrader's finds the course that it works for."""

from nbgrader.coursedir import CourseDirectory
from traitlets.config import Configurable


def course_directory_of(step: Configurable) -> CourseDirectory:
    """The course directory of the converter that a step belongs to.

    Args:
        step: Configurable, such as a preprocessor or an exporter; its owners are asked one after the other.

    Returns:
        CourseDirectory; one made of the step's own configuration where no owner has one.
    """
    owner = step.parent
    while owner is not None:
        if isinstance(getattr(owner, "coursedir", None), CourseDirectory):
            return owner.coursedir
        owner = owner.parent
    return CourseDirectory(parent=step)
