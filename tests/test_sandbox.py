"""The sandbox: each attack fails, its harmless twin works, and nothing is left behind.

An attack is one entry in ``ATTACKS``. Wherever ``real`` is set it succeeds outside of the sandbox, as the grader, which
is tested too: an attack that fails anyway proves nothing.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
import pytest
from jupyter_core.utils import run_sync

from keras_autograder.sandbox import availability, landlock, linux, support_files
from keras_autograder.sandbox.availability import launcher_command, launcher_environment, why_unavailable
from keras_autograder.sandbox.launch import EXIT_NO_COMMAND, EXIT_TIME
from keras_autograder.sandbox.policy import MEBI, Policy
from keras_autograder.sandbox.watch import Watch

pytestmark = pytest.mark.skipif(why_unavailable() is not None, reason=f"no sandbox here: {why_unavailable()}")

IS_ROOT = os.geteuid() == 0
SECRET = "the hidden tests"

MISTAKES = {"NameError", "SyntaxError", "TypeError", "AttributeError", "ImportError", "ModuleNotFoundError"}

# Runs a snippet and says in one line what came of it. G is what the attacker is assumed to know about the grader.
PRELUDE = """
import ctypes, errno, json, os, signal, socket, subprocess, sys, time
G = json.loads(sys.argv[2])
libc = ctypes.CDLL(None, use_errno=True)

def call(number, *arguments):
    wide = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = libc.syscall(ctypes.c_long(number), *wide)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result

