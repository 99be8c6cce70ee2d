"""Run a command in a sandbox: ``python -m keras_autograder.sandbox.launch POLICY.json -- COMMAND...``

Three processes take part. The launcher stays outside and watches over the sandbox, the time, and whoever started it.
The first process inside is process 1 of a PID namespace, so its end is the end of everything in there; it collects
orphans and passes signals on. The command is its child.
"""

import contextlib
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable

from keras_autograder.sandbox import landlock, linux, rootfs, seccomp
from keras_autograder.sandbox.folders import remove_folder
from keras_autograder.sandbox.policy import Policy

EXIT_TIME, EXIT_NO_SANDBOX, EXIT_NO_COMMAND = 124, 125, 127
_FORWARDED = (signal.SIGINT, signal.SIGTERM)
# Inside, the user is 1000. Outside, it is whoever started the launcher, and for root it is nobody: Linux does not limit
# the number of root's processes, and root owns files that the tree shows.
_INSIDE, _NOBODY = 1000, 65534
_FIRST_TO_BE_ENDED = "1000"
_SLOWEST_ANSWER_SECONDS = 60
_MOST_DESCRIPTORS = 2**16


def main(arguments: list[str]) -> int:
    """The command line.

    Args:
        arguments: list of str: a policy file, ``--``, a command.

    Returns:
        int, the command's exit status, 128 and the signal that ended it, or EXIT_...
    """
    if len(arguments) < 3 or arguments[1] != "--":
        print("usage: python -m keras_autograder.sandbox.launch POLICY.json -- COMMAND...", file=sys.stderr)
        return 2
    with open(arguments[0], encoding="utf-8") as file:
        policy = Policy.from_json(file.read())
    command = arguments[2:]

    def start() -> int:
        try:
            os.execvpe(command[0], command, policy.variables())
        except OSError as error:
            print(f"{command[0]}: {error.strerror}", file=sys.stderr)
            return EXIT_NO_COMMAND

    return run(policy, start)


def run(policy: Policy, start: Callable[[], int | None]) -> int:
    """Call a function in a sandbox and wait for its end. This process must have one thread.

    Args:
        policy: Policy. Its folder exists and is removed when the process that started this one ends before the sandbox.
        start: callable without arguments, called in a new process inside; what it returns is the exit status.

    Returns:
        int, an exit status as ``main`` returns it.
    """
    starter, ends = os.getppid(), time.monotonic() + policy.wall_seconds
    waking = _wake_on((*_FORWARDED, signal.SIGCHLD))
    try:
        first, channel = _start_inside(policy, start)
    except OSError as error:
        print(f"No sandbox: {_reason(error)}.", file=sys.stderr)
        return EXIT_NO_SANDBOX
    with channel:
        return _watch(policy, first, starter, ends, waking)


class _Channel:
    """Lines of text between the launcher and the processes that it starts."""

    def __init__(self, reading: int, writing: int):
        self._reading, self._writing, self._unread = reading, writing, b""

    @classmethod
    def pair(cls) -> tuple["_Channel", "_Channel"]:
        (read_here, write_there), (read_there, write_here) = os.pipe(), os.pipe()
        return cls(read_here, write_here), cls(read_there, write_there)

    def __enter__(self) -> "_Channel":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._reading)
        os.close(self._writing)

    def send(self, text: str) -> None:
        os.write(self._writing, f"{text}\n".encode())

    def receive(self) -> str:
        """The next line; OSError when it tells of an error, when it does not come, or when nobody is there."""
        poll = select.poll()
        poll.register(self._reading, select.POLLIN)
        while b"\n" not in self._unread:
            if not poll.poll(_SLOWEST_ANSWER_SECONDS * 1000):
                raise OSError(0, "a process did not answer")
            block = os.read(self._reading, 4096)
            if not block:
                raise OSError(0, "a process ended before it was ready")
            self._unread += block
        line, self._unread = self._unread.split(b"\n", 1)
        word, _, error = line.decode().partition("error: ")
        if error:
            raise OSError(0, error)
        return word

    def is_closed(self) -> bool:
        """Whether the other end is gone."""
        poll = select.poll()
        poll.register(self._reading, 0)
        return bool(poll.poll(0))


def _start_inside(policy: Policy, start: Callable[[], int | None]) -> tuple[int, _Channel]:
    os.makedirs(f"{policy.scratch}/root", mode=0o700, exist_ok=True)
    is_root = os.geteuid() == 0
    for path in (policy.sockets, policy.connection_file):
        if is_root and path.exists():
            os.chown(path, _NOBODY, _NOBODY)
    linux.adopt_orphans()
    here, there = _Channel.pair()
    # The one in between enters the namespaces so that the launcher need not, and ends as soon as process 1 exists.
    between = _fork(lambda: _enter_namespaces(policy, start, there, is_root), there, here)
    there.__exit__()
    try:
        here.receive()
        _map_user(between, is_root)
        here.send("mapped")
        first = int(here.receive())
        os.waitpid(between, 0)
        here.send("adopted")
        here.receive()
    except BaseException:
        # Cut, so that whoever still waits ends.
        here.__exit__()
        raise
    return first, here


def _fork(work: Callable[[], int | None], channel: _Channel, other: _Channel | None = None) -> int:
    """Do some work in a new process, which tells of errors over the channel and never returns."""
    process = os.fork()
    if process:
        return process
    status = EXIT_NO_SANDBOX
    try:
        if other:
            other.__exit__()
        status = work() or 0
    except Exception as error:
        channel.send(f"error: {_reason(error) if isinstance(error, OSError) else repr(error)}")
    finally:
        os._exit(status)


