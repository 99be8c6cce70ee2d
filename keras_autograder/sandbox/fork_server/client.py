"""The client's side of the fork server: starts it when it is first needed, and again if it dies."""

import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import weakref
from pathlib import Path
from typing import Any

from keras_autograder.sandbox.availability import launcher_environment
from keras_autograder.sandbox.folders import remove_folder
from keras_autograder.sandbox.fork_server.process import ForkedProcess

# Set by a process for those that it starts, so that one fork server does for all.
ADDRESS_VARIABLE = "KERAS_AUTOGRADER_FORK_SERVER"
SOCKET_NAME = "fork-server"
PRELOADED = ("tensorflow", "keras", "matplotlib.pyplot", "pandas", "imageio.v3", "imageio.v2", "PIL.Image")
_SLOWEST_START_SECONDS = 120
_SLOWEST_FORK_SECONDS = 60


class ForkServerFailed(Exception):
    """The fork server did not start, or died at a request."""


class ForkServer:
    """One fork server, for all threads of this process.

    Args:
        address: str or None, the socket of one that another process has started; where that does not answer, this
            process starts its own.
        preloaded: tuple of str, the modules that it imports before it forks.
    """

    def __init__(self, address: str | None = None, preloaded: tuple[str, ...] = PRELOADED):
        self._others = address
        self._preloaded = preloaded
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._folder: str | None = None
        self._control: socket.socket | None = None
        # What the thread that listens has received; the condition guards it.
        self._changed = threading.Condition()
        self._processes: dict[int, ForkedProcess] = {}
        self._started: list[ForkedProcess] = []
        self._is_ready = self._is_gone = False
        self._finalizer: weakref.finalize[..., ForkServer] | None = None

    def warm_up(self) -> None:
        """Start the server, and do not wait for it: it imports while the caller goes on."""
        with self._lock:
            self._start_if_need_be()

    @property
    def pid(self) -> int | None:
        """The server's process number; None while there is none, and for one of another process."""
        return self._server.pid if self._server else None

    @property
    def address(self) -> str | None:
        """Where other processes of this run find it; None while there is none of this process's."""
        return os.path.join(self._folder, SOCKET_NAME) if self._folder else None

    def start_kernel(self, policy_file: Path, arguments: list[str], output: int) -> ForkedProcess:
        """Start a kernel.

        Args:
            policy_file: Path.
            arguments: list of str, for ipykernel.
            output: int, descriptor that the launcher and the kernel write to outside of any cell.

        Returns:
            ForkedProcess, the launcher.

        Raises:
            ForkServerFailed: if it cannot be had.
        """
        return self._start({"kernel": {"policy": str(policy_file), "arguments": arguments}}, [output])

    def start_module(
        self, module: str, variables: dict[str, str], path: list[str], descriptors: list[int]
    ) -> ForkedProcess:
        """Start a process that calls the function ``main`` of a module; see ``start_kernel``.

        Args:
            module: str, its name.
            variables: dict, for its environment.
            path: list of str, where it looks for modules first.
            descriptors: list of int, its standard input and output.

        Returns:
            ForkedProcess.

        Raises:
            ForkServerFailed: if it cannot be had.
        """
        return self._start({"module": {"name": module, "variables": variables, "path": path}}, descriptors)

    def close(self) -> None:
        """End the server, if it is this process's own, and all that it has started for this process."""
        with self._lock:
            self._stop()

    def _start(self, request: dict[str, Any], descriptors: list[int]) -> ForkedProcess:
        words = json.dumps(request).encode()
        with self._lock:
            for _ in range(2):
                control = self._start_if_need_be()
                try:
                    socket.send_fds(control, [words], descriptors)
                    return self._next_started()
                except OSError:
                    # It has died: a new one starts with the next attempt.
                    self._stop()
        raise ForkServerFailed("The fork server does not start processes.")

    def _start_if_need_be(self) -> socket.socket:
        if self._control is not None and not self._is_gone:
            return self._control
        self._stop()
        control = self._control = self._connected() or self._own()
        self._started = []
        self._is_ready = self._is_gone = False
        self._finalizer = weakref.finalize(self, _end, self._server, control, self._folder)
        threading.Thread(target=_listen, args=(control, weakref.ref(self)), daemon=True).start()
        return control

    def _connected(self) -> socket.socket | None:
        if self._others is None:
            return None
        control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            control.connect(self._others)
        except OSError:
            control.close()
            self._others = None
            return None
        return control

    def _own(self) -> socket.socket:
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # Only its user can go into this folder, and no submission sees it.
        self._folder = tempfile.mkdtemp(prefix="fork-server-")
        environment = launcher_environment() | {
            "HOME": self._folder,
            "MPLCONFIGDIR": self._folder,
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "-1",
            # Threads do not survive a fork: there must be none yet.
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
        }
        with there:
            self._server = subprocess.Popen(
                # Not -P: it would go over to the kernels, which could not import what lies beside the notebook.
                [
                    sys.executable,
                    "-m",
                    "keras_autograder.sandbox.fork_server.server",
                    str(there.fileno()),
                    *self._preloaded,
                ],
                cwd=self._folder,
                pass_fds=[there.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
            )
        return here

    def _next_started(self) -> ForkedProcess:
        with self._changed:
            seconds = _SLOWEST_FORK_SECONDS + (0 if self._is_ready else _SLOWEST_START_SECONDS)
            if not self._changed.wait_for(lambda: self._started or self._is_gone, seconds) or self._is_gone:
                raise OSError("the fork server does not answer")
            return self._started.pop()

    def _receive(self, message: dict[str, Any] | None) -> None:
        """Take a message of the server, in their order; None when it is gone."""
        with self._changed:
            if message is None:
                self._is_gone = True
                self._end_processes()
            elif "started" in message:
                # Noted here and not by who asked for it: the next message may be that it has ended.
                process = ForkedProcess(message["started"])
                self._processes[process.pid] = process
                self._started.append(process)
            elif "ended" in message:
                self._processes.pop(message["ended"]).end(message["status"])
            else:
                self._is_ready = True
            self._changed.notify_all()

    def _stop(self) -> None:
        if self._finalizer is not None:
            self._finalizer()
        self._server = self._folder = self._control = self._finalizer = None
        with self._changed:
            self._end_processes()

    def _end_processes(self) -> None:
        # Their launchers end as soon as the server has.
        for process in self._processes.values():
            process.end(-signal.SIGKILL)
        self._processes.clear()


@functools.cache
def fork_server() -> ForkServer:
    """The fork server of this process, which ends with it, or that of the process that has started this one.

    Returns:
        ForkServer.
    """
    return ForkServer(os.environ.get(ADDRESS_VARIABLE))


def _listen(control: socket.socket, owner: weakref.ref[ForkServer]) -> None:
    while True:
        try:
            message = control.recv(2**16)
        except OSError:
            message = b""
        server = owner()
        if server is None:
            return
        if server._control is control:
            server._receive(json.loads(message) if message else None)
        if not message:
            return
        del server


def _end(server: subprocess.Popen[bytes] | None, control: socket.socket, folder: str | None) -> None:
    if server is not None:
        server.kill()
        server.wait()
    # Wakes the thread that listens.
    with contextlib.suppress(OSError):
        control.shutdown(socket.SHUT_RDWR)
    control.close()
    if folder is not None:
        remove_folder(folder)
