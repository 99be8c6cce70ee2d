"""Train a network on the hardware that is there: the right precision, a forecast, checkpoints.

    from segmentation import training

    history = training.fit(model, train_dataset, epochs=40, validation_data=validation_dataset)

The model is compiled before, as for Keras's own ``fit``. An interrupted training goes on where it stopped when ``fit``
is called again with the same kind of network and data, in the same kernel or after a restart. Written with ``keras``,
so that it runs on each of its back ends.
"""

import contextlib
import csv
import hashlib
import io
import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from .atomic_files import write_together
from .processors import usable_processors
from .progress_line import ProgressLine

# Saving takes a moment, which should be little beside what lies between two saves.
SECONDS_BETWEEN_CHECKPOINTS = 20
# A training step goes through the network forwards and backwards, a validation step only forwards.
VALIDATION_STEP = 1 / 3
# Flags in /proc/cpuinfo of processors that calculate with bfloat16.
BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}
PLAN = "plan.json"
WARM_UP_STEPS = 20


@dataclass(frozen=True)
class Hardware:
    """What a network will be trained on.

    Attributes:
        device: str, "GPU" or "CPU".
        name: str, for people to read.
        precision: str, "float32", "mixed_float16" or "mixed_bfloat16": what layers calculate in. Weights are always
            kept in float32.
    """

    device: str
    name: str
    precision: str


def find_hardware():
    """Find the fastest device, and the precision that suits it.

    GPUs calculate in 16 bits where they have units for it: bfloat16 from compute capability 8.0 (Ampere) on, float16
    from 7.0 (Volta) on (Micikevicius et al., Mixed precision training, 2018). A CPU does if it knows bfloat16, and if a
    small convolution, trained in both precisions here and now, is faster with it.

    Returns:
        Hardware.
    """
    devices = keras.distribution.list_devices()
    if devices and devices[0].lower().startswith(("gpu", "cuda")):
        name, capability = _describe_gpu()
        precision = "mixed_bfloat16" if capability >= 8 else "mixed_float16" if capability >= 7 else "float32"
        return Hardware("GPU", name if len(devices) == 1 else f"{name}, one of {len(devices)}", precision)
    cores = usable_processors()
    is_faster = bool(_processor_flags() & BFLOAT16_FLAGS) and bfloat16_speedup() > 1.1
    name = f"{cores} processor core{'' if cores == 1 else 's'}"
    return Hardware("CPU", name, "mixed_bfloat16" if is_faster else "float32")


def bfloat16_speedup(repetitions=3):
    """Measure how much faster a small network is trained in bfloat16 than in float32, on the device in use.

    Arguments:
        repetitions: int, how often each is measured, in turn.

    Returns:
        float: the ratio of the shortest times; above 1 where bfloat16 is faster.
    """
    images, labels = np.zeros((4, 48, 64, 32), np.float32), np.zeros((4, 48, 64, 1), np.int32)
    models = {}
    for precision in ("float32", "mixed_bfloat16"):
        inputs = keras.Input((48, 64, 32))
        layer = keras.layers.Conv2D(32, 3, padding="same", activation="relu", dtype=precision)
        models[precision] = keras.Model(inputs, keras.layers.Conv2D(4, 1)(layer(layer(inputs))))
        models[precision].compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        models[precision].train_on_batch(images, labels)
    times = {precision: [] for precision in models}
    for _ in range(repetitions):
        for precision, model in models.items():
            began = time.perf_counter()
            model.train_on_batch(images, labels)
            times[precision].append(time.perf_counter() - began)
    return min(times["float32"]) / min(times["mixed_bfloat16"])


def set_precision(model, precision):
    """Have the layers of a model calculate in another precision. Its weights stay as they are, in float32.

    The last layer is left out: the loss takes logarithms of its scores, for which 16 bits are too few.

    Arguments:
        model: keras.Model made of layers.
        precision: str, the name of a Keras dtype policy.
    """
    policy = keras.dtype_policies.get(precision)
    for layer in model.layers[:-1]:
        for one in _layers_within(layer):
            one.dtype_policy = policy
    _forget_traces(model)


