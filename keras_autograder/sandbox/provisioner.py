"""The sandbox as jupyter_client's kernel provisioner: it starts a kernel inside, watches it, and removes all trace."""

import os
import tempfile
import weakref
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Bool, Float, Integer, List, Unicode

from keras_autograder.sandbox.availability import (
    IsolationUnavailable,
    launcher_command,
    launcher_environment,
    why_unavailable,
)
from keras_autograder.sandbox.folders import remove_folder
from keras_autograder.sandbox.fork_server.client import fork_server
from keras_autograder.sandbox.policy import Policy
from keras_autograder.sandbox.support_files import copy_support_files
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


class SandboxProvisioner(LocalProvisioner):
    """Starts an ipykernel in a sandbox, by a launcher of its own or as a fork of the fork server.

    jupyter_client makes it where a kernel's specification names ``keras-autograder-sandbox`` as its
    ``kernel_provisioner``. It is the manager's ``provisioner``, and stays there when the kernel has ended.

    Attributes:
        policy: Policy or None, of the latest start.
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
    watch_interval = Float(0.1, min=0.01, help="Seconds between two measurements of what a submission uses.").tag(
        config=True
    )
    copy_beside = Bool(
        True,
        help="Copy the plain files from the notebook's folder, but no notebooks or links, to where the kernel starts.",
    ).tag(config=True)
    is_warm = Bool(False, help="Whether the kernel is forked from a process that has already imported TensorFlow")

    def __init__(self, **arguments: Any):
        """Make the provisioner of one manager.

        Args:
            **arguments: as for ``LocalProvisioner``.

        Raises:
            IsolationUnavailable: no sandbox can be had on this machine.
        """
        if why := why_unavailable():
            raise IsolationUnavailable(why)
        super().__init__(**arguments)
        self.policy: Policy | None = None
        self._watch: Watch | None = None
        self._remove: weakref.finalize[[str], SandboxProvisioner] | None = None

    @property
    def stopped_because(self) -> str | None:
        """One sentence on why the kernel ended before it was asked to; None where it did not."""
        return self._watch.stopped_because if self._watch else None

    @property
    def usage(self) -> Usage:
        """What the kernel has used."""
        return self._watch.usage if self._watch else Usage()

    @property
    def last_words(self) -> str:
        """What it wrote outside of any cell."""
        return self._watch.last_words if self._watch else ""

    async def pre_launch(self, **arguments: Any) -> dict[str, Any]:
        """Make the scratch folder, and have the manager speak with the kernel through sockets in it.

        Args:
            **arguments: as for ``LocalProvisioner``. ``cwd`` is the notebook's folder: its files are copied to where
                the kernel starts. ``env`` does not count: the kernel's environment is made from nothing.

        Returns:
            dict, the arguments of ``launch_kernel``.

        Raises:
            ValueError: the temporary folder's path is too long for sockets.
            support_files.TooLarge: the notebook's folder does not fit into the sandbox.
        """
        policy = self._prepare()
        manager = self.parent
        if manager is not None:
            manager.transport = "ipc"
            manager.ip = _socket_path(policy)
            manager.connection_file = str(policy.connection_file)
            manager.cache_ports = False
        beside = arguments.pop("cwd", None)
        if beside and self.copy_beside:
            copy_support_files(Path(beside), policy.work, self.scratch_bytes)
        arguments["env"] = launcher_environment()
        prepared: dict[str, Any] = await super().pre_launch(**arguments, cwd=str(policy.scratch))
        return prepared

    async def launch_kernel(self, cmd: list[str], **arguments: Any) -> KernelConnectionInfo:
        """Start the kernel.

        Args:
            cmd: list of str, the kernel's command line.
            **arguments: as for ``LocalProvisioner``; where the output goes is not for the caller to say.

        Returns:
            dict, the connection information.

        Raises:
            ForkServerFailed: a warm kernel cannot be had.
        """
        policy = self._prepare()
        policy_file = policy.scratch / "policy.json"
        policy_file.write_text(policy.to_json(), encoding="utf-8")
        reading, writing = os.pipe()
        try:
            if self.is_warm:
                self.process = fork_server().start_kernel(policy_file, _arguments_of_ipykernel(cmd), writing)
                self.pid, self.pgid = self.process.pid, None
            else:
                output = {"stdout": DEVNULL, "stderr": writing}
                await super().launch_kernel(launcher_command(policy_file, *cmd), **arguments | output)
        except BaseException:
            os.close(reading)
            self._remove_scratch()
            raise
        finally:
            os.close(writing)
        # Where the fork server has started the launcher, it alone hears of the launcher's end.
        status = self.process.status if self.is_warm else None
        self._watch = Watch(self.pid, policy, reading, self.watch_interval, status)
        self._watch.start()
        return self.connection_info

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Be told that the kernel was asked to end.

        Args:
            restart: bool, whether it will be started again.
        """
        self._expect_end()
        await super().shutdown_requested(restart=restart)

    async def terminate(self, restart: bool = False) -> None:
        """Ask the kernel's processes to end.

        Args:
            restart: bool, whether the kernel will be started again.
        """
        self._expect_end()
        await super().terminate(restart=restart)

    async def kill(self, restart: bool = False) -> None:
        """End the kernel.

        Args:
            restart: bool, whether it will be started again.
        """
        self._expect_end()
        await super().kill(restart=restart)

    async def cleanup(self, restart: bool = False) -> None:
        """Wait for the end of all that was inside, and remove the scratch folder.

        Args:
            restart: bool, whether the kernel will be started again: then the folder stays.
        """
        await super().cleanup(restart=restart)
        if self._watch:
            self._watch.release()
        if not restart:
            self._remove_scratch()

    def _prepare(self) -> Policy:
        if self.policy is None or self._remove is None or not self._remove.alive:
            scratch = Path(tempfile.mkdtemp(prefix="kernel-")).resolve()
            self._remove = weakref.finalize(self, remove_folder, str(scratch))
            threads = str(self.threads)
            policy = self.policy = Policy(
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
            policy.work.mkdir()
            policy.sockets.mkdir(mode=0o700)
            if len(f"{_socket_path(policy)}-99999") > LONGEST_SOCKET_PATH:
                self._remove_scratch()
                raise ValueError(f"The temporary folder's path is too long for sockets: {scratch}. Set TMPDIR=/tmp.")
        return self.policy

    def _expect_end(self) -> None:
        if self._watch:
            self._watch.expect_end()

    def _remove_scratch(self) -> None:
        if self._remove is not None:
            self._remove()


def _socket_path(policy: Policy) -> str:
    """What the kernel's sockets have in common; a hyphen and a number follow."""
    return str(policy.sockets / "k")


def _arguments_of_ipykernel(command: list[str]) -> list[str]:
    return command[command.index("ipykernel_launcher") + 1 :]
