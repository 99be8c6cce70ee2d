"""Train a model: precision, forecast, schedule, checkpoints and lines of progress around Keras's own ``fit``."""

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from .checkpoints import PLAN, Checkpoints, fingerprint, unfinished_plan
from .epoch_lines import EpochLines
from .forecast import forecast_text, measure_epoch_seconds
from .hardware import find_hardware
from .precision import forget_traces, layers_within, set_precision
from .schedule import normalization_momentum, optimizer_for


def fit(
    model: keras.Model,
    dataset: Any,
    epochs: int,
    validation_data: Any = None,
    minutes: float | None = None,
    checkpoints: str | Path | None = "checkpoints",
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: str | int = "auto",
) -> keras.callbacks.History:
    """Train a compiled model, after saying on what and for how long.

    The first pass over the data fills its cache; then a few steps are timed, and undone.

    Args:
        model: keras.Model, compiled. Its optimizer's learning rate is the highest one.
        dataset: tf.data.Dataset, or anything with a length that Keras's ``fit`` takes: batches to train on.
        epochs: int, passes over the data.
        validation_data: as ``dataset``, or None.
        minutes: float or None, the time limit: as many epochs as fit into it, at least one and at most ``epochs``.
        checkpoints: str, Path or None, the folder that holds the state of an unfinished training.
        callbacks: sequence of keras.callbacks.Callback.
        verbose: "auto" for a line that changes in its place for each epoch; anything else as for Keras's ``fit``.

    Returns:
        keras.callbacks.History: with the epochs of an interrupted training before this one as well.

    Raises:
        ValueError: the model is not compiled, there is nothing to train on, or no epoch to train for.
    """
    if not getattr(model, "compiled", False):
        raise ValueError("the model is not compiled: call model.compile(...) first")
    if epochs < 1 or len(dataset) < 1:
        raise ValueError(f"{epochs} epochs of {len(dataset)} batches: at least one of each is needed")
    hardware = find_hardware()
    set_precision(model, hardware.precision)
    given = model.optimizer
    momenta = {layer: layer.momentum for layer in layers_within(model) if hasattr(layer, "momentum")}

    def plan_for(n_steps: int) -> None:
        model.optimizer = optimizer_for(given, n_steps, hardware.precision)
        for layer, momentum in momenta.items():
            layer.momentum = normalization_momentum(n_steps, momentum)
        forget_traces(model)

    plan_for(epochs * len(dataset))
    try:
        epoch_seconds = measure_epoch_seconds(model, dataset, validation_data)
        requested = {"epochs": epochs, "minutes": minutes}
        folder = plan = None
        if checkpoints is not None:
            folder = Path(checkpoints) / fingerprint(model, len(dataset))
            plan = unfinished_plan(folder, requested)
        if plan is not None:
            planned = plan["planned"]
        elif minutes is not None:
            planned = max(1, min(epochs, int(60 * minutes / epoch_seconds)))
        else:
            planned = epochs
        print(forecast_text(hardware, len(dataset), epoch_seconds, planned, requested, plan is not None))
        if planned != epochs:
            # The learning rate has to fall within the epochs that there are.
            plan_for(planned * len(dataset))
        keeper = []
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / PLAN).write_text(json.dumps({**requested, "planned": planned}))
            keeper = [Checkpoints(folder)]
        model.was_trained = True
        history = model.fit(
            dataset,
            epochs=planned,
            validation_data=validation_data,
            callbacks=[*keeper, *callbacks, *([EpochLines()] if verbose == "auto" else [])],
            # The dataset does its own shuffling, and Keras would warn that it cannot add any.
            shuffle=False,
            verbose=0 if verbose == "auto" else verbose,
        )
    finally:
        model.optimizer = given
        for layer, momentum in momenta.items():
            layer.momentum = momentum
        forget_traces(model)
    if keeper:
        with contextlib.suppress(OSError):
            # Other networks' unfinished trainings stay.
            folder.parent.rmdir()
        rows = keeper[0].rows
        history.epoch = [row["epoch"] for row in rows]
        history.history = {name: [row[name] for row in rows] for name in rows[-1] if name != "epoch"}
    return history
