"""In what precision the layers of a model calculate."""

import keras


def set_precision(model: keras.Model, precision: str) -> None:
    """Have the layers of a model calculate in another precision. Its weights stay as they are, in float32.

    The last layer is left out: the loss takes logarithms of its scores, for which 16 bits are too few.

    Args:
        model: keras.Model made of layers.
        precision: str, the name of a Keras dtype policy.
    """
    policy = keras.dtype_policies.get(precision)
    for layer in model.layers[:-1]:
        for one in layers_within(layer):
            one.dtype_policy = policy
    forget_traces(model)


def layers_within(layer: keras.Layer) -> list[keras.Layer]:
    """Return a layer, and all layers in it where it is a model."""
    return [layer, *(one for inner in getattr(layer, "layers", ()) for one in layers_within(inner))]


def forget_traces(model: keras.Model) -> None:
    """Make a model trace its steps anew: what was traced before calculates as before."""
    model.train_function = model.test_function = model.predict_function = None