def checked(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

def read(path):
    with open(path, 'rb') as file:
        return file.read(100)

try:
    exec(sys.argv[1])
except BaseException as error:
    print('refused', type(error).__name__, errno.errorcode.get(getattr(error, 'errno', None)), error)
else:
    print('done')
"""


@dataclass(frozen=True)
class Attack:
    """One attack.

    Attributes:
        name: str.
        code: str, Python that raises when it does not succeed.
        twin: str, Python close to it that must succeed in the sandbox.
        real: bool, it succeeds outside as the user who runs the tests.
    """

    name: str
    code: str
    twin: str
    real: bool = False


# Numbers of system calls of x86_64, where these tests have been run.
ATTACKS = [
    # the network
    Attack(
        "tcp to the grader",
        "socket.create_connection(('127.0.0.1', G['tcp']), 2)",
        "a, b = socket.socketpair(); a.send(b'x'); assert b.recv(1) == b'x'",
        real=True,
    ),
    Attack(
        "udp to the grader",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', G['udp']))",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()",
        real=True,
    ),
    Attack(
        "own server on loopback",
        "s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); socket.create_connection(s.getsockname(), 2)",
        "s, c = (socket.socket(socket.AF_UNIX) for _ in 'sc'); s.bind('own'); s.listen(); c.connect('own')",
        real=True,
    ),
    Attack(
        "tcp outside",
        "socket.create_connection(('192.0.2.1', 80), 1)",
        "assert socket.inet_aton('192.0.2.1')",
    ),
    Attack(
        "ipv6 loopback",
        "s = socket.socket(socket.AF_INET6); s.bind(('::1', 0)); s.listen(); "
        "socket.create_connection(s.getsockname()[:2], 2)",
        "socket.socket(socket.AF_INET6).close()",
    ),
    Attack(
        "host names", "socket.getaddrinfo('example.com', 80)", "assert socket.gethostbyname('localhost') == '127.0.0.1'"
    ),
    Attack("raw packets", "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)", "socket.if_nameindex()", real=IS_ROOT),
    Attack(
        "virtual machine's host", "socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)", "socket.socket(socket.AF_UNIX)"
    ),
    Attack(
        "kernel's cryptography",
        "socket.socket(38, socket.SOCK_SEQPACKET, 0)",
        "import hashlib; hashlib.sha256(b'x').digest()",
    ),
    Attack(
        "abstract socket of the grader",
        "socket.socket(socket.AF_UNIX).connect('\\0' + G['abstract'])",
        "s = socket.socket(socket.AF_UNIX); s.bind('\\0own'); s.listen(); "
        "c = socket.socket(socket.AF_UNIX); c.connect('\\0own')",
        real=True,
    ),
    Attack(
        "socket file of the grader",
        "socket.socket(socket.AF_UNIX).connect(G['socket'])",
        "s, c = (socket.socket(socket.AF_UNIX) for _ in 'sc'); s.bind('file'); s.listen(); c.connect('file')",
        real=True,
    ),
    # reading
    Attack("gradebook", "read(G['secret'])", "open('f', 'w').write('x'); assert read('f') == b'x'", real=True),
    Attack("folder of the gradebook", "os.listdir(G['folder'])", "os.listdir('.')", real=True),
    Attack("existence of the gradebook", "os.stat(G['secret'])", "os.stat(sys.executable)", real=True),
    Attack("course", "read(G['course'] + '/nbgrader_config.py')", "import jupyter_client", real=True),
    Attack("temporary folder of others", "os.listdir('/tmp')", "os.listdir(os.environ['TMPDIR'])", real=True),
    Attack("home of root", "os.listdir('/root')", "os.listdir(os.path.expanduser('~'))", real=IS_ROOT),
    Attack("homes", "os.listdir('/home')", "os.listdir(os.environ['HOME'])", real=True),
    Attack("shadow", "read('/etc/shadow')", "assert b'student' in read('/etc/passwd')", real=IS_ROOT),
    Attack(
        "host's users",
        "assert b'root' in read('/etc/passwd')",
        "import pwd; assert pwd.getpwuid(os.getuid()).pw_name == 'student'",
        real=True,
    ),
    Attack("environment of process 1", "read('/proc/1/environ')", "read('/proc/self/environ')"),
    Attack("memory of process 1", "open('/proc/1/mem', 'rb')", "open('/proc/self/mem', 'rb')"),
    Attack(
        "environment of the grader", "read(f\"/proc/{G['grader']}/environ\")", "read('/proc/self/environ')", real=True
    ),
    Attack("secret variable", "os.environ['COURSE_SECRET']", "os.environ['LANG']", real=True),
    Attack(
        "secret anywhere in the environments",
        "import glob; out = subprocess.run(['cat', *glob.glob('/proc/[0-9]*/environ')], stdout=-1, stderr=-3).stdout; "
        "assert b'COURSE_SECRET' in out",
        "assert sorted(p for p in os.listdir('/proc') if p.isdigit()) == ['1', '2'], 'strangers'",
        real=True,
    ),
    Attack("kernel log", "read('/dev/kmsg')", "read('/dev/urandom')", real=IS_ROOT),
    Attack("disk", "read(G['disk'])", "read('/dev/zero')", real=IS_ROOT),
    Attack("control groups", "os.listdir('/sys/fs/cgroup')", "os.listdir('/sys/devices/system/cpu')", real=True),
    Attack("other disks' mounts", "os.listdir('/mnt')", "os.listdir('/usr/lib')", real=True),
    Attack(
        "open descriptors of the launcher",
        "assert len(os.listdir('/proc/self/fd')) > 4",
        "assert {0, 1, 2} <= set(map(int, os.listdir('/proc/self/fd')))",
    ),
    Attack("the way back up", "read('../../../../../../..' + G['secret'])", "read('/../proc/self/stat')", real=True),
    # writing
    Attack("temporary folder", "open('/tmp/left', 'w')", "open(os.environ['TMPDIR'] + '/left', 'w')"),
    Attack("other temporary folder", "open('/var/tmp/left', 'w')", "import tempfile; tempfile.TemporaryFile()"),
    Attack("folder of the gradebook, writing", "open(G['folder'] + '/x', 'w')", "open('x', 'w')", real=True),
    Attack("scratch itself", "open('../left', 'w')", "open('../home/left', 'w')"),
    Attack(
        "socket folder, a file",
        "open('../ipc/x', 'w')",
        "s = socket.socket(socket.AF_UNIX); s.bind('../ipc/s')",
    ),
    Attack("socket folder, a link", "os.symlink('/etc', '../ipc/x')", "os.symlink('/etc', 'x')"),
    Attack(
        "socket folder, removing",
        "s = socket.socket(socket.AF_UNIX); s.bind('../ipc/r'); os.unlink('../ipc/r')",
        "open('r', 'w').close(); os.unlink('r')",
    ),
    Attack("packages", "open(os.__file__, 'a')", "open('os.py', 'a')"),
    Attack("package folder", "open(os.path.dirname(os.__file__) + '/x.pth', 'w')", "open('x.pth', 'w')"),
    Attack("settings", "open('/etc/passwd', 'a')", "open('passwd', 'a')"),
    Attack("root folder", "os.mkdir('/x')", "os.mkdir('x')"),
    Attack("kernel settings", "open('/proc/sys/kernel/hostname', 'w').write('x')", "read('/proc/sys/kernel/hostname')"),
    Attack(
        "own priority for memory",
        "open('/proc/self/oom_score_adj', 'w').write('0')",
        "read('/proc/self/oom_score_adj')",
    ),
    # tricks with files
    Attack(
        "link to the gradebook",
        "os.symlink(G['secret'], 'l'); read('l')",
        "open('t', 'w'); os.symlink('t', 'l'); read('l')",
    ),
    Attack("hard link to the gradebook", "os.link(G['secret'], 'h')", "open('t', 'w'); os.link('t', 'h')"),
    Attack("hard link to a package", "os.link(os.__file__, 'h')", "open('t', 'w'); os.rename('t', 'u')"),
    Attack(
        "by another's root",
        "read(f\"/proc/{G['grader']}/root{G['secret']}\")",
        "read('/proc/self/root/etc/passwd')",
        real=True,
    ),
    Attack("by process 1's root", "os.listdir('/proc/1/root')", "os.readlink('/proc/self/root')"),
    Attack("by process 1's folder", "os.listdir('/proc/1/cwd')", "os.listdir('/proc/self/cwd')"),
    Attack("by handle", "call(304, -100, b'x' * 24, 0)", "os.open('.', os.O_PATH)"),
    Attack("chmod of a package", "os.chmod(os.__file__, 0o777)", "open('t', 'w'); os.chmod('t', 0o777)"),
    Attack("chown", "open('t', 'w'); os.chown('t', 0, 0)", "open('t', 'w'); os.chown('t', os.getuid(), os.getgid())"),
    Attack("device", "os.mknod('d', 0o20666, os.makedev(1, 1))", "os.mkfifo('d')"),
    Attack(
        "set-user-id",
        "subprocess.run(['su', '-c', 'true'], stdin=-3, check=True)",
        "subprocess.run(['true'], check=True)",
    ),
    # calls to the kernel
    Attack("mount", "checked(libc.mount(b'x', b'.', b'tmpfs', 0, None))", "os.statvfs('.')"),
    Attack("unmount", "checked(libc.umount2(b'/usr/lib', 2))", "os.listdir('/usr/lib')"),
    Attack("new mount interface", "call(430, b'tmpfs', 0)", "os.statvfs('/')"),
    Attack("chroot", "os.chroot('.')", "os.chdir('.')", real=False),
    Attack("user namespace", "checked(libc.unshare(0x10000000))", "os.getuid()", real=True),
    Attack(
        "user namespace by clone",
        "call(56, 0x10000000 | 17, 0, 0, 0, 0) or os._exit(0)",
        "os.fork() or os._exit(0); os.wait()",
    ),
    Attack(
        "namespace of process 1",
        "checked(libc.setns(os.open('/proc/1/ns/net', 0), 0))",
        "os.readlink('/proc/self/ns/net')",
    ),
    Attack("ptrace", "checked(libc.ptrace(16, 1, 0, 0))", "import faulthandler"),
    Attack("traced by process 1", "checked(libc.ptrace(0, 0, 0, 0))", "os.getppid()", real=True),
    Attack(
        "reading memory",
        "b = ctypes.create_string_buffer(8); call(310, os.getpid(), b, 1, b, 1, 0)",
        "ctypes.string_at(b'x')",
    ),
    Attack("another's descriptor", "call(438, os.pidfd_open(1), 1, 0)", "os.dup(1)"),
    Attack("bpf", "call(321, 5, ctypes.create_string_buffer(128), 128)", "os.sched_yield()"),
    Attack("keyrings", "call(250, 0, -3, 1)", "os.getpid()"),
    Attack("add a key", "call(248, b'user', b'a', b'b', 1, -4)", "os.getpid()"),
    Attack("measuring events", "call(298, ctypes.create_string_buffer(128), 0, -1, -1, 0)", "time.perf_counter()"),
    Attack("page faults", "call(323, 0)", "import mmap; mmap.mmap(-1, 4096)"),
    Attack(
        "asynchronous calls",
        "call(425, 8, ctypes.create_string_buffer(256))",
        "import asyncio; asyncio.run(asyncio.sleep(0))",
    ),
    Attack("hidden memory", "os.memfd_create('x')", "import tempfile; tempfile.TemporaryFile()", real=True),
    Attack(
        "shared memory segment",
        "call(29, 77, 4096, 0o1666)",
        "from multiprocessing import shared_memory as m; m.SharedMemory('x', True, 64).unlink()",
    ),
    Attack("message queue", "call(240, b'x', 0o102, 0o600, None)", "os.pipe()", real=True),
    Attack("clock", "time.clock_settime(0, time.time())", "time.clock_gettime(0)", real=False),
    Attack("host name", "socket.sethostname('x')", "assert socket.gethostname() == 'sandbox'", real=False),
    Attack(
        "higher limits",
        "import resource as r; r.setrlimit(r.RLIMIT_DATA, (-1, -1))",
        "import resource as r; r.setrlimit(r.RLIMIT_DATA, (2**30, 2**30))",
    ),
    Attack("higher priority", "os.setpriority(os.PRIO_PROCESS, 0, -5)", "os.setpriority(os.PRIO_PROCESS, 0, 5)"),
    Attack("another user", "os.setuid(0)", "os.setuid(os.getuid())"),
    Attack(
        "capabilities",
        "checked(libc.capset(ctypes.create_string_buffer(b'\\x22\\x05\\x08\\x20'), b'\\xff' * 24))",
        "open('/proc/self/status').read().index('CapBnd:\\t0000000000000000')",
    ),
    # other processes
    Attack("kill the grader", "os.kill(G['grader'], 0)", "os.kill(os.getpid(), 0)", real=True),
    Attack(
        "kill everybody",
        "os.kill(-1, 0)",
        "p = subprocess.Popen(['sleep', '9']); p.kill(); assert p.wait() == -9",
        real=True,
    ),
    Attack("see the grader", "os.getpgid(G['grader'])", "os.getpgid(0)", real=True),
    Attack(
        "type at the grader's terminal",
        "import fcntl; fcntl.ioctl(os.open('/dev/tty', 2), 0x5412, b'x')",
        "import pty; a, b = pty.openpty(); assert os.ttyname(b)",
    ),
]


@pytest.fixture
def policy():
    """A policy with a scratch folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="test-sandbox-", dir="/tmp")).resolve()
    yield prepared(Policy(scratch=folder, wall_seconds=60))
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def prepared(policy: Policy) -> Policy:
    for folder in (policy.work, policy.sockets):
        folder.mkdir()
    return policy


