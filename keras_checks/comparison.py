"""Check a Keras model layer by layer: what it is made of, and how it is wired.

    from test_utils import summary, comparator

    comparator(summary(my_model), expected_rows)

``summary`` turns a model into rows that can be printed and compared; ``comparator`` compares two summaries and
either prints ``All tests passed!`` or raises an AssertionError that says which layer differs, in which argument,
what was expected and what was found. ``compare`` does the same without printing or raising.

The file stands alone: it needs Keras 3 (through TensorFlow) and nothing else of this course.

A summary that ``summary`` made knows more than its rows show: every argument of every layer and which layer feeds
which. Expected rows may be plain lists, which are compared as far as they go, or a list with any of these attributes:

``connections``
    for each row the numbers (from 1) of the rows that feed it, in order;
``outputs``
    the numbers of the rows whose tensors the model returns, in order;
``details``
    for each row a dictionary of layer arguments that the row does not print;
``hints``
    a dictionary from ``"Class.attribute"`` of a difference to the hint that fits this network better than the usual.
"""

from __future__ import annotations

import html
import itertools
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

__all__ = [
    "Comparison",
    "Difference",
    "Summary",
    "SummaryMismatch",
    "by_cause",
    "comparator",
    "compare",
    "html_table",
    "show_in_notebook",
    "summary",
]


# ------------------------------------------------------------------------------------------------------------------
# The layers of a model, as data
# ------------------------------------------------------------------------------------------------------------------


@dataclass
class Layer:
    """One layer of a model, as the comparison sees it.

    Attributes:
        kind: str, the class name of the layer, for instance ``"Conv2D"``.
        number: int, the row of the printed summary that shows it, from 1; None for an operation that is no layer.
        arguments: dict, the layer's arguments under their Keras names; only what is known.
        shape: tuple, the output shape with None for the batch; None where unknown.
        parameters: int, the number of weights; None where unknown.
        sources: list of int, positions (from 0) of the layers that feed this one, in order; None where unknown.
    """

    kind: str
    number: int | None
    arguments: dict = field(default_factory=dict)
    shape: object = None
    parameters: int | None = None
    sources: list[int] | None = None

    def __str__(self) -> str:
        return f"layer {self.number} ({self.kind})" if self.number else f"the operation {self.kind}"


class Summary(list):
    """The rows that ``summary`` returns: a list that prints and compares like one, and knows the wiring as well.

    Attributes:
        layers: list of Layer, the model's inputs first, then everything between them and its outputs.
        output_layers: list of int, positions in ``layers`` of the tensors that the model returns.
        is_tensor: bool, whether it was made of a tensor and not of a model.
    """

    def __init__(self, rows: Iterable[list], layers: list[Layer], output_layers: list[int], is_tensor: bool = False):
        super().__init__(rows)
        self.layers = layers
        self.output_layers = output_layers
        self.is_tensor = is_tensor


def summary(model) -> Summary:
    """Describe every layer of a model, in the order of ``model.layers``.

    Args:
        model: keras.Model, functional or sequential and built. It is left as it was; nothing is compiled. A symbolic
            tensor stands for the network that leads to it, and ``comparator`` will say that it is no model.

    Returns:
        Summary, a list with one row (a list) per layer: class name, output shape, number of parameters, and then for
        ``Conv2D`` the padding, the activation and the initializer's class, for ``MaxPooling2D`` the pool size, for
        ``Dropout`` the rate. The shape of an input layer stands in a list of its own.

    Raises:
        TypeError: if ``model`` is no Keras model whose layers are connected.

    Example:
        >>> inputs = keras.Input((96, 128, 3))
        >>> outputs = keras.layers.MaxPooling2D()(inputs)
        >>> for row in summary(keras.Model(inputs, outputs)):
        ...     print(row)
        ['InputLayer', [(None, 96, 128, 3)], 0]
        ['MaxPooling2D', (None, 48, 64, 3), 0, (2, 2)]
    """
    is_tensor = hasattr(model, "_keras_history")
    if not is_tensor and not hasattr(model, "layers"):
        raise TypeError(
            f"summary() takes a Keras model and was given {_a(type(model).__name__)}. "
            "Make a model of your tensors first: tf.keras.Model(inputs=..., outputs=...)."
        )
    if not is_tensor and not getattr(model, "outputs", None):
        raise TypeError(
            "summary() needs a model whose layers are connected: build it with tf.keras.Model(inputs=..., outputs=...) "
            "or call a Sequential model on an Input first."
        )
    calls_of, outputs = _connected_calls(*([], [model]) if is_tensor else (model.inputs, model.outputs))
    if is_tensor:
        printed = [(calls[0].around or calls)[0].operation for calls in calls_of.values()]
        printed = list({id(layer): layer for layer in printed if hasattr(layer, "count_params")}.values())
    else:
        printed = model.layers
    rows_of = {id(layer): number for number, layer in enumerate(printed, start=1)}
    position_of = {operation: position for position, operation in enumerate(calls_of)}
    shape_of: dict[int, object] = {}
    layers = []
    for calls in calls_of.values():
        operation = calls[0].operation
        arguments = _arguments(operation)
        parameters = operation.count_params() if hasattr(operation, "count_params") else 0
        if not parameters:
            # Where there are no weights, there is nothing to train or to freeze.
            arguments.pop("trainable", None)
        if len(calls) > 1:
            arguments["calls"] = len(calls)
        for part in (*calls[0].around, calls[0]):
            shape_of.setdefault(id(part.operation), _output_shape(part.node))
        outermost = (calls[0].around or calls)[0].operation
        layers.append(
            Layer(
                kind=type(operation).__name__,
                number=rows_of.get(id(outermost)),
                arguments=arguments,
                shape=shape_of[id(operation)],
                parameters=parameters,
                sources=[position_of[id(source.operation)] for call in calls for source in call.sources()],
            )
        )
    rows = [_row(layer, shape_of.get(id(layer))) for layer in printed]
    return Summary(rows, layers, [position_of[id(call.operation)] for call in outputs], is_tensor)


