"""How long a training will take, measured before it begins."""

import time
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from .hardware import Hardware

# A training step goes through the network forwards and backwards, a validation step only forwards.
VALIDATION_STEP = 1 / 3


def measure_epoch_seconds(model: keras.Model, dataset: Any, validation_data: Any) -> float:
    """Measure how long an epoch takes: from a few steps, timed after all data were read once.

    Args:
        model: keras.Model, compiled. It is left as it was.
        dataset: batches with a length, to train on.
        validation_data: as ``dataset``, or None.

    Returns:
        float, seconds.
    """
    batch = None
    for one in dataset:
        # Arrays, which every back end takes; the batches may be another's tensors.
        batch = [np.asarray(part) for part in one] if batch is None else batch
    for _ in validation_data or ():
        pass
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    variables = [*model.variables, *model.optimizer.variables]
    kept = [keras.ops.convert_to_numpy(variable) for variable in variables]
    times = []
    for _ in range(3):
        began = time.perf_counter()
        # The loss has to be there, so the step is over; the first one traces the network.
        float(model.train_on_batch(*batch, return_dict=True)["loss"])
        times.append(time.perf_counter() - began)
    for variable, value in zip(variables, kept, strict=True):
        variable.assign(value)
    model.reset_metrics()
    steps = len(dataset) + VALIDATION_STEP * (len(validation_data) if validation_data is not None else 0)
    return min(times[1:]) * steps


def forecast_text(
    hardware: Hardware,
    steps: int,
    epoch_seconds: float,
    planned: int,
    requested: Mapping[str, Any],
    resumes: bool,
) -> str:
    """Say on what a training will run, and for how long.

    Args:
        hardware: Hardware.
        steps: int, batches in an epoch.
        epoch_seconds: float, how long an epoch takes.
        planned: int, epochs of this training.
        requested: mapping with the "epochs" and "minutes" that were asked for.
        resumes: bool, whether an unfinished training is resumed.

    Returns:
        str of two lines.
    """
    one = f"about {duration(epoch_seconds)}"
    lines = [
        f"Training on {hardware.name} ({hardware.device}) in {hardware.precision}: {steps} steps per epoch, {one}.",
    ]
    if resumes:
        lines.append(f"An unfinished training of {planned} epochs resumes where it stopped.")
    elif planned < requested["epochs"]:
        minutes = requested["minutes"]
        lines.append(
            f"{requested['epochs']} epochs would take about {duration(requested['epochs'] * epoch_seconds)}; "
            f"{planned} fit into {minutes:g} minute{'' if minutes == 1 else 's'}."
        )
    else:
        lines.append(f"{planned} epochs take about {duration(planned * epoch_seconds)}.")
    return "\n".join(lines)


def duration(seconds: float) -> str:
    """Return a number of seconds for people to read, such as "12 min"."""
    if seconds < 10:
        return f"{seconds:.2g} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
