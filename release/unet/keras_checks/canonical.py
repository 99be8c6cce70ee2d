"""One form for networks that compute the same, however they are written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from keras_checks.layers import Layer
from keras_checks.summarising import Summary

__all__ = ["Network", "canonical", "inputs_first", "renumbered"]

# The layers of a network, and the positions of those whose tensors it returns; None where that is unknown.
Network = tuple[list[Layer], list[int] | None]

# Layers, and the operations that a call such as tf.keras.activations.relu(tensor) makes.
_FOLDED_ACTIVATIONS = {
    *("Activation", "ReLU", "Relu", "Softmax", "Sigmoid", "Tanh", "Elu", "Selu", "Silu", "Softplus", "Softsign"),
}
_PLAIN_RELU: dict[str, Any] = {"max_value": None, "negative_slope": 0.0, "threshold": 0.0}
# Activation("relu") and keras.ops.relu are a ReLU() with these settings, and so on for each activation that has a layer
# of its own.
_ACTIVATION_LAYERS: dict[str, tuple[str, dict[str, Any]]] = {
    "relu": ("ReLU", _PLAIN_RELU),
    "softmax": ("Softmax", {}),
    "elu": ("ELU", {"alpha": 1.0}),
}


def canonical(summary: Summary, nearest_first: bool = True) -> Network:
    """Layers and outputs in a form in which networks that compute the same look the same.

    An activation that stands as a layer of its own right after a layer without one becomes that layer's activation.
    The order of the layers is that of the network, so that neither the order of creation, nor that of a
    concatenation's two inputs, moves them.

    Args:
        summary: Summary of a whole network.
        nearest_first: bool, whether the branch that is nearer to an output goes first where the way forks.

    Returns:
        Network, made of copies.
    """
    layers = [replace(layer, arguments=dict(layer.arguments)) for layer in summary.layers]
    sources = [list(layer.sources or ()) for layer in layers]
    outputs = list(summary.output_layers)
    consumers = [sum(position in fed_by for fed_by in sources) for position in range(len(layers))]
    standing = list(range(len(layers)))
    for position, layer in enumerate(layers):
        if layer.kind not in _FOLDED_ACTIVATIONS or len(sources[position]) != 1:
            continue
        name = _folded_name(layer)
        source = sources[position][0]
        takes_it = (
            layers[source].arguments.get("activation") == "linear" and consumers[source] == 1 and source not in outputs
        )
        if name == "linear" or (name and takes_it):
            if name != "linear":
                layers[source].arguments["activation"] = name
            standing.remove(position)
            sources = [[source if feed == position else feed for feed in fed_by] for fed_by in sources]
            outputs = [source if output == position else output for output in outputs]
            consumers[source] += consumers[position] - 1
        elif layer.kind in {"Activation", "Relu", "Elu"} and name in _ACTIVATION_LAYERS:
            layer.kind, settings = _ACTIVATION_LAYERS[name]
            layer.arguments = {**settings, **layer.arguments}
            layer.arguments.pop("activation", None)

    layers = [replace(layer, sources=fed_by) for layer, fed_by in zip(layers, sources)]
    return renumbered(layers, _along_the_chains(layers, sources, standing, nearest_first), outputs)


def renumbered(layers: list[Layer], order: list[int], outputs: list[int] | None) -> Network:
    """Layers in another order, or some of them left out; unknown sources and outputs stay unknown.

    Args:
        layers: list of Layer.
        order: list of int, the positions of the layers that stay, in their new order.
        outputs: list of int, positions of the layers whose tensors are returned; None where unknown.

    Returns:
        Network.
    """
    place = {position: index for index, position in enumerate(order)}

    def moved(positions: list[int] | None) -> list[int] | None:
        return None if positions is None else [place[position] for position in positions]

    return [replace(layers[position], sources=moved(layers[position].sources)) for position in order], moved(outputs)


def inputs_first(layers: list[Layer], outputs: list[int] | None) -> Network:
    """The same network with its input layers in front, and all else in its order."""
    order = sorted(range(len(layers)), key=lambda position: layers[position].kind != "InputLayer")
    return renumbered(layers, order, outputs)


def _along_the_chains(
    layers: list[Layer], sources: list[list[int]], standing: list[int], nearest_first: bool
) -> list[int]:
    """An order in which each layer follows those that feed it, and a chain of layers stays together.

    Inputs come first, in the order in which the model takes them: which one is which is part of the network. Where the
    way forks, the branch that is nearer to an output goes first, as a skip connection does, or else last.
    """
    distance = dict.fromkeys(standing, 0)
    for position in reversed(standing):  # sources stand before what they feed
        for source in sources[position]:
            distance[source] = max(distance[source], distance[position] + 1)

    def urgency(position: int) -> tuple[int, str, int]:
        return (distance[position] if nearest_first else -distance[position], layers[position].kind, position)

    takers: dict[int, list[int]] = {position: [] for position in standing}
    for position in standing:
        for source in set(sources[position]):
            takers[source].append(position)
    waits_for = {position: len(set(sources[position])) for position in standing}
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
