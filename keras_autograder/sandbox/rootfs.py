"""The file tree that a sandboxed process finds: a new root with little in it."""

import os
import stat
import sys

from keras_autograder.sandbox import landlock, linux
from keras_autograder.sandbox.policy import Policy

# Parts of the Python environment and never the whole prefix: a virtual environment may have been made in the course's
# folder, and /usr/local holds other people's settings.
_PYTHON = ("bin", "include", "lib", "lib64", "share", "pyvenv.cfg")
_SYSTEM = (
    "/bin",
    "/lib",
    "/lib32",
    "/lib64",
    "/usr/bin",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share/fontconfig",
    "/usr/share/fonts",
    "/usr/share/locale",
    "/usr/share/mime",
    "/usr/share/terminfo",
    "/usr/share/zoneinfo",
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/sys/devices/system/cpu",
    "/sys/devices/system/node",
)
_DEVICES = ("full", "null", "random", "urandom", "zero")
_DEVICE_LINKS = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
    "ptmx": "pts/ptmx",
}
_MADE = {
    "passwd": "student:x:{user}:{group}:student:{home}:/bin/sh\n",
    "group": "student:x:{group}:\n",
    "hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
# Installed for graders, this package lies in the Python environment; what it knows of answers is not for students.
_OWN_PACKAGE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
_MOST_LINKS = 40
_COPY_BYTES = 2**20


def python_paths() -> list[str]:
    """What this Python needs of its installation and of its virtual environment.

    Returns:
        list of str, the paths that exist.
    """
    prefixes = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
    prefixes |= {os.path.realpath(prefix) for prefix in prefixes}
    paths = [os.path.join(prefix, part) for prefix in sorted(prefixes) for part in _PYTHON]
    return [path for path in paths if os.path.exists(path)]


class RootFilesystem:
    """A root being built in an empty folder.

    Attributes:
        root: str, where it is built.
        rights: dict from each path in it to the Landlock rights that it gets.
    """

    def __init__(self, root: str):
        self.root = root
        self.rights: dict[str, int] = {}
        linux.mount("none", "/", flags=linux.MS_RECURSIVE | linux.MS_PRIVATE)
        linux.mount("root", root, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "size=1m,mode=0755")

    def readable(self, path: str) -> None:
        """Show a file or folder under its own name, read-only; also the links on the way to it.

        Args:
            path: str, absolute.
        """
        real = self._follow(path)
        if real is None or self._is_shown(real):
            return
        self.bind(real, real, linux.READ_ONLY | linux.NO_SUID | linux.NO_DEVICES)
        self.rights[real] = landlock.READ

    def bind(self, source: str, path: str, attributes: int) -> None:
        """Show something of the old tree in the new one.

        Args:
            source: str, absolute path in the old tree.
            path: str, absolute path in the new tree.
            attributes: int, restrictions as in ``linux.restrict_mount``.
        """
        target = self.root + path
        if os.path.isdir(source):
            os.makedirs(target, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.close(os.open(target, os.O_CREAT | os.O_CLOEXEC, 0o444))
        linux.mount(source, target, flags=linux.MS_BIND | linux.MS_RECURSIVE)
        linux.restrict_mount(target, attributes)

    def hide(self, path: str) -> None:
        """Put an empty folder over one that is shown because something above it is.

        Args:
            path: str, absolute and without links.
        """
        if self._is_shown(path) and os.path.isdir(self.root + path):
            linux.mount("nothing", self.root + path, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "size=4k,mode=0755")
            linux.restrict_mount(self.root + path, linux.READ_ONLY)

    def settings(self, user: int, group: int, home: str) -> None:
        """The files of /etc that are made up, so that names are found without naming anybody.

        Args:
            user: int.
            group: int.
            home: str.
        """
        os.makedirs(f"{self.root}/etc", exist_ok=True)
        for name, text in _MADE.items():
            with open(f"{self.root}/etc/{name}", "w") as file:
                file.write(text.format(user=user, group=group, home=home))
            self.rights[f"/etc/{name}"] = landlock.READ

    def processes(self) -> None:
        """/proc of the PID namespace that this process is in."""
        os.makedirs(f"{self.root}/proc")
        linux.mount("proc", f"{self.root}/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
        linux.restrict_mount(f"{self.root}/proc", linux.READ_ONLY)
        self.rights["/proc"] = landlock.READ

    def devices(self) -> None:
        """The harmless part of /dev, with terminals of its own."""
        harmless = landlock.READ_FILE | landlock.WRITE_FILE | landlock.TRUNCATE | landlock.DEVICE_CONTROL
        for name in _DEVICES:
            self.bind(f"/dev/{name}", f"/dev/{name}", linux.NO_SUID | linux.NO_EXECUTION)
            self.rights[f"/dev/{name}"] = harmless
        os.makedirs(f"{self.root}/dev/pts")
        options = "newinstance,ptmxmode=0666,mode=0600,max=16"
        linux.mount("devpts", f"{self.root}/dev/pts", "devpts", linux.MS_NOSUID | linux.MS_NOEXEC, options)
        self.rights["/dev/pts"] = harmless | landlock.READ_FOLDER
        for name, target in _DEVICE_LINKS.items():
            os.symlink(target, f"{self.root}/dev/{name}")

    def scratch(self, policy: Policy, user: int, group: int) -> None:
        """The one place to write: a file system in memory, filled with the support files.

        Args:
            policy: Policy.
            user: int, whom it belongs to.
            group: int.

        Raises:
            OSError: among others, when the support files do not fit.
        """
        scratch = str(policy.scratch)
        inside = self.root + scratch
        os.makedirs(inside, exist_ok=True)
        options = f"size={policy.scratch_bytes},nr_inodes={policy.scratch_files},mode=0700,uid={user},gid={group}"
        linux.mount("scratch", inside, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, options)
        shared_memory = f"{scratch}/shm"
        for folder in (policy.work, policy.home, policy.temporary, policy.sockets, shared_memory):
            os.mkdir(f"{self.root}{folder}", 0o700)
        if policy.work.is_dir():
            _copy(str(policy.work), f"{self.root}{policy.work}")
        _own(inside, user, group)
        device = landlock.MAKE_CHARACTER_DEVICE | landlock.MAKE_BLOCK_DEVICE
        everything = landlock.everything(landlock.version()) & ~device
        # On its subfolders and not on the scratch itself: rights add up, and the sockets' folder has fewer.
        for folder in (policy.work, policy.home, policy.temporary, shared_memory):
            self.rights[str(folder)] = everything
        self.bind(self.root + shared_memory, "/dev/shm", linux.NO_SUID | linux.NO_DEVICES)
        if policy.sockets.is_dir():
            self.bind(str(policy.sockets), str(policy.sockets), linux.NO_SUID | linux.NO_DEVICES | linux.NO_EXECUTION)
            self.rights[str(policy.sockets)] = landlock.READ_FOLDER | landlock.MAKE_SOCKET
        if policy.connection_file.is_file():
            self.bind(str(policy.connection_file), str(policy.connection_file), linux.READ_ONLY)
            self.rights[str(policy.connection_file)] = landlock.READ_FILE

    def enter(self) -> None:
        """Make it the root of this process; the old tree is gone."""
        remaining = linux.READ_ONLY | linux.NO_SUID | linux.NO_DEVICES
        linux.restrict_mount(self.root, remaining, and_below=False)
        linux.change_root(self.root)

    def _follow(self, path: str) -> str | None:
        rest = [part for part in path.split("/") if part]
        reached, links = "", 0
        while rest:
            part = rest.pop(0)
            if part == "..":
                reached = os.path.dirname(reached).rstrip("/")
                continue
            candidate = f"{reached}/{part}"
            if not os.path.islink(candidate):
                reached = candidate
                continue
            links += 1
            if links > _MOST_LINKS:
                return None
            target = os.readlink(candidate)
            if not self._is_shown(candidate) and not os.path.lexists(self.root + candidate):
                os.makedirs(self.root + reached, exist_ok=True)
                os.symlink(target, self.root + candidate)
            if target.startswith("/"):
                reached = ""
            rest = [piece for piece in target.split("/") if piece not in ("", ".")] + rest
        return reached if reached and os.path.exists(reached) else None

    def _is_shown(self, path: str) -> bool:
        return any(path == shown or path.startswith(f"{shown}/") for shown in self.rights)


def build(policy: Policy, user: int, group: int) -> RootFilesystem:
    """Build the tree. Needs mount, PID and user namespaces of one's own.

    Args:
        policy: Policy; its scratch folder has an empty folder ``root``.
        user: int, the number of the sandbox's user.
        group: int.

    Returns:
        RootFilesystem, to be entered.

    Raises:
        OSError: the kernel refuses a mount, or the support files do not fit.
    """
    tree = RootFilesystem(f"{policy.scratch}/root")
    # Short paths first: what lies below a shown folder is shown already.
    for path in sorted([*_SYSTEM, *python_paths(), *map(str, policy.readable)], key=len):
        tree.readable(path)
    tree.hide(_OWN_PACKAGE)
    tree.settings(user, group, str(policy.home))
    tree.processes()
    tree.devices()
    tree.scratch(policy, user, group)
    return tree


def _copy(source: str, target: str) -> None:
    # Not shutil, whose import takes longer than all of this. Links are left out: they point to where nothing is.
    with os.scandir(source) as entries:
        for entry in entries:
            copy = f"{target}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                os.mkdir(copy, 0o700)
                _copy(entry.path, copy)
            elif entry.is_file(follow_symlinks=False):
                _copy_file(entry.path, copy)


def _copy_file(source: str, target: str) -> None:
    incoming = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        mode = stat.S_IMODE(os.fstat(incoming).st_mode) | 0o600
        outgoing = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            while block := os.read(incoming, _COPY_BYTES):
                while block:
                    block = block[os.write(outgoing, block) :]
        finally:
            os.close(outgoing)
    finally:
        os.close(incoming)


def _own(folder: str, user: int, group: int) -> None:
    for path, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(os.path.join(path, name), user, group, follow_symlinks=False)