@pytest.fixture(scope="module")
def grader(tmp_path_factory):
    """What an attacker would like to reach: files, sockets, processes of the machine that grades."""
    with tempfile.TemporaryDirectory(prefix="gradebook-", dir="/tmp") as folder:
        secret = Path(folder) / "gradebook.db"
        secret.write_text(SECRET)
        listeners = [socket.create_server(("127.0.0.1", 0)), socket.socket(type=socket.SOCK_DGRAM)]
        listeners[1].bind(("127.0.0.1", 0))
        for address in (str(Path(folder) / "socket"), f"\0abstract-{os.getpid()}"):
            listeners.append(socket.socket(socket.AF_UNIX))
            listeners[-1].bind(address)
            listeners[-1].listen()
        victim = subprocess.Popen(["sleep", "300"], env=os.environ | {"COURSE_SECRET": "1"})
        os.chmod(listeners[2].getsockname(), 0o777)
        yield {
            "secret": str(secret),
            "folder": folder,
            "socket": listeners[2].getsockname(),
            "abstract": f"abstract-{os.getpid()}",
            "tcp": listeners[0].getsockname()[1],
            "udp": listeners[1].getsockname()[1],
            "grader": victim.pid,
            "course": str(Path(__file__).resolve().parent.parent),
            "disk": next(
                (f"/dev/{name}" for name in os.listdir("/sys/block") if Path(f"/dev/{name}").exists()), "/dev/sda"
            ),
        }
        victim.kill()
        victim.wait()
        for listener in listeners:
            listener.close()


