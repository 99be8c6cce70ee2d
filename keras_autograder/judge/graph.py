"""Build a network from the description that a student's kernel sent, and from nothing else in it.

The description comes from a process that runs a stranger's code. So nothing in it names what is imported or called:
classes are looked up in short lists of Keras' own, every setting is checked to be a plain value, and weights are
counted before they are made. Keras' own loading of models is not used: it has let code through before (CVE-2025-1550
and its successors). What is not on the lists is built as a stand-in without content that has the name and shape that
the description claims: a comparison shows it as the foreign layer that it is.
"""

import inspect
import json
import math
import re

import keras

MAX_CHARACTERS = 4_000_000
MAX_NODES = 2_000
MAX_WEIGHTS = 60_000_000
MAX_DIMENSIONS = 8

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
OPERATIONS = {
    "ReLU": lambda sources, config: keras.activations.relu(
        sources[0],
        **{name: _number_or_none(config.get(name)) for name in ("negative_slope", "max_value", "threshold")},
    ),
    "Softmax": lambda sources, config: keras.ops.softmax(sources[0], axis=_whole(config.get("axis"), -8, 7)),
    **{
        name: lambda sources, config, name=name: getattr(keras.ops, name.lower())(sources[0])
        for name in ("Relu", "Sigmoid", "Tanh", "Elu", "Selu", "Silu", "Softplus", "Softsign")
    },
    "Concatenate": lambda sources, config: keras.ops.concatenate(sources, axis=_whole(config.get("axis"), -8, 7)),
}


class RefusedAnswer(Exception):
    """A description that a student's kernel sent is not one of a network that the judge builds; says why."""


def parsed(text: str) -> dict:
    """Read an answer of a student's kernel.

    Args:
        text: str, JSON.

    Returns:
        dict.

    Raises:
        RefusedAnswer: if it is too long, no JSON, or no dictionary.
    """
    if not isinstance(text, str) or len(text) > MAX_CHARACTERS:
        raise RefusedAnswer("the answer of the student's kernel is too long")
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        raise RefusedAnswer("the answer of the student's kernel cannot be read") from None
    if not isinstance(answer, dict):
        raise RefusedAnswer("the answer of the student's kernel cannot be read")
    return answer


class NoTensor:
    """Something else than a tensor, among what a student's function returned: of it, its class's name is known."""

    def __init__(self, kind: str):
        self._kind = kind

    def __repr__(self) -> str:
        return f"<{self._kind}, no tensor>"


class Network:
    """The tensors that belong to one call of a student's function, by the number of the node that made them."""

    def __init__(self):
        self._tensors: dict[str, list] = {}
        self._layers: dict[str, keras.layers.Layer] = {}
        self._weights = 0

    def know(self, number: str, tensors: list) -> None:
        """Note tensors of the judge's own under the number that the student's kernel knows them by."""
        self._tensors[number] = tensors

    def add(self, nodes) -> None:
        """Build the layers that an answer describes.

        Args:
            nodes: list of dict, each after those that feed it, as ``agent.py`` describes them.

        Raises:
            RefusedAnswer: if anything in it is not what it should be.
        """
        if not isinstance(nodes, list) or len(nodes) + len(self._tensors) > MAX_NODES:
            raise RefusedAnswer(f"the network has more than {MAX_NODES} layers")
        for node in nodes:
            try:
                self._tensors[_text(node["number"])] = self._built(node)
            except RefusedAnswer:
                raise
            except (KeyError, TypeError, ValueError, IndexError, OverflowError, RecursionError) as error:
                raise RefusedAnswer(f"a layer cannot be built as described ({type(error).__name__})") from None

    def result(self, described, function_name: str):
        """What a function returned, with the judge's tensors in it.

        Args:
            described: dict, as ``agent.py`` describes it.
            function_name: str, for the message.

        Returns:
            A tensor, a model, a plain value, or a tuple or list of these and of NoTensor.

        Raises:
            RefusedAnswer: if it is something else.
        """
        try:
            return self._result(described, function_name, 0)
        except RefusedAnswer:
            raise
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise RefusedAnswer(f"what {function_name} returned cannot be built ({type(error).__name__})") from None

    def _result(self, described, function_name: str, depth: int):
        if depth > 4:
            raise RefusedAnswer(f"what {function_name} returned is nested too deeply")
        if "tensor" in described:
            return self._tensor(described["tensor"])
        if "model" in described:
            inputs = [self._tensor(reference) for reference in described["model"]["inputs"]]
            outputs = [self._tensor(reference) for reference in described["model"]["outputs"]]
            return keras.Model(inputs, outputs[0] if len(outputs) == 1 else outputs)
        if "items" in described:
            items = [self._result(item, function_name, depth + 1) for item in described["items"][:1000]]
            return tuple(items) if described.get("is_tuple") else items
        if "value" in described:
            return _plain(described["value"])
        if depth:
            # The rest can be looked at. Whatever this is used for as a tensor says what is wrong.
            return NoTensor(_label(described.get("other")))
        raise RefusedAnswer(f"{function_name} returned something else than tensors: {_label(described.get('other'))}")

    def _tensor(self, reference):
        number, output = reference
        return self._tensors[_text(number)][_whole(output, 0, 63)]

    def _built(self, node: dict) -> list:
        name, config = _label(node["class"]), node["config"]
        if not isinstance(config, dict):
            raise RefusedAnswer("a layer's settings are not what they should be")
        shapes = [_shape(shape) for shape in node["shapes"]][:64]
        if name == "InputLayer" and not node["sources"]:
            return [keras.Input(batch_shape=shapes[0])]
        sources = [self._tensor(reference) for reference in node["sources"]]
        is_kerass = isinstance(node["module"], str) and node["module"].split(".")[0] == "keras"
        if is_kerass and not node["is_layer"] and name in OPERATIONS:
            return [OPERATIONS[name](sources, config)]
        key = _text(node["layer"])
        if key not in self._layers:
            known = is_kerass and node["is_layer"] and name in LAYERS
            layer = _layer(name, config) if known else _foreign(name, shapes, _whole(node["parameters"], 0, 10**12))
            self._weights += _count_weights(layer, sources)
            if self._weights > MAX_WEIGHTS:
                raise RefusedAnswer(f"the network has more than {MAX_WEIGHTS:,} weights")
            self._layers[key] = layer
        call = {"training": node["training"]} if isinstance(node.get("training"), bool) else {}
        outputs = self._layers[key](sources if node["takes_list"] or len(sources) > 1 else sources[0], **call)
        return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


