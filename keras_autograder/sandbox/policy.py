"""What a sandboxed process may read, and how much it may use."""

import json
import os
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

KIBI, MEBI, GIBI = 2**10, 2**20, 2**30


@dataclass(frozen=True)
class Policy:
    """What one sandbox allows.

    Attributes:
        scratch: absolute path of a folder that belongs to this sandbox alone. Inside, the same path is a file system of
            its own in memory, which ends with the sandbox; only ``sockets`` is one folder for both sides.
        readable: files and folders that may be read besides the Python environment and the system's libraries.
        environment: variables besides PATH, LANG, HOME and their like; nothing is inherited.
        memory_bytes: bytes of private memory that one process may ask for (the kernel refuses more), and of resident
            memory that all of them together may have (the watchdog ends the sandbox).
        processes: number of processes and threads together, as Linux counts them. A notebook kernel with TensorFlow
            takes about 20 with two threads in each pool.
        file_size_bytes: bytes of the largest file.
        scratch_bytes: bytes of all files together. They take memory, besides ``memory_bytes``.
        scratch_files: number of files and folders.
        cpu_seconds: seconds of processor time, of one process and of all together.
        wall_seconds: seconds from start to end.
        open_files: number of files that a process may hold open.
    """

    scratch: Path
    readable: tuple[Path, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    memory_bytes: int = 4 * GIBI
    processes: int = 256
    file_size_bytes: int = 256 * MEBI
    scratch_bytes: int = 512 * MEBI
    scratch_files: int = 20_000
    cpu_seconds: int = 600
    wall_seconds: int = 900
    open_files: int = 1024

    def __post_init__(self) -> None:
        if not self.scratch.is_absolute():
            raise ValueError(f"The scratch folder must be an absolute path, not {str(self.scratch)!r}.")
        if relative := [str(path) for path in self.readable if not path.is_absolute()]:
            raise ValueError(f"Readable paths must be absolute: {', '.join(relative)}.")
        for name, value in asdict(self).items():
            if isinstance(value, int) and value <= 0:
                raise ValueError(f"{name} must be greater than 0, not {value}.")

    @property
    def work(self) -> Path:
        """Where the command starts. What lies there beforehand is copied in; what is done there is not seen outside."""
        return self.scratch / "work"

    @property
    def home(self) -> Path:
        """HOME, and what Jupyter, IPython and matplotlib keep."""
        return self.scratch / "home"

    @property
    def temporary(self) -> Path:
        """TMPDIR."""
        return self.scratch / "tmp"

    @property
    def sockets(self) -> Path:
        """The one folder that both sides share. Inside, only sockets can be made in it, and nothing be removed."""
        return self.scratch / "ipc"

    @property
    def connection_file(self) -> Path:
        """Read-only inside; need not exist."""
        return self.scratch / "connection.json"

    def variables(self) -> dict[str, str]:
        """The whole environment of the command.

        Returns:
            dict from name to value.
        """
        home = str(self.home)
        return {
            "PATH": f"{os.path.dirname(sys.executable)}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "USER": "student",
            "HOME": home,
            "TMPDIR": str(self.temporary),
            "XDG_CACHE_HOME": f"{home}/.cache",
            "MPLCONFIGDIR": f"{home}/matplotlib",
            "IPYTHONDIR": f"{home}/ipython",
            "JUPYTER_CONFIG_DIR": f"{home}/jupyter/config",
            "JUPYTER_DATA_DIR": f"{home}/jupyter/data",
            "JUPYTER_RUNTIME_DIR": f"{home}/jupyter/runtime",
            "JUPYTER_PLATFORM_DIRS": "1",
            **self.environment,
        }

    def to_json(self) -> str:
        """The policy as text.

        Returns:
            str.
        """
        return json.dumps(asdict(self), default=str, indent=1)

    @classmethod
    def from_json(cls, text: str) -> "Policy":
        """What ``to_json`` wrote.

        Args:
            text: str.

        Returns:
            Policy.

        Raises:
            ValueError: no JSON, or a field that no policy has.
        """
        try:
            fields = json.loads(text)
            paths = {"scratch": Path(fields["scratch"]), "readable": tuple(map(Path, fields.get("readable", ())))}
            return cls(**fields | paths)
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"This is not a policy: {error}") from error