def start(policy: Policy, *command: str, **arguments) -> subprocess.Popen:
    """Start a command in a sandbox from an environment that holds a secret."""
    file = policy.scratch / "policy.json"
    file.write_text(policy.to_json())
    defaults = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    environment = launcher_environment() | {"COURSE_SECRET": "1"}
    return subprocess.Popen(
        launcher_command(file, *command), env=environment, start_new_session=True, **defaults | arguments
    )


def python(policy: Policy, code: str, known: dict | None = None) -> subprocess.CompletedProcess:
    """Run a snippet after the prelude in a sandbox, and wait."""
    process = start(policy, sys.executable, "-c", PRELUDE, textwrap.dedent(code), json.dumps(known or {}))
    out, err = process.communicate(timeout=100)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def outside(code: str, known: dict, folder: Path) -> str:
    result = subprocess.run(
        [sys.executable, "-c", PRELUDE, code, json.dumps(known)],
        env=os.environ | {"COURSE_SECRET": "1"},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
    )
    return result.stdout + result.stderr


def watched(policy: Policy, code: str) -> Watch:
    """Run a snippet in a sandbox under the watchdog until it ends."""
    reading, writing = os.pipe()
    process = start(policy, sys.executable, "-c", PRELUDE, textwrap.dedent(code), "{}", stdout=writing, stderr=writing)
    os.close(writing)
    watch = Watch(process.pid, policy, reading, interval=0.05)
    watch.start()
    watch.join(timeout=60)
    process.wait(timeout=60)
    watch.release()
    return watch


