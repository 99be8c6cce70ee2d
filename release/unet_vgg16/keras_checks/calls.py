"""The graph of calls behind a Keras model: which operation was called on whose result.

Models that are used as layers are looked into, so that a block made as a model reads like its layers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

__all__ = ["Call", "connected_calls", "output_shape"]


@dataclass(frozen=True)
class Call:
    """One call of an operation in a network, looked for inside the models that are used as layers.

    Attributes:
        operation: keras.Operation, a layer or another operation.
        node_index: int, which of its calls.
        around: tuple of Call, the calls of the models that it stands in, the outermost first; empty for most.
    """

    operation: Any
    node_index: int
    around: tuple[Call, ...] = ()

    @property
    def node(self) -> Any:
        """Keras' record of the call."""
        return self.operation._inbound_nodes[self.node_index]

    @property
    def key(self) -> tuple[Any, ...]:
        """Equal for equal calls; a Keras operation itself cannot be relied on to be hashable."""
        return (id(self.operation), self.node_index, *(call.key for call in self.around))

    @property
    def outermost(self) -> Call:
        """The call that the model itself makes: this one, or that of the model around it."""
        return self.around[0] if self.around else self

    def sources(self) -> list[Call]:
        """The calls whose results this one takes."""
        return [_call_behind(tensor, self.around) for tensor in self.node.input_tensors]


def connected_calls(inputs: Iterable[Any], outputs: Iterable[Any]) -> tuple[dict[int, list[Call]], list[Call]]:
    """Walk from a model's outputs back to its inputs.

    Args:
        inputs: symbolic tensors, the model's inputs.
        outputs: symbolic tensors, what it returns.

    Returns:
        ({id of an operation: its calls}, the calls that make the outputs). The inputs come first, in the model's own
        order and whether anything uses them or not; then each operation after those that feed it.
    """
    calls_of: dict[int, list[Call]] = {}
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


def output_shape(node: Any) -> Any:
    """The shape of what a call returns: a tuple, or a list of tuples where it returns several tensors."""
    shapes = [tuple(tensor.shape) for tensor in node.output_tensors]
    return shapes[0] if len(shapes) == 1 else shapes


def _call_behind(tensor: Any, around: tuple[Call, ...] = ()) -> Call:
    """The call that made a tensor; ``around``: the calls of the models that the tensor is inside of."""
    while True:
        if around:
            model_call = around[-1]
            entries = [id(entry) for entry in model_call.operation.inputs]
            if id(tensor) in entries:
                tensor, around = model_call.node.input_tensors[entries.index(id(tensor))], around[:-1]
                continue
        operation, node_index, tensor_index = tensor._keras_history
        call = Call(operation, node_index, around)
        if not (hasattr(operation, "layers") and getattr(operation, "outputs", None)):
            return call
        tensor, around = operation.outputs[tensor_index], (*around, call)
