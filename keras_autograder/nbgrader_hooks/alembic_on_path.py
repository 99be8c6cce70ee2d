"""Hook: lets nbgrader find ``alembic`` in an environment that is not activated.

nbgrader runs the program ``alembic`` when it makes a gradebook, and looks for it on the ``PATH``. Whoever starts
``.venv/bin/nbgrader`` by its path, or Jupyter from a desktop, has no such entry there, and the first command of a
course fails. nbgrader would have to call alembic as a library, or by ``sys.executable -m alembic``.
"""

import os
import sys
from pathlib import Path


def put_programs_on_path() -> None:
    """Put the folder of this environment's programs in front of the ``PATH``, unless it is there already."""
    programs = str(Path(sys.executable).parent)
    present = os.environ.get("PATH", "")
    if present.split(os.pathsep)[0] != programs:
        os.environ["PATH"] = f"{programs}{os.pathsep}{present}"