def scale_first_weights(model, dataset, n_images=8):
    """Scale the weights of an untrained network so that values neither fade nor explode on their way through it.

    Layer by layer, on a few images: each convolution's kernel and bias are scaled and shifted until each of its
    channels has mean 0 and variance 1 before the activation (Mishkin and Matas, All you need is a good init, 2016).
    The last layer's scores begin as the logarithm of how often each class occurs (Lin et al., Focal loss, 2017,
    section 3.3), so that the first steps are not spent on learning which classes are common. A network that
    was trained already is left as it is.

    Arguments:
        model: functional keras.Model, compiled, each of its layers used once. The last of its trainable convolutions
            scores each class; what is not trainable stays as it is, and so does a model within the model.
        dataset: iterable of batches (images, masks); only the first is looked at.
        n_images: int, how many of its images.

    Returns:
        bool: whether the weights were scaled.

    Raises:
        ValueError: the model is not functional.
    """
    if not hasattr(model, "operations") or not isinstance(model.layers[0], keras.layers.InputLayer):
        raise ValueError("the weights of a functional model can be scaled, of one input, and of no other")
    if getattr(model, "was_trained", False) or (model.optimizer is not None and int(model.optimizer.iterations) > 0):
        return False
    images, masks = next(iter(dataset))
    learning = [layer for layer in model.layers if layer.trainable and getattr(layer, "use_bias", False)]

    def scaled(operation):
        def call(*inputs, **settings):
            if operation is learning[-1]:
                classes = np.bincount(np.asarray(masks).ravel().astype(np.int64), minlength=operation.bias.shape[0])
                # As if each class had been seen on a few pixels: the logarithm of 0 is not to be had.
                shares = (classes + 100) / (classes.sum() + 100 * len(classes))
                _scale_outputs(operation, *inputs, deviation=0.1, mean=np.log(shares))
            elif operation in learning:
                _scale_outputs(operation, *inputs, deviation=1, mean=0)
            return operation(*inputs, **settings)

        return call

    # Keras's own walk, which knows how arithmetic and models within the model are called.
    model._run_through_graph(keras.ops.convert_to_tensor(np.asarray(images)[:n_images]), operation_fn=scaled)
    return True


def _scale_outputs(layer, inputs, deviation, mean):
    """Give the channels of a convolution a mean and a standard deviation, before its activation."""
    activation, layer.activation = layer.activation, keras.activations.linear
    outputs = keras.ops.convert_to_numpy(layer(inputs))
    layer.activation = activation
    axes = tuple(range(outputs.ndim - 1))
    scale = deviation / (outputs.std(axis=axes) + 1e-6)
    if deviation < 1:
        # Between classes differences are to stay small, and none is to be blown up.
        scale[:] = scale.min()
    kernel, bias = keras.ops.convert_to_numpy(layer.kernel), keras.ops.convert_to_numpy(layer.bias)
    # The filters of a transposed convolution have the output channels before the input channels.
    along = scale[:, np.newaxis] if isinstance(layer, keras.layers.Conv2DTranspose) else scale
    layer.kernel.assign(kernel * along)
    layer.bias.assign((bias - outputs.mean(axis=axes)) * scale + mean)


def _layers_within(layer):
    """A layer, and all layers in it where it is a model."""
    return [layer, *(one for inner in getattr(layer, "layers", ()) for one in _layers_within(inner))]


def _forget_traces(model):
    # What was traced before calculates as before.
    model.train_function = model.test_function = model.predict_function = None


def batch_size_for(n_pairs, largest=32, smallest=4, least_steps=20):
    """Choose how many pairs a batch of this set should hold.

    A network learns something in each step. Of a small set, large batches make so few steps that 40 epochs are over
    before it has learnt anything.

    Arguments:
        n_pairs: int, pairs to train on.
        largest: int, what a set of any size can do with.
        smallest: int, below which a step is not worth its overhead.
        least_steps: int, steps wanted in an epoch.

    Returns:
        int: ``largest``, halved until an epoch has as many steps as wanted, or the smallest is reached.
    """
    size = largest
    while size > smallest and n_pairs / size < least_steps:
        size //= 2
    return size


def optimizer_for(optimizer, n_steps, precision="float32"):
    """Make an optimizer for one training: its learning rate rises over the first steps and then sinks to nothing.

    Large steps at the end of training keep the weights from settling; with small ones from the beginning they do not
    get far. The curve is half a cosine (Loshchilov and Hutter, SGDR, 2017, without restarts).

    Arguments:
        optimizer: keras.optimizers.Optimizer; its learning rate is the highest one. It is left as it is. One that has a
            schedule already keeps it.
        n_steps: int, steps of the whole training.
        precision: str, what layers calculate in. In "mixed_float16", small gradients would be rounded to nothing: the
            loss is scaled.

    Returns:
        keras.optimizers.Optimizer: new, of the same kind and settings.
    """
    config = optimizer.get_config()
    if isinstance(config["learning_rate"], float):
        warm_up = min(WARM_UP_STEPS, n_steps // 2)
        schedule = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=config["learning_rate"] / 20 if warm_up else config["learning_rate"],
            decay_steps=n_steps - warm_up,
            warmup_target=config["learning_rate"] if warm_up else None,
            warmup_steps=warm_up,
        )
        config["learning_rate"] = keras.optimizers.schedules.serialize(schedule)
    made = type(optimizer).from_config(config)
    is_scaled = isinstance(made, keras.optimizers.LossScaleOptimizer)
    return keras.optimizers.LossScaleOptimizer(made) if precision == "mixed_float16" and not is_scaled else made


