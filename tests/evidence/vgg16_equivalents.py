"""Right submissions of the assignment ``unet_vgg16`` that are written in other ways than the author's."""

from pathlib import Path

from evidence.equivalents import Equivalent
from keras_autograder.demonstration import submissions_of

_COURSE = Path(__file__).resolve().parents[2]
_OTHER_STYLE = next(
    one.cells for one in submissions_of(_COURSE, "unet_vgg16") if one.student == "demo-right-other-style"
)
NAMES = ["block1_conv1", "block2_conv2", "block3_conv3", "block4_conv3", "block5_conv3"]
_FREEZING = "encoder.trainable = False"


def _encoder(name: str, *edits: tuple[str, str]) -> Equivalent:
    return Equivalent(name, {"UNQ_C1": list(edits)})


def _unet(name: str, *edits: tuple[str, str]) -> Equivalent:
    return Equivalent(name, {"UNQ_C2": list(edits)})


EQUIVALENTS = [
    Equivalent("another style throughout", cells=_OTHER_STYLE),
    Equivalent("the author's encoder, another style of decoder", cells={"UNQ_C2": _OTHER_STYLE["UNQ_C2"]}),
    _encoder("VGG16 of tf.keras.applications", ("VGG16(include_top", "tf.keras.applications.VGG16(include_top")),
    _encoder(
        "VGG16 of its own module",
        ("base_model = VGG16(", "from keras.applications.vgg16 import VGG16 as Base\n    base_model = Base("),
    ),
    _encoder("the weights by default", ("weights='imagenet',", "")),
    _encoder(
        "an input tensor in the place of a shape",
        ("input_shape=input_shape)", "input_tensor=tf.keras.Input(input_shape))"),
    ),
    _encoder("layers by number", ("get_layer('block2_conv2')", "layers[5]")),
    _encoder("a tuple of tensors", ("return base_model, x", "return base_model, tuple(x)")),
    _encoder(
        "cut off behind the last tensor",
        ("return base_model, x", "return tf.keras.Model(base_model.input, base_model.layers[-2].output), x"),
    ),
    _encoder("frozen already", ("return base_model, x", "base_model.trainable = False\n    return base_model, x")),
    Equivalent(
        "frozen in the encoder, and not again",
        {
            "UNQ_C1": [("return base_model, x", "base_model.trainable = False\n    return base_model, x")],
            "UNQ_C2": [(_FREEZING, "pass")],
        },
    ),
    _unet("frozen layer by layer", (_FREEZING, "for layer in encoder.layers: layer.trainable = False")),
    _unet(
        "frozen where there are weights",
        (_FREEZING, "for layer in encoder.layers:\n        if layer.weights: layer.trainable = False"),
    ),
    _unet("Activation in the place of ReLU", ("ReLU()(", "tf.keras.layers.Activation('relu')(")),
    _unet("ReLU as a function", ("ReLU()(", "tf.keras.activations.relu(")),
    _unet("ReLU by function name", ("activation='relu'", "activation=tf.nn.relu")),
    _unet("concatenate as a function", ("Concatenate()(", "tf.keras.layers.concatenate(")),
    _unet("the last axis by its number", ("Concatenate()(", "Concatenate(axis=3)(")),
    _unet("normalized along the last axis", ("BatchNormalization()(", "BatchNormalization(axis=3)(")),
    _unet("filters by int", ("x[level + 1].shape[3] // 2", "int(x[level + 1].shape[-1] / 2)")),
    _unet("counted the other way", ("reversed(range(n_depth - 1))", "range(n_depth - 2, -1, -1)")),
    _unet(
        "tensors of the encoder by name",
        ("x[n_depth - 1]", f"[encoder.get_layer(name).output for name in {NAMES}][n_depth - 1]"),
    ),
    _unet("annotated", ("n_channels, n_depth, n_classes):", "n_channels: int, n_depth: int = 5, n_classes: int = 3):")),
    _unet(
        "compiled",
        (
            "return tf.keras.Model(inputs=encoder.input, outputs=logits)",
            "model = tf.keras.Model(encoder.inputs, [logits][0])\n    model.compile('adam', 'mse')\n    return model",
        ),
    ),
]