@dataclass(frozen=True)
class _Call:
    """One call of an operation in a network, looked for inside the models that are used as layers.

    Attributes:
        operation: the layer or operation.
        node_index: int, which of its calls.
        around: tuple of _Call, the calls of the models that it stands in, the outermost first; empty for most.
    """

    operation: object
    node_index: int
    around: tuple = ()

    @property
    def node(self):
        return self.operation._inbound_nodes[self.node_index]

    @property
    def key(self) -> tuple:
        return (id(self.operation), self.node_index, *(call.key for call in self.around))

    def sources(self) -> list[_Call]:
        """The calls whose results this one takes."""
        return [_call_behind(tensor, self.around) for tensor in self.node.input_tensors]


def _call_behind(tensor, around: tuple = ()) -> _Call:
    """The call that made a tensor; ``around``: the calls of the models that the tensor is inside of."""
    while True:
        if around:
            model_call = around[-1]
            entries = [id(entry) for entry in model_call.operation.inputs]
            if id(tensor) in entries:
                tensor, around = model_call.node.input_tensors[entries.index(id(tensor))], around[:-1]
                continue
        operation, node_index, tensor_index = tensor._keras_history
        call = _Call(operation, node_index, around)
        if not (hasattr(operation, "layers") and getattr(operation, "outputs", None)):
            return call
        tensor, around = operation.outputs[tensor_index], (*around, call)


def _connected_calls(inputs, outputs) -> tuple[dict[int, list[_Call]], list[_Call]]:
    """Walk from a model's outputs back to its inputs: ({id of an operation: its calls}, the calls of the outputs).

    The inputs come first, in the model's own order and whether anything uses them or not; then each layer after those
    that feed it.
    """
    calls_of: dict[int, list[_Call]] = {}
    visited = set()
    ends = [_call_behind(tensor) for tensor in outputs]
    stack = [(call, False) for call in reversed([*map(_call_behind, inputs), *ends])]
    while stack:
        call, sources_done = stack.pop()
        if sources_done:
            calls_of.setdefault(id(call.operation), []).append(call)
        elif call.key not in visited:
            visited.add(call.key)
            stack.append((call, True))
            stack.extend((source, False) for source in reversed(call.sources()))
    return calls_of, ends


def _output_shape(node):
    shapes = [tuple(tensor.shape) for tensor in node.output_tensors]
    return shapes[0] if len(shapes) == 1 else shapes


def _row(layer, shape) -> list:
    kind = type(layer).__name__
    row = [kind, [shape] if kind == "InputLayer" else shape, layer.count_params()]
    if kind == "Conv2D":
        row += [layer.padding, _activation_name(layer.activation), _name(layer.kernel_initializer)]
    elif kind == "MaxPooling2D":
        row.append(layer.pool_size)
    elif kind == "Dropout":
        row.append(layer.rate)
    return row


# Where a layer came from and how it is stored says nothing about what it computes; an input's shape is compared as
# the shape of its row.
_NOT_COMPARED = {"name", "dtype", "seed", "batch_shape", "sparse", "ragged", "optional"}


def _arguments(operation) -> dict:
    """The arguments of a layer under their Keras names, in a form in which equal means the same."""
    try:
        config = operation.get_config()
    except Exception:  # a layer of the learner's own: whatever its get_config raises, the rest can be compared
        config = {}
    arguments = {name: _plain(value) for name, value in config.items() if name not in _NOT_COMPARED}
    if hasattr(operation, "activation"):
        arguments["activation"] = _activation_name(operation.activation)
    for name in list(arguments):
        if name.endswith("_initializer"):
            arguments[name] = _initializer_name(getattr(operation, name, None))
    axis = getattr(operation, "axis", None)
    if isinstance(axis, int):
        rank = len(operation._inbound_nodes[0].output_tensors[0].shape)
        arguments["axis"] = axis % rank
    return arguments


def _plain(value):
    if isinstance(value, dict) and "class_name" in value:
        settings = {name: setting for name, setting in value.get("config", {}).items() if name != "seed"}
        return f"{value['class_name']}({', '.join(f'{name}={setting}' for name, setting in settings.items())})"
    if isinstance(value, list):
        return tuple(_plain(item) for item in value)
    return value


def _name(thing) -> str:
    return getattr(thing, "__name__", type(thing).__name__)


def _activation_name(activation) -> str:
    # A layer such as ReLU() given as an activation means the function of that name.
    return _name(activation) if hasattr(activation, "__name__") else type(activation).__name__.lower()


