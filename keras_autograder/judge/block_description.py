"""What one of the judge's own blocks made, layer by layer, for the student's kernel to put markers in their places.

The student's function sees a block's tensors, and the models that it returns, in the shape in which it would see those
of its own: a layer can be asked for by its name, and frozen. What the layers are stays with the judge.
"""

from typing import Any

import keras


class BlockDescription:
    """The layers between what a block was given and what it returned.

    Args:
        given: list of tensors that the block was called with.
        number: str, what the student's kernel is to call the block; its layers are ``<number>.0`` and so on.

    Attributes:
        layers: list of dict, each after those that feed it: ``name``; ``sources``, a list of places; ``shapes`` of what
            it puts out; ``weights``, how many it has. A layer without sources is an input of the block's own.
        operations: dict from a layer's number to the layer.
        tensors: dict from a layer's number to the list of its tensors.
    """

    def __init__(self, given: list[Any], number: str):
        self._number = number
        self._places: dict[int, dict[str, Any]] = {
            id(tensor): {"given": position} for position, tensor in enumerate(given)
        }
        self.layers: list[dict[str, Any]] = []
        self.operations: dict[str, Any] = {}
        self.tensors: dict[str, list[Any]] = {}

    def returned(self, value: Any) -> dict[str, Any]:
        """Describe what the block returned, its tensors by their places.

        Args:
            value: a tensor, a model, a plain value, or a tuple or list of these.

        Returns:
            dict, JSON.
        """
        if isinstance(value, (tuple, list)):
            return {"items": [self.returned(item) for item in value], "is_tuple": isinstance(value, tuple)}
        if isinstance(value, keras.KerasTensor):
            return {"place": self._place(value)}
        if isinstance(value, keras.Model):
            inputs, outputs = ([self._place(tensor) for tensor in ends] for ends in (value.inputs, value.outputs))
            return {"model": {"inputs": inputs, "outputs": outputs}}
        return {"value": value}

    def _place(self, tensor: Any) -> dict[str, Any]:
        stack = [(tensor, False)]
        while stack:
            one, sources_done = stack.pop()
            if id(one) in self._places:
                continue
            operation, node_index, _ = one._keras_history
            node = operation._inbound_nodes[node_index]
            if sources_done:
                self._note(operation, node)
            else:
                stack.append((one, True))
                stack.extend((source, False) for source in reversed(node.input_tensors))
        return self._places[id(tensor)]

    def _note(self, operation: Any, node: Any) -> None:
        position, number = len(self.layers), f"{self._number}.{len(self.layers)}"
        self.layers.append(
            {
                "name": operation.name,
                "sources": [self._places[id(source)] for source in node.input_tensors],
                "shapes": [list(tensor.shape) for tensor in node.output_tensors],
                "weights": len(getattr(operation, "weights", ())),
            }
        )
        self.operations[number] = operation
        self.tensors[number] = list(node.output_tensors)
        for output, tensor in enumerate(node.output_tensors):
            self._places[id(tensor)] = {"layer": position, "output": output}
