"""The rows that a visible check expects, made from the author's own solution."""

import contextlib
import sys
from pathlib import Path

import nbformat
from nbgrader.utils import is_grade
from traitlets.config import Config

from keras_checks import ExpectedSummary, compare, native_stderr_discarded, summary

# Keras' defaults: rows mention these arguments only where they differ.
_USUAL = {"bias_initializer": "Zeros", "data_format": "channels_last", "trainable": True}


class ExpectationFailed(Exception):
    """There are no rows to print; the message says why."""


def value_in_notebook(path: Path, expression: str) -> object:
    """Evaluate an expression after the notebook's own cells: its imports and the author's solutions.

    Args:
        path: Path of a source notebook. Its check cells and the cells tagged ``not-graded`` are not run.
        expression: str, Python.

    Returns:
        object, the value of the expression.

    Raises:
        ExpectationFailed: if a cell or the expression ends in an error.
    """
    from IPython.core.interactiveshell import InteractiveShell

    cells = [
        cell
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code" and not is_grade(cell) and "not-graded" not in cell.metadata.get("tags", [])
    ]
    settings = Config()
    settings.HistoryManager.enabled = False
    shell = InteractiveShell(config=settings)
    folder = str(path.resolve().parent)
    sys.path.insert(0, folder)
    try:
        with contextlib.chdir(folder), native_stderr_discarded():
            for cell in cells:
                result = shell.run_cell(cell.source)
                if not result.success:
                    raise ExpectationFailed(f"a cell of {path} ends in an error, see above")
            return eval(expression, shell.user_ns)
    except ExpectationFailed:
        raise
    except Exception as error:
        raise ExpectationFailed(f"{expression} ends in {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(folder)


def expected_rows(model: object) -> str:
    """Write the ``ExpectedSummary`` of a model, for the assignment's ``outputs_...py``.

    Args:
        model: keras.Model.

    Returns:
        str, a Python expression.

    Raises:
        ExpectationFailed: if this is not a model whose layers are connected, or one that rows cannot describe: rows
            are plain layers, not models used as layers, and not operations such as ``a + b``.
    """
    try:
        network = summary(model)
    except TypeError as error:
        raise ExpectationFailed(str(error)) from error
    layers = {layer.number: layer for layer in network.layers if layer.number is not None}
    if network.is_tensor:
        raise ExpectationFailed("this is a tensor; make a model of it first: tf.keras.Model(inputs, tensor)")
    are_plain = len(network.layers) == len(layers) == len(network)
    if not are_plain or any(layers[number].kind != row[0] for number, row in enumerate(network, 1)):
        raise ExpectationFailed(
            "rows cannot describe models used as layers, or operations that are not layers; "
            "compare with summary(...) of a model of your own instead"
        )
    numbers = [layer.number for layer in network.layers if layer.number is not None]
    connections = [[numbers[source] for source in layers[number].sources or ()] for number in sorted(layers)]
    returned = [numbers[position] for position in network.output_layers]
    usual = ExpectedSummary(network, connections, returned).details
    others = {
        number: unusual
        for number, row in enumerate(network, 1)
        if (unusual := _unusual(layers[number].arguments, row, usual[number - 1]))
    }
    expectation = ExpectedSummary(network, connections, returned, others)
    if differences := compare(network, expectation).differences:
        raise ExpectationFailed(
            "the network would not pass against its own rows: "
            + "; ".join(one.sentence() for one in differences)
            + ". An activation layer counts as part of the layer before it: give it as that layer's argument."
        )
    lines = ["ExpectedSummary(", "    ["]
    lines += [f"        {_written(row)}," for row in network]
    lines += ["    ],", f"    connections={connections},", f"    outputs={returned},"]
    if others:
        lines += ["    others={", *(f"        {number}: {_written(one)}," for number, one in others.items()), "    },"]
    return "\n".join([*lines, ")"])


def _unusual(arguments: dict[str, object], row: list[object], usual: dict[str, object]) -> dict[str, object]:
    """The arguments that the row does not show and that are not what is usual for its class."""
    shown = {"padding", "activation", "kernel_initializer"} if row[0] == "Conv2D" else set()
    shown |= {"filters"} if row[0] in {"Conv2D", "Conv2DTranspose"} else set()
    shown |= {"MaxPooling2D": {"pool_size"}, "Dropout": {"rate"}}.get(str(row[0]), set())
    return {
        name: value
        for name, value in arguments.items()
        if name not in shown and value is not None and value != usual.get(name, _USUAL.get(name))
    }


def _written(value: object) -> str:
    return repr(value).replace("'", '"')