# Keras' named initializers are variance scaling with fixed settings (keras.initializers.VarianceScaling).
_VARIANCE_SCALING = {
    (2.0, "fan_in", "truncated_normal"): "HeNormal",
    (2.0, "fan_in", "uniform"): "HeUniform",
    (1.0, "fan_avg", "truncated_normal"): "GlorotNormal",
    (1.0, "fan_avg", "uniform"): "GlorotUniform",
    (1.0, "fan_in", "truncated_normal"): "LecunNormal",
    (1.0, "fan_in", "uniform"): "LecunUniform",
}


def _initializer_name(initializer) -> str:
    if type(initializer).__name__ == "VarianceScaling":
        settings = (float(initializer.scale), initializer.mode, initializer.distribution)
        return _VARIANCE_SCALING.get(settings, "VarianceScaling")
    return _name(initializer)


# ------------------------------------------------------------------------------------------------------------------
# One form for networks that compute the same
# ------------------------------------------------------------------------------------------------------------------

# Layers, and the operations that a call such as tf.keras.activations.relu(tensor) makes.
_FOLDED_ACTIVATIONS = {
    *("Activation", "ReLU", "Relu", "Softmax", "Sigmoid", "Tanh", "Elu", "Selu", "Silu", "Softplus", "Softsign"),
}
_PLAIN_RELU = {"max_value": None, "negative_slope": 0.0, "threshold": 0.0}
# Activation("relu") and keras.ops.relu are a ReLU() with these settings, and so on for each activation that has a layer
# of its own.
_ACTIVATION_LAYERS = {"relu": ("ReLU", _PLAIN_RELU), "softmax": ("Softmax", {}), "elu": ("ELU", {"alpha": 1.0})}


def _canonical(summary_: Summary, nearest_first: bool = True) -> tuple[list[Layer], list[int]]:
    """Layers and outputs in a form in which networks that compute the same look the same.

    An activation that stands as a layer of its own right after a layer without one becomes that layer's activation.
    The order of the layers is that of the network, so that neither the order of creation, nor that of a
    concatenation's two inputs, moves them.
    """
    layers = [replace(layer, arguments=dict(layer.arguments), sources=list(layer.sources)) for layer in summary_.layers]
    outputs = list(summary_.output_layers)
    consumers = [sum(position in layer.sources for layer in layers) for position in range(len(layers))]
    standing = list(range(len(layers)))
    for position, layer in enumerate(layers):
        if layer.kind not in _FOLDED_ACTIVATIONS or len(layer.sources) != 1:
            continue
        name = _folded_name(layer)
        source = layer.sources[0]
        takes_it = (
            layers[source].arguments.get("activation") == "linear" and consumers[source] == 1 and source not in outputs
        )
        if name == "linear" or (name and takes_it):
            if name != "linear":
                layers[source].arguments["activation"] = name
            standing.remove(position)
            for other in layers:
                other.sources = [source if feed == position else feed for feed in other.sources]
            outputs = [source if output == position else output for output in outputs]
            consumers[source] += consumers[position] - 1
        elif layer.kind in {"Activation", "Relu", "Elu"} and name in _ACTIVATION_LAYERS:
            layer.kind, settings = _ACTIVATION_LAYERS[name]
            layer.arguments = {**settings, **layer.arguments}
            layer.arguments.pop("activation", None)

    return _renumbered(layers, _along_the_chains(layers, standing, nearest_first), outputs)


def _along_the_chains(layers: list[Layer], standing: list[int], nearest_first: bool) -> list[int]:
    """An order in which each layer follows those that feed it, and a chain of layers stays together.

    Inputs come first, in the order in which the model takes them: which one is which is part of the network. Where the
    way forks, the branch that is nearer to an output goes first, as a skip connection does, or else last.
    """
    distance = dict.fromkeys(standing, 0)
    for position in reversed(standing):  # sources stand before what they feed
        for source in layers[position].sources:
            distance[source] = max(distance[source], distance[position] + 1)

    def urgency(position: int) -> tuple:
        return (distance[position] if nearest_first else -distance[position], layers[position].kind, position)

    takers: dict[int, list[int]] = {position: [] for position in standing}
    for position in standing:
        for source in set(layers[position].sources):
            takers[source].append(position)
    waits_for = {position: len(set(layers[position].sources)) for position in standing}
    inputs = [position for position in standing if layers[position].kind == "InputLayer"]
    ready = sorted((p for p in standing if not waits_for[p] and p not in inputs), key=urgency, reverse=True)
    order: list[int] = []
    placed = inputs
    while True:
        order += placed
        freed = []
        for taker in (taker for position in placed for taker in takers[position]):
            waits_for[taker] -= 1
            if not waits_for[taker]:
                freed.append(taker)
        ready += sorted(freed, key=urgency, reverse=True)
        if not ready:
            return order
        placed = [ready.pop()]


def _folded_name(layer: Layer) -> str | None:
    """The activation that a stand-alone activation layer applies; None where it is more than a plain function."""
    if layer.kind == "Activation":
        return layer.arguments.get("activation")
    if layer.kind == "ReLU":
        return "relu" if all(layer.arguments.get(name) == value for name, value in _PLAIN_RELU.items()) else None
    return layer.kind.lower()


