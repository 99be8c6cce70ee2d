"""The author's functions, taken from the source notebook: what benchmarks train and tests vary."""

from pathlib import Path

import nbformat

from keras_autograder.authoring import graded_cells, solution_of

SOURCE_NOTEBOOK = Path(__file__).resolve().parent.parent / "source" / "unet" / "Image_segmentation_Unet.ipynb"
LAYERS = ("Input", "Conv2D", "MaxPooling2D", "Dropout", "Conv2DTranspose", "concatenate")


def functions_from(code: str) -> dict:
    """Run code of the notebook with the names that its first cell imports.

    Args:
        code: str.

    Returns:
        dict, the names that are defined afterwards.
    """
    import tensorflow as tf

    namespace = {"tf": tf, **{name: getattr(tf.keras.layers, name) for name in LAYERS}}
    exec(compile(code, "<notebook>", "exec"), namespace)
    return namespace


def author_functions() -> dict:
    """The graded functions as the author solves them: a dict from names to functions, among others."""
    notebook = nbformat.read(SOURCE_NOTEBOOK, as_version=4)
    return functions_from("\n\n".join(solution_of(cell) for cell in graded_cells(notebook).values()))
