"""What a network is trained on: the fastest device that is there, and the precision that suits it."""

import time
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from ..processors import usable_processors

# Flags in /proc/cpuinfo of processors that calculate with bfloat16.
BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}


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


def find_hardware() -> Hardware:
    """Find the fastest device, and the precision that suits it.

    GPUs calculate in 16 bits where they have units for it: bfloat16 from compute capability 8.0 (Ampere) on, float16
    from 7.0 (Volta) on (Micikevicius et al., Mixed precision training, 2018). A CPU does if it knows bfloat16, and if a
    small convolution, trained in both precisions here and now, is faster with it.

    Returns:
        Hardware.
    """
    devices = keras.distribution.list_devices()
    if devices and devices[0].lower().startswith(("gpu", "cuda")):
        name, capability = describe_gpu()
        precision = "mixed_bfloat16" if capability >= 8 else "mixed_float16" if capability >= 7 else "float32"
        return Hardware("GPU", name if len(devices) == 1 else f"{name}, one of {len(devices)}", precision)
    cores = usable_processors()
    is_faster = bool(processor_flags() & BFLOAT16_FLAGS) and bfloat16_speedup() > 1.1
    name = f"{cores} processor core{'' if cores == 1 else 's'}"
    return Hardware("CPU", name, "mixed_bfloat16" if is_faster else "float32")


def bfloat16_speedup(repetitions: int = 3) -> float:
    """Measure how much faster a small network is trained in bfloat16 than in float32, on the device in use.

    Args:
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
    times: dict[str, list[float]] = {precision: [] for precision in models}
    for _ in range(repetitions):
        for precision, model in models.items():
            began = time.perf_counter()
            model.train_on_batch(images, labels)
            times[precision].append(time.perf_counter() - began)
    return min(times["float32"]) / min(times["mixed_bfloat16"])


def describe_gpu() -> tuple[str, float]:
    """Return the name and compute capability of the GPU that the back end in use computes on; 0 if unknown."""
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


def processor_flags() -> set[str]:
    """Return the instruction sets of the processor as Linux names them; elsewhere none."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return set()
    return {flag for line in lines if line.startswith(("flags", "Features")) for flag in line.partition(":")[2].split()}
