"""The way into ``nbgrader autograde`` for a whole class: what nbgrader will ask for next is being graded already."""

import contextlib
import os
import py_compile
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from nbgrader.utils import find_all_files
from traitlets import Bool
from traitlets.config import Application, Config

from keras_autograder.metadata import METADATA_KEY
from keras_autograder.nbgrader_hooks.judged_execute import IsolationRefused, JudgedExecute
from keras_autograder.nbgrader_hooks.submission_exporter import SubmissionExporter
from keras_autograder.pool.grading import ClassGrading, Interrupted
from keras_autograder.runner import Assignment, Submission
from keras_autograder.runner.judges import end_judge
from keras_autograder.sandbox.availability import why_unavailable
from keras_autograder.sandbox.provisioner import SandboxProvisioner

_Key = tuple[str, str]


class ParallelExporter(SubmissionExporter):
    """Has submissions graded by many workers, ahead of nbgrader, which takes the results one after the other.

    It belongs into ``c.Autograde.exporter_class``, with ``JudgedExecute`` in ``c.Autograde.autograde_preprocessors``.
    ``ClassGrading`` has its settings. The gradebook has one writer, nbgrader itself; what a submission comes to does
    not depend on who graded it.
    """

    # nbconvert's own default is to look at the schema after each of a dozen steps.
    optimistic_validation = Bool(True, help=SubmissionExporter.optimistic_validation.help).tag(config=True)

    def __init__(self, config: Any = None, **kw: Any):
        """Make the exporter; within ``nbgrader autograde``, the first submissions are handed out."""
        self._grading: ClassGrading | None = None
        # What nbgrader will get, by the notebook's file; and what was handed out of it, by student and notebook.
        self._sanitized: dict[str, tuple[str, dict]] = {}
        self._failed: set[str] = set()
        self._handed_out: dict[_Key, str] = {}
        super().__init__(config=config, **kw)
        # What the judge knows of a course holds for one run.
        weakref.finalize(self, end_judge)
        if self._waiting and self._is_executed():
            self._begin_grading()

    def begin_turn(self, clean: str) -> None:
        """Be told whose turn it is, and hand out those who come next.

        Args:
            clean: str, the folder of a clean copy.
        """
        super().begin_turn(clean)
        if self._grading is not None:
            self._grading.hurry()

    def from_filename(self, filename: str, resources: dict | None = None, **kw: Any) -> tuple[str, dict]:
        """Convert a notebook, or give what was made of it ahead.

        Args:
            filename: str, a notebook in a clean copy, or one that is being graded.
            resources: dict, or None.
            **kw: passed on.

        Returns:
            tuple of the notebook as text and the resources.
        """
        resources = dict(resources or {})
        names = resources.get("nbgrader", {})
        key = names.get("student"), names.get("notebook")
        sanitized = self._sanitized.pop(filename, None)
        if sanitized is not None:
            return sanitized
        if filename in self._failed:
            # Raises what went wrong.
            self._grading.collect(key)
        if key in self._handed_out:
            try:
                graded = self._grading.collect(key)
            except Interrupted:
                self._leave_nothing_half_done(Path(filename))
                raise
            # nbgrader has written what was handed out to a file, and will read it from there.
            if Path(filename).read_text(encoding="utf-8") == self._handed_out.pop(key):
                resources[METADATA_KEY] = {"graded": graded}
        return super().from_filename(filename, resources=resources, **kw)

    def _is_executed(self) -> bool:
        """Whether nbgrader will run notebooks, and by the judge."""
        steps = [step for step in self.parent.autograde_preprocessors if isinstance(step, type)]
        if not any(issubclass(step, JudgedExecute) for step in steps):
            return False
        self._step = JudgedExecute(parent=self)
        return self._step.enabled

    def _begin_grading(self) -> None:
        converter, course = self.parent, self._course
        excluded = set(course.student_id_exclude.split(","))
        self._folders: dict[str, str] = {}
        for clean in sorted(self._waiting):
            student = os.path.relpath(clean, self._scratch).split(os.sep)[0]
            if student not in excluded:
                self._folders[student] = clean
        keys = [(student, notebook) for student in self._folders for notebook in sorted(self._sources)]
        is_isolated = self._step.isolation == "sandbox"
        is_warm = is_isolated and self._step.warm_kernels
        is_command = isinstance(converter.parent, Application)
        # It must not keep this exporter alive, with which it is to end.
        prepare = weakref.WeakMethod(self._prepare)
        grading = ClassGrading(
            lambda key: prepare()(key), keys, is_warm, is_isolated, is_command, config=self.config, log=self.log
        )
        if not grading.is_parallel:
            return
        if is_isolated and not grading.scheduler and (why := why_unavailable()):
            # Before anything is done.
            raise IsolationRefused(why)
        source = Path(course.format_path(course.source_directory, ".", course.assignment_id))
        self._assignments = {
            notebook: Assignment.from_gradebook(course.db_url, notebook, course.assignment_id, source)
            for notebook in self._sources
        }
        self._files = self._master_files()
        self._settings = _settings_of(self.config)
        self._sanitizing = [
            step if not isinstance(step, type) else step(parent=self) for step in converter.sanitize_preprocessors
        ]
        grading.start()
        self._grading = grading
        weakref.finalize(self, grading.close)

    def _prepare(self, key: _Key) -> Submission:
        """What nbgrader will make of a submission before it runs it, a moment earlier."""
        student, notebook = key
        clean = self._folders[student]
        self.take_in(clean)
        filename = os.path.join(clean, f"{notebook}.ipynb")
        try:
            text, resources = self._sanitize(filename, student, notebook)
        except Exception:
            self._failed.add(filename)
            raise
        self._sanitized[filename] = text, resources
        self._handed_out[key] = text
        files = dict(_plain_files(Path(clean), self._course.ignore))
        return Submission(student, text, files, self._files, self._assignments[notebook], self._settings)

    def _sanitize(self, filename: str, student: str, notebook: str) -> tuple[str, dict]:
        # As nbgrader's converter has them.
        resources = {
            "unique_key": notebook,
            "output_files_dir": f"{notebook}_files",
            "nbgrader": {
                "student": student,
                "assignment": self._course.assignment_id,
                "notebook": notebook,
                "db_url": self._course.db_url,
            },
        }
        kept, self._preprocessors = self._preprocessors, self._sanitizing
        try:
            return super().from_filename(filename, resources=resources)
        finally:
            self._preprocessors = kept

    def _master_files(self) -> dict[str, bytes]:
        """The instructor's files, which nbgrader puts beside every submission."""
        kept = set(self.parent.exclude_overwriting.get(self._course.assignment_id, []))
        names = {str(place): path for place, path in self._course_files.items()}
        files = {name: path.read_bytes() for name, path in names.items() if name not in kept}
        return files | dict(_compiled(files))

    def _leave_nothing_half_done(self, graded: Path) -> None:
        if self._course.notebook_id == "*":
            shutil.rmtree(graded.parent, ignore_errors=True)
        else:
            graded.unlink(missing_ok=True)