def normalization_momentum(n_steps, usual=0.99):
    """Choose how slowly the running means of batch normalizations change in one training.

    After training, they are what a batch normalization normalizes with. With Keras's momentum of 0.99 they are made of
    several hundred steps: after fewer, they still hold the values that they began with, and predictions are far off
    though the training went well.

    Arguments:
        n_steps: int, steps of the whole training.
        usual: float, the momentum of a long training.

    Returns:
        float: ``usual`` from 2,000 steps on (for Keras's 0.99), and less for fewer; at least 0.5.
    """
    return min(usual, max(0.5, 1 - 20 / n_steps))


class Checkpoints(keras.callbacks.BackupAndRestore):
    """Keeps the state of a training, and its history, in a folder until the training has come to its end.

    Arguments:
        folder: str or Path.
        seconds: float, the least time between two checkpoints.

    Attributes:
        rows: list of dict, an entry for each epoch: its number from 0, and the measures by name.
    """

    def __init__(self, folder, seconds=SECONDS_BETWEEN_CHECKPOINTS):
        super().__init__(str(folder), double_checkpoint=True)
        self._seconds = seconds
        self._saved = time.monotonic()
        self._history = Path(folder) / "history.csv"
        self.rows = []

    def on_train_begin(self, logs=None):
        try:
            super().on_train_begin(logs)
        except (OSError, ValueError, KeyError):
            print("The checkpoint of the unfinished training is damaged; training begins anew.")
            self.model._initial_epoch = 0
        begun = self.model._initial_epoch or 0
        self.rows = [row for row in _read_rows(self._history) if row["epoch"] < begun]

    def on_epoch_end(self, epoch, logs=None):
        self.rows.append({"epoch": epoch, **{name: float(value) for name, value in (logs or {}).items()}})
        if time.monotonic() - self._saved >= self._seconds:
            # Before the weights: of what is written here too early, reading takes no notice.
            _write_rows(self._history, self.rows)
            super().on_epoch_end(epoch, logs)
            self._saved = time.monotonic()


class EpochLines(keras.callbacks.Callback):
    """A line for each epoch: how far it is and how long it will take, then how long it took, and all measures."""

    WIDTH = 110

    def on_epoch_begin(self, epoch, logs=None):
        self._line = ProgressLine()
        self._head = f"epoch {epoch + 1}/{self.params['epochs']}"
        self._began = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        steps, passed = self.params["steps"], time.perf_counter() - self._began
        left = _duration(passed / (batch + 1) * (steps - batch - 1))
        self._show(f"{self._head}  step {batch + 1}/{steps}  {left} left  {_measures(logs)}")

    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        trained = _measures({name: value for name, value in logs.items() if not name.startswith("val_")})
        validated = _measures({name[4:]: value for name, value in logs.items() if name.startswith("val_")})
        text = f"{self._head}  {_duration(time.perf_counter() - self._began)}  {trained}"
        self._show(f"{text}  validation: {validated}" if validated else text, is_last=True)
        self._line.__exit__(None, None, None)

    def _show(self, text, is_last=False):
        self._line.show(text.ljust(self.WIDTH), is_last)


def _measures(logs):
    named = {name.replace("_iou", " IoU"): value for name, value in (logs or {}).items()}
    return "  ".join(f"{name} {float(value):.3f}" for name, value in named.items())