def _renumbered(
    layers: list[Layer], order: list[int], outputs: list[int] | None
) -> tuple[list[Layer], list[int] | None]:
    """Layers in another order, or some of them left out; unknown sources and outputs stay unknown."""
    place = {position: index for index, position in enumerate(order)}

    def moved(positions):
        return None if positions is None else [place[position] for position in positions]

    return [replace(layers[position], sources=moved(layers[position].sources)) for position in order], moved(outputs)


def _inputs_first(layers: list[Layer], outputs: list[int] | None) -> tuple[list[Layer], list[int] | None]:
    order = sorted(range(len(layers)), key=lambda position: layers[position].kind != "InputLayer")
    return _renumbered(layers, order, outputs)


_PRINTED_ARGUMENTS = {
    "Conv2D": ("padding", "activation", "kernel_initializer"),
    "MaxPooling2D": ("pool_size",),
    "Dropout": ("rate",),
}


def _from_rows(rows: Sequence, who: str) -> tuple[list[Layer], list[int] | None]:
    """Layers and outputs of plain rows, with as much as the rows and their optional attributes say."""
    if not isinstance(rows, (list, tuple)) or not all(isinstance(row, (list, tuple)) and len(row) > 2 for row in rows):
        raise TypeError(f"comparator() compares two summaries; {who} is {_a(type(rows).__name__)}: use summary(model).")
    connections = getattr(rows, "connections", None)
    details = getattr(rows, "details", None) or [{}] * len(rows)
    layers = []
    for index, (row, detail) in enumerate(zip(rows, details, strict=True)):
        kind, shape, parameters, *printed = row
        shape = shape[0] if isinstance(shape, list) and len(shape) == 1 else shape
        arguments = dict(zip(_PRINTED_ARGUMENTS.get(kind, ()), printed, strict=False)) | detail
        if kind in {"Conv2D", "Conv2DTranspose"}:
            arguments["filters"] = shape[-1]
        sources = None if connections is None else [number - 1 for number in connections[index]]
        layers.append(Layer(kind, index + 1, arguments, shape, parameters, sources))
    outputs = getattr(rows, "outputs", None)
    return _inputs_first(layers, None if outputs is None else [number - 1 for number in outputs])


# ------------------------------------------------------------------------------------------------------------------
# Comparison
# ------------------------------------------------------------------------------------------------------------------


_NO_LAYER = "no such layer"


@dataclass(frozen=True)
class Difference:
    """One thing in which the learner's network is not the expected one.

    Attributes:
        attribute: str, the Keras argument that differs, or ``layer`` (missing, extra or of another class),
            ``inputs`` (fed by another layer), ``outputs`` (another tensor returned), ``shape``, ``parameters``.
        kind: str, the class of the layer, the expected one where there is a choice; ``Model`` for what is returned.
        where: str, the layer for people to read, by its number in the learner's printed summary.
        expected, found: str, for people to read.
        hint: str, the likely cause and what to do.
        number: int, the row of the learner's summary, from 1; None where the learner has no such layer.
        position: int, the position of the layer in the expected network, from 0; None for an extra layer.
    """

    attribute: str
    kind: str
    where: str
    expected: str
    found: str
    hint: str
    number: int | None = None
    position: int | None = None

    @property
    def subject(self) -> str:
        """The layer, and the argument where the difference is in one."""
        if self.is_missing_layer:
            return f"{self.where}: {self.kind} missing"
        is_argument = self.attribute not in {"layer", "inputs", "outputs"}
        return f"{self.where}, {self.attribute}" if is_argument else self.where

    @property
    def is_missing_layer(self) -> bool:
        """Whether the learner has no such layer; ``where`` then names the layer before the gap."""
        return self.attribute == "layer" and self.found == _NO_LAYER

    def sentence(self, reveal_expected: bool = True) -> str:
        """The difference in one line; without the expected value where that is to stay secret."""
        if self.is_missing_layer:
            return self.subject
        if self.attribute == "layer" and self.expected == _NO_LAYER:
            return f"{self.where}: {self.found}"
        verb = "fed by " if self.attribute == "inputs" else ""
        expected = f" instead of {self.expected}" if reveal_expected else ""
        return f"{self.subject}: {verb}{self.found}{expected}"


@dataclass(frozen=True)
class Comparison:
    """What ``compare`` found.

    Attributes:
        differences: list of Difference, in the order of the layers; empty where the networks are equal.
        pairs: list of (expected Layer, learner's Layer), the layers that stand for each other.
        expected: list of Layer, the expected network.
        found: list of Layer, the learner's network.
        found_outputs: list of int, positions in ``found`` of the tensors that it returns; None where unknown.
    """

    differences: list[Difference]
    pairs: list[tuple[Layer, Layer]]
    expected: list[Layer]
    found: list[Layer]
    found_outputs: list[int] | None

    def __str__(self) -> str:
        return _as_text(self.differences)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return _as_html(self.differences)


