"""``summary``: a model as rows that print and compare like lists, and as layers that know their wiring."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from keras_checks.arguments import activation_name, arguments_of, name_of
from keras_checks.calls import Call, connected_calls, output_shape
from keras_checks.layers import Layer
from keras_checks.nouns import with_article

__all__ = ["Summary", "summary"]


class Summary(list[list[Any]]):
    """The rows that ``summary`` returns: a list that prints and compares like one, and knows the wiring as well.

    Attributes:
        layers: list of Layer, the model's inputs first, then everything between them and its outputs.
        output_layers: list of int, positions in ``layers`` of the tensors that the model returns.
        is_tensor: bool, whether it was made of a tensor and not of a model.
    """

    def __init__(
        self, rows: Iterable[list[Any]], layers: list[Layer], output_layers: list[int], is_tensor: bool = False
    ):
        super().__init__(rows)
        self.layers = layers
        self.output_layers = output_layers
        self.is_tensor = is_tensor


def summary(model: Any) -> Summary:
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
            f"summary() takes a Keras model and was given {with_article(type(model).__name__)}. "
            "Make a model of your tensors first: tf.keras.Model(inputs=..., outputs=...)."
        )
    if not is_tensor and not getattr(model, "outputs", None):
        raise TypeError(
            "summary() needs a model whose layers are connected: build it with tf.keras.Model(inputs=..., outputs=...) "
            "or call a Sequential model on an Input first."
        )
    calls_of, outputs = connected_calls(*([], [model]) if is_tensor else (model.inputs, model.outputs))
    printed = _layers_behind(calls_of) if is_tensor else model.layers
    rows_of = {id(layer): number for number, layer in enumerate(printed, start=1)}
    position_of = {operation: position for position, operation in enumerate(calls_of)}
    shape_of: dict[int, Any] = {}
    layers = []
    for calls in calls_of.values():
        for part in (*calls[0].around, calls[0]):
            shape_of.setdefault(id(part.operation), output_shape(part.node))
        layer = _layer(calls, shape_of[id(calls[0].operation)])
        layer.number = rows_of.get(id(calls[0].outermost.operation))
        layer.sources = [position_of[id(source.operation)] for call in calls for source in call.sources()]
        layers.append(layer)
    rows = [_row(layer, shape_of.get(id(layer))) for layer in printed]
    return Summary(rows, layers, [position_of[id(call.operation)] for call in outputs], is_tensor)


def _layers_behind(calls_of: dict[int, list[Call]]) -> list[Any]:
    """The layers that a model of a tensor would have."""
    outermost = [calls[0].outermost.operation for calls in calls_of.values()]
    return list({id(layer): layer for layer in outermost if hasattr(layer, "count_params")}.values())


def _layer(calls: list[Call], shape: Any) -> Layer:
    operation = calls[0].operation
    arguments = arguments_of(operation)
    parameters = operation.count_params() if hasattr(operation, "count_params") else 0
    if not parameters:
        # Where there are no weights, there is nothing to train or to freeze.
        arguments.pop("trainable", None)
    if len(calls) > 1:
        arguments["calls"] = len(calls)
    block = str(calls[0].outermost.operation.name) if calls[0].around else None
    return Layer(type(operation).__name__, None, arguments, shape, parameters, block=block)


def _row(layer: Any, shape: Any) -> list[Any]:
    kind = type(layer).__name__
    row = [kind, [shape] if kind == "InputLayer" else shape, layer.count_params()]
    if kind == "Conv2D":
        row += [layer.padding, activation_name(layer.activation), name_of(layer.kernel_initializer)]
    elif kind == "MaxPooling2D":
        row.append(layer.pool_size)
    elif kind == "Dropout":
        row.append(layer.rate)
    return row