def fit(
    model,
    dataset,
    epochs,
    validation_data=None,
    minutes=None,
    checkpoints="checkpoints",
    callbacks=(),
    verbose="auto",
):
    """Train a compiled model, after saying on what and for how long.

    The first pass over the data fills its cache; then a few steps are timed, and undone.

    Arguments:
        model: keras.Model, compiled. Its optimizer's learning rate is the highest one.
        dataset: tf.data.Dataset, or anything with a length that Keras's ``fit`` takes: batches to train on.
        epochs: int, passes over the data.
        validation_data: as ``dataset``, or None.
        minutes: float or None, the time limit: there are no more epochs than fit into it, and at least one.
        checkpoints: str, Path or None, the folder that holds the state of an unfinished training.
        callbacks: sequence of keras.callbacks.Callback.
        verbose: "auto" for a line that changes in its place for each epoch; anything else as for Keras's ``fit``.

    Returns:
        keras.callbacks.History: with the epochs of an interrupted training before this one as well.

    Raises:
        ValueError: the model is not compiled, or there is nothing to train on, or for no epoch.
    """
    if not getattr(model, "compiled", False):
        raise ValueError("the model is not compiled: call model.compile(...) before")
    if epochs < 1 or len(dataset) < 1:
        raise ValueError(f"{epochs} epochs of {len(dataset)} batches: at least one of each is needed")
    hardware = find_hardware()
    set_precision(model, hardware.precision)
    given = model.optimizer
    momenta = {layer: layer.momentum for layer in _layers_within(model) if hasattr(layer, "momentum")}

    def plan_for(n_steps):
        model.optimizer = optimizer_for(given, n_steps, hardware.precision)
        for layer, momentum in momenta.items():
            layer.momentum = normalization_momentum(n_steps, momentum)
        _forget_traces(model)

    plan_for(epochs * len(dataset))
    try:
        epoch_seconds = _epoch_seconds(model, dataset, validation_data)
        wanted = {"epochs": epochs, "minutes": minutes}
        folder = plan = None
        if checkpoints is not None:
            folder = Path(checkpoints) / _fingerprint(model, len(dataset))
            plan = _plan_of(folder, wanted)
        if plan is not None:
            planned = plan["planned"]
        elif minutes is not None:
            planned = max(1, min(epochs, int(60 * minutes / epoch_seconds)))
        else:
            planned = epochs
        print(_forecast(hardware, len(dataset), epoch_seconds, planned, wanted, plan))
        if planned != epochs:
            # The learning rate has to sink within the epochs that there are.
            plan_for(planned * len(dataset))
        keeper = []
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / PLAN).write_text(json.dumps({**wanted, "planned": planned}))
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
        _forget_traces(model)
    if keeper:
        with contextlib.suppress(OSError):
            # Other networks' unfinished trainings stay.
            folder.parent.rmdir()
        rows = keeper[0].rows
        history.epoch = [row["epoch"] for row in rows]
        history.history = {name: [row[name] for row in rows] for name in rows[-1] if name != "epoch"}
    return history


def _describe_gpu():
    """Name and compute capability of the GPU that the back end in use computes on."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        details = tf.config.experimental.get_device_details(tf.config.list_physical_devices("GPU")[0])
        major, minor = details.get("compute_capability", (0, 0))
        return details.get("device_name", "GPU"), major + minor / 10
    if keras.backend.backend() == "jax":
        import jax

        device = jax.devices()[0]
        return device.device_kind, float(getattr(device, "compute_capability", None) or 0)
    import torch

    major, minor = torch.cuda.get_device_capability()
    return torch.cuda.get_device_name(), major + minor / 10


def _processor_flags():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return set()
    return {flag for line in lines if line.startswith(("flags", "Features")) for flag in line.partition(":")[2].split()}


def _epoch_seconds(model, dataset, validation_data):
    """How long an epoch takes: from a few steps, timed after all data were read once. The model is left as it was."""
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


def _forecast(hardware, steps, epoch_seconds, planned, wanted, plan):
    one = f"about {_duration(epoch_seconds)}"
    lines = [
        f"Training on {hardware.name} ({hardware.device}) in {hardware.precision}: {steps} steps an epoch, {one}.",
    ]
    if plan is not None:
        lines.append(f"An unfinished training of {planned} epochs goes on where it stopped.")
    elif planned < wanted["epochs"]:
        lines.append(
            f"{wanted['epochs']} epochs would take about {_duration(wanted['epochs'] * epoch_seconds)}; "
            f"{planned} fit into {wanted['minutes']:g} minutes."
        )
    else:
        lines.append(f"{planned} epochs take about {_duration(planned * epoch_seconds)}.")
    return "\n".join(lines)


def _duration(seconds):
    if seconds < 10:
        return f"{seconds:.2g} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _fingerprint(model, steps):
    """What tells one training from another: the weights' shapes and the number of batches. Layers' names change."""
    shapes = [tuple(weight.shape) for weight in model.weights]
    return hashlib.sha256(repr((model.input_shape, shapes, steps)).encode()).hexdigest()[:16]


def _plan_of(folder, wanted):
    """The plan of an unfinished training of the same wish; what stands there of another wish is removed."""
    try:
        plan = json.loads((folder / PLAN).read_text())
    except (OSError, ValueError):
        plan = None
    if plan is not None and {name: plan.get(name) for name in wanted} == wanted and "planned" in plan:
        return plan if (folder / "training_metadata.json").exists() else None
    shutil.rmtree(folder, ignore_errors=True)
    return None


def _read_rows(path):
    try:
        with open(path, newline="") as file:
            rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    except (OSError, ValueError, TypeError):
        return []
    return [{**row, "epoch": int(row["epoch"])} for row in rows]


def _write_rows(path, rows):
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, fieldnames=list(rows[-1]))
    writer.writeheader()
    writer.writerows(rows)
    write_together({path: table.getvalue().encode()})