def processes_with(text: str) -> list[str]:
    """The processes of the machine that have a text in their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and int(entry.name) != os.getpid() and text in (entry / "cmdline").read_text():
                found.append(entry.name)
        except OSError:
            continue
    return found


def wait_until(condition, seconds: float = 10) -> bool:
    ends = time.monotonic() + seconds
    while not condition() and time.monotonic() < ends:
        time.sleep(0.02)
    return bool(condition())


@pytest.mark.slow
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_is_refused_and_its_twin_works(attack, policy, grader):
    said = python(policy, attack.code, grader).stdout
    assert said.startswith("refused"), said
    # By the kernel, or because what was looked for is not there: not by a mistake in the attack.
    assert said.split()[1].endswith(("Error", "gaierror")) and said.split()[1] not in MISTAKES, said
    again = python(policy, attack.twin, grader)
    assert again.stdout == "done\n", again.stdout + again.stderr
    assert Path(grader["secret"]).read_text() == SECRET


@pytest.mark.slow
@pytest.mark.parametrize("attack", [one for one in ATTACKS if one.real], ids=lambda attack: attack.name)
def test_the_attack_is_a_real_one(attack, grader, tmp_path):
    assert outside(attack.code, grader, tmp_path).endswith("done\n")
    (Path(grader["folder"]) / "x").unlink(missing_ok=True)


def test_a_policy_survives_its_own_text():
    policy = Policy(Path("/tmp/x"), readable=(Path("/data"),), environment={"A": "ä"}, processes=7)
    assert Policy.from_json(policy.to_json()) == policy


@pytest.mark.parametrize(
    "fields",
    [
        {"scratch": "relative"},
        {"scratch": "/x", "readable": ["relative"]},
        {"scratch": "/x", "processes": 0},
        {},
        [],
        {"scratch": "/x", "unknown": 1},
    ],
)
def test_what_is_no_policy_is_refused(fields):
    with pytest.raises(ValueError):
        Policy.from_json(json.dumps(fields))


@pytest.mark.slow
def test_extra_paths_can_be_read_and_not_written(policy, tmp_path):
    (tmp_path / "data.txt").write_text("data")
    (tmp_path / "link").symlink_to("data.txt")
    policy = replace(policy, readable=(tmp_path / "link",))
    result = python(policy, f"assert read({str(tmp_path / 'link')!r}) == b'data'")
    assert result.stdout == "done\n"
    assert "EROFS" in python(policy, f"open({str(tmp_path / 'data.txt')!r}, 'r+')").stdout.replace("EACCES", "EROFS")


@pytest.mark.slow
def test_the_grader_s_package_is_hidden_even_where_it_is_installed_for_all(policy):
    package = Path(availability.__file__).parents[1]
    policy = replace(policy, readable=(package.parent,))
    assert python(policy, f"assert os.listdir({str(package)!r}) == []").stdout == "done\n"
    assert python(policy, f"read({str(package.parent / 'README.md')!r})").stdout == "done\n"


@pytest.mark.slow
def test_support_files_are_there_and_stay_as_they_are_outside(policy):
    (policy.work / "folder").mkdir()
    (policy.work / "folder" / "helper.py").write_text("x = 1")
    (policy.work / "link").symlink_to("/etc/hostname")
    code = "assert read('folder/helper.py') == b'x = 1'; open('folder/helper.py', 'w').write('y'); os.lstat('link')"
    assert "FileNotFoundError" in python(policy, code).stdout
    assert (policy.work / "folder" / "helper.py").read_text() == "x = 1"


# What a limit stops: the changed limit, code that runs into it, and what is seen then.
LIMITS = {
    "memory": ({"memory_bytes": 300 * MEBI}, "b'x' * (400 * 2**20)", "MemoryError"),
    "a big file": ({"file_size_bytes": MEBI}, "open('f', 'wb').write(bytes(2 * 2**20))", "EFBIG"),
    "a full disk": ({"scratch_bytes": 2 * MEBI}, "open('f', 'wb').write(bytes(3 * 2**20))", "ENOSPC"),
    "a full disk by shared memory": (
        {"scratch_bytes": 2 * MEBI},
        "open('/dev/shm/f', 'wb').write(bytes(3 * 2**20))",
        "ENOSPC",
    ),
    "a full disk by many files": (
        {"scratch_bytes": 2 * MEBI},
        "for n in range(99): open(f'f{n}', 'wb').write(bytes(2**16))",
        "ENOSPC",
    ),
    "countless files": ({"scratch_files": 50}, "for n in range(60): open(f'f{n}', 'w')", "ENOSPC"),
    "open files": ({"open_files": 30}, "files = [open('/dev/null') for _ in range(40)]", "EMFILE"),
    "a fork bomb": (
        {"processes": 20},
        "while True:\n    if not os.fork():\n        time.sleep(60)\n        os._exit(0)",
        "EAGAIN",
    ),
    "threads without end": (
        {"processes": 20},
        "import threading\nfor _ in range(30): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        "can't start new thread",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_holds(name, policy):
    change, code, seen = LIMITS[name]
    result = python(replace(policy, **change), code)
    assert result.stdout.startswith("refused") and seen in result.stdout
    # The twin: the same under the limits that are the default, as far as it has an end.
    if name != "a fork bomb":
        assert python(policy, code).stdout == "done\n"


# What the watchdog or a signal ends: the changed limit, code, a part of the reason.
ENDS = {
    "processor time": ({"cpu_seconds": 1}, "while True: pass", "1 s of processor time"),
    "processor time, its signal ignored": (
        {"cpu_seconds": 1},
        "signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass",
        "1 s of processor time",
    ),
    "processor time by a relay of processes": (
        {"cpu_seconds": 2},
        "while True:\n    if not os.fork():\n        t = time.process_time()\n"
        "        while time.process_time() < t + .4: pass\n        os._exit(0)\n    os.wait()",
        "2 s of processor time",
    ),
    "sleep": ({"wall_seconds": 1}, "time.sleep(60)", "for more than 1 s"),
    "sleep that ignores signals": (
        {"wall_seconds": 1},
        "for n in (2, 15, 1, 3): signal.signal(n, signal.SIG_IGN)\ntime.sleep(60)",
        "for more than 1 s",
    ),
    "memory shared by name of nobody": (
        {"memory_bytes": 200 * MEBI},
        "import mmap; m = mmap.mmap(-1, 400 * 2**20)\nfor i in range(0, len(m), 4096): m[i] = 1\ntime.sleep(60)",
        "200 MiB of memory",
    ),
    "memory of many": (
        {"memory_bytes": 200 * MEBI},
        "for _ in range(4):\n    if not os.fork(): break\nb = b'x' * (90 * 2**20)\ntime.sleep(60)",
        "200 MiB of memory",
    ),
    "sockets without end": (
        {},
        "n = 0\nwhile True:\n    s = socket.socket(socket.AF_UNIX); s.bind(f'../ipc/{n}'); n += 1",
        "more than 100 sockets",
    ),
    "suicide": ({}, "os.kill(os.getpid(), 9)", "SIGKILL"),
    "crash": ({}, "ctypes.string_at(0)", "SIGSEGV"),
    "exit": ({}, "os._exit(7)", "status 7"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ENDS)
def test_an_end_has_a_reason(name, policy):
    change, code, reason = ENDS[name]
    policy = replace(policy, **change)
    watch = watched(policy, code)
    assert reason in watch.stopped_because
    assert not processes_with(str(policy.scratch))


@pytest.mark.slow
def test_use_is_measured(policy):
    watch = watched(
        policy, "b = b'x' * (100 * 2**20); open('f', 'wb').write(bytes(2**20)); sum(range(10**7)); time.sleep(.3)"
    )
    assert watch.stopped_because == "It ended by itself with status 0."
    assert watch.last_words == "done"
    assert 100 * MEBI < watch.usage.peak_memory_bytes < 200 * MEBI
    assert MEBI <= watch.usage.peak_scratch_bytes < 2 * MEBI
    assert watch.usage.peak_processes == 1
    assert 0.1 < watch.usage.cpu_seconds <= watch.usage.wall_seconds


@pytest.mark.slow
def test_the_status_is_the_command_s(policy):
    assert start(policy, "sh", "-c", "exit 3").wait() == 3
    assert start(policy, "sh", "-c", "kill -9 $$").wait() == 128 + signal.SIGKILL
    assert start(policy, "no-such-command").wait() == EXIT_NO_COMMAND
    assert start(replace(policy, wall_seconds=1), "sleep", "60").wait() == EXIT_TIME


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_reaches_the_command_once(policy, number):
    code = f"""
    import signal
    seen = []
    signal.signal({int(number)}, lambda *_: seen.append(1))
    print('ready', flush=True)
    for _ in range(5): time.sleep(.1)
    print('seen', len(seen))
    """
    process = start(policy, sys.executable, "-c", PRELUDE, textwrap.dedent(code), "{}")
    assert process.stdout.readline() == "ready\n"
    os.killpg(process.pid, number)
    assert "seen 1\n" in process.communicate(timeout=30)[0]


DAEMON = """
if not os.fork():
    os.setsid()
    if not os.fork():
        for n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)
        subprocess.Popen(['sleep', G['mark']])
        time.sleep(300)
    os._exit(0)
