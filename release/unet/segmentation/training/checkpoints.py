"""The state of an unfinished training on disk, so that it can be resumed, in the same kernel or another."""

import csv
import hashlib
import io
import json
import shutil
import time
from pathlib import Path
from typing import Any

import keras

from ..atomic_files import write_together

# Saving takes a moment, which should be little beside what lies between two saves.
SECONDS_BETWEEN_CHECKPOINTS = 20

PLAN = "plan.json"


class Checkpoints(keras.callbacks.BackupAndRestore):
    """Keeps the state of a training, and its history, in a folder until the training has come to its end.

    Args:
        folder: str or Path.
        seconds: float, the least time between two checkpoints.

    Attributes:
        rows: list of dict, an entry for each epoch: its number from 0, and the measures by name.
    """

    def __init__(self, folder: str | Path, seconds: float = SECONDS_BETWEEN_CHECKPOINTS) -> None:
        super().__init__(str(folder), double_checkpoint=True)
        self._seconds = seconds
        self._saved = time.monotonic()
        self._history = Path(folder) / "history.csv"
        self.rows: list[dict[str, Any]] = []

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        try:
            super().on_train_begin(logs)
        except (OSError, ValueError, KeyError):
            print("The checkpoint of the unfinished training is damaged; training starts again from the beginning.")
            self.model._initial_epoch = 0
        begun = self.model._initial_epoch or 0
        self.rows = [row for row in _read_rows(self._history) if row["epoch"] < begun]

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.rows.append({"epoch": epoch, **{name: float(value) for name, value in (logs or {}).items()}})
        if time.monotonic() - self._saved >= self._seconds:
            # Before the weights: of what is written here too early, reading takes no notice.
            _write_rows(self._history, self.rows)
            super().on_epoch_end(epoch, logs)
            self._saved = time.monotonic()


def fingerprint(model: keras.Model, steps: int) -> str:
    """Return what tells one training from another: 16 hexadecimal digits.

    They depend on the weights' shapes and the number of batches. Layers' names change from build to build.

    Args:
        model: keras.Model.
        steps: int, batches in an epoch.
    """
    shapes = [tuple(weight.shape) for weight in model.weights]
    return hashlib.sha256(repr((model.input_shape, shapes, steps)).encode()).hexdigest()[:16]


def unfinished_plan(folder: Path, requested: dict[str, Any]) -> dict[str, Any] | None:
    """Return the plan of an unfinished training that was requested with the same limits.

    What the folder holds of a training with other limits is removed.

    Args:
        folder: Path of the checkpoints; it may be missing.
        requested: dict, the number of "epochs" and the limit in "minutes".

    Returns:
        dict with the number of epochs "planned" besides, or None.
    """
    try:
        plan = json.loads((folder / PLAN).read_text())
    except (OSError, ValueError):
        plan = None
    if plan is not None and {name: plan.get(name) for name in requested} == requested and "planned" in plan:
        return plan if (folder / "training_metadata.json").exists() else None
    shutil.rmtree(folder, ignore_errors=True)
    return None


def _read_rows(path: Path) -> list[dict[str, Any]]:
    try:
        with open(path, newline="") as file:
            rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    except (OSError, ValueError, TypeError):
        return []
    return [{**row, "epoch": int(row["epoch"])} for row in rows]


def _write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, fieldnames=list(rows[-1]))
    writer.writeheader()
    writer.writerows(rows)
    write_together({path: table.getvalue().encode()})
