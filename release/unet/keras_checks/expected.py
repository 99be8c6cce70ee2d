"""Rows that a check expects, with what the rows leave out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keras_checks.hints import Hints

__all__ = ["ExpectedSummary"]

_Arguments = Mapping[str, Any]

_CONVOLUTION: dict[str, Any] = {"strides": (1, 1), "dilation_rate": (1, 1), "use_bias": True}
# What layers have unless somebody asks for something else, as far as rows do not print it.
_KERAS_DEFAULTS: dict[str, dict[str, Any]] = {
    "Conv2D": {**_CONVOLUTION, "groups": 1, "data_format": "channels_last"},
    "Conv2DTranspose": {
        **_CONVOLUTION,
        "padding": "valid",
        "activation": "linear",
        "kernel_initializer": "GlorotUniform",
        "data_format": "channels_last",
    },
    "MaxPooling2D": {"padding": "valid", "data_format": "channels_last"},
}


def _keras_defaults(row: Sequence[Any]) -> _Arguments:
    kind, shape, _, *printed = row
    defaults = dict(_KERAS_DEFAULTS.get(kind, {}))
    if kind == "MaxPooling2D" and printed:
        defaults["strides"] = printed[0]
    if kind == "Concatenate":
        defaults["axis"] = len(shape) - 1
    return defaults


class ExpectedSummary(list[list[Any]]):
    """Rows of a summary, with the wiring and the arguments that the rows do not show.

    Args:
        rows: sequence of rows, as ``summary`` prints them.
        connections: for each row the numbers (from 1) of the rows that feed it, in order.
        outputs: the numbers of the rows whose tensors are returned, in order.
        others: for rows (numbers, from 1) that are not as usual, the arguments that differ.
        unprinted: for each class the arguments that its rows do not print and that are usual in this network; by
            default Keras' own defaults for convolutions, pooling and concatenation. What neither says is not compared.
        hints: Hints, what to tell of differences from this network, see ``keras_checks.hints``.

    Attributes:
        connections, outputs, hints: as given.
        details: list of dict, for each row the arguments that it does not print.
    """

    def __init__(
        self,
        rows: Sequence[list[Any]],
        connections: Sequence[Sequence[int]],
        outputs: Sequence[int],
        others: Mapping[int, _Arguments] | None = None,
        unprinted: Mapping[str, _Arguments] | None = None,
        hints: Hints | None = None,
    ):
        super().__init__(rows)
        self.connections = connections
        self.outputs = outputs
        self.hints: Hints = hints or {}
        usual = [_keras_defaults(row) if unprinted is None else unprinted.get(row[0], {}) for row in rows]
        others = others or {}
        self.details = [{**arguments, **others.get(number, {})} for number, arguments in enumerate(usual, 1)]
