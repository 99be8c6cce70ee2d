"""Run a submission: the student's cells in the student's kernel, the check cells in the judge."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager, KernelManager
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode, ValidationError
from nbformat.v4 import new_code_cell, new_output
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool, Integer

from keras_autograder.judge import Judge, JudgeFailed
from keras_autograder.metadata import METADATA_KEY
from keras_autograder.runner import student_kernel
from keras_autograder.runner.assignment import Assignment
from keras_autograder.runner.judges import judge_for
from keras_autograder.runner.output_limit import OutputLimit
from keras_autograder.runner.settings import GradingSettings
from keras_autograder.runner.skipped_cells import missing_name, ways_to_define
from keras_autograder.runner.storable_outputs import DROPPED, error_output, storable
from keras_autograder.sandbox.availability import why_unavailable
from keras_autograder.sandbox.fork_server.client import fork_server
from keras_autograder.sandbox.kernel import sandboxed_kernel_manager

_DEFAULT_CALL_SECONDS = 120


class IsolationRefused(SystemExit):
    """No submission is run without isolation unless the instructor says so; the message says how."""


class NotebookRunner(GradingSettings, NotebookClient):
    """Runs one notebook. Whatever happens to the student's kernel, every check cell gets a result.

    Args:
        notebook: NotebookNode, the submission, with the check cells in their places. Outputs are written into it.
        assignment: Assignment, whose check cells are run, whatever stands in the submission.
        folder: Path or None, with the files that stand beside the notebook.
        modules: Path or None, where the modules lie that check cells import; None for the current folder.
        kernel_manager: KernelManager of a kernel to run in, which goes on afterwards; None for a new one.
        **arguments: settings, or ``config`` for those of ``nbgrader_config.py``.
    """

    timeout = Integer(30, allow_none=True, help="Seconds for one cell; None or -1 for no limit").tag(config=True)
    # The cells after one that fails are run as well: they may be right.
    allow_errors = Bool(True)
    timeout_func: Callable[[NotebookNode], float | None] | None

    def __init__(
        self,
        notebook: NotebookNode,
        assignment: Assignment,
        folder: Path | None = None,
        modules: Path | None = None,
        kernel_manager: KernelManager | None = None,
        **arguments: Any,
    ):
        beside = {"metadata": {"path": str(folder)}} if folder else {}
        super().__init__(notebook, kernel_manager, resources=beside, **arguments)
        self._assignment = assignment
        self._modules = modules or Path.cwd()
        self._is_warm = self.owns_km and self.isolation == "sandbox" and self.warm_kernels
        self._output_limit = OutputLimit(self.maximum_output)
        # Why the student's kernel is not to be used any more.
        self._gone = ""
        # nbclient forgets its own when it has ended the kernel.
        self._manager: KernelManager | None = None
        # Cells are timed here: nbclient interrupts one that takes too long, and never kills its kernel.
        self._timeout_of_cell = self.timeout_func
        self.timeout_func = _no_timeout
        self.on_cell_executed = _note_error

    @classmethod
    def section_names(cls) -> list[str]:
        """Where settings come from: the names are those of nbgrader's step, which is the one that instructors know."""
        names: list[str] = super().section_names()
        return [*names, "ExecutePreprocessor", "Execute", "JudgedExecute"]

    def run(self) -> NotebookNode:
        """Run all cells.

        Returns:
            NotebookNode, the same, with outputs.

        Raises:
            IsolationRefused: no sandbox can be had, and no setting says to do without.
            Exception: a kernel does not start.
        """
        if self.owns_km and self.isolation == "sandbox" and (why := why_unavailable()):
            raise IsolationRefused(why)
        if self._is_warm:
            # It imports while the judge does.
            fork_server().warm_up()
        judge = judge_for(self.secret, self.judge_timeout, self._modules, self._is_warm)
        judge.start_notebook(list(self._assignment.functions))
        self._run_in_kernel(judge)
        if not self.owns_km and self.kc is not None:
            # nbclient leaves the channels to a kernel that it has not started open.
            self.kc.stop_channels()
            self.kc.context.destroy(linger=0)
        self._note_usage()
        return self.nb

    def create_kernel_manager(self) -> KernelManager:
        """A manager for the student's kernel; see ``nbclient.NotebookClient.create_kernel_manager``."""
        if self.isolation == "sandbox":
            self.km = sandboxed_kernel_manager(self._is_warm, config=self.config)
            return self.km
        self.kernel_manager_class = AsyncKernelManager
        return super().create_kernel_manager()

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        """Take an output of the student's kernel, up to the limit.

        Args:
            msg: dict, as the kernel has sent it.
            cell: NotebookNode, to which it belongs.
            cell_index: int.

        Returns:
            NotebookNode, the output; None where there is none, or where it is dropped.
        """
        if not self._output_limit.is_kept(msg, cell):
            return None
        try:
            return super().process_message(msg, cell, cell_index)
        except (ValidationError, *student_kernel.UNREADABLE):
            cell.outputs.append(new_output("stream", name="stdout", text=DROPPED))
            return None

    def _run_in_kernel(self, judge: Judge) -> None:
        """Start a kernel, run the cells and stop it.

        A kernel that does not start is nobody's submission's fault: it is tried once more, as a new process, and then
        the error is raised. nbgrader reports it and leaves the submission ungraded, so that the next run grades it.
        """
        is_started = is_finished = False
        try:
            with self.setup_kernel():
                is_started = True
                self._manager = self.km
                # A forgotten exit() in a cell must not end the kernel under the checks.
                self._run_aside("get_ipython().ask_exit = lambda: None")
                self._run_cells(judge)
                is_finished = True
        except Exception as error:
            is_last_try = not self._is_warm
            if not is_finished and (is_started or is_last_try):
                raise
            self.log.warning("The kernel did not %s: %s", "stop" if is_finished else "start", error)
        if not is_started:
            self.km, self._is_warm = None, False
            self._run_in_kernel(judge)

    def _note_usage(self) -> None:
        """Write what the submission has used into the graded notebook, for the instructor."""
        usage = getattr(self._manager and self._manager.provisioner, "usage", None)
        if usage is not None:
            self.nb.metadata.setdefault(METADATA_KEY, {})["usage"] = asdict(usage)

    def _run_cells(self, judge: Judge) -> None:
        checks = self._assignment.checks
        for index, cell in enumerate(self.nb.cells):
            if is_grade(cell) and cell.metadata.nbgrader.grade_id in checks:
                cell.outputs = run_sync(self._judged)(judge, checks[cell.metadata.nbgrader.grade_id])
                cell.execution_count = None
            elif cell.cell_type == "code" and not self._gone:
                self._run_cell(cell, index)
                name = missing_name(cell) if is_solution(cell) else None
                if name is not None:
                    self._define(name)
                    self._run_cell(cell, index)

    def _run_cell(self, cell: NotebookNode, index: int) -> None:
        if self._gone:
            return
        try:
            run_sync(self._run_in_time)(cell, index)
        except DeadKernelError:
            self._gone = self._gone or f"the kernel died in cell {index + 1}{self._why_dead()}"
        except Exception as error:
            # Whatever a kernel sends that nbclient cannot read is this submission's misfortune and nobody else's.
            self.log.warning("Cell %d: %s: %s", index + 1, type(error).__name__, error)
            run_sync(self._abandon)(f"the kernel sent messages that cannot be read, in cell {index + 1}")
        cell.outputs = storable(cell.outputs)
        if self._gone:
            cell.outputs.append(error_output("DeadKernelError", self._gone))

    async def _run_in_time(self, cell: NotebookNode, index: int) -> None:
        """Run a cell; interrupt it when it takes too long, and kill its kernel if it will not be interrupted."""
        others = asyncio.all_tasks()
        running = asyncio.ensure_future(self.async_execute_cell(cell, index, store_history=True))
        try:
            seconds = self._timeout_of_cell(cell) if self._timeout_of_cell else self.timeout
            seconds = seconds if seconds and seconds > 0 else None
            if not await _ends(running, seconds):
                await self.km.interrupt_kernel()
                if not await _ends(running, self.grace):
                    self._gone = f"a cell ran longer than {seconds} seconds and did not stop when it was interrupted"
                    await self.km.shutdown_kernel(now=True)
                    self.task_poll_for_reply.cancel()
            await running
        finally:
            # nbclient leaves a task running when a cell ends in an error of its own.
            for task in asyncio.all_tasks() - others:
                task.cancel()

    def _define(self, name: str) -> None:
        """Run the cells that are skipped while grading, as far as they define a name that a graded cell needs."""
        for sources in ways_to_define(name, self.nb.cells, self.skip_cells_with_tag, self._assignment.tiny_data):
            for source in sources:
                self._run_aside(source)
            if missing_name(self._run_aside(name)) is None:
                return

    def _run_aside(self, source: str) -> NotebookNode:
        """Run code that is no cell of the notebook."""
        cell = new_code_cell(source)
        # nbclient puts what it has run into the notebook.
        kept = self.nb.cells[0]
        self._run_cell(cell, 0)
        self.nb.cells[0] = kept
        return cell

    async def _judged(self, judge: Judge, source: str) -> list[NotebookNode]:
        """The outputs of a check cell."""
        seconds = float(self.timeout or _DEFAULT_CALL_SECONDS)
        async with student_kernel.Conversation(self.kc, seconds, self._is_alive) as conversation:

            async def call(request: str, ask: Callable[[str], str]) -> str:
                """Pass a request of the judge's on to the student's kernel."""
                if self._gone:
                    return student_kernel.failed(self._gone, "DeadKernelError")
                try:
                    return await conversation.call(request, ask)
                except student_kernel.CallFailed as failure:
                    reason = str(failure)
                    if failure.is_stuck or not await self._is_alive():
                        reason += self._why_dead()
                        await self._abandon(reason)
                    return student_kernel.failed(reason)

            try:
                return storable(await judge.run(source, call))
            except JudgeFailed as failure:
                return [error_output("JudgeFailed", str(failure))]

    async def _abandon(self, reason: str) -> None:
        """Give the student's kernel up: what is still to be run in it is not run."""
        self._gone = self._gone or reason
        if await self._is_alive():
            await self.km.shutdown_kernel(now=True)

    def _why_dead(self) -> str:
        """In brackets, what the sandbox says about it."""
        why = getattr(self.km.provisioner, "stopped_because", None)
        return f" ({why.rstrip('.')})" if why else ""

    async def _is_alive(self) -> bool:
        is_alive: bool = await self.km.is_alive()
        return is_alive


def _no_timeout(cell: NotebookNode) -> None:
    return None


async def _ends(task: "asyncio.Future[Any]", seconds: float | None) -> bool:
    """Wait for the end of a task; whether it came in time."""
    finished, _ = await asyncio.wait({task}, timeout=seconds)
    return bool(finished)


def _note_error(cell: NotebookNode, cell_index: int, execute_reply: dict[str, Any]) -> None:
    """Put the error with which a cell ended among its outputs, where they do not show it; as nbgrader does."""
    reply = execute_reply["content"]
    if reply["status"] != "error":
        return
    if not any(output.output_type == "error" and output.ename == reply["ename"] for output in cell.outputs):
        traceback = reply["traceback"] or ["ERROR: An error occurred while showtraceback was disabled"]
        error = {"output_type": "error", "ename": reply["ename"], "evalue": reply["evalue"], "traceback": traceback}
        # Not new_output, which looks at the schema: what a stranger has sent is made fit for it later.
        cell.outputs.append(NotebookNode(error))
