"""A line of progress for each epoch."""

import time
from collections.abc import Mapping

import keras

from ..progress_line import ProgressLine
from .forecast import duration


class EpochLines(keras.callbacks.Callback):
    """A line for each epoch: progress and time left, and at its end the time that it took and all measures."""

    WIDTH = 110

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        self._line = ProgressLine()
        self._head = f"epoch {epoch + 1}/{self.params['epochs']}"
        self._began = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        steps, passed = self.params["steps"], time.perf_counter() - self._began
        left = duration(passed / (batch + 1) * (steps - batch - 1))
        self._show(f"{self._head}  step {batch + 1}/{steps}  {left} left  {_measures(logs)}")

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        logs = logs or {}
        trained = _measures({name: value for name, value in logs.items() if not name.startswith("val_")})
        validated = _measures({name[4:]: value for name, value in logs.items() if name.startswith("val_")})
        text = f"{self._head}  {duration(time.perf_counter() - self._began)}  {trained}"
        self._show(f"{text}  validation: {validated}" if validated else text, is_last=True)
        self._line.__exit__(None, None, None)

    def _show(self, text: str, is_last: bool = False) -> None:
        self._line.show(text.ljust(self.WIDTH), is_last)


def _measures(logs: Mapping[str, float] | None) -> str:
    named = {name.replace("_iou", " IoU"): value for name, value in (logs or {}).items()}
    return "  ".join(f"{name} {float(value):.3f}" for name, value in named.items())
