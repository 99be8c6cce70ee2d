"""The weights that a network begins its training with, scaled to the data."""

from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np


def scale_first_weights(model: keras.Model, dataset: Iterable, n_images: int = 8) -> bool:
    """Scale the weights of an untrained network so that values neither fade nor explode on their way through it.

    Layer by layer, on a few images: each convolution's kernel and bias are scaled and shifted until each of its
    channels has mean 0 and variance 1 before the activation (Mishkin and Matas, All you need is a good init, 2016).
    The last layer's scores begin as the logarithm of how often each class occurs (Lin et al., Focal loss, 2017,
    section 3.3), so that the first steps are not spent on learning which classes are common. A network that
    was trained already is left as it is.

    Args:
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
        raise ValueError("only the weights of a functional model with one input can be scaled")
    if getattr(model, "was_trained", False) or (model.optimizer is not None and int(model.optimizer.iterations) > 0):
        return False
    images, masks = next(iter(dataset))
    learning = [layer for layer in model.layers if layer.trainable and getattr(layer, "use_bias", False)]

    def scaled(operation: keras.Operation) -> Callable:
        def call(*inputs: Any, **settings: Any) -> Any:
            if operation is learning[-1]:
                classes = np.bincount(np.asarray(masks).ravel().astype(np.int64), minlength=operation.bias.shape[0])
                # As if each class had been seen on a few pixels: 0 has no logarithm.
                shares = (classes + 100) / (classes.sum() + 100 * len(classes))
                _scale_outputs(operation, *inputs, deviation=0.1, mean=np.log(shares))
            elif operation in learning:
                _scale_outputs(operation, *inputs, deviation=1, mean=0)
            return operation(*inputs, **settings)

        return call

    # Keras's own walk, which knows how arithmetic and models within the model are called.
    model._run_through_graph(keras.ops.convert_to_tensor(np.asarray(images)[:n_images]), operation_fn=scaled)
    return True


def _scale_outputs(layer: keras.Layer, inputs: Any, deviation: float, mean: float | np.ndarray) -> None:
    """Give the channels of a convolution a mean and a standard deviation, before its activation."""
    activation, layer.activation = layer.activation, keras.activations.linear
    outputs = keras.ops.convert_to_numpy(layer(inputs))
    layer.activation = activation
    axes = tuple(range(outputs.ndim - 1))
    scale = deviation / (outputs.std(axis=axes) + 1e-6)
    if deviation < 1:
        # Differences between classes stay small, and none is blown up.
        scale[:] = scale.min()
    kernel, bias = keras.ops.convert_to_numpy(layer.kernel), keras.ops.convert_to_numpy(layer.bias)
    # The filters of a transposed convolution have the output channels before the input channels.
    along = scale[:, np.newaxis] if isinstance(layer, keras.layers.Conv2DTranspose) else scale
    layer.kernel.assign(kernel * along)
    layer.bias.assign((bias - outputs.mean(axis=axes)) * scale + mean)
