"""The layers that the judge builds, and what takes the place of all others.

Classes are looked up in short lists of Keras' own, and every setting is checked to be a plain value. What is not on the
lists becomes a layer without content that has the name and shape that the description claims: a comparison shows it as
the foreign layer that it is.
"""

import inspect
import math
from collections.abc import Callable
from typing import Any

import keras

from keras_autograder.judge.plain_values import label, number_or_none, plain, whole_number

LAYERS = {
    name: getattr(keras.layers, name)
    for name in (
        *("Conv2D", "Conv2DTranspose", "SeparableConv2D", "DepthwiseConv2D"),
        *("MaxPooling2D", "AveragePooling2D", "UpSampling2D", "ZeroPadding2D", "Cropping2D"),
        *("Concatenate", "Add", "Average", "Maximum", "Multiply", "Subtract"),
        *("Dropout", "SpatialDropout2D", "GaussianDropout", "AlphaDropout"),
        *("Activation", "ReLU", "LeakyReLU", "Softmax", "BatchNormalization", "Identity"),
    )
}
INITIALIZERS = {
    name: getattr(keras.initializers, name)
    for name in (
        *("HeNormal", "HeUniform", "GlorotNormal", "GlorotUniform", "LecunNormal", "LecunUniform"),
        *("VarianceScaling", "RandomNormal", "RandomUniform", "TruncatedNormal", "Zeros", "Ones", "Constant"),
    )
}
ACTIVATIONS = {
    name: getattr(keras.activations, name)
    for name in (
        *("linear", "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "softmax", "softplus", "softsign"),
        *("sigmoid", "hard_sigmoid", "tanh", "exponential", "mish", "log_softmax"),
    )
}
# What a call such as tf.keras.activations.relu(tensor) makes, under the names of Keras' classes.
OPERATIONS: dict[str, Callable[..., Any]] = {
    "ReLU": lambda sources, config: keras.activations.relu(
        sources[0],
        **{name: number_or_none(config.get(name)) for name in ("negative_slope", "max_value", "threshold")},
    ),
    "Softmax": lambda sources, config: keras.ops.softmax(sources[0], axis=whole_number(config.get("axis"), -8, 7)),
    **{
        name: lambda sources, config, name=name: getattr(keras.ops, name.lower())(sources[0])
        for name in ("Relu", "Sigmoid", "Tanh", "Elu", "Selu", "Silu", "Softplus", "Softsign")
    },
    "Concatenate": lambda sources, config: keras.ops.concatenate(sources, axis=whole_number(config.get("axis"), -8, 7)),
}


def allowed_layer(name: str, config: dict[str, Any]) -> Any:
    """A layer of Keras' own, with those of its settings that are plain.

    Args:
        name: str, one of LAYERS.
        config: dict, as the kernel has sent it.

    Returns:
        keras.layers.Layer.

    Raises:
        RefusedAnswer: a setting is none that a layer can have.
    """
    allowed = inspect.signature(LAYERS[name].__init__).parameters
    settings = {}
    for key, value in config.items():
        if key in {"name", "dtype", "trainable", "seed"} or key not in allowed:
            continue
        if key == "activation" and value is not None:
            settings[key] = _activation(value)
        elif key.endswith("_initializer"):
            settings[key] = _initializer(value)
        elif isinstance(value, dict):
            settings[key] = _placeholder(keras.Regularizer, value)
        else:
            settings[key] = plain(value)
    layer = LAYERS[name](**settings)
    layer.trainable = config.get("trainable") is not False
    return layer


def _activation(name: Any) -> Callable[[Any], Any]:
    if name in ACTIVATIONS:
        known: Callable[[Any], Any] = ACTIVATIONS[name]
        return known

    def unknown(tensor: Any) -> Any:
        return tensor

    unknown.__name__ = label(name)
    return unknown


def _initializer(described: Any) -> Any:
    if not isinstance(described, dict):
        return _placeholder(keras.Initializer, {"class_name": str(described)[:40]})
    name = described.get("class_name")
    if name not in INITIALIZERS:
        return _placeholder(keras.Initializer, described)
    allowed = inspect.signature(INITIALIZERS[name].__init__).parameters
    config = described.get("config")
    config = config if isinstance(config, dict) else {}
    return INITIALIZERS[name](
        **{key: plain(value) for key, value in config.items() if key in allowed and key != "seed"}
    )


def _placeholder(base: type, described: dict[str, Any]) -> Any:
    """An initializer or regularizer that does nothing but bear a name."""

    def call(self: Any, values: Any, dtype: Any = None, **kwargs: Any) -> Any:
        return keras.ops.zeros(values if isinstance(values, tuple) else ())

    return type(label(described.get("class_name")), (base,), {"__call__": call, "get_config": lambda self: {}})()


class ForeignLayer(keras.layers.Layer):
    """A layer of which only name, shape and number of weights are known, from hearsay."""

    def __init__(self, shapes: list[tuple[int | None, ...]], weights: int):
        super().__init__()
        self._shapes = shapes
        self._weights_claimed = weights

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        tensors = [keras.KerasTensor(shape) for shape in self._shapes]
        return tensors[0] if len(tensors) == 1 else tensors

    def build(self, *shapes: Any) -> None:
        self.built = True

    def count_params(self) -> int:
        return self._weights_claimed

    def get_config(self) -> dict[str, Any]:
        return {}


def foreign_layer(name: str, shapes: list[tuple[int | None, ...]], weights: int) -> ForeignLayer:
    """What takes the place of a layer that is not on the lists.

    Args:
        name: str, its class.
        shapes: list of tuple, of its outputs.
        weights: int, how many it is said to have.

    Returns:
        ForeignLayer, of a class of this name.
    """
    # Under a name of Keras' own it could pass for the real one.
    shown = f"Custom{name}" if name in {*LAYERS, *OPERATIONS, "InputLayer"} else name
    layer: ForeignLayer = type(shown, (ForeignLayer,), {})(shapes, weights)
    return layer


def most_weights(layer: Any, sources: list[Any]) -> int:
    """An upper bound of the weights that a layer makes when it is called.

    Args:
        layer: keras.layers.Layer.
        sources: list of tensors, on which it will be called.

    Returns:
        int.
    """
    if not sources or not sources[0].shape or not isinstance(sources[0].shape[-1], int):
        return 0
    channels = sources[0].shape[-1]
    filters = getattr(layer, "filters", None) or channels * (getattr(layer, "depth_multiplier", None) or 1)
    kernel = math.prod(getattr(layer, "kernel_size", None) or (1,))
    bound: int = kernel * channels * filters + 8 * filters
    return bound
