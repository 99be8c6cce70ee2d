"""The fork server: imports once, and forks a process for each kernel.

    python -m keras_autograder.warm.server SOCKET MODULE...

It is started by ``client.py``, with one end of a socket as an inherited descriptor, and ends with it. Nothing of a
submission ever runs in this process: each fork becomes a launcher of ``sandbox.launch``, which starts the kernel in a
fork of its own, behind all walls. TensorFlow may be forked as long as it has been imported and nothing more.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys

from keras_autograder.sandbox import files
from keras_autograder.sandbox.launch import run
from keras_autograder.sandbox.policy import Policy

_LONGEST_MESSAGE = 2**16
# Where this process was started and where the autograder lies.
_OWN_PATHS = {os.getcwd(), *os.environ.get("PYTHONPATH", "").split(os.pathsep)}


def main(arguments: list[str]) -> None:
    """Import, say so, and answer requests until the client is gone.

    Args:
        arguments: list of str: the number of the socket's descriptor, and the modules to import.
    """
    control = socket.socket(fileno=int(arguments[0]))
    for name in arguments[1:]:
        # A course may do without one of them.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    import ipykernel.ipkernel
    import ipykernel.kernelapp  # noqa: F401

    # What is there now belongs to all forks; collecting it would copy its pages into each of them.
    gc.collect()
    gc.freeze()
    control.send(json.dumps({"ready": True}).encode())
    _serve(control)


def _serve(control: socket.socket) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    os.set_blocking(reading, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    poll = select.poll()
    poll.register(control, select.POLLIN)
    poll.register(reading, select.POLLIN)
    while True:
        for descriptor, _ in poll.poll():
            if descriptor == reading:
                with contextlib.suppress(BlockingIOError):
                    os.read(reading, 4096)
                _collect(control)
            else:
                message, descriptors, _, _ = socket.recv_fds(control, _LONGEST_MESSAGE, 1)
                if not message:
                    # Launchers look after whoever started them: their sandboxes end with this process.
                    files.remove(os.getcwd())
                    return
                process = _fork(control, json.loads(message), descriptors[0])
                os.close(descriptors[0])
                control.send(json.dumps({"started": process}).encode())


def _collect(control: socket.socket) -> None:
    while True:
        try:
            process, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not process:
            return
        control.send(json.dumps({"ended": process, "status": os.waitstatus_to_exitcode(status)}).encode())


def _fork(control: socket.socket, request: dict, output: int) -> int:
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        control.close()
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        os.dup2(output, 2)
        with open(request["policy"], encoding="utf-8") as file:
            policy = Policy.from_json(file.read())
        status = run(policy, lambda: _be_kernel(policy, request["arguments"]))
    finally:
        os._exit(status)


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