def _layer(name: str, config: dict) -> keras.layers.Layer:
    """A layer of Keras' own, with those of its settings that are plain."""
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
            settings[key] = _plain(value)
    layer = LAYERS[name](**settings)
    layer.trainable = config.get("trainable") is not False
    return layer


def _activation(name):
    if name in ACTIVATIONS:
        return ACTIVATIONS[name]

    def unknown(tensor):
        return tensor

    unknown.__name__ = _label(name)
    return unknown


def _initializer(described):
    if not isinstance(described, dict):
        return _placeholder(keras.Initializer, {"class_name": str(described)[:40]})
    name = described.get("class_name")
    if name not in INITIALIZERS:
        return _placeholder(keras.Initializer, described)
    allowed = inspect.signature(INITIALIZERS[name].__init__).parameters
    config = described.get("config")
    config = config if isinstance(config, dict) else {}
    return INITIALIZERS[name](
        **{key: _plain(value) for key, value in config.items() if key in allowed and key != "seed"}
    )


def _placeholder(base: type, described: dict):
    """An initializer or regularizer that does nothing but bear a name."""

    def call(self, values, dtype=None, **kwargs):
        return keras.ops.zeros(values if isinstance(values, tuple) else ())

    return type(_label(described.get("class_name")), (base,), {"__call__": call, "get_config": lambda self: {}})()


class _Foreign(keras.layers.Layer):
    """A layer of which only name, shape and number of weights are known, from hearsay."""

    def __init__(self, shapes, weights):
        super().__init__()
        self._shapes = shapes
        self._weights_claimed = weights

    def compute_output_spec(self, *args, **kwargs):
        tensors = [keras.KerasTensor(shape) for shape in self._shapes]
        return tensors[0] if len(tensors) == 1 else tensors

    def build(self, *shapes):
        self.built = True

    def count_params(self):
        return self._weights_claimed

    def get_config(self):
        return {}


def _foreign(name: str, shapes: list, weights: int) -> keras.layers.Layer:
    # Under a name of Keras' own it could pass for the real one.
    shown = f"Custom{name}" if name in {*LAYERS, *OPERATIONS, "InputLayer"} else name
    return type(shown, (_Foreign,), {})(shapes, weights)


def _count_weights(layer, sources) -> int:
    """An upper bound of the weights that a layer makes when it is called."""
    if not sources or not sources[0].shape or not isinstance(sources[0].shape[-1], int):
        return 0
    channels = sources[0].shape[-1]
    filters = getattr(layer, "filters", None) or channels * (getattr(layer, "depth_multiplier", None) or 1)
    kernel = math.prod(getattr(layer, "kernel_size", None) or (1,))
    return kernel * channels * filters + 8 * filters


def _plain(value):
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str) and len(value) <= 200:
        return value
    if isinstance(value, list) and len(value) <= MAX_DIMENSIONS:
        return tuple(_plain(item) for item in value)
    raise RefusedAnswer("a layer has a setting that is no plain value")


def _text(value) -> str:
    if isinstance(value, str) and len(value) <= 40:
        return value
    raise RefusedAnswer("the description of a network is not what it should be")


def _label(value) -> str:
    """A name that others will read, and that may come from anybody."""
    text = re.sub(r"[^\w<> ]", "", str(value), flags=re.ASCII)[:40].strip()
    return text or "unnamed"


def _whole(value, low: int, high: int) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return value
    raise RefusedAnswer("the description of a network holds a number that makes no sense")


def _number_or_none(value) -> float | None:
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    raise RefusedAnswer("the description of a network holds a number that makes no sense")


def _shape(value) -> tuple:
    if not isinstance(value, list) or len(value) > MAX_DIMENSIONS:
        raise RefusedAnswer("the description of a network holds a shape that makes no sense")
    return tuple(None if size is None else _whole(size, 0, 10**9) for size in value)