os.wait()
time.sleep(G['stay'])
"""


@pytest.mark.slow
def test_no_daemon_outlives_its_sandbox(policy):
    mark = f"299.{os.getpid()}"
    assert python(policy, DAEMON, {"mark": mark, "stay": 0.2}).stdout == "done\n"
    assert wait_until(lambda: not processes_with(mark))


@pytest.mark.slow
def test_nothing_outlives_the_launcher(policy):
    mark = f"298.{os.getpid()}"
    process = start(policy, sys.executable, "-c", PRELUDE, DAEMON, json.dumps({"mark": mark, "stay": 60}))
    assert wait_until(lambda: processes_with(mark))
    process.kill()
    process.wait()
    assert wait_until(lambda: not processes_with(mark))


@pytest.mark.slow
def test_nothing_outlives_the_grader(policy):
    mark = f"297.{os.getpid()}"
    file = policy.scratch / "policy.json"
    file.write_text(policy.to_json())
    command = launcher_command(file, "sleep", mark)
    code = f"import subprocess, time; subprocess.Popen({command}, start_new_session=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], env=launcher_environment()) as grader:
        assert wait_until(lambda: len(processes_with(mark)) >= 3)
        grader.kill()
    assert wait_until(lambda: not processes_with(mark))
    assert wait_until(lambda: not policy.scratch.exists())


@pytest.mark.slow
def test_orphans_are_collected(policy):
    code = """
    for _ in range(20):
        if not os.fork():
            os.fork()
            os._exit(0)
        os.wait()
    time.sleep(.3)
    assert sorted(p for p in os.listdir('/proc') if p.isdigit()) == ['1', '2']
    """
    assert python(policy, code).stdout == "done\n"


@pytest.mark.slow
def test_nothing_is_left_in_shared_memory(policy):
    before = set(os.listdir("/dev/shm"))
    code = "open('/dev/shm/left', 'w').write('x'); assert os.listdir('/dev/shm') == ['left']"
    assert python(policy, code).stdout == "done\n"
    assert set(os.listdir("/dev/shm")) == before
    assert sorted(os.listdir(policy.scratch)) == ["ipc", "policy.json", "root", "work"]
    assert not os.listdir(policy.work) and not os.listdir(policy.scratch / "root")


@pytest.mark.slow
@pytest.mark.skipif(not IS_ROOT, reason="needs root, to become somebody else")
def test_a_grader_who_is_not_root_gets_the_same(policy, grader):
    # This Python may lie where only root looks: show it to others in a mount namespace of this process's own.
    code = f"""
import os, subprocess, sys
sys.path.insert(0, {grader["course"]!r})
from keras_autograder.sandbox import linux
base = sys.base_prefix
linux.unshare(linux.CLONE_NEWNS)
linux.mount('none', '/', flags=linux.MS_RECURSIVE | linux.MS_PRIVATE)
top = '/' + base.split('/')[1]
if os.stat(top).st_mode & 0o005 != 0o005:
    hold = {str(policy.scratch)!r} + '/hold'
    os.mkdir(hold)
    linux.mount(base, hold, flags=linux.MS_BIND | linux.MS_RECURSIVE)
    linux.mount('x', top, 'tmpfs', 0, 'mode=755')
    os.makedirs(base)
    linux.mount(hold, base, flags=linux.MS_BIND | linux.MS_RECURSIVE)
    subprocess.run(['umount', hold]); os.rmdir(hold)
