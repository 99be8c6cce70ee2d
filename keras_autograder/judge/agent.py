"""What the judge runs inside the student's kernel: call one function, and describe the network that came out as data.

This file's source is sent to the kernel as text, since the sandbox shows it nothing of the grader. It imports Keras and
the standard library only. Everything that it answers comes from a process that the student controls, so the judge
believes none of it: the answer is JSON, and ``network.py`` checks it before it builds anything.

An answer is a dictionary with either ``error``, or ``nodes`` (those of the network that the judge has not seen yet,
each after those that feed it), ``result`` (what the function returned, with tensors as [node, output]) and ``frozen``
(the layers of the judge's own blocks that are not to be trained).
"""

# Annotations are not looked up in a kernel whose builtins a student may have changed.
from __future__ import annotations

import json
import linecache
from collections.abc import Callable
from typing import Any

MAX_TEXT = 4000


class AgentCall:
    """One call of a student's function, with the part of the network that the judge knows already.

    Args:
        namespace: dict, the student's notebook's variables.
        ask: function that sends the judge a question and returns its answer, both JSON values.
    """

    def __init__(self, namespace: dict[str, Any], ask: Callable[[Any], Any]):
        self.namespace = namespace
        self.ask = ask
        self.nodes: list[dict[str, Any]] = []  # not sent yet
        self.numbers: dict[Any, str] = {}  # (id of operation, index of its node): number
        self.layers: dict[
            int, str
        ] = {}  # id of a layer: number, so that a layer that is used twice is told from two layers
        self.marker_class: Any = None
        self.markers: dict[str, Any] = {}  # number: layer
        self.kept: list[Any] = []  # ids are only unique while their objects live

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        """Call the function.

        Args:
            request: dict, see ``answer``.

        Returns:
            dict with ``nodes``, ``result`` and ``frozen``.
        """
        import keras

        self.keras: Any = keras
        arguments = [self.argument(value) for value in request["args"]]
        named = {name: self.argument(value) for name, value in request["kwargs"].items()}
        function = self.namespace[request["function"]]
        replaced = {name: self.block(name) for name in request["blocks"]}
        function = self.rebound(function, replaced)
        try:
            # Only the structure is asked for: to draw weights would be most of the work.
            with keras.StatelessScope(initialize_variables=False):
                result = function(*arguments, **named)
        except Exception:
            # A function that does more, such as to compile its model, may need them.
            self.nodes = []
            result = function(*arguments, **named)
        described = self.described(result)
        frozen = [number for number, marker in self.markers.items() if not marker.trainable]
        return {"nodes": self.taken(), "result": described, "frozen": frozen}

    def argument(self, value: dict[str, Any]) -> Any:
        """A tensor of the judge becomes an Input of the same shape; anything else is what it is."""
        if "tensor" in value:
            tensor = self.keras.Input(batch_shape=value["shape"], dtype=value["dtype"])
            history = tensor._keras_history
            self.numbers[(id(history.operation), history.node_index)] = value["tensor"]
            self.kept.append(tensor)
            return tensor
        return tuple(value["value"]) if value.get("is_tuple") else value["value"]

    def rebound(self, function: Any, replaced: dict[str, Any]) -> Any:
        """The function with other objects under some of its global names, as test code sees it through the judge."""
        import types

        if not replaced or not isinstance(function, types.FunctionType):
            return function
        copy = types.FunctionType(
            function.__code__,
            {**function.__globals__, **replaced},
            function.__name__,
            function.__defaults__,
            function.__closure__,
        )
        copy.__kwdefaults__ = function.__kwdefaults__
        return copy

    def block(self, name: str) -> Callable[..., Any]:
        """A function that asks the judge what a block makes of its arguments, and marks the place in the network."""

        def block(*args: Any, **kwargs: Any) -> Any:
            question = {
                "block": name,
                "args": [self.described(value) for value in args],
                "kwargs": {key: self.described(value) for key, value in kwargs.items()},
                "nodes": self.taken(),
            }
            answer = self.ask(question)
            if "error" in answer:
                raise ValueError(answer["error"])
            given = [value for value in [*args, *kwargs.values()] if isinstance(value, self.keras.KerasTensor)]
            return self.materialised(answer["result"], given, self.marked(answer, given))

        block.__name__ = name
        return block

    def marked(self, answer: dict[str, Any], given: list[Any]) -> list[list[Any]]:
        """The tensors of each layer of a block: an input, or a layer that stands for one of the judge's."""
        tensors: list[list[Any]] = []
        # Layers are asked for by name where a model is returned. Elsewhere the names that Keras counts up would meet
        # those of the student's own layers.
        is_named = self.holds_model(answer["result"])
        for layer in answer["layers"]:
            number = f"{answer['number']}.{len(tensors)}"
            name = layer["name"] if is_named else None
            if layer["sources"]:
                marker = self.markers[number] = self.marker(layer["shapes"], layer["weights"], name)
                outputs = marker([self.placed(place, given, tensors) for place in layer["sources"]])
            else:
                outputs = [self.keras.Input(batch_shape=layer["shapes"][0], name=name)]
            history = outputs[0]._keras_history
            self.numbers[(id(history.operation), history.node_index)] = number
            self.kept.append(outputs)
            tensors.append(outputs)
        return tensors

    def holds_model(self, value: dict[str, Any]) -> bool:
        """Whether a model is among what a block returned."""
        return "model" in value or any(map(self.holds_model, value.get("items", ())))

    def marker(self, shapes: list[Any], weights: int, name: str | None) -> Any:
        """A layer that stands for one of the judge's, so that the network hangs together."""
        import keras

        if self.marker_class is None:

            class Marker(keras.layers.Layer):
                def __init__(layer, shapes: list[Any], weights: int, name: str | None):
                    super().__init__(name=name)
                    layer.shapes = shapes
                    for number in range(weights):
                        layer.add_weight((), name=f"weight_{number}")

                def compute_output_spec(layer, tensors: Any) -> Any:
                    return [keras.KerasTensor(shape) for shape in layer.shapes]

                def build(layer, shape: Any) -> None:
                    layer.built = True

            self.marker_class = Marker
        return self.marker_class(shapes, weights, name)

    def placed(self, place: dict[str, Any], given: list[Any], tensors: list[list[Any]]) -> Any:
        """The tensor at a place that the judge has named."""
        return given[place["given"]] if "given" in place else tensors[place["layer"]][place["output"]]

    def materialised(self, value: dict[str, Any], given: list[Any], tensors: list[list[Any]]) -> Any:
        """What a block returned, in the shape in which it returned it."""
        if "items" in value:
            items = [self.materialised(item, given, tensors) for item in value["items"]]
            return tuple(items) if value["is_tuple"] else items
        if "place" in value:
            return self.placed(value["place"], given, tensors)
        if "model" in value:
            inputs, outputs = (
                [self.placed(place, given, tensors) for place in value["model"][ends]] for ends in ("inputs", "outputs")
            )
            return self.keras.Model(inputs, outputs[0] if len(outputs) == 1 else outputs)
        return value["value"]

    def described(self, value: Any) -> dict[str, Any]:
        """A value as JSON: tensors and models by their nodes, of what is neither data nor a tensor its class's name."""
        keras = self.keras
        if isinstance(value, keras.KerasTensor):
            return {"tensor": self.tensor(value)}
        if isinstance(value, keras.Model) and getattr(value, "inputs", None) and getattr(value, "outputs", None):
            outputs = [self.tensor(tensor) for tensor in value.outputs]
            return {"model": {"inputs": [self.tensor(tensor) for tensor in value.inputs], "outputs": outputs}}
        if isinstance(value, (tuple, list)) and len(value) < 1000:
            return {"items": [self.described(item) for item in value], "is_tuple": isinstance(value, tuple)}
        plain = self.plain(value)
        if plain is None and value is not None:
            return {"other": type(value).__name__[:100]}
        return {"value": plain}

    def plain(self, value: Any) -> Any:
        """Numbers and texts, also those of numpy; None for what is neither."""
        if isinstance(value, (bool, int, float, str)):
            return value
        try:
            return value.item()
        except Exception:
            return None

    def tensor(self, tensor: Any) -> list[Any]:
        """The [node, output] of a tensor; nodes that lead to it and are new are noted on the way.

        A model that is used as a layer is looked into: what is noted are the layers inside it. ``around`` are the calls
        of the models that a tensor stands inside of, each with the tensors that it was called with.
        """
        end = self.made_by(tensor, ())
        stack: list[tuple[Any, Any, bool]] = [(*end, False)]
        while stack:
            one, around, sources_done = stack.pop()
            key = self.key(one, around)
            if key in self.numbers:
                continue
            history = one._keras_history
            node = history.operation._inbound_nodes[history.node_index]
            sources = [self.made_by(source, around) for source in node.input_tensors]
            if sources_done:
                self.numbers[key] = self.note(history.operation, node, sources)
            else:
                stack.append((one, around, True))
                stack.extend((*source, False) for source in reversed(sources))
        return self.place(*end)

    def place(self, tensor: Any, around: tuple[Any, ...]) -> list[Any]:
        """The [node, output] of a tensor whose node has been noted."""
        return [self.numbers[self.key(tensor, around)], tensor._keras_history.tensor_index]

    def key(self, tensor: Any, around: tuple[Any, ...]) -> tuple[Any, ...]:
        """What tells a node from all others."""
        history = tensor._keras_history
        return (id(history.operation), history.node_index, *((id(model), index) for model, index in around))

    def made_by(self, tensor: Any, around: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
        """The tensor of a layer behind one of a model, and behind the input of a model what it was called with."""
        while True:
            if around:
                model, index = around[-1]
                entries = [id(entry) for entry in model.inputs]
                if id(tensor) in entries:
                    tensor = model._inbound_nodes[index].input_tensors[entries.index(id(tensor))]
                    around = around[:-1]
                    continue
            history = tensor._keras_history
            model = history.operation
            if not isinstance(model, self.keras.Model) or not getattr(model, "outputs", None):
                return tensor, around
            if not getattr(model, "inputs", None):
                return tensor, around
            tensor, around = model.outputs[history.tensor_index], (*around, (model, history.node_index))

    def note(self, operation: Any, node: Any, made_by: list[tuple[Any, tuple[Any, ...]]]) -> str:
        """Describe a node for the judge; its number."""
        number = f"n{len(self.numbers)}"
        self.kept.append(operation)
        is_layer = isinstance(operation, self.keras.layers.Layer)
        arguments = getattr(node, "arguments", None)
        config = self.config(operation)
        if hasattr(operation, "activation"):
            config["activation"] = self.function_name(operation.activation)
        first = arguments.args[0] if arguments is not None and arguments.args else None
        training = arguments.kwargs.get("training") if arguments is not None else None
        self.nodes.append(
            {
                "number": number,
                "layer": self.layers.setdefault(id(operation), f"l{len(self.layers)}"),
                "class": type(operation).__name__,
                "module": type(operation).__module__,
                "is_layer": is_layer,
                "config": config,
                "sources": [self.place(*source) for source in made_by],
                "takes_list": isinstance(first, (list, tuple)),
                "training": training if isinstance(training, bool) else None,
                "shapes": [list(tensor.shape) for tensor in node.output_tensors],
                "parameters": operation.count_params() if is_layer and operation.built else 0,
            }
        )
        return number

    def config(self, operation: Any) -> dict[str, Any]:
        """The settings of a layer; where it cannot tell them, its attributes of these names."""
        try:
            values = dict(operation.get_config())
        except Exception:
            import inspect

            names = inspect.signature(type(operation).__init__).parameters
            values = {name: getattr(operation, name) for name in names if hasattr(operation, name)}
        # Names that Keras counts up would make equal networks different to whoever compares the texts.
        for name in ("name", "dtype"):
            values.pop(name, None)
        plain: dict[str, Any] = json.loads(json.dumps(values, default=self.named))
        return plain

    def function_name(self, function: Any) -> Any:
        """The name of a function, or of the class of a layer that is used as one."""
        return getattr(function, "__name__", None) or type(function).__name__.lower()

    def named(self, value: Any) -> Any:
        """A setting that JSON has no form for: as a number, or else by its class."""
        plain = self.plain(value)
        return {"class_name": type(value).__name__} if plain is None else plain

    def taken(self) -> list[dict[str, Any]]:
        """The nodes that have been noted and not yet sent."""
        nodes, self.nodes = self.nodes, []
        return nodes


def answer(request: str, namespace: dict[str, Any], ask: Callable[[str], str]) -> str:
    """Answer one request of the judge, as JSON.

    Args:
        request: str, JSON: the function's name, its arguments, and the global names that it is to see replaced.
        namespace: dict, the student's notebook's variables.
        ask: function that sends the judge a text and returns the text that it answers.

    Returns:
        str, JSON.
    """
    asked = json.loads(request)
    if asked["function"] not in namespace:
        return json.dumps({"error": {"kind": "NameError", "undefined": asked["function"], "frames": []}})
    try:
        call = AgentCall(namespace, lambda question: json.loads(ask(json.dumps(question))))
        return json.dumps(call.run(asked))
    except Exception as error:
        return json.dumps({"error": explained(error)})


def explained(error: Exception) -> dict[str, Any]:
    """An error of the student's code.

    Args:
        error: Exception.

    Returns:
        dict: its class, its message, and the student's functions that it came through, the innermost one last.
    """
    frames = []
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if "site-packages" not in code.co_filename and code.co_filename != __file__:
            frames.append({"function": code.co_name[:100], "line": traceback.tb_lineno, "source": source_of(code)})
        traceback = traceback.tb_next
    return {"kind": type(error).__name__[:100], "message": str(error)[:MAX_TEXT], "frames": frames[:20]}


def source_of(code: Any) -> dict[str, Any] | None:
    """The cell in which a function stands.

    Args:
        code: the function's code object, or None.

    Returns:
        dict with the function's first line and the cell's text, or None.
    """
    if code is None:
        return None
    lines = linecache.getlines(code.co_filename)
    return {"first_line": code.co_firstlineno, "text": "".join(lines)[:20000]}


def serve() -> None:
    """Answer requests through the input channel of the kernel that this runs in, until an empty one comes."""
    shell = get_ipython()  # type: ignore[name-defined]  # noqa: F821 (IPython's, put here by whoever runs this)
    ask = shell.kernel.raw_input
    request = ask("ready")
    while request:
        request = ask("answer " + answer(request, shell.user_ns, lambda question: ask("question " + question)))