def _compiled(files: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """The modules among the files in the form in which Python keeps them: not every kernel needs to compile them."""
    with tempfile.TemporaryDirectory() as scratch:
        for name, content in files.items():
            if not name.endswith(".py"):
                continue
            path = Path(scratch) / os.path.basename(name)
            path.write_bytes(content)
            cached = Path(cache_from_source(name))
            with contextlib.suppress(py_compile.PyCompileError):
                # By its hash, which is not looked at: the file stands beside in a version of no other date.
                mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
                compiled = py_compile.compile(
                    str(path), str(path) + "c", dfile=path.name, doraise=True, invalidation_mode=mode
                )
                yield str(cached), Path(compiled).read_bytes()


def _plain_files(folder: Path, ignore: list[str]) -> Iterator[tuple[str, bytes]]:
    for name in find_all_files(str(folder), [*ignore, "*.ipynb"]):
        path = Path(name)
        if path.is_file() and not path.is_symlink():
            yield os.path.relpath(path, folder), path.read_bytes()


def _settings_of(config: Config) -> dict[str, dict]:
    """The part of the configuration that running a notebook depends on."""
    classes = (JudgedExecute, SandboxProvisioner, AsyncKernelManager)
    names = {base.__name__ for owner in classes for base in owner.__mro__}
    return {name: dict(values) for name, values in config.items() if name in names and isinstance(values, dict)}