def compare(learner: Sequence, instructor: Sequence) -> Comparison:
    """Compare two summaries as networks, not as spellings.

    Args:
        learner: Summary or list of rows, the network to judge.
        instructor: Summary or list of rows, the network that is wanted; see the head of this file for what a list
            may say beyond its rows.

    Returns:
        Comparison. Missing and extra layers are found first, by aligning the two networks, so that one missing layer
        is one difference and does not shift all that come after it. Shapes and parameter counts are only named
        where no argument and no connection explains them.

    Raises:
        TypeError: if either is no summary.
    """
    expected, expected_outputs = _read(instructor, "the expected one")
    found, found_outputs = _read(learner, "yours")
    readings = [(found, found_outputs)]
    if _is_whole(learner):
        farthest_first = _canonical(learner, nearest_first=False)
        # Most networks fork nowhere but to a skip connection, and read the same either way.
        if farthest_first != readings[0]:
            readings.append(farthest_first)
        if not isinstance(instructor, Summary):
            # Plain rows stand in the order in which Keras prints them, where that differs from ours.
            readings.append(_printed_order(found, found_outputs))
    alignments = [(cost, pairs, *reading) for reading in readings for cost, pairs in _alignments(expected, reading[0])]
    least = min(cost for cost, *_ in alignments)
    # Where several alignments cost the same, the one that leaves least to say is what happened.
    comparison = min(
        (
            _compared(expected, expected_outputs, reading, outputs, pairs)
            for cost, pairs, reading, outputs in alignments
            if math.isclose(cost, least)
        ),
        key=lambda one: len(one.differences),
    )
    hints = getattr(instructor, "hints", {})
    comparison = replace(
        comparison,
        differences=[
            replace(one, hint=hints.get(f"{one.kind}.{one.attribute}", one.hint)) for one in comparison.differences
        ],
    )
    if getattr(learner, "is_tensor", False):
        hint = "Make a model of the tensors: return tf.keras.Model(inputs=..., outputs=...)."
        no_model = Difference("outputs", "Model", "what is returned", "a model", "a tensor", hint)
        comparison = replace(comparison, differences=[*comparison.differences, no_model])
    return comparison


def _compared(expected, expected_outputs, found, found_outputs, pairs) -> Comparison:
    """The differences under one alignment."""
    partner = {e: f for e, f in pairs if e is not None and f is not None}
    differences: list[Difference] = []
    for e, f in pairs:
        if f is None:
            differences.append(_missing(expected, e, found, partner))
        elif e is None:
            differences.append(_extra(found[f]))
        elif expected[e].kind != found[f].kind:
            differences.append(_replaced(expected[e], found[f], e))
        else:
            own = _argument_differences(expected[e], found[f], e)
            own += _connection_differences(expected, found, e, f, partner)
            differences += own or ([] if differences else _derived_differences(expected[e], found[f], e))
    if expected_outputs is not None and found_outputs is not None:
        differences += _output_differences(expected, expected_outputs, found, found_outputs, partner)
    differences = _without_consequences(differences, expected)
    matched = [(expected[e], found[f]) for e, f in partner.items() if expected[e].kind == found[f].kind]
    return Comparison(differences, matched, expected, found, found_outputs)


def _without_consequences(differences: list[Difference], expected: list[Layer]) -> list[Difference]:
    """Leave out a layer that is missing because nothing takes its result: the wrong connection is the mistake."""
    rewired = {one.position for one in differences if one.attribute == "inputs"}

    def is_consequence(one: Difference) -> bool:
        takers = [position for position, layer in enumerate(expected) if one.position in (layer.sources or ())]
        return one.is_missing_layer and bool(takers) and rewired.issuperset(takers)

    return [one for one in differences if not is_consequence(one)]


def _read(rows: Sequence, who: str) -> tuple[list[Layer], list[int] | None]:
    return _canonical(rows) if _is_whole(rows) else _from_rows(rows, who)


def _is_whole(rows: Sequence) -> bool:
    # A summary whose rows were changed by hand is what its rows say.
    return isinstance(rows, Summary) and len(rows) == len({layer.number for layer in rows.layers} - {None})


def _printed_order(layers: list[Layer], outputs):
    order = sorted(range(len(layers)), key=lambda position: layers[position].number or 0)
    return _inputs_first(*_renumbered(layers, order, outputs))


# Layers that learners take for each other: one in the place of the other is a wrong layer, not a missing and an extra.
_FAMILIES = [
    {"MaxPooling2D", "AveragePooling2D", "GlobalMaxPooling2D", "GlobalAveragePooling2D", "MaxPooling1D"},
    {"Conv2D", "Conv2DTranspose", "SeparableConv2D", "DepthwiseConv2D", "UpSampling2D", "Conv1D", "Dense"},
    {"Concatenate", "Add", "Average", "Maximum", "Multiply", "Subtract"},
    {"Dropout", "SpatialDropout2D", "AlphaDropout", "GaussianDropout", "GaussianNoise"},
]
_GAP = 0.15  # for the first of several layers that are missing, or extra, in one place
_NO_PAIR = float("inf")


def _pair_cost(expected: Layer, found: Layer) -> float:
    if expected.kind != found.kind:
        related = any({expected.kind, found.kind} <= family for family in _FAMILIES)
        # A convolution that moves by two pixels halves the size, as the pooling would.
        pools = (expected.kind, found.kind) == ("MaxPooling2D", "Conv2D") and found.arguments.get("strides") == (2, 2)
        return 1.5 if related or pools else _NO_PAIR
    shared = expected.arguments.keys() & found.arguments.keys()
    unequal = sum(expected.arguments[name] != found.arguments[name] for name in shared)
    derived = (expected.shape != found.shape) + (expected.parameters != found.parameters)
    return min(0.9, 0.15 * unequal + 0.05 * derived)


_Pairs = list[tuple[int | None, int | None]]


