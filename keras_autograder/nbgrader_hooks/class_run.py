"""The way of a class through the rooms, in one direction.

    intake: a clean copy  ->  sanitising steps  ->  Submission  ->  pool  ->  Graded

nbgrader goes through the submissions one after the other and asks for each one's sanitised notebook and for what
became of it. Both are made ahead where several workers grade; else they are made when they are asked for.
"""

import contextlib
import os
import shutil
import weakref
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.utils import find_all_files
from traitlets.config import LoggingConfigurable

from keras_autograder.intake import Limits, Note, TakenIn, take_in
from keras_autograder.nbgrader_hooks.gradebook_engine import keep_engine
from keras_autograder.nbgrader_hooks.judged_execute import IsolationRefused
from keras_autograder.nbgrader_hooks.sanitizer import Sanitized, Sanitizer
from keras_autograder.nbgrader_hooks.staged_course import StagedCourse
from keras_autograder.nbgrader_hooks.waiting_submissions import HandedIn
from keras_autograder.pool import ClassGrading
from keras_autograder.runner import Assignment, Graded, Submission
from keras_autograder.runner.judges import end_judge
from keras_autograder.sandbox.availability import why_unavailable

Key = tuple[str, str]


@dataclass(frozen=True)
class Execution:
    """How the notebooks of a class are run.

    Attributes:
        settings: mapping from class name to the part of the configuration that running a notebook depends on.
        course_files: mapping from path to content in bytes: the instructor's files beside each notebook.
        is_warm: bool, whether kernels are forked from a process that has imported TensorFlow.
        is_isolated: bool, whether kernels run in the sandbox.
        is_command: bool, whether somebody sits at a terminal.
    """

    settings: Mapping[str, Mapping[str, object]]
    course_files: Mapping[str, bytes]
    is_warm: bool
    is_isolated: bool
    is_command: bool


