"""A notebook kernel in a sandbox, for nbclient and nbgrader: give the class as ``kernel_manager_class``."""

import os
import sys
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from subprocess import DEVNULL

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from traitlets import Bool, Float, Integer, List, Unicode

from keras_autograder.sandbox import files
from keras_autograder.sandbox.availability import (
    IsolationUnavailable,
    launcher_command,
    launcher_environment,
    why_unavailable,
)
from keras_autograder.sandbox.policy import Policy
from keras_autograder.sandbox.support import copy_support_files
from keras_autograder.sandbox.watch import Usage, Watch

LONGEST_SOCKET_PATH = 107
_LIMITS = (
    "memory_bytes",
    "processes",
    "file_size_bytes",
    "scratch_bytes",
    "scratch_files",
    "cpu_seconds",
    "wall_seconds",
    "open_files",
)


def _limit(name: str, text: str) -> Integer:
    return Integer(getattr(Policy, name), min=1, help=text).tag(config=True)


class SandboxedKernelManager(AsyncKernelManager):
    """Starts this Python's ipykernel in a sandbox, whatever kernel a notebook asks for, and removes all trace of it.

    Attributes:
        policy: Policy or None, of the latest start.
        stopped_because: str or None, one sentence on why the kernel ended before it was asked to.
        usage: Usage, what the kernel has used.
        last_words: str, what it wrote outside of any cell.
    """

    memory_bytes = _limit(
        "memory_bytes", "Bytes of memory for a process and for all of a submission's processes together."
    )
    processes = _limit("processes", "Number of processes and threads of a submission together.")
    file_size_bytes = _limit("file_size_bytes", "Bytes of the largest file that a submission may write.")
    scratch_bytes = _limit("scratch_bytes", "Bytes of all files of a submission together, held in memory.")
    scratch_files = _limit("scratch_files", "Number of files and folders that a submission may make.")
    cpu_seconds = _limit("cpu_seconds", "Seconds of processor time of a submission.")
    wall_seconds = _limit("wall_seconds", "Seconds from the start of a submission's kernel to its end.")
    open_files = _limit("open_files", "Number of files that a process may hold open.")
    threads = Integer(2, min=1, help="Number of threads in each of TensorFlow's, OpenMP's and BLAS's pools.").tag(
        config=True
    )
    readable = List(
        Unicode(), help="Absolute paths that submissions may read besides the Python environment, such as a data set."
    ).tag(config=True)
    watch_interval = Float(0.1, min=0.01, help="Seconds between two looks at what a submission uses.").tag(config=True)
    copy_beside = Bool(
        True,
        help="Copy the plain files from the notebook's folder, no notebooks and no links, to where the kernel starts.",
    ).tag(config=True)

    transport = Unicode("ipc")
    kernel_name = Unicode("python3")

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.policy: Policy | None = None
        self._watch: Watch | None = None
        self._remove = None
        self._arguments: list[str] = []

    @property
    def kernel_spec(self) -> KernelSpec:
        """The kernel of this Python. A notebook's own choice is a stranger's, and may name what is not installed."""
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3 (isolated)", language="python")

    @property
    def ipykernel(self) -> bool:
        """True: nbclient then keeps the history in memory."""
        return True

    @property
    def stopped_because(self) -> str | None:
        return self._watch.stopped_because if self._watch else None

    @property
    def usage(self) -> Usage:
        return self._watch.usage if self._watch else Usage()

    @property
    def last_words(self) -> str:
        return self._watch.last_words if self._watch else ""

    def prepare(self) -> Path:
        """Make the scratch folder, so that a caller can put files in before the start. Called by the start if need be.

        Returns:
            Path, the folder whose contents the kernel will find where it starts.
        """
        if self._remove is None or not self._remove.alive:
            scratch = Path(tempfile.mkdtemp(prefix="kernel-")).resolve()
            self._remove = weakref.finalize(self, files.remove, str(scratch))
            threads = str(self.threads)
            self.policy = Policy(
                scratch=scratch,
                readable=tuple(map(Path, self.readable)),
                environment={
                    "TF_CPP_MIN_LOG_LEVEL": "3",
                    "CUDA_VISIBLE_DEVICES": "-1",
                    "OMP_NUM_THREADS": threads,
                    "OPENBLAS_NUM_THREADS": threads,
                    "MKL_NUM_THREADS": threads,
                    "TF_NUM_INTRAOP_THREADS": threads,
                    "TF_NUM_INTEROP_THREADS": threads,
                },
                **{name: getattr(self, name) for name in _LIMITS},
            )
            self.policy.work.mkdir()
            self.policy.sockets.mkdir(mode=0o700)
            self.connection_file = str(self.policy.connection_file)
            self.ip = str(self.policy.sockets / "k")
            if len(f"{self.ip}-99999") > LONGEST_SOCKET_PATH:
                raise ValueError(f"The temporary folder's path is too long for sockets: {scratch}. Set TMPDIR=/tmp.")
        return self.policy.work

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        """The kernel's command in the launcher's.

        Args:
            extra_arguments: list of str or None.

        Returns:
            list of str.
        """
        policy_file = self.policy.scratch / "policy.json"
        policy_file.write_text(self.policy.to_json(), encoding="utf-8")
        return launcher_command(policy_file, *super().format_kernel_cmd(extra_arguments))

    async def _async_pre_start_kernel(self, **arguments):
        if why := why_unavailable():
            raise IsolationUnavailable(why)
        work = self.prepare()
        beside = arguments.pop("cwd", None)
        if beside and self.copy_beside and Path(beside).resolve() != work:
            copy_support_files(Path(beside), work, self.scratch_bytes)
        arguments.pop("env", None)
        return await super()._async_pre_start_kernel(
            **arguments, cwd=str(self.policy.scratch), env=launcher_environment()
        )

    async def _async_launch_kernel(self, command: list[str], **arguments) -> None:
        reading, writing = os.pipe()
        try:
            await super()._async_launch_kernel(command, **arguments | {"stdout": DEVNULL, "stderr": writing})
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        self._watch = Watch(self.provisioner.pid, self.policy, reading, self.watch_interval, self._status_of_launcher())
        self._watch.start()

    def _status_of_launcher(self) -> Callable[[], int | None] | None:
        """How to learn of the launcher's exit status where it is no child of this process."""
        return None

    async def _async_shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:
        if self._watch:
            self._watch.expect_end()
        await super()._async_shutdown_kernel(now=now, restart=restart)

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        try:
            await super()._async_cleanup_resources(restart=restart)
        finally:
            if self._watch:
                self._watch.release()
            if not restart and self._remove is not None:
                self._remove()

    # The class above binds these names to its own functions.
    _launch_kernel = _async_launch_kernel
    pre_start_kernel = _async_pre_start_kernel
    shutdown_kernel = _async_shutdown_kernel
    cleanup_resources = _async_cleanup_resources
