"""Linux system calls that Python's standard library lacks, each as one small function.

All of them raise OSError whose text names the call.
"""

import contextlib
import ctypes
import os

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET

MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_RECURSIVE, MS_PRIVATE = 0x2, 0x4, 0x8, 0x1000, 0x4000, 0x40000
READ_ONLY, NO_SUID, NO_DEVICES, NO_EXECUTION = 0x1, 0x2, 0x4, 0x8
_MNT_DETACH = 2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000

_SYSCALL_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_SYSCALL_KEYCTL = {"x86_64": 250, "aarch64": 219}
_SYSCALL_MOUNT_SETATTR = 442

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
_PR_SET_CHILD_SUBREAPER, _PR_SET_SECUREBITS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 36, 28, 47, 4
_SECUREBITS_ALL_LOCKED = 0b11101111
_CAPABILITY_VERSION_3 = 0x20080522
_KEYCTL_JOIN_SESSION_KEYRING = 1

_libc = ctypes.CDLL(None, use_errno=True)


def machine() -> str:
    """The processor's name, as in ``uname -m``.

    Returns:
        str.
    """
    return os.uname().machine


def checked(result: int, call: str) -> int:
    """Turn a failed call into an exception.

    Args:
        result: int, what the call returned.
        call: str, its name.

    Returns:
        int, the result.

    Raises:
        OSError: it was negative.
    """
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
    return result


def syscall(name: str, number: int, *arguments: object) -> int:
    """Call the kernel where the C library has no function for it, see syscall(2).

    Args:
        name: str, for the message of an error.
        number: int.
        *arguments: int, bytes, None or a pointer each.

    Returns:
        int.
    """
    # Variadic arguments are passed as they are: an int that is not widened leaves half a register undefined.
    widened = [ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments]
    return checked(_libc.syscall(ctypes.c_long(number), *widened), name)


def prctl(name: str, option: int, *arguments: int) -> int:
    """Change an attribute of this process, see prctl(2).

    Args:
        name: str, for the message of an error.
        option: int.
        *arguments: at most four.

    Returns:
        int.
    """
    padded = (*arguments, 0, 0, 0, 0)[:4]
    widened = [ctypes.c_ulong(argument) if isinstance(argument, int) else argument for argument in padded]
    return checked(_libc.prctl(ctypes.c_int(option), *widened), f"prctl({name})")


def unshare(flags: int) -> None:
    """Leave namespaces for new ones, see unshare(2) and namespaces(7). The PID namespace takes in later children only.

    Args:
        flags: int, CLONE_NEW... joined by ``|``.
    """
    checked(_libc.unshare(ctypes.c_int(flags)), "unshare")


def mount(source: str, target: str, kind: str | None = None, flags: int = 0, options: str | None = None) -> None:
    """Attach a file system, see mount(2).

    Args:
        source: str.
        target: str.
        kind: str or None, as in ``mount -t``.
        flags: int, MS_... joined by ``|``.
        options: str or None, as in ``mount -o``.
    """
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind, options)]
    result = _libc.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3])
    checked(result, f"mount of {kind or source}")


def restrict_mount(target: str, attributes: int, and_below: bool = True) -> None:
    """Add restrictions to a mount, see mount_setattr(2).

    Unlike a remount this keeps what was restricted already, which a user namespace may not lift.

    Args:
        target: str.
        attributes: int, READ_ONLY and the others joined by ``|``.
        and_below: bool, also to the mounts below it.
    """
    structure = (ctypes.c_uint64 * 4)(attributes, 0, 0, 0)
    syscall(
        "mount_setattr",
        _SYSCALL_MOUNT_SETATTR,
        _AT_FDCWD,
        os.fsencode(target),
        _AT_RECURSIVE if and_below else 0,
        ctypes.byref(structure),
        ctypes.sizeof(structure),
    )


def change_root(folder: str) -> None:
    """Make a mount point the root and forget the old root, see pivot_root(2), the part on ``pivot_root(".", ".")``.

    Args:
        folder: str.
    """
    os.chdir(folder)
    syscall("pivot_root", _SYSCALL_PIVOT_ROOT[machine()], b".", b".")
    checked(_libc.umount2(b".", ctypes.c_int(_MNT_DETACH)), "umount2")
    os.chdir("/")


def set_host_name(name: str) -> None:
    """Name the machine within this UTS namespace, see sethostname(2).

    Args:
        name: str.
    """
    encoded = name.encode()
    checked(_libc.sethostname(encoded, ctypes.c_size_t(len(encoded))), "sethostname")


def leave_keyring() -> None:
    """Take a new, empty session keyring: the old one holds the grader's keys, see keyctl_join_session_keyring(3)."""
    # A kernel without keyrings has no keys to give away; elsewhere the system call filter refuses keyctl anyway.
    with contextlib.suppress(OSError):
        syscall("keyctl", _SYSCALL_KEYCTL[machine()], _KEYCTL_JOIN_SESSION_KEYRING, None)


def die_with_parent(signal_number: int) -> None:
    """Be sent a signal when the parent ends, see PR_SET_PDEATHSIG(2const). A change of user undoes it.

    Args:
        signal_number: int.
    """
    prctl("PR_SET_PDEATHSIG", _PR_SET_PDEATHSIG, signal_number)


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends, see PR_SET_CHILD_SUBREAPER(2const)."""
    prctl("PR_SET_CHILD_SUBREAPER", _PR_SET_CHILD_SUBREAPER, 1)


def forbid_inspection() -> None:
    """Keep processes of the same user from memory and environment, see PR_SET_DUMPABLE(2const). Ends with execve."""
    prctl("PR_SET_DUMPABLE", _PR_SET_DUMPABLE, 0)


def forbid_new_privileges() -> None:
    """Make set-user-id programs ordinary ones, see PR_SET_NO_NEW_PRIVS(2const)."""
    prctl("PR_SET_NO_NEW_PRIVS", _PR_SET_NO_NEW_PRIVS, 1)


def become(user: int, group: int, leave_groups: bool) -> None:
    """Change the user for good, see setresuid(2).

    Args:
        user: int.
        group: int.
        leave_groups: bool, also leave all other groups; only root can.
    """
    if leave_groups:
        os.setgroups([])
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)


def lock_capabilities() -> None:
    """Make sure that no later program has a capability, not even as root, see capabilities(7)."""
    with open("/proc/sys/kernel/cap_last_cap") as file:
        last = int(file.read())
    prctl("PR_SET_SECUREBITS", _PR_SET_SECUREBITS, _SECUREBITS_ALL_LOCKED)
    prctl("PR_CAP_AMBIENT", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    for capability in range(last + 1):
        prctl("PR_CAPBSET_DROP", _PR_CAPBSET_DROP, capability)


def drop_capabilities() -> None:
    """Give up the capabilities of this process, see capset(2)."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    checked(_libc.capset(ctypes.byref(header), ctypes.byref(nothing)), "capset")
