"""Practice scenes in a folder, drawn by several processes where there are many."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from segmentation.errors import DataError
from segmentation.processors import usable_processors
from segmentation.progress_line import ProgressLine

from .scene_files import FOLDER_NAMES, write_numbers

# Fewer scenes than this are drawn sooner than more processes would have started.
SCENES_WORTH_A_PROCESS = 12

MOST_PROCESSES = 8
# What a worker reports for each scene; any other byte is the number of an error.
DONE = b"\0"


def write_scenes(folder: str | Path, count: int, seed: int = 0) -> None:
    """Write practice scenes in the layout of the CARLA set, and show the progress in one line.

    Scene k, counted from 1, becomes CameraRGB/00000k.png and CameraMask/00000k.png in the folder, both RGBA,
    480 x 640, 8 bit. In a mask red is the class id, green and blue are 0, alpha is 255. A scene depends on
    the seed and on its number alone: 10 scenes are the first 10 of 100. Many scenes are drawn in several processes
    at a time. However it ends, image and mask of a scene are both there or neither is.

    Args:
        folder: folder to write to, str or path; made if missing.
        count: number of scenes, 1 or more.
        seed: integer from 0.

    Raises:
        DataError: there are PNG files in CameraRGB or CameraMask already.
        OSError: the folder cannot be written to.
    """
    folders = [Path(folder) / name for name in FOLDER_NAMES]
    for path in folders:
        found = list(path.glob("[!.]*.png"))
        if found:
            raise DataError(
                f"{path} holds {len(found):,} PNG file{'' if len(found) == 1 else 's'} already; "
                "nothing was written.\nUse them as they are, delete CameraRGB and CameraMask or move both elsewhere, "
                "or name another folder."
            )
    for path in folders:
        path.mkdir(parents=True, exist_ok=True)
    n_processes = min(usable_processors(), MOST_PROCESSES, count // SCENES_WORTH_A_PROCESS)
    if n_processes > 1:
        drawn = _written_by_processes(folder, count, seed, n_processes)
    else:
        drawn = write_numbers(folder, range(1, count + 1), seed)
    # A notebook keeps what was under way when a cell was interrupted; the workers must end all the same.
    with ProgressLine() as line, contextlib.closing(drawn):
        for done, _ in enumerate(drawn, start=1):
            line.show(f"Drew {done:,} of {count:,} scenes", is_last=done == count)


def _written_by_processes(folder: str | Path, count: int, seed: int, n_processes: int) -> Iterator[object]:
    """Have processes draw every n-th scene each, where they may be started; yield when a scene is done.

    They run `worker`, and share nothing with the caller. Neither forking, which may hang once TensorFlow has run,
    nor what multiprocessing does instead, which needs a main module that may be imported again, suits a notebook.
    """
    command = [sys.executable, "-m", f"{__package__}.worker", os.path.abspath(folder), str(seed), str(count)]
    reader, writer = os.pipe()
    workers: list[subprocess.Popen[bytes]] = []
    try:
        with open(reader, "rb", buffering=0) as reports:
            try:
                for share in range(1, n_processes + 1):
                    workers.append(_start([*command, str(share), str(n_processes)], writer))
            except OSError:
                stop_workers(workers, folder)
                yield from write_numbers(folder, range(1, count + 1), seed)
                return
            finally:
                os.close(writer)
            while report := reports.read(1):
                if report != DONE:
                    raise OSError(report[0], os.strerror(report[0]))
                yield report
        for worker in workers:
            errors = worker.communicate()[1].decode(errors="replace")
            if worker.returncode:
                raise RuntimeError(f"a process that draws scenes ended with {worker.returncode}:\n{errors[-2000:]}")
    finally:
        stop_workers(workers, folder)


def _start(command: Sequence[str], writer: int) -> subprocess.Popen[bytes]:
    # From the folder where Python finds this package by its name. In a session of its own, no worker sees the Ctrl-C
    # that is meant for this process.
    return subprocess.Popen(
        command,
        cwd=Path(__file__).parents[1],
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def stop_workers(workers: Sequence[subprocess.Popen[bytes]], folder: str | Path) -> None:
    """End the workers, and remove what they have left unfinished."""
    for worker in workers:
        worker.kill()
    for worker in workers:
        worker.wait()
        worker.stderr.close()
    images, masks = [Path(folder) / name for name in FOLDER_NAMES]
    name = "[0-9]" * 6 + "*.png"
    for path in [*images.glob(f"{name}.part"), *masks.glob(f"{name}.part")]:
        path.unlink()
    for here, there in ((images, masks), (masks, images)):
        for path in here.glob(name):
            if not (there / path.name).exists():
                path.unlink()
