"""Hook: the exporter of ``nbgrader autograde``, which nbgrader asks for every notebook.

Its exporter is the first thing of ours that nbgrader makes: after it has listed the submissions, before it reads one.
So this one puts clean copies into the list (``waiting_submissions``), has ``Autograde.pre_convert_hook`` tell whose
turn it is, and looks results up in a ``ClassRun``, where the work is done. nbgrader asks it twice for each notebook:
for that in the submission, to sanitise it, and then for the sanitised one, to run it. nbgrader would have to offer a
hook before it lists submissions, and to take the executor of notebooks as a setting.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde
from traitlets import Bool, Integer
from traitlets.config import Application

from keras_autograder.intake import Limits
from keras_autograder.metadata import METADATA_KEY
from keras_autograder.nbgrader_hooks.class_run import ClassRun, Execution
from keras_autograder.nbgrader_hooks.compiled_modules import compiled
from keras_autograder.nbgrader_hooks.judged_execute import JudgedExecute
from keras_autograder.nbgrader_hooks.sanitizer import Sanitizer
from keras_autograder.nbgrader_hooks.staged_course import StagedCourse
from keras_autograder.nbgrader_hooks.waiting_submissions import list_waiting
from keras_autograder.sandbox.provisioner import SandboxProvisioner

# A limit that somebody has set must not be lost in silence.
_FORMER_SECTION = "SandboxedKernelManager"


class SubmissionExporter(NotebookExporter):
    """Gives nbgrader what became of each submission, whatever state it was in.

    It belongs in ``c.Autograde.exporter_class``, with ``RepairNotebook`` first in
    ``c.Autograde.sanitize_preprocessors``, which shows the notes of the intake, and ``JudgedExecute`` in
    ``c.Autograde.autograde_preprocessors``. ``ClassGrading`` says how many submissions are graded at a time. The
    gradebook has one writer, nbgrader itself; what a submission comes to does not depend on who graded it.
    """

    notebook_size_limit = Integer(
        Limits.notebook_size,
        help="Bytes of the largest notebook that is read; a larger one gets 0 points, with a reason",
    ).tag(config=True)
    file_size_limit = Integer(
        Limits.file_size, help="Bytes of the largest file beside a notebook that is taken in; a larger one is left out"
    ).tag(config=True)
    total_size_limit = Integer(
        Limits.total_size, help="Bytes of all files beside the notebooks that are taken in; those beyond are left out"
    ).tag(config=True)
    file_count_limit = Integer(
        Limits.files, help="Files and folders of a submission that are looked at; those beyond are left out"
    ).tag(config=True)
    # nbconvert's own default is to look at the schema after each of a dozen steps.
    optimistic_validation = Bool(True, help=NotebookExporter.optimistic_validation.help).tag(config=True)

    def __init__(self, config: Any = None, **kw: Any):
        """Make the exporter; within ``nbgrader autograde``, the first submissions are handed out.

        Args:
            config: traitlets Config.
            **kw: as for any exporter; ``parent`` is nbgrader's converter.

        Raises:
            IsolationRefused: if submissions are to run in the sandbox and there is none.
        """
        super().__init__(config=config, **kw)
        self._run: ClassRun | None = None
        # What nbgrader asks for to be sanitised, by its file.
        self._clean: dict[str, tuple[str, str]] = {}
        if isinstance(self.parent, Autograde):
            self._take_over(self.parent)

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Convert a notebook, or give what was made of it ahead.

        Args:
            filename: str, a notebook in a clean copy, or one that was sanitised.
            resources: dict, or None.
            **kw: passed on.

        Returns:
            tuple of the notebook as text and the resources.
        """
        resources = dict(resources or {})
        if self._run is not None and filename in self._clean:
            return self._run.sanitized(*self._clean[filename])
        names = resources.get("nbgrader", {})
        if self._run is not None and names:
            try:
                graded = self._run.graded(names["student"], names["notebook"])
            except SystemExit:
                # nbgrader passes it on, and the next run would take this submission for a graded one.
                self._leave_nothing_half_done(Path(filename))
                raise
            resources[METADATA_KEY] = {"graded": graded}
        converted: tuple[str, dict[str, Any]] = super().from_filename(filename, resources=resources, **kw)
        return converted

    def _take_over(self, converter: Autograde) -> None:
        staged = StagedCourse(converter.coursedir)
        if not staged.plans:
            # nbgrader says itself what is missing.
            return
        waiting = list_waiting(converter, staged)
        limits = Limits(self.notebook_size_limit, self.file_size_limit, self.total_size_limit, self.file_count_limit)
        run = ClassRun(waiting, staged, Sanitizer(converter, staged, self.optimistic_validation), limits, self)
        self._clean = {
            str(one.clean / f"{name}.ipynb"): (one.student, name) for one in waiting for name in staged.plans
        }
        execution = self._execution(converter, staged)
        if waiting and execution is not None:
            run.start_grading(execution)
        converter.pre_convert_hook = _turn_by_turn(run, converter.pre_convert_hook)
        self._run = run

    def _execution(self, converter: Autograde, staged: StagedCourse) -> Execution | None:
        """How nbgrader is to run notebooks; None if it is not to, or not by the judge."""
        steps = [step for step in converter.autograde_preprocessors if isinstance(step, type)]
        if not any(issubclass(step, JudgedExecute) for step in steps):
            return None
        step = JudgedExecute(parent=self)
        if not step.enabled:
            return None
        is_isolated = step.isolation == "sandbox"
        is_command = isinstance(converter.parent, Application)
        return Execution(
            self._execution_settings(),
            _files(converter, staged),
            is_isolated and step.warm_kernels,
            is_isolated,
            is_command,
        )

    def _execution_settings(self) -> dict[str, dict[str, Any]]:
        """The part of the configuration that running a notebook depends on."""
        classes = (JudgedExecute, SandboxProvisioner, AsyncKernelManager)
        names = {base.__name__ for owner in classes for base in owner.__mro__}
        if _FORMER_SECTION in self.config:
            self.log.warning(
                "c.%s has no effect any more: its settings are now c.SandboxProvisioner's", _FORMER_SECTION
            )
        sections = self.config.items()
        return {name: dict(values) for name, values in sections if name in names and isinstance(values, dict)}

    def _leave_nothing_half_done(self, graded: Path) -> None:
        if self.parent.coursedir.notebook_id == "*":
            shutil.rmtree(graded.parent, ignore_errors=True)
        else:
            graded.unlink(missing_ok=True)


def _turn_by_turn(run: ClassRun, instructors: Callable[..., Any] | None) -> Callable[..., None]:
    """The function that nbgrader calls before each submission: first for the kit, then the instructor's own."""

    def begin_turn(notebooks: list[str], **names: Any) -> None:
        run.begin_turn(str(Path(notebooks[0]).parent))
        if instructors is not None:
            instructors(notebooks=notebooks, **names)

    return begin_turn


def _files(converter: Autograde, staged: StagedCourse) -> dict[str, bytes]:
    """The instructor's files, which nbgrader puts beside every submission."""
    kept = set(converter.exclude_overwriting.get(staged.assignment, []))
    names = {str(place): path for place, path in staged.files.items()}
    files = {name: path.read_bytes() for name, path in names.items() if name not in kept}
    return files | dict(compiled(files))
