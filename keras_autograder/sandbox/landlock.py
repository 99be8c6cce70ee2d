"""Landlock: what a process may do with files, TCP, signals and abstract sockets, see landlock(7)."""

import ctypes
import os
import stat

from keras_autograder.sandbox import linux

_SYSCALL_CREATE_RULESET, _SYSCALL_ADD_RULE, _SYSCALL_RESTRICT_SELF = 444, 445, 446
_CREATE_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
MAKE_CHARACTER_DEVICE, MAKE_SOCKET, MAKE_BLOCK_DEVICE = 1 << 6, 1 << 9, 1 << 11
TRUNCATE, DEVICE_CONTROL = 1 << 14, 1 << 15
READ = EXECUTE | READ_FILE | READ_FOLDER
_FOR_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | DEVICE_CONTROL
# The number of rights that each version of the interface knows; later versions know what version 5 does.
_KNOWN_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_FIRST_WITH_TCP, _FIRST_WITH_SCOPES = 4, 6
_ALL_TCP, _ALL_SCOPES = 0b11, 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("tcp", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """The version of the interface that this kernel has, see landlock_create_ruleset(2).

    Returns:
        int; 0 where there is no Landlock.
    """
    try:
        return linux.syscall("landlock_create_ruleset", _SYSCALL_CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION)
    except OSError:
        return 0


def everything(of_version: int) -> int:
    """All rights on files that a version of the interface can refuse.

    Args:
        of_version: int, from 1.

    Returns:
        int, a mask.
    """
    return (1 << _KNOWN_RIGHTS[min(of_version, max(_KNOWN_RIGHTS))]) - 1


def restrict(rights: dict[str, int]) -> None:
    """Refuse this process and its children all that is not named, for good, see landlock_restrict_self(2).

    TCP, signals to processes outside and abstract sockets made outside are refused where the kernel can.

    Args:
        rights: dict from an existing path to the mask of what may be done there and below.

    Raises:
        OSError: no Landlock.
    """
    highest = version()
    ruleset = _Ruleset(
        files=everything(max(highest, 1)),
        tcp=_ALL_TCP if highest >= _FIRST_WITH_TCP else 0,
        scopes=_ALL_SCOPES if highest >= _FIRST_WITH_SCOPES else 0,
    )
    # An older kernel takes the longer structure as long as what it does not know is 0.
    domain = linux.syscall(
        "landlock_create_ruleset", _SYSCALL_CREATE_RULESET, ctypes.byref(ruleset), ctypes.sizeof(ruleset), 0
    )
    try:
        for path, mask in rights.items():
            _allow(domain, path, mask & ruleset.files)
        linux.syscall("landlock_restrict_self", _SYSCALL_RESTRICT_SELF, domain, 0)
    finally:
        os.close(domain)


def _allow(domain: int, path: str, mask: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            mask &= _FOR_FILES
        rule = _PathBeneath(rights=mask, folder=descriptor)
        linux.syscall("landlock_add_rule", _SYSCALL_ADD_RULE, domain, _RULE_PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(descriptor)
