"""The secret of a course: whoever has it knows the numbers of the hidden checks."""

import contextlib
import os
import secrets
from pathlib import Path

from keras_autograder.judge import SECRET_VARIABLE


def course_secret(course: Path) -> str:
    """The secret from which hidden checks draw their numbers.

    Args:
        course: Path, the folder of ``nbgrader_config.py``. Its file ``.course_secret`` holds the secret; it is made
            when it is first asked for, and readable for this user only.

    Returns:
        str: the environment variable ``KERAS_AUTOGRADER_SECRET`` where it is set, else what the file holds.
    """
    if os.environ.get(SECRET_VARIABLE):
        return os.environ[SECRET_VARIABLE]
    path = course / ".course_secret"
    # Two commands that start at once must not make two secrets: only one of them can create the file.
    with contextlib.suppress(FileExistsError):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w") as stream:
            stream.write(secrets.token_hex(16) + "\n")
    return path.read_text().strip()
