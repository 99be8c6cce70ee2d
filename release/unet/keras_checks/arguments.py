"""The arguments of a layer in a plain form, in which equal means the same."""

from __future__ import annotations

from typing import Any

__all__ = ["activation_name", "arguments_of", "name_of"]

# Where a layer came from and how it is stored says nothing about what it computes; an input's shape is compared as
# the shape of its row.
_NOT_COMPARED = {"name", "dtype", "seed", "batch_shape", "sparse", "ragged", "optional"}

# Keras' named initializers are variance scaling with fixed settings (keras.initializers.VarianceScaling).
_VARIANCE_SCALING = {
    (2.0, "fan_in", "truncated_normal"): "HeNormal",
    (2.0, "fan_in", "uniform"): "HeUniform",
    (1.0, "fan_avg", "truncated_normal"): "GlorotNormal",
    (1.0, "fan_avg", "uniform"): "GlorotUniform",
    (1.0, "fan_in", "truncated_normal"): "LecunNormal",
    (1.0, "fan_in", "uniform"): "LecunUniform",
}


def arguments_of(operation: Any) -> dict[str, Any]:
    """The arguments of a layer under their Keras names.

    Args:
        operation: keras.Operation that was called at least once.

    Returns:
        dict. Activations and initializers stand by their names, nested objects as text, an axis counted from 0.
    """
    try:
        config = operation.get_config()
    except Exception:  # a layer of the learner's own: whatever its get_config raises, the rest can be compared
        config = {}
    arguments = {name: _plain(value) for name, value in config.items() if name not in _NOT_COMPARED}
    if hasattr(operation, "activation"):
        arguments["activation"] = activation_name(operation.activation)
    for name in list(arguments):
        if name.endswith("_initializer"):
            arguments[name] = _initializer_name(getattr(operation, name, None))
    axis = getattr(operation, "axis", None)
    if isinstance(axis, int):
        rank = len(operation._inbound_nodes[0].output_tensors[0].shape)
        arguments["axis"] = axis % rank
    return arguments


def activation_name(activation: Any) -> str:
    """The name of an activation, given as a function or as a layer such as ``ReLU()``."""
    return name_of(activation) if hasattr(activation, "__name__") else type(activation).__name__.lower()


def name_of(thing: Any) -> str:
    """The name of a function or a class, or else the name of the object's class."""
    return str(getattr(thing, "__name__", type(thing).__name__))


def _plain(value: Any) -> Any:
    if isinstance(value, dict) and "class_name" in value:
        settings = {name: setting for name, setting in value.get("config", {}).items() if name != "seed"}
        return f"{value['class_name']}({', '.join(f'{name}={setting}' for name, setting in settings.items())})"
    if isinstance(value, list):
        return tuple(_plain(item) for item in value)
    return value


def _initializer_name(initializer: Any) -> str:
    if type(initializer).__name__ == "VarianceScaling":
        settings = (float(initializer.scale), initializer.mode, initializer.distribution)
        return _VARIANCE_SCALING.get(settings, "VarianceScaling")
    return name_of(initializer)
