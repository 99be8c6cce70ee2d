"""Train a network on the hardware that is there: the right precision, a forecast, checkpoints.

    from segmentation import training

    history = training.fit(model, train_dataset, epochs=40, validation_data=validation_dataset)

Compile the model first, as for Keras's own ``fit``. An interrupted training resumes where it stopped when ``fit`` is
called again with the same kind of network and data, in the same kernel or after a restart. Written with ``keras``, so
that it runs on each of its back ends.
"""

from .checkpoints import Checkpoints
from .epoch_lines import EpochLines
from .first_weights import scale_first_weights
from .fitting import fit
from .hardware import Hardware, bfloat16_speedup, find_hardware
from .precision import set_precision
from .schedule import batch_size_for, normalization_momentum, optimizer_for

__all__ = [
    "Checkpoints",
    "EpochLines",
    "Hardware",
    "batch_size_for",
    "bfloat16_speedup",
    "find_hardware",
    "fit",
    "normalization_momentum",
    "optimizer_for",
    "scale_first_weights",
    "set_precision",
]
