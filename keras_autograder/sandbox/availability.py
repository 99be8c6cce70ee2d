"""Whether a sandbox can be had on this machine, and if not, why."""

import functools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from keras_autograder.sandbox.policy import Policy

_PACKAGE_PARENT = Path(__file__).resolve().parents[2]
_SLOWEST_SECONDS = 60
_UNLESS = (
    "To grade without isolation, which lets a submission read and change what you can, "
    'set c.JudgedExecute.isolation = "none" in nbgrader_config.py.'
)
# Settings that forbid user namespaces: file, the value that forbids, what to do.
_SWITCHES = (
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "AppArmor restricts user namespaces (an administrator can set "
        "kernel.apparmor_restrict_unprivileged_userns to 0)",
    ),
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "user namespaces are for root only (an administrator can set kernel.unprivileged_userns_clone to 1)",
    ),
    (
        "/proc/sys/user/max_user_namespaces",
        "0",
        "user namespaces are switched off (an administrator can raise user.max_user_namespaces)",
    ),
)


class IsolationUnavailable(Exception):
    """No sandbox can be had, and nothing was run without one."""


def launcher_command(policy_file: Path, *command: str) -> list[str]:
    """The command line that runs a command in a sandbox.

    Args:
        policy_file: Path.
        *command: str.

    Returns:
        list of str.
    """
    return [sys.executable, "-P", "-m", "keras_autograder.sandbox.launch", str(policy_file), "--", *command]


def launcher_environment() -> dict[str, str]:
    """The environment of the launcher itself, which the command does not get.

    Returns:
        dict from name to value.
    """
    return {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONPATH": str(_PACKAGE_PARENT)}


@functools.cache
def why_unavailable() -> str | None:
    """Try a sandbox, once for each process.

    Returns:
        str or None: a sentence on what is missing and one on how to grade without; None when a sandbox can be had.
    """
    missing = _missing()
    return None if missing is None else f"Submissions cannot be isolated here: {missing}. {_UNLESS}"


def _missing() -> str | None:
    if not sys.platform.startswith("linux"):
        return f"isolation needs Linux, and this is {sys.platform}"
    from keras_autograder.sandbox import landlock, seccomp

    if not seccomp.supported():
        return f"no list of system calls is known for the processor type {os.uname().machine}"
    if not landlock.version():
        return "the kernel has no Landlock (Linux 5.13 or newer with lsm=...,landlock has it)"
    if not Path(f"/proc/self/task/{os.getpid()}/children").exists():
        return "the kernel does not list a process's children (CONFIG_PROC_CHILDREN), so use could not be measured"
    with tempfile.TemporaryDirectory(prefix="sandbox-") as folder:
        policy = Policy(scratch=Path(folder).resolve(), wall_seconds=_SLOWEST_SECONDS)
        file = policy.scratch / "policy.json"
        file.write_text(policy.to_json())
        trial = subprocess.run(
            launcher_command(file, sys.executable, "-I", "-S", "-c", "print('inside')"),
            env=launcher_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
    if trial.returncode == 0 and trial.stdout.strip() == "inside":
        return None
    return _forbidden_by() or f"a trial ended with: {trial.stderr.strip().rstrip('.') or f'status {trial.returncode}'}"


def _forbidden_by() -> str | None:
    for file, value, meaning in _SWITCHES:
        try:
            if Path(file).read_text().strip() == value:
                return meaning
        except OSError:
            continue
    return None