def _enter_namespaces(policy: Policy, start: Callable[[], int | None], channel: _Channel, is_root: bool) -> None:
    # Protects the grader where memory runs out in spite of the limits; some containers do not let anybody choose.
    with contextlib.suppress(OSError):
        _write("/proc/self/oom_score_adj", _FIRST_TO_BE_ENDED)
    linux.unshare(linux.NAMESPACES)
    channel.send("entered")
    channel.receive()
    first = _fork(lambda: _be_first(policy, start, channel, is_root), channel)
    channel.send(str(first))


def _map_user(process: int, is_root: bool) -> None:
    if not is_root:
        _write(f"/proc/{process}/setgroups", "deny")
    for name, number in (("uid_map", os.geteuid()), ("gid_map", os.getegid())):
        users = f"0 {number} 1\n{_INSIDE} {_NOBODY} 1\n" if is_root else f"{_INSIDE} {number} 1\n"
        _write(f"/proc/{process}/{name}", users)


def _be_first(policy: Policy, start: Callable[[], int | None], channel: _Channel, is_root: bool) -> int:
    """What process 1 does: wall itself in, start the command, wait."""
    channel.receive()
    os.setsid()
    command = 0

    def forward(number: int, _: object) -> None:
        if command:
            try:
                os.killpg(command, number)
            except ProcessLookupError:
                # The command is being collected, or has not yet made itself a group's leader.
                os.kill(command, number)

    for number in _FORWARDED:
        signal.signal(number, forward)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _wall_in(policy, is_root)
    linux.die_with_parent(signal.SIGKILL)
    if channel.is_closed():
        return EXIT_NO_SANDBOX
    channel.send("ready")
    command = _fork(lambda: _be_command(policy, start), channel)
    channel.__exit__()
    while True:
        process, status = os.wait()
        if process == command:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def _wall_in(policy: Policy, is_root: bool) -> None:
    linux.set_host_name("sandbox")
    os.umask(0o022)
    tree = rootfs.build(policy, _INSIDE, _INSIDE)
    tree.enter()
    os.umask(0o077)
    linux.leave_keyring()
    _limit(policy)
    linux.lock_capabilities()
    linux.become(_INSIDE, _INSIDE, leave_groups=is_root)
    linux.drop_capabilities()
    linux.forbid_new_privileges()
    linux.forbid_inspection()
    landlock.restrict(tree.rights)
    seccomp.refuse_needless()


def _limit(policy: Policy) -> None:
    # Not RLIMIT_AS: TensorFlow reserves far more addresses than it uses.
    for name, value in (
        (resource.RLIMIT_DATA, policy.memory_bytes),
        (resource.RLIMIT_NPROC, policy.processes),
        (resource.RLIMIT_FSIZE, policy.file_size_bytes),
        (resource.RLIMIT_NOFILE, policy.open_files),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        _, highest = resource.getrlimit(name)
        value = value if highest == resource.RLIM_INFINITY else min(value, highest)
        resource.setrlimit(name, (value, value))
    # The softer limit first, whose signal says why.
    resource.setrlimit(resource.RLIMIT_CPU, (policy.cpu_seconds, policy.cpu_seconds + 1))


def _be_command(policy: Policy, start: Callable[[], int | None]) -> int | None:
    os.setsid()
    for number in _FORWARDED:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    nothing = os.open("/dev/null", os.O_RDONLY)
    os.dup2(nothing, 0)
    os.closerange(3, _MOST_DESCRIPTORS)
    os.chdir(policy.work)
    return start()


def _wake_on(numbers: tuple[int, ...]) -> int:
    """Make signals readable from a pipe, so that one poll waits for them and for processes."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    for number in numbers:
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    return reading


def _watch(policy: Policy, first: int, starter: int, ends: float, waking: int) -> int:
    poll = select.poll()
    poll.register(waking, select.POLLIN)
    # Not PR_SET_PDEATHSIG: it strikes when the thread that started this process ends, and the grader may go on.
    starter_descriptor = _open_process(starter)
    if starter_descriptor is not None:
        poll.register(starter_descriptor, select.POLLIN)
    while True:
        process, status = os.waitpid(first, os.WNOHANG)
        if process:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
        if os.getppid() != starter:
            _end(first)
            remove_folder(str(policy.scratch))
            return EXIT_TIME
        remaining = ends - time.monotonic()
        if remaining <= 0:
            _end(first)
            print(f"Ended after {policy.wall_seconds} s.", file=sys.stderr)
            return EXIT_TIME
        for descriptor, _ in poll.poll(remaining * 1000 + 1):
            if descriptor == waking:
                for number in os.read(waking, 4096):
                    if number in _FORWARDED:
                        os.kill(first, number)


def _open_process(number: int) -> int | None:
    try:
        return os.pidfd_open(number)
    except OSError:
        # It has ended already, which shows in the number of the parent.
        return None


def _end(first: int) -> None:
    os.kill(first, signal.SIGKILL)
    os.waitpid(first, 0)


def _reason(error: OSError) -> str:
    text = error.strerror or str(error)
    return f"{text}: {error.filename}" if error.filename else text


def _write(path: str, text: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)
    except OSError as error:
        raise OSError(error.errno, f"writing {path}: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
