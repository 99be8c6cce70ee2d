"""Build a network from the description that a student's kernel sent, and from nothing else in it.

The description comes from a process that runs a stranger's code. So nothing in it names what is imported or called, and
weights are counted before they are made. Keras' own loading of models is not used: it has let code through before
(CVE-2025-1550 and its successors).
"""

from typing import Any

import keras

from keras_autograder.judge.allowed_layers import LAYERS, OPERATIONS, allowed_layer, foreign_layer, most_weights
from keras_autograder.judge.plain_values import RefusedAnswer, identifier, label, plain, shape, whole_number

MAX_NODES = 2_000
MAX_WEIGHTS = 60_000_000


class NoTensor:
    """What a student's function returned in the place of a tensor; only the name of its class is known."""

    def __init__(self, kind: str):
        self._kind = kind

    def __repr__(self) -> str:
        return f"<{self._kind}, not a tensor>"


class Network:
    """The tensors that belong to one call of a student's function, by the number of the node that made them."""

    def __init__(self) -> None:
        self._tensors: dict[str, list[Any]] = {}
        self._layers: dict[str, Any] = {}
        self._weights = 0

    def know(self, number: str, tensors: list[Any]) -> None:
        """Note tensors of the judge's own.

        Args:
            number: str, by which the student's kernel knows them.
            tensors: list of tensors.
        """
        self._tensors[number] = tensors

    def add(self, nodes: Any) -> None:
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
                self._tensors[identifier(node["number"])] = self._built(node)
            except RefusedAnswer:
                raise
            except (KeyError, TypeError, ValueError, IndexError, OverflowError, RecursionError) as error:
                raise RefusedAnswer(f"a layer cannot be built as described ({type(error).__name__})") from None

    def result(self, described: Any, function_name: str) -> Any:
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

    def _result(self, described: Any, function_name: str, depth: int) -> Any:
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
            return plain(described["value"])
        if depth:
            # The rest can be looked at. Whatever this is used for as a tensor says what is wrong.
            return NoTensor(label(described.get("other")))
        raise RefusedAnswer(f"{function_name} returned something other than tensors: {label(described.get('other'))}")

    def _tensor(self, reference: Any) -> Any:
        number, output = reference
        return self._tensors[identifier(number)][whole_number(output, 0, 63)]

    def _built(self, node: dict[str, Any]) -> list[Any]:
        name, config = label(node["class"]), node["config"]
        if not isinstance(config, dict):
            raise RefusedAnswer("a layer's settings are malformed")
        shapes = [shape(one) for one in node["shapes"]][:64]
        if name == "InputLayer" and not node["sources"]:
            return [keras.Input(batch_shape=shapes[0])]
        sources = [self._tensor(reference) for reference in node["sources"]]
        is_from_keras = isinstance(node["module"], str) and node["module"].split(".")[0] == "keras"
        if is_from_keras and not node["is_layer"] and name in OPERATIONS:
            return [OPERATIONS[name](sources, config)]
        key = identifier(node["layer"])
        if key not in self._layers:
            known = is_from_keras and node["is_layer"] and name in LAYERS
            if known:
                layer = allowed_layer(name, config)
            else:
                layer = foreign_layer(name, shapes, whole_number(node["parameters"], 0, 10**12))
            self._weights += most_weights(layer, sources)
            if self._weights > MAX_WEIGHTS:
                raise RefusedAnswer(f"the network has more than {MAX_WEIGHTS:,} weights")
            self._layers[key] = layer
        call = {"training": node["training"]} if isinstance(node.get("training"), bool) else {}
        outputs = self._layers[key](sources if node["takes_list"] or len(sources) > 1 else sources[0], **call)
        return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