def _alignments(expected: list[Layer], found: list[Layer]) -> Iterator[tuple[float, _Pairs]]:
    """The least cost of pairing the layers of two networks, and how (Needleman and Wunsch, 1970); None for no partner.

    Of all the alignments that cost the least, the two that differ most: the one that is found from the first layer on,
    so that of several equal layers the last is the missing one, and the one from the last layer back.
    """
    yield _aligned(expected, found)
    cost, backwards = _aligned(expected[::-1], found[::-1])

    def mirrored(position: int | None, layers: list[Layer]) -> int | None:
        return None if position is None else len(layers) - 1 - position

    yield cost, [(mirrored(e, expected), mirrored(f, found)) for e, f in reversed(backwards)]


_PAIRED, _MISSING, _EXTRA = range(3)


def _aligned(expected: list[Layer], found: list[Layer]) -> tuple[float, _Pairs]:
    rows, columns = len(expected), len(found)
    pair_cost = [[_pair_cost(e, f) for f in found] for e in expected]
    # cost[e][f][last]: of the layers from e and f on, after a pair, a missing or an extra layer (Gotoh, 1982)
    cost = [[[0.0] * 3 for _ in range(columns + 1)] for _ in range(rows + 1)]

    def steps(e: int, f: int, last: int) -> Iterator[tuple[float, int, int, int]]:
        if e < rows and f < columns:
            yield cost[e + 1][f + 1][_PAIRED] + pair_cost[e][f], e + 1, f + 1, _PAIRED
        if e < rows:
            yield cost[e + 1][f][_MISSING] + _gap_cost(expected[e], last == _MISSING), e + 1, f, _MISSING
        if f < columns:
            yield cost[e][f + 1][_EXTRA] + _gap_cost(found[f], last == _EXTRA), e, f + 1, _EXTRA

    for e in range(rows, -1, -1):
        for f in range(columns, -1, -1):
            for last in (_PAIRED, _MISSING, _EXTRA):
                cost[e][f][last] = min((step[0] for step in steps(e, f, last)), default=0.0)
    pairs: _Pairs = []
    e, f, last = 0, 0, _PAIRED
    while e < rows or f < columns:
        # Of steps that cost the same the first one: a pair, if it can be had.
        _, next_e, next_f, last = min(steps(e, f, last), key=lambda step: step[0])
        pairs.append((e if next_e > e else None, f if next_f > f else None))
        e, f = next_e, next_f
    return cost[0][0][_PAIRED], pairs


def _gap_cost(layer: Layer, goes_on: bool) -> float:
    # Layers without weights are sooner in the wrong place than a convolution.
    return 1.0 + 0.02 * bool(layer.parameters) + (0.0 if goes_on else _GAP)


def _argument_differences(expected: Layer, found: Layer, position: int) -> list[Difference]:
    differences = []
    if expected.kind == "InputLayer" and expected.shape != found.shape:
        differences.append(_difference("shape", expected.shape, found, found.shape, position))
    for name, wanted in expected.arguments.items():
        if name in found.arguments and found.arguments[name] != wanted:
            differences.append(_difference(name, wanted, found, found.arguments[name], position))
    if found.arguments.get("calls", 1) != expected.arguments.get("calls", 1):
        times = found.arguments.get("calls", 1)
        differences.append(_difference("calls", expected.arguments.get("calls", 1), found, times, position))
    return differences


def _derived_differences(expected: Layer, found: Layer, position: int) -> list[Difference]:
    """Shape or parameter count, where nothing before explains them: rows that say less than the network does."""
    for name in ("shape", "parameters"):
        wanted, got = getattr(expected, name), getattr(found, name)
        if wanted is not None and got is not None and wanted != got:
            return [_difference(name, wanted, found, got, position)]
    return []


def _difference(attribute: str, wanted, found: Layer, got, position: int) -> Difference:
    hint = _argument_hint(attribute, found.kind, wanted, got)
    return Difference(attribute, found.kind, str(found), repr(wanted), repr(got), hint, found.number, position)


def _through(layers: list[Layer], position: int, known) -> int | None:
    """The nearest layer at or before ``position`` that the other network has too."""
    while position not in known:
        if not layers[position].sources:
            return None
        position = layers[position].sources[0]
    return position


def _connection_differences(expected, found, e: int, f: int, partner: dict[int, int]) -> list[Difference]:
    if expected[e].sources is None or found[f].sources is None:
        return []
    known_found = set(partner.values())
    wanted = [_through(expected, source, partner) for source in expected[e].sources]
    wanted = [None if source is None else partner[source] for source in wanted]
    got = [_through(found, source, known_found) for source in found[f].sources]
    if wanted == got or None in wanted:
        return []

    def say(sources):
        return " and ".join("a layer that is not expected" if s is None else str(found[s]) for s in sources)

    if len(wanted) == len(got) > 1 and sorted(wanted) == sorted(s for s in got if s is not None):
        hint = "The right tensors in the wrong order: the upsampled one comes first, [up, contractive_input]."
    else:
        hint = _connection_hint([found[s] for s in wanted], [found[s] for s in got if s is not None])
    layer = found[f]
    return [Difference("inputs", layer.kind, str(layer), say(wanted), say(got), hint, layer.number, e)]


