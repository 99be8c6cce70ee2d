"""nbgrader's Execute step with the judge: no check cell runs in a process that runs a student's code."""

import ast
import asyncio
import re
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import nbformat
from jupyter_client.manager import AsyncKernelManager, KernelManager
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode, ValidationError
from nbformat.v4 import new_code_cell, new_output
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool, Enum, Float, Integer, Unicode

from keras_autograder.judge import Judge, JudgeFailed
from keras_autograder.metadata import METADATA_KEY
from keras_autograder.nbgrader_hooks.course_directory import course_directory_of
from keras_autograder.runner import student_kernel
from keras_autograder.runner.assignment import Assignment
from keras_autograder.runner.judges import judge_for
from keras_autograder.runner.storable_outputs import DROPPED, error_output, storable
from keras_autograder.sandbox.availability import why_unavailable
from keras_autograder.sandbox.fork_server.kernel import WarmKernelManager, fork_server
from keras_autograder.sandbox.kernel import SandboxedKernelManager


class IsolationRefused(SystemExit):
    """No submission is run without isolation unless the instructor says so; the message says how."""


class JudgedExecute(Execute):
    """Runs the student's cells in the student's kernel, and the check cells in the judge.

    Check cells come from the gradebook, where ``nbgrader generate_assignment`` has put them; what stands in the
    submission in their place is not run. Whatever happens to the student's kernel, every check cell gets a result.
    """

    judge_timeout = Float(180, help="Seconds for one check cell, the calls of the student's functions included").tag(
        config=True
    )
    grace = Float(10, help="Seconds that a cell may go on after it was interrupted; then its kernel is killed").tag(
        config=True
    )
    secret = Unicode(
        "", help="From it hidden checks draw their sizes, filters and rates; the same secret draws the same numbers"
    ).tag(config=True)
    maximum_output = Integer(
        10_000_000, help="Bytes of output that are kept of one notebook; what comes after is dropped"
    ).tag(config=True)
    isolation = Enum(
        ["sandbox", "none"],
        "sandbox",
        help="Where the student's kernel runs: 'sandbox' without network, in a folder of its own and within the limits "
        "of SandboxedKernelManager; 'none' as any other process of this user, with all that the user may do",
    ).tag(config=True)
    warm_kernels = Bool(
        True,
        help="Fork each submission's kernel from a process that has imported TensorFlow, instead of starting it "
        "anew; in the sandbox only",
    ).tag(config=True)
    raise_on_iopub_timeout = Bool(
        False,
        help="Whether a cell whose outputs have not all come four seconds after its end counts as unreadable; "
        "else the rest of them is dropped",
    ).tag(config=True)
    shutdown_kernel = Enum(
        ["graceful", "immediate"],
        "immediate",
        help="How a kernel is ended after its last cell; nothing that it does then is of interest",
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources, km=None):
        """Execute a notebook, or take it from the resources where it was executed ahead.

        See ``nbconvert.preprocessors.ExecutePreprocessor.preprocess``.

        Args:
            nb: NotebookNode, the submission; its outputs are written into it.
            resources: ResourcesDict of nbconvert with nbgrader's entries.
            km: KernelManager, or None for a new one.

        Returns:
            (NotebookNode, ResourcesDict).
        """
        ahead = resources.get(METADATA_KEY, {}).get("graded")
        if ahead is not None:
            for level, message in ahead.messages:
                self.log.log(level, message)
            return nbformat.reads(ahead.notebook, as_version=4), resources
        if km is None:
            self.kernel_manager_class = self._kernel_manager_class(resources)
            if self.kernel_manager_class is WarmKernelManager:
                # It imports while the judge does.
                fork_server().warm_up()
        NotebookClient.__init__(self, nb, km)
        self.reset_execution_trackers()
        self._check_assign_resources(resources)
        self._gone = ""
        self._output_size = 0
        self._manager = None
        self._watching = None
        names = resources["nbgrader"]
        assignment = names.get("judged_assignment") or Assignment.from_gradebook(
            names["db_url"], names["notebook"], names["assignment"]
        )
        checks = assignment.checks
        is_warm = self.kernel_manager_class is WarmKernelManager
        judge = judge_for(
            self.secret, self.judge_timeout, names.get("modules") or _source_folder(self, names) or Path.cwd(), is_warm
        )
        judge.start_notebook(list(assignment.functions))
        self._run_in_kernel(judge, checks)
        if km is not None and self.kc is not None:
            # nbclient leaves the channels to a kernel that it has not started open.
            self.kc.stop_channels()
            self.kc.context.destroy(linger=0)
        self._note_usage()
        return self.nb, self.resources

    def _run_in_kernel(self, judge: Judge, checks: dict[str, str]) -> None:
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
                self._run_cells(judge, checks)
                is_finished = True
        except Exception as error:
            is_last_try = self.kernel_manager_class is not WarmKernelManager
            if not is_finished and (is_started or is_last_try):
                raise
            self.log.warning("The kernel did not %s: %s", "stop" if is_finished else "start", error)
        if not is_started:
            self.km, self.kernel_manager_class = None, SandboxedKernelManager
            self._run_in_kernel(judge, checks)

    def _kernel_manager_class(self, resources) -> type[KernelManager]:
        if self.isolation == "none":
            return AsyncKernelManager
        why = why_unavailable()
        if why is not None:
            # nbgrader would take any other exception for this submission's, and go on with the next one.
            shutil.rmtree(resources["metadata"]["path"], ignore_errors=True)
            raise IsolationRefused(why)
        return WarmKernelManager if self.warm_kernels else SandboxedKernelManager

    def _note_usage(self) -> None:
        """Write what the submission has used into the graded notebook, for the instructor."""
        usage = getattr(self._manager, "usage", None)
        if usage is not None:
            self.nb.metadata.setdefault(METADATA_KEY, {})["usage"] = asdict(usage)

    def _run_cells(self, judge: Judge, checks: dict[str, str]) -> None:
        for index, cell in enumerate(self.nb.cells):
            if is_grade(cell) and cell.metadata.nbgrader.grade_id in checks:
                cell.outputs = self._judged(judge, checks[cell.metadata.nbgrader.grade_id])
                cell.execution_count = None
            elif cell.cell_type == "code" and not self._gone:
                self._run_cell(cell, index)
                name = _missing_name(cell) if is_solution(cell) else None
                if name is not None:
                    self._define(name)
                    self._run_cell(cell, index)

    def _run_cell(self, cell: NotebookNode, index: int) -> None:
        if self._gone:
            return
        try:
            self.execute_cell(cell, index, store_history=True)
        except DeadKernelError:
            self._gone = self._gone or f"the kernel died in cell {index + 1}{self._why_dead()}"
        except Exception as error:
            # Whatever a kernel sends that nbclient cannot read is this submission's misfortune and nobody else's.
            self.log.warning("Cell %d: %s: %s", index + 1, type(error).__name__, error)
            run_sync(self._async_abandon)(f"the kernel sent messages that cannot be read, in cell {index + 1}")
        finally:
            if self._watching is not None:
                self._watching.cancel()
        cell.outputs = storable(cell.outputs)
        if self._gone:
            cell.outputs.append(error_output("DeadKernelError", self._gone))

    def _define(self, name: str) -> None:
        """Run the cells that are skipped while grading, as far as they define a name that a graded cell needs.

        A student may write ``def unet_model(input_size=(img_height, img_width, 3))``. Cells that train stay out.
        """
        skipped = [
            cell
            for cell in self.nb.cells
            if cell.cell_type == "code"
            and self.skip_cells_with_tag in cell.metadata.get("tags", [])
            and ".fit(" not in cell.source
        ]
        defining = [cell for cell in skipped if name in _assigned(cell.source)]
        # Most such names are plain numbers. Only where they are not, the cells before are run as well, on a few scenes.
        for sources in ([], [_TINY_DATA, *(cell.source for cell in skipped)]):
            for source in [*sources, *(cell.source for cell in defining)]:
                self._run_aside(source)
            if _missing_name(self._run_aside(name)) is None:
                return

    def _run_aside(self, source: str) -> NotebookNode:
        """Run code that is no cell of the notebook."""
        cell = new_code_cell(source)
        # nbclient puts what it has run into the notebook.
        kept = self.nb.cells[0]
        self._run_cell(cell, 0)
        self.nb.cells[0] = kept
        return cell

    async def _async_judged(self, judge: Judge, source: str) -> list[NotebookNode]:
        async with student_kernel.Conversation(self.kc, float(self.timeout or 120), self._is_alive) as conversation:

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
                        await self._async_abandon(reason)
                    return student_kernel.failed(reason)

            try:
                return storable(await judge.run(source, call))
            except JudgeFailed as failure:
                return [error_output("JudgeFailed", str(failure))]

    _judged = run_sync(_async_judged)

    async def _async_abandon(self, reason: str) -> None:
        """Give the student's kernel up: what is still to be run in it is not run."""
        self._gone = self._gone or reason
        if await self._is_alive():
            await self.km.shutdown_kernel(now=True)

    def _why_dead(self) -> str:
        """In brackets, what the sandbox says about it."""
        why = getattr(self.km, "stopped_because", None)
        return f" ({why.rstrip('.')})" if why else ""

    async def _is_alive(self) -> bool:
        return await self.km.is_alive()

    async def _async_handle_timeout(self, timeout: int, cell: NotebookNode | None = None):
        """Interrupt a cell that takes too long, and kill its kernel if it will not be interrupted."""
        running = self.task_poll_for_reply
        await self.km.interrupt_kernel()

        async def kill() -> None:
            await asyncio.sleep(self.grace)
            if not running.done():
                self._gone = f"a cell ran longer than {timeout} seconds and did not stop when it was interrupted"
                await self.km.shutdown_kernel(now=True)
                running.cancel()

        self._killing = asyncio.ensure_future(kill())
        return None

    async def _async_poll_kernel_alive(self) -> None:
        # nbclient leaves this task running when a cell ends in an error of its own.
        self._watching = asyncio.current_task()
        await super()._async_poll_kernel_alive()

    def process_message(self, msg, cell, cell_index):
        """Take an output of the student's kernel, up to the limit."""
        if msg["msg_type"] in {"stream", "display_data", "execute_result", "error", "update_display_data"}:
            if self._output_size <= self.maximum_output:
                self._output_size += len(str(msg["content"]))
            if self._output_size > self.maximum_output:
                notice = f"Output beyond {self.maximum_output:,} bytes was dropped.\n"
                if not cell.outputs or cell.outputs[-1].get("text") != notice:
                    cell.outputs.append(new_output("stream", name="stdout", text=notice))
                return None
        try:
            return super().process_message(msg, cell, cell_index)
        except (ValidationError, *student_kernel.UNREADABLE):
            cell.outputs.append(new_output("stream", name="stdout", text=DROPPED))
            return None


def _source_folder(step: JudgedExecute, names: dict) -> Path | None:
    """Where the assignment's source lies, with the modules that check cells import."""
    course = course_directory_of(step)
    folder = Path(course.format_path(course.source_directory, ".", names.get("assignment", "")))
    return folder.resolve() if folder.is_dir() else None


_TINY_DATA = """\
import driving_scenes
driving_scenes.write_scenes("data", 3)
"""


def _missing_name(cell: NotebookNode) -> str | None:
    """The name that a cell did not find, if that is what it failed of."""
    for output in cell.outputs:
        if output.output_type == "error" and output.ename == "NameError":
            match = re.match(r"name '(\w+)' is not defined", output.evalue)
            return match[1] if match else None
    return None


def _assigned(source: str) -> set[str]:
    """The names to which a cell assigns."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
