"""The yardstick: the kind of checks that the public course grades with, written anew and kept as plain as they are.

Two lists of rows are zipped and compared as they stand, once for each public check, in the process that runs the
student's code. An exercise earns all of its points or none. As under stock nbgrader, text on stderr earns none.
"""

import contextlib
import functools
import io
import sys
import warnings

import outputs


def rows_of(model) -> list[tuple]:
    """Class, shape and number of weights of each layer; of some layers a little more."""
    rows = []
    for layer in model.layers:
        kind, shape = type(layer).__name__, layer.output.shape
        row = (kind, [shape] if kind == "InputLayer" else shape, layer.count_params())
        if kind == "Conv2D":
            row += (layer.padding, layer.activation.__name__, type(layer.kernel_initializer).__name__)
        row += (layer.pool_size,) if kind == "MaxPooling2D" else (layer.rate,) if kind == "Dropout" else ()
        rows.append(row)
    return rows


def compare(learner: list, instructor: list) -> None:
    """Raise an AssertionError where two rows in the same place differ; rows that only one list has are not seen."""
    for found, expected in zip(learner, instructor):
        assert tuple(found) == tuple(expected), f"{found} is not {expected}"


def check_conv_block(functions: dict) -> None:
    """Public checks 1a and 1b."""
    tf = functions["tf"]
    for arguments, expected in (
        ({"n_filters": 32}, outputs.conv_block_output1),
        ({"n_filters": 32 * 32, "dropout_prob": 0.1, "max_pooling": True}, outputs.conv_block_output2),
    ):
        inputs = tf.keras.Input((96, 128, 3))
        compare(rows_of(tf.keras.Model(inputs, functions["conv_block"](inputs, **arguments))), expected)


def check_upsampling_block(functions: dict) -> None:
    """Public check 2."""
    tf = functions["tf"]
    tensors = [tf.keras.Input((12, 16, 256)), tf.keras.Input((24, 32, 128))]
    model = tf.keras.Model(tensors, functions["upsampling_block"](*tensors, 32))
    compare(rows_of(model), outputs.upsampling_block_output)


def check_unet_model(functions: dict) -> None:
    """Public check 3."""
    compare(rows_of(functions["unet_model"]((96, 128, 3))), outputs.unet_model_output)


_CHECKS = (check_conv_block, check_upsampling_block, check_unet_model)


def points(cells: dict[str, str]) -> tuple[int, int, int]:
    """What the three exercises earn, 10 or 0 each.

    Args:
        cells: dict, the code of the three graded cells, in their order.

    Returns:
        tuple of int.
    """
    codes = tuple(cells.values())
    # A check sees the cells above it only, and most submissions share most of their cells.
    return tuple(_exercise(number, codes[: number + 1]) for number in range(len(_CHECKS)))


@functools.cache
def _exercise(number: int, codes: tuple[str, ...]) -> int:
    import numpy as np
    import tensorflow as tf
    from tensorflow.keras import layers

    names = ("Input", "Conv2D", "MaxPooling2D", "Dropout", "Conv2DTranspose", "concatenate")
    functions = {"tf": tf, "np": np, **{name: getattr(layers, name) for name in names}}
    with _warnings_on_stderr():
        # Nothing here looks at a weight's value, so none is drawn, which is most of the time. What cannot be done
        # without weights, such as compiling a model, is done again with them.
        with tf.keras.StatelessScope(initialize_variables=False):
            passes = _passes(number, codes, dict(functions))
        if passes is None:
            passes = _passes(number, codes, functions)
        return 10 if passes else 0


def _passes(number: int, codes: tuple[str, ...], functions: dict) -> bool | None:
    """Whether a check passes; None where it ends in another error than its own."""
    for code in codes:
        with _captured(), contextlib.suppress(Exception):
            # A cell that ends in an error leaves what it has defined before.
            exec(compile(code, "<cell>", "exec", dont_inherit=True), functions)
    with _captured() as errors:
        try:
            _CHECKS[number](functions)
        except AssertionError:
            return False
        except Exception:
            return None
    return not errors.getvalue()


@contextlib.contextmanager
def _captured():
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as errors:
        yield errors


@contextlib.contextmanager
def _warnings_on_stderr():
    """Warnings of the code go to stderr each time, as in a fresh kernel, and not to pytest."""
    with warnings.catch_warnings():
        # Of other kinds are those that the graders of earlier cases leave behind for Python's garbage collector.
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = lambda message, *place, **more: sys.stderr.write(f"{message}\n")
        yield
