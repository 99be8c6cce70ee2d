"""What suits the length of a training: batch size, learning rate, and the memory of batch normalizations."""

import keras

WARM_UP_STEPS = 20


def batch_size_for(n_pairs: int, largest: int = 32, smallest: int = 4, least_steps: int = 20) -> int:
    """Choose how many pairs a batch of this set should hold.

    A network learns something in each step. Of a small set, large batches make so few steps that 40 epochs are over
    before it has learnt anything.

    Args:
        n_pairs: int, pairs to train on.
        largest: int, the batch size for a set of any size.
        smallest: int, below which a step is not worth its overhead.
        least_steps: int, how many steps an epoch should have.

    Returns:
        int: ``largest``, halved until an epoch has ``least_steps`` steps, or ``smallest`` is reached.
    """
    size = largest
    while size > smallest and n_pairs / size < least_steps:
        size //= 2
    return size


def optimizer_for(
    optimizer: keras.optimizers.Optimizer, n_steps: int, precision: str = "float32"
) -> keras.optimizers.Optimizer:
    """Make an optimizer for one training: its learning rate rises over the first steps and then falls to nothing.

    Large steps at the end of training keep the weights from settling; with small ones from the beginning they do not
    get far. The curve is half a cosine (Loshchilov and Hutter, SGDR, 2017, without restarts).

    Args:
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


def normalization_momentum(n_steps: int, usual: float = 0.99) -> float:
    """Choose how slowly the running means of batch normalizations change in one training.

    After training, they are what a batch normalization normalizes with. With Keras's momentum of 0.99 they are made of
    several hundred steps: after fewer, they still hold the values that they began with, and predictions are far off
    though the training went well.

    Args:
        n_steps: int, steps of the whole training.
        usual: float, the momentum of a long training.

    Returns:
        float: ``usual`` from 2,000 steps on (for Keras's 0.99), and less for fewer; at least 0.5.
    """
    return min(usual, max(0.5, 1 - 20 / n_steps))