os.setgroups([]); os.setresgid(12345, 12345, 12345); os.setresuid(12345, 12345, 12345)
sys.exit(subprocess.run(sys.argv[1:]).returncode)
"""
    file = policy.scratch / "policy.json"
    file.write_text(replace(policy, processes=20).to_json())
    for path in (policy.scratch, file, policy.work, policy.sockets):
        os.chown(path, 12345, 12345)

    def attempt(snippet: str) -> str:
        command = launcher_command(file, sys.executable, "-c", PRELUDE, snippet, json.dumps(grader))
        result = subprocess.run(
            [sys.executable, "-c", code, *command],
            env=launcher_environment(),
            capture_output=True,
            text=True,
            timeout=60,
        )
        return result.stdout + result.stderr

    assert attempt("open('x', 'w'); assert os.getuid() == 1000") == "done\n"
    assert attempt("read(G['secret'])").startswith("refused")
    assert "EAGAIN" in attempt(LIMITS["a fork bomb"][1])
    assert attempt("socket.create_connection(('127.0.0.1', G['tcp']), 2)").startswith("refused")


@pytest.mark.parametrize(
    "change, reason",
    [
        (lambda patch: patch.setattr(sys, "platform", "darwin"), "isolation needs Linux, and this is darwin"),
        (lambda patch: patch.setattr(landlock, "version", lambda: 0), "the kernel has no Landlock"),
        (lambda patch: patch.setattr(linux, "machine", lambda: "s390x"), "processor type"),
    ],
    ids=["no Linux", "no Landlock", "unknown processor"],
)
def test_the_lack_of_isolation_is_told(change, reason, monkeypatch):
    change(monkeypatch)
    said = why_unavailable.__wrapped__()
    assert reason in said and 'c.JudgedExecute.isolation = "none"' in said


@pytest.mark.slow
def test_isolation_is_really_tried(policy):
    # A sandbox within a sandbox cannot be had.
    package = Path(availability.__file__).parents[1]
    support_files.copy_support_files(package / "sandbox", policy.work / package.name / "sandbox", MEBI)
    (policy.work / package.name / "__init__.py").touch()
    code = """
    sys.path.insert(0, os.getcwd())
    from keras_autograder.sandbox.availability import why_unavailable
    said = why_unavailable()
    assert 'a trial ended with: No sandbox: unshare: Operation not permitted' in said, said
    """
    result = python(policy, code)
    assert result.stdout == "done\n", result.stdout


def test_support_files_are_copied_without_notebooks_and_links(tmp_path):
    folder, work = tmp_path / "folder", tmp_path / "work"
    (folder / "images").mkdir(parents=True)
    (folder / "images" / "a.png").write_bytes(b"123")
    (folder / "other.ipynb").write_text("hidden tests")
    (folder / "link").symlink_to("/etc/passwd")
    (folder / "up").symlink_to("..")
    os.mkfifo(folder / "pipe")
    assert support_files.copy_support_files(folder, work, 10) == ["link", "other.ipynb", "pipe", "up"]
    assert [path.name for path in sorted(work.rglob("*"))] == ["images", "a.png"]
    with pytest.raises(support_files.TooLarge):
        support_files.copy_support_files(folder, tmp_path / "again", 2)


def test_starting_costs_little(policy):
    # The launcher's own modules, which every kernel pays for. The figures in the README come from paired runs.
    code = "import sys, keras_autograder.sandbox.launch; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-P", "-c", code], env=launcher_environment(), capture_output=True, text=True
    )
    heavy = {"traitlets", "nbgrader", "jupyter_client", "numpy", "subprocess", "asyncio", "shutil", "socket"}
    assert not heavy & set(result.stdout.split())


def manager_of(start: str, **arguments):
    """A kernel manager whose kernels start cold, or warm."""
    from keras_autograder.sandbox.fork_server.client import fork_server
    from keras_autograder.sandbox.kernel import sandboxed_kernel_manager

    if start == "warm":
        fork_server().warm_up()
    return sandboxed_kernel_manager(is_warm=start == "warm", **arguments)


def execute(*cells: str, start: str = "cold", folder: Path | None = None, config: dict | None = None, **arguments):
    """Run cells through nbclient in a sandboxed kernel.

    Returns:
        tuple of the notebook, the kernel manager, the exception that ended it or None, and the names of what was left
        in the temporary folder.
    """
    from nbclient import NotebookClient
    from traitlets.config import Config

    # A kernel that is not installed: whoever wrote the notebook does not choose.
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(textwrap.dedent(cell)) for cell in cells],
        metadata={"kernelspec": {"name": "conda-env-tf", "display_name": "x", "language": "python"}},
    )
    manager = manager_of(start, kernel_name="conda-env-tf", config=Config(SandboxProvisioner=config or {}))
    ran = NotebookClient(
        notebook,
        manager,
        **{"timeout": 60, "interrupt_on_timeout": True, "allow_errors": True} | arguments,
        resources={"metadata": {"path": str(folder)}} if folder else {},
    )
    error = None
    with tempfile.TemporaryDirectory(prefix="test-", dir="/tmp") as temporary, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", temporary)
        try:
            ran.execute(cleanup_kc=True)
        except Exception as raised:
            error = raised
        return notebook, manager, error, os.listdir(temporary)


def text(cell) -> str:
    return "".join(output.get("text", "") + "\n".join(output.get("traceback", [])) for output in cell.outputs)


@pytest.fixture(scope="module", params=["cold", "warm"])
def worked(tmp_path_factory, request):
    """A notebook with what submissions do, executed once."""
    folder = tmp_path_factory.mktemp("submission")
    (folder / "helper.py").write_text("answer = 42")
    (folder / "graded.ipynb").write_text("hidden tests")
    cells = {
        "helper": "import os, helper; print(helper.answer, sorted(os.listdir('.')))",
        "model": """
            import numpy as np
            import tensorflow as tf
            layers = tf.keras.layers
            inputs = tf.keras.Input((16, 16, 3))
            model = tf.keras.Model(inputs, layers.Conv2D(4, 3, padding='same')(inputs))
            model.compile('adam', 'mse')
            print('loss', model.fit(np.ones((2, 16, 16, 3)), np.ones((2, 16, 16, 4)), verbose=0).history['loss'])
            model.save('model.keras')
            """,
        "picture": "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()",
        "shell": "!echo hello from the shell",
        "endless": "while True: pass",
        "on": "print('still here')",
        "shell in the way": "!sleep 60",
        "done": "print(open('/proc/self/status').read().count('CapEff:\\t0000000000000000'))",
    }

    def patience(cell) -> int:
        return 3 if cell.source in (cells["endless"], cells["shell in the way"]) else 100

    notebook, manager, error, left = execute(*cells.values(), start=request.param, folder=folder, timeout_func=patience)
    assert error is None
    return {
        "cells": dict(zip(cells, notebook.cells)),
        "manager": manager,
        "left": left,
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    "name, seen",
    [
        ("helper", "42 ['__pycache__', 'helper.py']"),
        ("model", "loss ["),
        ("shell", "hello from the shell"),
        ("endless", "KeyboardInterrupt"),
        ("on", "still here"),
        ("done", "1"),
    ],
)
def test_a_kernel_works(worked, name, seen):
    assert seen in text(worked["cells"][name])


@pytest.mark.slow
def test_a_kernel_draws(worked):
    assert any("image/png" in output.get("data", {}) for output in worked["cells"]["picture"].outputs)


@pytest.mark.slow
def test_a_kernel_leaves_nothing_and_tells_its_use(worked):
    assert not worked["left"]
    provisioner = worked["manager"].provisioner
    usage = provisioner.usage
    assert provisioner.stopped_because is None
    assert 300 * MEBI < usage.peak_memory_bytes < 2**31
    assert usage.cpu_seconds > 1 and usage.wall_seconds > 5 and usage.peak_scratch_bytes > 1000
    assert not provisioner.policy.scratch.exists()
    assert not processes_with(str(provisioner.policy.scratch))


# How a kernel ends: limits, a cell, part of the reason.
KERNEL_ENDS = {
    "suicide": ({}, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
    "wall time": ({"wall_seconds": 4}, "import time; time.sleep(60)", "for more than 4 s"),
    "memory": (
        {"memory_bytes": 1500 * MEBI},
        "import mmap, time; m = mmap.mmap(-1, 2**31)\nfor i in range(0, 2**31, 4096): m[i] = 1\ntime.sleep(60)",
        "of memory",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("start", ["cold", "warm"])
@pytest.mark.parametrize("name", KERNEL_ENDS)
def test_a_kernel_that_ends_is_reported(name, start):
    from nbclient.exceptions import DeadKernelError

    config, cell, reason = KERNEL_ENDS[name]
    _, manager, error, left = execute("1", cell, "2", start=start, config=config)
    assert isinstance(error, DeadKernelError)
    assert reason in manager.provisioner.stopped_because
    assert not left
    assert not processes_with(str(manager.provisioner.policy.scratch))


@pytest.mark.slow
def test_nbgrader_s_own_preprocessor_runs_in_the_sandbox(tmp_path):
    from nbgrader.preprocessors import Execute

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import os; print(os.getpid(), os.getuid())")])
    manager = manager_of("cold")
    try:
        notebook, _ = Execute().preprocess(notebook, {"metadata": {"path": str(tmp_path)}}, manager)
    finally:
        run_sync(manager.shutdown_kernel)(now=True)
    assert text(notebook.cells[0]) == "2 1000\n"


@pytest.mark.slow
def test_a_kernel_is_refused_where_there_is_no_isolation(monkeypatch):
    from keras_autograder.sandbox import provisioner

    monkeypatch.setattr(provisioner, "why_unavailable", lambda: "there is none")
    _, manager, error, left = execute("1")
    assert isinstance(error, availability.IsolationUnavailable) and str(error) == "there is none"
    assert manager.provisioner is None and not left


def test_the_sandbox_is_a_registered_provisioner():
    from importlib.metadata import entry_points

    from jupyter_client.provisioning import KernelProvisionerFactory

    from keras_autograder.sandbox.kernel import PROVISIONER_NAME
    from keras_autograder.sandbox.provisioner import SandboxProvisioner

    (entry,) = entry_points(group=KernelProvisionerFactory.GROUP_NAME, name=PROVISIONER_NAME)
    assert entry.load() is SandboxProvisioner


def test_the_provisioner_is_found_where_the_package_was_not_installed(monkeypatch):
    from jupyter_client.provisioning import KernelProvisionerFactory

    from keras_autograder.sandbox.kernel import PROVISIONER_NAME

    monkeypatch.delitem(KernelProvisionerFactory.provisioners, PROVISIONER_NAME, raising=False)
    manager = manager_of("cold")
    assert KernelProvisionerFactory.instance().provisioners[PROVISIONER_NAME].load().__name__ == "SandboxProvisioner"
    assert KernelProvisionerFactory.instance().is_provisioner_available(manager.kernel_spec)


@pytest.mark.slow
@pytest.mark.parametrize("start", ["cold", "warm"])
def test_a_kernel_starts_again(start):
    import asyncio

    async def twice():
        manager = manager_of(start)
        await manager.start_kernel()
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=30)
        await manager.restart_kernel(now=True)
        await client.wait_for_ready(timeout=30)
        reply = await client.execute("1", reply=True, timeout=30)
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
        return reply["content"]["status"], manager.provisioner.policy.scratch.exists()

    assert asyncio.run(twice()) == ("ok", False)