class ClassRun:
    """The submissions of a class, each on its way from the intake to its grade.

    Args:
        waiting: list of HandedIn, in the order in which they will have their turns.
        staged: StagedCourse.
        sanitizer: Sanitizer.
        limits: Limits of the intake.
        owner: LoggingConfigurable, whose configuration and log are used.
    """

    def __init__(
        self,
        waiting: list[HandedIn],
        staged: StagedCourse,
        sanitizer: Sanitizer,
        limits: Limits,
        owner: LoggingConfigurable,
    ):
        self._staged, self._sanitizer, self._limits = staged, sanitizer, limits
        self._config, self._log = owner.config, owner.log
        self._handed_in = {one.student: one for one in waiting}
        self._student_of = {str(one.clean): one.student for one in waiting}
        self._turns = deque(waiting)
        self._taken_in: dict[Key, TakenIn] = {}
        self._sanitized: dict[Key, Sanitized] = {}
        self._grading: ClassGrading | None = None
        self._execution: Execution | None = None
        self._assignments: dict[str, Assignment] = {}
        self._running = contextlib.ExitStack()
        weakref.finalize(self, self._running.close)

    def start_grading(self, execution: Execution) -> None:
        """Have the submissions run, and not only made ready.

        Args:
            execution: Execution.

        Raises:
            IsolationRefused: if submissions are to run in the sandbox and there is none on this machine.
            SystemExit: if the workers cannot be started.
        """
        course = self._staged.own
        excluded = set(course.student_id_exclude.split(","))
        students = [student for student in self._handed_in if student not in excluded]
        # The run is to end with its owner, and what is to be closed then must not keep it alive.
        prepare = weakref.WeakMethod(self._prepare)

        def prepare_while_it_runs(key: Key) -> Submission:
            run = prepare()
            assert run is not None, "nobody asks for a submission after the run"
            return run(key)

        self._grading = ClassGrading(
            prepare_while_it_runs,
            [(student, notebook) for student in students for notebook in sorted(self._staged.plans)],
            execution.is_warm,
            execution.is_isolated,
            execution.is_command,
            config=self._config,
            log=self._log,
        )
        if execution.is_isolated and not self._grading.scheduler and (why := why_unavailable()):
            # Before anything is done.
            raise IsolationRefused(why)
        self._execution = execution
        source = Path(course.format_path(course.source_directory, ".", course.assignment_id))
        self._assignments = {
            notebook: Assignment.from_gradebook(course.db_url, notebook, course.assignment_id, source)
            for notebook in self._staged.plans
        }
        # What the judge of this process knows of a course holds for one run.
        self._running.callback(end_judge)
        self._running.callback(self._grading.close)
        self._grading.start()
        if self._grading.is_parallel:
            self._running.callback(keep_engine())

    def begin_turn(self, clean: str) -> None:
        """Have a submission's clean copy ready, hand out those who come next, and forget those before.

        Args:
            clean: str, the folder of its clean copy.
        """
        student = self._student_of[clean]
        while self._turns[0].student != student:
            self._forget(self._turns.popleft())
        self._take_in(student)
        if self._grading is not None:
            self._grading.begin_turn((student, min(self._staged.plans)))

    def sanitized(self, student: str, notebook: str) -> Sanitized:
        """What the sanitising steps make of a notebook.

        Args:
            student, notebook: str, their names.

        Returns:
            tuple of the notebook's text and nbconvert's resources.
        """
        key = student, notebook
        if key not in self._sanitized:
            self._take_in(student)
            self._sanitized[key] = self._sanitizer.sanitize(self._taken_in[key], student, notebook)
        return self._sanitized[key]

    def graded(self, student: str, notebook: str) -> Graded | None:
        """What became of a notebook; it may have to be waited for.

        Args:
            student, notebook: str, their names.

        Returns:
            Graded, or None where notebooks are not run.

        Raises:
            keras_autograder.pool.Interrupted: Ctrl-C was pressed.
        """
        if self._grading is None:
            return None
        try:
            return self._grading.collect((student, notebook))
        finally:
            if self._grading.is_over:
                self._running.close()

    def _prepare(self, key: Key) -> Submission:
        """All that it takes to grade a notebook; a submission that cannot be made ready raises why."""
        student, notebook = key
        execution = self._execution
        assert execution is not None
        text, _ = self.sanitized(student, notebook)
        files = dict(_plain_files(self._handed_in[student].clean, self._staged.own.ignore))
        return Submission(student, text, files, execution.course_files, self._assignments[notebook], execution.settings)

    def _forget(self, over: HandedIn) -> None:
        shutil.rmtree(over.clean, ignore_errors=True)
        for notebook in self._staged.plans:
            self._taken_in.pop((over.student, notebook), None)
            self._sanitized.pop((over.student, notebook), None)

    def _take_in(self, student: str) -> None:
        """Make the clean copy of a submission, if it was not made yet. Whatever it is, the others are graded."""
        if all((student, notebook) in self._taken_in for notebook in self._staged.plans):
            return
        one, ignore = self._handed_in[student], tuple(self._staged.own.ignore)
        try:
            taken_in = take_in(one.folder, one.clean, self._staged.plans, set(self._staged.files), ignore, self._limits)
        except Exception:
            self._log.exception("%s could not be taken in", one.folder)
            taken_in = self._nothing(one)
        self._taken_in.update({(student, notebook): came_in for notebook, came_in in taken_in.items()})

    def _nothing(self, one: HandedIn) -> dict[str, TakenIn]:
        """Empty notebooks with a reason, in place of a submission that could not be taken in."""
        shutil.rmtree(one.clean, ignore_errors=True)
        one.clean.mkdir(parents=True, exist_ok=True)
        empty = nbformat.v4.new_notebook()
        reason = Note("The submission could not be read. Please tell your instructor.")
        for name in self._staged.plans:
            nbformat.write(empty, one.clean / f"{name}.ipynb")
        return {name: TakenIn(empty, [reason]) for name in self._staged.plans}


def _plain_files(folder: Path, ignore: list[str]) -> Iterator[tuple[str, bytes]]:
    for name in find_all_files(str(folder), [*ignore, "*.ipynb"]):
        path = Path(name)
        if path.is_file() and not path.is_symlink():
            yield os.path.relpath(path, folder), path.read_bytes()
