"""nbgrader's Execute step with the judge: no check cell runs in a process that runs a student's code."""

import asyncio

from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade
from traitlets import Enum, Float, Integer, Unicode

from keras_autograder.execution import student_kernel
from keras_autograder.execution.assignment import Assignment
from keras_autograder.judge import Judge, JudgeFailed


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
        "none",
        help="Where the student's kernel runs: 'sandbox' without network, in a folder of its own and within limits, "
        "'none' as any other process of this user",
    ).tag(config=True)

    # One judge serves all notebooks of a run: starting it costs as much as grading one.
    _judge: Judge | None = None

    def preprocess(self, nb: NotebookNode, resources, km=None):
        """Execute a notebook. See ``nbconvert.preprocessors.ExecutePreprocessor.preprocess``.

        Args:
            nb: NotebookNode, the submission; its outputs are written into it.
            resources: ResourcesDict of nbconvert with nbgrader's entries.
            km: KernelManager, or None for a new one.

        Returns:
            (NotebookNode, ResourcesDict).
        """
        NotebookClient.__init__(self, nb, km)
        self.reset_execution_trackers()
        self._check_assign_resources(resources)
        self._gone = ""
        self._output_size = 0
        names = resources["nbgrader"]
        assignment = names.get("judged_assignment") or Assignment.from_gradebook(
            names["db_url"], names["notebook"], names["assignment"]
        )
        checks = assignment.checks
        judge = self._started_judge()
        judge.start_notebook(list(assignment.functions))
        try:
            with self.setup_kernel():
                self._run_cells(judge, checks)
        except RuntimeError as error:
            # The kernel did not start: the checks say so.
            self._gone = self._gone or f"the kernel did not start: {error}"
            self._run_cells(judge, checks)
        return self.nb, self.resources

    def _started_judge(self) -> Judge:
        owner = type(self)
        if owner._judge is None or owner._judge.secret != self.secret:
            if owner._judge is not None:
                owner._judge.close()
            owner._judge = Judge(self.judge_timeout, self.secret)
        return owner._judge

    def _run_cells(self, judge: Judge, checks: dict[str, str]) -> None:
        for index, cell in enumerate(self.nb.cells):
            if is_grade(cell) and cell.metadata.nbgrader.grade_id in checks:
                cell.outputs = self._judged(judge, checks[cell.metadata.nbgrader.grade_id])
                cell.execution_count = None
            elif cell.cell_type == "code" and not self._gone:
                try:
                    self.execute_cell(cell, index, store_history=True)
                except DeadKernelError:
                    self._gone = self._gone or f"the kernel died in cell {index + 1}"
                    cell.outputs.append(_error("DeadKernelError", self._gone))

    def _judged(self, judge: Judge, source: str) -> list[NotebookNode]:
        try:
            return judge.run(source, self._call)
        except JudgeFailed as failure:
            return [_error("JudgeFailed", str(failure))]

    def _call(self, request: str, ask) -> str:
        """Pass a request of the judge's on to the student's kernel."""
        if self._gone:
            return student_kernel.failed(self._gone, "DeadKernelError")
        try:
            return run_sync(student_kernel.call)(self.kc, request, ask, float(self.timeout or 120), self._is_alive)
        except student_kernel.CallFailed as failure:
            self._gone = str(failure) if "ended" not in str(failure) else ""
            if not run_sync(self._is_alive)():
                self._gone = str(failure)
            elif "did not end" in str(failure):
                self._gone = self._stop(str(failure))
            return student_kernel.failed(str(failure))

    def _stop(self, reason: str) -> str:
        run_sync(self.km.shutdown_kernel)(now=True)
        return reason

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

        self._killing = asyncio.ensure_future(kill())
        return None

    def process_message(self, msg, cell, cell_index):
        """Take an output of the student's kernel, up to the limit."""
        if msg["msg_type"] in {"stream", "display_data", "execute_result", "error", "update_display_data"}:
            self._output_size += len(str(msg["content"]))
            if self._output_size > self.maximum_output:
                notice = f"Output beyond {self.maximum_output:,} bytes was dropped.\n"
                if not cell.outputs or cell.outputs[-1].get("text") != notice:
                    cell.outputs.append(new_output("stream", name="stdout", text=notice))
                return None
        return super().process_message(msg, cell, cell_index)


def _error(name: str, message: str) -> NotebookNode:
    return new_output("error", ename=name, evalue=message, traceback=[f"{name}: {message}"])
