"""The student's functions in the judge: calling one asks the student's kernel to call the real one.

A check cell calls ``block(inputs, 32)`` and gets tensors of its own back, on its own inputs, though the function
has run in another process.
"""

import inspect
import json
from collections.abc import Callable
from typing import Any

import keras

from keras_autograder.judge.block_description import BlockDescription
from keras_autograder.judge.network import Network
from keras_autograder.judge.plain_values import RefusedAnswer, dictionary, parsed
from keras_checks import LearnerError, blank_lines_in

MAX_QUESTIONS = 500
# Sends a request to the student's kernel and returns its answer; the second argument answers the kernel's questions.
Exchange = Callable[[str, Callable[[str], str]], str]


class RemoteFunction:
    """A function of the student's, as test code sees it.

    Args:
        name: str, the function's name in the student's notebook.
        exchange: function, see ``Exchange``.
        replacements: dict, functions of the judge that the student's function is to see under some global names.
    """

    def __init__(self, name: str, exchange: Exchange, replacements: dict[str, Callable[..., Any]] | None = None):
        self.__name__ = name
        self._exchange = exchange
        self._replacements = replacements or {}

    def with_globals(self, **replacements: Callable[..., Any]) -> "RemoteFunction":
        """The same function, seeing other functions under some of its global names.

        Args:
            **replacements: functions, which run in the judge.

        Returns:
            RemoteFunction.
        """
        return RemoteFunction(self.__name__, self._exchange, {**self._replacements, **replacements})

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Have the student's kernel call the function.

        Args:
            *args: tensors of the judge's and plain values.
            **kwargs: the same.

        Returns:
            What the function returned, rebuilt on the judge's own tensors; see ``Network.result``.

        Raises:
            LearnerError: the function raised, or what came back cannot be judged.
        """
        network = Network()
        request = {
            "function": self.__name__,
            "args": [_argument(value, f"a{position}", network) for position, value in enumerate(args)],
            "kwargs": {name: _argument(value, f"k_{name}", network) for name, value in kwargs.items()},
            "blocks": sorted(self._replacements),
        }
        questions: list[str] = []
        layers: dict[str, Any] = {}

        def answer(question: str) -> str:
            questions.append(question)
            if len(questions) > MAX_QUESTIONS:
                return json.dumps({"error": "too many blocks"})
            return json.dumps(self._block(question, network, layers, f"b{len(questions)}"))

        try:
            reply = parsed(self._exchange(json.dumps(request), answer))
            if "error" in reply:
                raise _learner_error(reply["error"], self.__name__)
            network.add(reply.get("nodes"))
            for layer in _named(reply.get("frozen", []), layers):
                layer.trainable = False
            return network.result(reply.get("result"), self.__name__)
        except RefusedAnswer as refused:
            raise LearnerError("Refused", str(refused)) from None

    def _block(self, question: str, network: Network, layers: dict[str, Any], number: str) -> dict[str, Any]:
        """Run one of the judge's own blocks on what the student's function handed to it; note its layers."""
        try:
            asked = parsed(question)
            network.add(asked["nodes"])
            block = self._replacements[asked["block"]]
            args = [network.result(value, "the argument of a block") for value in asked["args"]]
            kwargs = {str(key): network.result(value, "a block") for key, value in asked["kwargs"].items()}
            # The wrong arguments are the student's mistake; whatever the block itself raises is as well.
            inspect.signature(block).bind(*args, **kwargs)
            given = [value for value in [*args, *kwargs.values()] if isinstance(value, keras.KerasTensor)]
            description = BlockDescription(given, number)
            result = description.returned(block(*args, **kwargs))
            for name, tensors in description.tensors.items():
                network.know(name, tensors)
            layers.update(description.operations)
            return {"number": number, "result": result, "layers": description.layers}
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}"[:500]}


def _argument(value: Any, number: str, network: Network) -> dict[str, Any]:
    if isinstance(value, keras.KerasTensor):
        network.know(number, [value])
        return {"tensor": number, "shape": list(value.shape), "dtype": str(value.dtype)}
    return {"value": value, "is_tuple": isinstance(value, tuple)}


def _named(numbers: Any, layers: dict[str, Any]) -> list[Any]:
    """The layers of these numbers, which a student's kernel has sent."""
    if not isinstance(numbers, list) or not all(isinstance(number, str) and number in layers for number in numbers):
        raise RefusedAnswer("the answer of the student's kernel cannot be read")
    return [layers[number] for number in numbers]


def _learner_error(description: Any, function_name: str) -> LearnerError:
    description = dictionary(description)
    if description.get("undefined"):
        return LearnerError("NameError", "", undefined=function_name)
    error = LearnerError(str(description.get("kind"))[:100], str(description.get("message"))[:4000])
    frames = description.get("frames")
    for frame in reversed(frames if isinstance(frames, list) else []):
        name, line = str(frame.get("function"))[:100], frame.get("line")
        if not error.function:
            error.function, error.line = name, line if isinstance(line, int) else 0
        blanks = _blank_lines(frame.get("source"), name)
        if blanks:
            error.blanks = (name, blanks)
            break
    return error


def _blank_lines(source: Any, name: str) -> list[int]:
    """The blanks of a function whose cell came as text."""
    try:
        first, lines = source["first_line"], source["text"].splitlines(keepends=True)
        return blank_lines_in(inspect.getblock(lines[first - 1 :]), first)
    except (TypeError, KeyError, AttributeError, IndexError, SyntaxError, ValueError):
        return []
