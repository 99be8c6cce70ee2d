"""Workers on this machine: processes that grade one submission after the other, with one fork server for all."""

import os
import sys
import tempfile
from concurrent.futures import Future
from multiprocessing import get_context
from pathlib import Path

from pebble import ProcessExpired, ProcessPool

from keras_autograder.runner import Graded, Submission, give_up, grade_submission
from keras_autograder.runner.judges import share_transcripts
from keras_autograder.sandbox.folders import remove_folder
from keras_autograder.sandbox.fork_server.client import ADDRESS_VARIABLE, fork_server
from keras_autograder.sandbox.provisioner import LONGEST_SOCKET_PATH

LOST_TWICE = (
    "The process that graded this notebook ended without a result, twice. It was given up; please tell your instructor."
)
# What stands behind the temporary folder's path in that of a kernel's socket.
_LONGEST_NAME = len("/kernel-12345678/sockets/k-99999")


class TemporaryFolderTooDeep(SystemExit):
    """Sockets cannot be made in the temporary folder; the message says what to do."""


class LocalWorkers:
    """Grades submissions in processes of this machine.

    Args:
        count: int, how many submissions are graded at a time.
        is_warm: bool, whether kernels are forked from a process that has imported TensorFlow.
    """

    def __init__(self, count: int, is_warm: bool):
        self.count = count
        # All that the workers write is in here, and gone with them.
        self._folder = tempfile.mkdtemp(prefix="grading-")
        if len(self._folder) + _LONGEST_NAME > LONGEST_SOCKET_PATH:
            os.rmdir(self._folder)
            raise TemporaryFolderTooDeep(
                f"The temporary folder's path is too long for sockets: {tempfile.gettempdir()}. Set TMPDIR=/tmp."
            )
        if is_warm:
            fork_server().warm_up()
        self._main = _Hidden("__main__", "__file__", "__spec__")
        context = get_context("forkserver")
        context.set_forkserver_preload([__name__])
        self._pool = ProcessPool(
            count, initializer=_begin, initargs=(self._folder, fork_server().address), context=context
        )

    def submit(self, submission: Submission) -> Future[Graded]:
        """Have a submission graded.

        Args:
            submission: Submission.

        Returns:
            Future of Graded. One that ends its worker's process twice has a grade that says so.
        """
        return _Twice(self._pool, submission)

    def close(self) -> None:
        """End all processes, whatever they are at."""
        self._pool.stop()
        self._pool.join()
        self._main.restore()
        remove_folder(self._folder)


class _Hidden:
    """Attributes of a module that are None until they are restored.

    A new process would import the program that this one runs by what these say. It has no use for it, and a script that
    grades without an ``if __name__ == "__main__"`` would begin again in each of them.
    """

    def __init__(self, module: str, *names: str):
        self._module = sys.modules[module]
        self._kept = {name: getattr(self._module, name) for name in names if hasattr(self._module, name)}
        for name in self._kept:
            setattr(self._module, name, None)

    def restore(self) -> None:
        """Show them again."""
        for name, value in self._kept.items():
            setattr(self._module, name, value)


class _Twice(Future[Graded]):
    """The result of the first or the second of two attempts."""

    def __init__(self, pool: ProcessPool, submission: Submission):
        super().__init__()
        self._pool = pool
        self._submission = submission
        self._attempt(1)

    def _attempt(self, number: int) -> None:
        attempt = self._pool.schedule(grade_submission, args=(self._submission,))
        attempt.add_done_callback(lambda done: self._attempted(done, number))

    def _attempted(self, attempt: Future[Graded], number: int) -> None:
        if attempt.cancelled():
            self.cancel()
            return
        error = attempt.exception()
        if isinstance(error, ProcessExpired) and number == 1:
            self._attempt(2)
        elif isinstance(error, ProcessExpired):
            self.set_result(give_up(self._submission, LOST_TWICE))
        elif error is not None:
            self.set_exception(error)
        else:
            self.set_result(attempt.result())


def _begin(folder: str, fork_server_address: str | None) -> None:
    tempfile.tempdir = folder
    memory = Path(folder) / "memory"
    memory.mkdir(exist_ok=True)
    share_transcripts(memory)
    os.environ["NBGRADER_EXECUTION"] = "autograde"
    if fork_server_address:
        os.environ[ADDRESS_VARIABLE] = fork_server_address
