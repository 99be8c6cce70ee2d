"""How nbgrader releases, grades and reports this course. Run its commands in this folder."""

import sys
from pathlib import Path

course = Path(__file__).resolve().parent
# nbgrader may run in an environment in which the course's own package is not installed.
if str(course) not in sys.path:
    sys.path.append(str(course))

from keras_autograder.configuration import configure  # noqa: E402

c = get_config()  # noqa: F821 (nbgrader provides it)
configure(c, course)

c.CourseDirectory.course_id = "unet"
# A data set beside the source notebook is the instructor's own: it goes to no student and into no submission's folder.
c.CourseDirectory.ignore += ["data"]

# Seconds for one cell. The longest check takes a few.
c.Execute.timeout = 120
