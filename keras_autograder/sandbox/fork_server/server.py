"""The fork server: imports once, and forks a process for each kernel and for each trusted helper.

    python -m keras_autograder.sandbox.fork_server.server SOCKET MODULE...

It is started by ``client.py``, with one end of a socket as an inherited descriptor, and ends with whoever holds the
other end. Other processes of the same run connect to the socket that lies in the folder where it is started. Nothing of
a submission ever runs in this process: the fork for a kernel becomes a launcher of ``sandbox.launch``, which starts the
kernel in a fork of its own, behind all walls. TensorFlow may be forked as long as it has been imported and no more.

A request is {"kernel": {...}} with one descriptor, for what is written outside of any cell, or {"module": {...}} with
two, the standard input and output of a process that calls the module's function ``main``. What comes back is
{"ready": true} once, {"started": process} for each request, and {"ended": process, "status": ...}.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import site
import socket
import sys
from typing import Any

from keras_autograder.sandbox.folders import remove_folder
from keras_autograder.sandbox.fork_server.client import SOCKET_NAME
from keras_autograder.sandbox.launch import run
from keras_autograder.sandbox.linux import die_with_parent
from keras_autograder.sandbox.policy import Policy

_LONGEST_MESSAGE = 2**16
# Where this process was started and where the autograder lies.
_OWN_PATHS = {os.getcwd(), *os.environ.get("PYTHONPATH", "").split(os.pathsep)}
# Installed, the autograder lies among all other packages, which students' kernels need.
_INSTALLED = {os.path.realpath(path) for path in (*site.getsitepackages(), site.getusersitepackages())}
_OWN_PATHS = {path for path in _OWN_PATHS if os.path.realpath(path) not in _INSTALLED}


def main(arguments: list[str]) -> None:
    """Import, say so, and answer requests until the owner is gone.

    Args:
        arguments: list of str: the number of the owner's socket's descriptor, and the modules to import.
    """
    owner = socket.socket(fileno=int(arguments[0]))
    # Before the imports: who comes early waits.
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listening.bind(SOCKET_NAME)
    listening.listen(512)
    for name in arguments[1:]:
        # A course may do without one of them.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    _import_ipykernel()

    # What is there now belongs to all forks; collecting it would copy its pages into each of them.
    gc.collect()
    gc.freeze()
    Server(owner, listening).serve()


def _import_ipykernel() -> None:
    """Import what each kernel needs, and not the debugger, which takes longer than all the rest and has nobody here."""
    # None among the modules makes an import fail at once.
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    for name in (
        *("ipykernel.debugger", "ipykernel.ipkernel", "ipykernel.kernelapp"),
        *("IPython.core.completerlib", "IPython.core.debugger", "IPython.core.oinspect"),
        *("IPython.extensions.storemagic", "sqlite3", "tornado.platform.asyncio"),
    ):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    # A student's notebook may import it.
    del sys.modules["debugpy"]


class Server:
    """Forks for its owner, and for all that connect.

    Args:
        owner: socket; when it is closed at the other end, the server ends.
        listening: socket.
    """

    def __init__(self, owner: socket.socket, listening: socket.socket):
        self._owner = owner
        self._listening = listening
        self._clients: dict[int, socket.socket] = {}
        # Whose each running process is.
        self._client_of: dict[int, socket.socket] = {}

    def serve(self) -> None:
        """Answer requests until the owner is gone."""
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        os.set_blocking(reading, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        poll = select.poll()
        for source in (reading, self._listening):
            poll.register(source, select.POLLIN)
        self._welcome(self._owner, poll)
        while self._owner.fileno() in self._clients:
            for descriptor, _ in poll.poll():
                if descriptor == reading:
                    with contextlib.suppress(BlockingIOError):
                        os.read(reading, 4096)
                    self._collect()
                elif descriptor == self._listening.fileno():
                    self._welcome(self._listening.accept()[0], poll)
                elif descriptor in self._clients and not self._answer(self._clients[descriptor]):
                    poll.unregister(descriptor)
                    self._leave(self._clients.pop(descriptor))
        # Launchers look after whoever started them: their sandboxes end with this process.
        remove_folder(os.getcwd())

    def _welcome(self, client: socket.socket, poll: select.poll) -> None:
        self._clients[client.fileno()] = client
        poll.register(client, select.POLLIN)
        _tell(client, {"ready": True})

    def _leave(self, client: socket.socket) -> None:
        """Who is gone needs nothing any more."""
        for process in [process for process, owner in self._client_of.items() if owner is client]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
            del self._client_of[process]
        if client is not self._owner:
            client.close()

    def _answer(self, client: socket.socket) -> bool:
        """Take one request; False if there will be none."""
        try:
            message, descriptors, _, _ = socket.recv_fds(client, _LONGEST_MESSAGE, 2)
        except OSError:
            return False
        if message:
            process = _fork(json.loads(message), descriptors)
            self._client_of[process] = client
            for descriptor in descriptors:
                os.close(descriptor)
            _tell(client, {"started": process})
        return bool(message)

    def _collect(self) -> None:
        while True:
            try:
                process, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not process:
                return
            client = self._client_of.pop(process, None)
            if client is not None:
                _tell(client, {"ended": process, "status": os.waitstatus_to_exitcode(status)})


def _tell(client: socket.socket, message: dict[str, Any]) -> None:
    # A client that is gone is noticed when it is listened to.
    with contextlib.suppress(OSError):
        client.send(json.dumps(message).encode())


def _fork(request: dict[str, Any], descriptors: list[int]) -> int:
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        ours = [os.dup(descriptor) for descriptor in descriptors]
        nothing = os.open(os.devnull, os.O_RDWR)
        standard = [nothing, nothing, ours[0]] if "kernel" in request else [*ours, nothing]
        for number, descriptor in enumerate(standard):
            os.dup2(descriptor, number)
        # No way back to the server, or to another's process.
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        if "kernel" in request:
            with open(request["kernel"]["policy"], encoding="utf-8") as file:
                policy = Policy.from_json(file.read())
            status = run(policy, lambda: _be_kernel(policy, request["kernel"]["arguments"]))
        else:
            status = _be_module(**request["module"])
    finally:
        os._exit(status)


def _be_module(name: str, variables: dict[str, str], path: list[str]) -> int:
    """What ``python -m <name>`` does with a module whose program is its function ``main``."""
    die_with_parent(signal.SIGKILL)
    os.environ.update(variables)
    sys.path[:] = [*path, *(entry for entry in sys.path if entry not in _OWN_PATHS)]
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode) for number, mode in enumerate(("r", "w", "w")))
    importlib.import_module(name).main()
    return 0


def _be_kernel(policy: Policy, arguments: list[str]) -> int:
    """What ``python -m ipykernel_launcher`` does, in a process that has its imports already."""
    os.environ.clear()
    os.environ.update(policy.variables())
    # The autograder is no part of a student's Python.
    package = run.__module__.partition(".")[0]
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]
    sys.path[:] = [path for path in sys.path if path not in _OWN_PATHS]
    sys.argv = ["ipykernel_launcher", *arguments]
    from ipykernel import kernelapp

    kernelapp.launch_new_instance()
    return 0


if __name__ == "__main__":
    main(sys.argv[1:])