def _output_differences(expected, expected_outputs, found, found_outputs, partner) -> list[Difference]:
    known_found = set(partner.values())
    wanted = [_through(expected, output, partner) for output in expected_outputs]
    wanted = [None if output is None else partner[output] for output in wanted]
    got = [_through(found, output, known_found) for output in found_outputs]
    if wanted == got:
        return []

    def say(outputs, layers):
        return " and ".join("nothing known" if o is None else str(layers[o]) for o in outputs)

    if sorted(map(str, wanted)) == sorted(map(str, got)):
        hint = "The right tensors in the wrong order: return next_layer first and skip_connection second."
    elif len(wanted) != len(got):
        hint = f"{len(wanted)} tensors are expected and {len(got)} returned."
    else:
        hint = "Is the skip connection the tensor before the pooling, and next_layer the one after it?"
    return [Difference("outputs", "Model", "what is returned", say(wanted, found), say(got, found), hint)]


def _missing(expected: list[Layer], e: int, found: list[Layer], partner: dict[int, int]) -> Difference:
    before = [partner[position] for position in range(e) if position in partner]
    after = f"after {found[before[-1]]}" if before else "at the start"
    kind = expected[e].kind
    hint = _MISSING_HINTS.get(kind, "Is it created, called on a tensor, and is its result used by the next layer?")
    return Difference("layer", kind, after, f"{_a(kind)} here", _NO_LAYER, hint, None, e)


def _extra(layer: Layer) -> Difference:
    hint = _EXTRA_HINTS.get(layer.kind, "The exercise does not ask for this layer.")
    return Difference("layer", layer.kind, str(layer), _NO_LAYER, f"an extra {layer.kind}", hint, layer.number)


def _replaced(expected: Layer, found: Layer, position: int) -> Difference:
    hint = f"The exercise asks for {_a(expected.kind)} in this place."
    return Difference("layer", expected.kind, str(found), expected.kind, found.kind, hint, found.number, position)


# ------------------------------------------------------------------------------------------------------------------
# Hints: the likely cause of a difference
# ------------------------------------------------------------------------------------------------------------------

_MISSING_HINTS = {
    "Dropout": "Add Dropout(dropout_prob) after the second convolution whenever dropout_prob is greater than 0, "
    "and pass a dropout_prob where the exercise asks for one.",
    "MaxPooling2D": "Add a MaxPooling2D with a 2x2 pool whenever max_pooling is true.",
    "Concatenate": "The skip connection is not joined: concatenate [up, contractive_input] on the channel axis.",
    "Conv2DTranspose": "The upsampling step is missing, or its result is not used by the layers after it.",
    "Conv2D": "Is the convolution created, called on the tensor before it, and its result used by the next layer?",
}
_EXTRA_HINTS = {
    "Dropout": "Dropout belongs there only when dropout_prob is greater than 0.",
    "MaxPooling2D": "There is no pooling when max_pooling is false: the deepest block keeps its size.",
    "Activation": "Pass the activation to the layer itself, and only where the exercise asks for one.",
    "Softmax": "The model returns logits: the loss applies the softmax itself (from_logits=True).",
}


def _argument_hint(attribute: str, kind: str, wanted, got) -> str:
    if attribute == "padding":
        return f"Pass padding={wanted!r}." + (" Keras' default is 'valid'." if got == "valid" else "")
    if attribute == "activation":
        if wanted != "linear":
            return f"Pass activation={wanted!r}." + (" None was given." if got == "linear" else "")
        if kind == "Conv2DTranspose":
            return "The transposed convolution only enlarges: give it no activation."
        return "This layer returns logits: give it no activation, the loss applies the softmax (from_logits=True)."
    if attribute == "kernel_initializer":
        if wanted == "GlorotUniform":
            return "Leave kernel_initializer at Keras' default in this layer."
        return "Pass kernel_initializer='he_normal'." + (" None was given." if got == "GlorotUniform" else "")
    if attribute == "calls":
        return "Make a new layer for every step: a layer that is used twice shares its weights."
    return _ATTRIBUTE_HINTS.get(attribute, f"Check the argument {attribute} of this layer.")


_ATTRIBUTE_HINTS = {
    "filters": "Is it the right multiple of n_filters, and the argument itself rather than a fixed number?",
    "kernel_size": "Check kernel_size: 3 for all convolutions, 1 for the last one only.",
    "strides": "Check strides: 2 in the transposed convolution, Keras' default everywhere else.",
    "dilation_rate": "Leave dilation_rate at Keras' default.",
    "use_bias": "Leave use_bias at Keras' default.",
    "rate": "Is the argument dropout_prob handed on to Dropout, and is it the rate that the exercise names?",
    "pool_size": "The pool is 2x2.",
    "axis": "Join the channels: axis 3, the last one.",
    "shape": "Follow the shapes from the top: an input size, a stride or a pooling step is not the expected one.",
    "parameters": "The number of weights depends on kernel_size, filters and the channels that come in: "
    "one of them is not the expected one.",
}


def _connection_hint(wanted: list[Layer], got: list[Layer]) -> str:
    if len(got) < len(wanted):
        return "One input is missing: is the skip connection handed over and joined?"
    if any(layer.kind == "MaxPooling2D" for layer in got) and not any(layer.kind == "MaxPooling2D" for layer in wanted):
        return "The tensor after the pooling was taken: the skip connection is element [1] of what conv_block returns."
    if any(layer.kind == "MaxPooling2D" for layer in wanted):
        return "The tensor before the pooling was taken: the next block continues with element [0] of conv_block."
    return "Each layer goes on from the result of the one before; a skip comes from the encoder block of the same size."


