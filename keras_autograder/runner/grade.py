"""Grade one notebook: a notebook in, the executed notebook out; no gradebook, no shared folder."""

import copy
import hashlib
import logging
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import KernelManager
from nbformat import NotebookNode
from nbgrader.utils import is_grade
from traitlets.config import Config

from keras_autograder.runner.assignment import Assignment
from keras_autograder.runner.notebook_runner import NotebookRunner
from keras_autograder.runner.storable_outputs import error_output


@dataclass(frozen=True)
class Submission:
    """All that it takes to grade a notebook, on this machine or on another one.

    Attributes:
        name: str, for messages.
        notebook: str, the notebook's text, with the check cells in their places.
        files: dict from path, relative to the notebook, to content in bytes: what the student has handed in beside it.
        course_files: dict, of the same kind: the instructor's, which take the place of the student's. The check cells'
            modules are among them.
        assignment: Assignment, whose check cells are run, whatever stands in the notebook.
        settings: dict from class name to dict, the configuration of ``JudgedExecute`` and of the kernels.
    """

    name: str
    notebook: str
    files: Mapping[str, bytes]
    course_files: Mapping[str, bytes]
    assignment: Assignment
    settings: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Graded:
    """What came of a submission.

    Attributes:
        notebook: str, its text, with outputs.
        messages: tuple of (int, str), levels and texts of what there is to say to whoever grades.
    """

    notebook: str
    messages: tuple[tuple[int, str], ...] = ()


def grade_submission(submission: Submission) -> Graded:
    """Run a submission: a pure function, as far as a stranger's code can be one.

    Args:
        submission: Submission.

    Returns:
        Graded.
    """
    config = Config({name: dict(values) for name, values in submission.settings.items()})
    log, messages = _logger_of(submission.name)
    with tempfile.TemporaryDirectory(prefix="submission-") as scratch:
        _write(Path(scratch), {**submission.files, **submission.course_files})
        # Without another look at the schema: whoever hands it out has had one, and so has whoever takes it back.
        notebook = nbformat.v4.reads(submission.notebook)
        executed = grade_notebook(
            notebook, submission.assignment, Path(scratch), config, log=log, modules=_folder_of(submission.course_files)
        )
    return Graded(nbformat.v4.writes(executed), tuple(messages))


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


# The files of the courses that this process has graded for, by what is in them.
_folders: dict[str, tempfile.TemporaryDirectory[str]] = {}


def _folder_of(files: Mapping[str, bytes]) -> Path:
    """A folder with these files. Who grades many submissions of a course writes it once."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name} {len(files[name])}\n".encode())
        digest.update(files[name])
    if digest.hexdigest() not in _folders:
        folder = tempfile.TemporaryDirectory(prefix="course-")
        _write(Path(folder.name), files)
        _folders[digest.hexdigest()] = folder
    return Path(_folders[digest.hexdigest()].name)


def give_up(submission: Submission, reason: str) -> Graded:
    """The grade of a submission that cannot be run: every check has failed, and says why.

    Args:
        submission: Submission.
        reason: str, for the student to read.

    Returns:
        Graded.
    """
    notebook = nbformat.reads(submission.notebook, as_version=4)
    _forget_outputs(notebook)
    for cell in notebook.cells:
        if is_grade(cell) and cell.metadata.nbgrader.grade_id in submission.assignment.checks:
            cell.outputs = [error_output("GivenUp", reason)]
    return Graded(nbformat.writes(notebook), ((logging.WARNING, f"{submission.name}: {reason}"),))


def _forget_outputs(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def _logger_of(name: str) -> tuple[logging.Logger, list[tuple[int, str]]]:
    messages: list[tuple[int, str]] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            messages.append((record.levelno, record.getMessage()))

    log = logging.Logger(name, logging.INFO)
    log.addHandler(Kept())
    return log, messages


def grade_notebook(
    notebook: NotebookNode,
    assignment: Assignment,
    folder: Path,
    config: Config | None = None,
    kernel_manager: KernelManager | None = None,
    log: logging.Logger | None = None,
    modules: Path | None = None,
) -> NotebookNode:
    """Run a submission's cells, and its check cells in the judge.

    Args:
        notebook: NotebookNode, the submission, with the check cells in their places. It is left as it is.
        assignment: Assignment, whose check cells are run, whatever stands in the submission.
        folder: Path, with the files that stand beside the notebook.
        config: traitlets Config, for the settings of ``JudgedExecute``.
        kernel_manager: KernelManager of a kernel to run in; None for a new one.
        log: logging.Logger, for what there is to say to whoever grades; None for that of the application.
        modules: Path, where the modules lie that check cells import; None for the current folder.

    Returns:
        NotebookNode, with outputs.
    """
    executed = copy.deepcopy(notebook)
    _forget_outputs(executed)
    runner = NotebookRunner(
        executed,
        assignment,
        folder,
        modules,
        kernel_manager,
        config=config or Config(),
        **({"log": log} if log else {}),
    )
    return runner.run()