# ------------------------------------------------------------------------------------------------------------------
# Words and tables
# ------------------------------------------------------------------------------------------------------------------


def comparator(learner: Sequence, instructor: Sequence) -> None:
    """Compare a learner's summary with the expected one, and say so in words.

    Args:
        learner: Summary, what ``summary(model)`` returned (or plain rows).
        instructor: list of rows, the expected summary.

    Raises:
        SummaryMismatch: an AssertionError, if the networks differ. It names each layer by its number, the argument,
            what was expected and found, and a hint. In a notebook the same stands in a table above it.
        TypeError: if either is no summary.
    """
    comparison = compare(learner, instructor)
    if comparison.differences:
        in_notebook = show_in_notebook(comparison)
        raise SummaryMismatch(comparison, shown=in_notebook)
    print("All tests passed!")


class SummaryMismatch(AssertionError):
    """The learner's network is not the expected one.

    Attributes:
        comparison: Comparison, with all the differences.
    """

    def __init__(self, comparison: Comparison, shown: bool = False):
        super().__init__(str(comparison))
        self.comparison = comparison
        self._shown = shown

    def _render_traceback_(self) -> list[str]:
        """What IPython prints instead of a traceback: where the error was raised helps nobody here."""
        count = _count(len(self.comparison.differences), "difference")
        return [f"Not yet: {count}, listed above."] if self._shown else str(self.comparison).splitlines()


def show_in_notebook(thing) -> bool:
    """Show an object under the cell that runs, where there is one.

    Args:
        thing: object with ``_repr_html_``.

    Returns:
        bool, whether it was shown: False outside of notebooks.
    """
    # IPython is there if, and only if, the code runs under it: a script must not have to import it.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None or type(shell).__name__ == "TerminalInteractiveShell":
        return False
    from IPython.display import display

    display(thing)
    return True


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _a(noun: str) -> str:
    return f"{'an' if noun[:1] in 'AEIOUaeiou' else 'a'} {noun}"


def _as_text(differences: list[Difference]) -> str:
    if not differences:
        return "no differences"
    lines = [f"{_count(len(differences), 'difference')} between your network and the expected one:"]
    for one in _with_gaps_as_one(differences):
        subject = f"  {one.subject}"
        lines += [
            subject,
            f"      expected: {one.expected}",
            f"      found:    {one.found}",
            f"      hint:     {one.hint}",
        ]
    return "\n".join(lines)


def by_cause(differences: Sequence[Difference]) -> Iterator[list[Difference]]:
    """Differences in groups: three and more layers that are missing in one place have one cause.

    Args:
        differences: sequence of Difference, in the order of the layers.

    Yields:
        list of Difference: one, or the layers of a gap.
    """
    for (_, is_missing), group in itertools.groupby(differences, lambda one: (one.where, one.is_missing_layer)):
        gap = list(group)
        if is_missing and len(gap) >= 3:
            yield gap
        else:
            yield from ([one] for one in gap)


def _with_gaps_as_one(differences: list[Difference]) -> list[Difference]:
    shown: list[Difference] = []
    for group in by_cause(differences):
        if len(group) == 1:
            shown += group
            continue
        kinds = ", ".join(one.kind for one in group)
        hint = "They are not connected to what the model returns: is the result of every step used by the next one?"
        shown.append(replace(group[0], kind=f"{len(group)} layers", expected=kinds, hint=hint))
    return shown


def _as_html(differences: list[Difference]) -> str:
    if not differences:
        return "<p>No differences.</p>"
    caption = f"\u2717 {_count(len(differences), 'difference')} between your network and the expected one"
    rows = [
        (one.subject if one.is_missing_layer else one.where, one.attribute, one.expected, one.found, one.hint)
        for one in _with_gaps_as_one(differences)
    ]
    return html_table(caption, ("Where", "What", "Expected", "Found", "Hint"), rows)


def html_table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table that reads well in a notebook, light or dark, and in nbgrader's feedback pages.

    Args:
        caption: str, what the table says.
        columns: sequence of str, the headings.
        rows: iterable of sequences of str, plain text; a line break starts a new line in its cell.

    Returns:
        str, HTML.
    """
    # Feedback pages bring no style for tables, so the table brings its own.
    cell = (
        "text-align: left; vertical-align: top; padding: 3px 14px 3px 0; border-bottom: 1px solid rgba(128,128,128,.35)"
    )

    def shown(text: str) -> str:
        return html.escape(text).replace("\n", "<br>")

    head = "".join(f'<th scope="col" style="{cell}">{shown(name)}</th>' for name in columns)
    widths = ["white-space: nowrap"] + ["white-space: normal; max-width: 34em"] * (len(columns) - 1)
    body = "".join(
        "<tr>"
        + "".join(f'<td style="{cell}; {width}">{shown(text)}</td>' for text, width in zip(row, widths))
        + "</tr>"
        for row in rows
    )
    return (
        '<table style="border-collapse: collapse; margin-left: 0">'
        f'<caption style="text-align: left; font-weight: bold; color: inherit">{shown(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
