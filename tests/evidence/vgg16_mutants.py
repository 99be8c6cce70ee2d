"""Wrong submissions of the assignment ``unet_vgg16`` with one mistake each, as in ``mutants.py``."""

from evidence.mutants import Mutant

EXERCISES = {"UNQ_C1": "encoder_VGG16", "UNQ_C2": "unet"}

_TOP = "include_top=False"
_WEIGHTS = "weights='imagenet'"
_SIZE = "input_shape=input_shape)"
_ENCODER_RETURN = "return base_model, x"
_FIRST = "base_model.get_layer('block1_conv1').output"
_LAST = "base_model.get_layer('block5_conv3').output"

_ENCODER = [
    Mutant("no trained weights", [(_WEIGHTS, "weights=None")], 9, "VGG16 was asked for without weights"),
    Mutant(
        "the first block's last tensor", [("block1_conv1", "block1_conv2")], 9, "x[0] is the output of block1_conv2"
    ),
    Mutant("the picture as a tensor", [(_FIRST, "base_model.input")], 9, "x[0] is the output of input"),
    Mutant("the second block's first tensor", [("block2_conv2", "block2_conv1")], 9, "should be that of block2_conv2"),
    Mutant(
        "a tensor from behind the pooling", [("block3_conv3", "block3_pool")], 9, "x[2] is the output of block3_pool"
    ),
    Mutant(
        "the fourth block's second tensor", [("block4_conv3", "block4_conv2")], 9, "x[3] is the output of block4_conv2"
    ),
    Mutant("the last pooling", [("block5_conv3", "block5_pool")], 9, "x[4] is the output of block5_pool"),
    Mutant(
        "a layer in the place of its tensor",
        [("base_model.get_layer('block4_conv3').output", "base_model.get_layer('block4_conv3')")],
        9,
        "holds one in its attribute output",
    ),
    Mutant(
        "a layer of one's own behind a tensor",
        [(_LAST, f"tf.keras.layers.BatchNormalization()({_LAST})")],
        9,
        "x[4] is the output of a BatchNormalization",
    ),
    Mutant(
        "from coarse to fine",
        [(_ENCODER_RETURN, "return base_model, x[::-1]")],
        6,
        "x[0] is the output of block5_conv3",
    ),
    Mutant(
        "returned in another order", [(_ENCODER_RETURN, "return x, base_model")], 9, "the model is to be returned first"
    ),
    Mutant("the tensors alone", [(_ENCODER_RETURN, "return x")], 1, "no model is returned"),
    Mutant("four tensors", [(f"        {_LAST},\n", "")], 8, "this one holds 4"),
    Mutant("with its top", [(_TOP, "include_top=True")], 1, "was the top of a trained network left on it?"),
    Mutant("the size fixed", [(_SIZE, "input_shape=(128, 128, 3))")], 7, "InputLayer), shape: (None, 128, 128, 3)"),
    Mutant(
        "another network",
        [("VGG16(include_top=False", "tf.keras.applications.VGG19(include_top=False"), (_WEIGHTS, "weights=None")],
        5,
        "layer 11 (Conv2D): an extra Conv2D",
    ),
]

_FREEZING = "encoder.trainable = False"
_DROPOUT = "Dropout(0.5)(x[n_depth - 1])"
_FILTERS = "x[level + 1].shape[3] // 2"
_STRIDES = "strides=2"
_TRANSPOSED = """\
        tensor = Conv2DTranspose(n_filters,  # number of filters
                                 3,  # kernel size
                                 strides=2,
                                 padding='same')(tensor)
"""
_JOINED = "Concatenate()([tensor, x[level]])"
_NORMALIZATION = "        tensor = BatchNormalization()(tensor)\n"
_RELU = "        tensor = ReLU()(tensor)\n"
_CONVOLUTION = """\
        tensor = Conv2D(n_filters,  # number of filters
                        3,  # kernel size
                        activation='relu',
                        padding='same')(tensor)
"""
_BOTH = _CONVOLUTION + _CONVOLUTION
_LOGITS = "Conv2D(n_classes, 1, padding='same')(tensor)"
_UNET_RETURN = "return tf.keras.Model(inputs=encoder.input, outputs=logits)"


def _first_convolution(old: str, new: str) -> list[tuple[str, str]]:
    return [(_BOTH, _CONVOLUTION.replace(old, new) + _CONVOLUTION)]


def _transposed(old: str, new: str) -> list[tuple[str, str]]:
    return [(_TRANSPOSED, _TRANSPOSED.replace(old, new))]


_UNET = [
    Mutant("not frozen", [(_FREEZING, "encoder.trainable = True")], 9, "layer 2 (Conv2D), trainable: True"),
    Mutant(
        "the decoder frozen as well",
        [
            (
                _UNET_RETURN,
                "model = tf.keras.Model(encoder.input, logits)\n    model.trainable = False\n    return model",
            )
        ],
        9,
        "trainable: False",
    ),
    Mutant("another rate", [("Dropout(0.5)", "Dropout(0.3)")], 9, "layer 19 (Dropout), rate: 0.3"),
    Mutant("no dropout", [(_DROPOUT, "x[n_depth - 1]")], 9, "Dropout missing"),
    Mutant(
        "dropout in each level",
        [(_NORMALIZATION, "        tensor = Dropout(0.5)(tensor)\n" + _NORMALIZATION)],
        9,
        "an extra Dropout",
    ),
    Mutant("stride 1", _transposed(_STRIDES, "strides=1"), 9, "(Conv2DTranspose), strides: (1, 1)"),
    Mutant(
        "a transposed kernel of 2x2",
        _transposed("3,  # kernel size", "2,"),
        9,
        "(Conv2DTranspose), kernel_size: (2, 2)",
    ),
    Mutant(
        "a transposed convolution without padding",
        _transposed("'same'", "'valid'"),
        9,
        "(Conv2DTranspose), padding: 'valid'",
    ),
    Mutant(
        "ReLU in the transposed convolution",
        _transposed("strides=2", "strides=2, activation='relu'"),
        9,
        "activation: 'relu'",
    ),
    Mutant("no transposed convolution", [(_TRANSPOSED, "")], 9, "Conv2DTranspose missing"),
    Mutant("as many filters as one level deeper", [(_FILTERS, "x[level + 1].shape[3]")], 9, "filters: 512"),
    Mutant("as many filters as the encoder's level", [(_FILTERS, "x[level].shape[3]")], 9, "filters: 512"),
    Mutant(
        "the skip connection first",
        [(_JOINED, "Concatenate()([x[level], tensor])")],
        9,
        "(Concatenate): fed by layer 14",
    ),
    Mutant("no skip connections", [(_JOINED, "tensor")], 9, "Concatenate missing"),
    Mutant("joined with itself", [(_JOINED, "Concatenate()([tensor, tensor])")], 9, "(Concatenate): fed by"),
    Mutant("no normalization", [(_NORMALIZATION, "")], 9, "BatchNormalization missing"),
    Mutant("no ReLU behind it", [(_RELU, "")], 9, "ReLU missing"),
    Mutant("ReLU before the normalization", [(_NORMALIZATION + _RELU, _RELU + _NORMALIZATION)], 9, "ReLU"),
    Mutant("one convolution of 5x5", _first_convolution("3,  # kernel size", "5,"), 9, "(Conv2D), kernel_size: (5, 5)"),
    Mutant(
        "one convolution without activation",
        _first_convolution("activation='relu'", "activation=None"),
        9,
        "activation: 'linear'",
    ),
    Mutant("one convolution without padding", _first_convolution("'same'", "'valid'"), 9, "(Conv2D), padding: 'valid'"),
    Mutant(
        "another initializer",
        _first_convolution("padding=", "kernel_initializer='he_normal', padding="),
        9,
        "kernel_initializer: 'HeNormal'",
    ),
    Mutant("one convolution a level", [(_BOTH, _CONVOLUTION)], 9, "Conv2D missing"),
    Mutant("three convolutions a level", [(_BOTH, _BOTH + _CONVOLUTION)], 9, "an extra Conv2D"),
    Mutant(
        "a softmax", [("1, padding='same')", "1, padding='same', activation='softmax')")], 9, "activation: 'softmax'"
    ),
    Mutant("a last kernel of 3x3", [("n_classes, 1,", "n_classes, 3,")], 9, "(Conv2D), kernel_size: (3, 3)"),
    Mutant("always three classes", [("Conv2D(n_classes", "Conv2D(3")], 9, "filters: 3"),
    Mutant("no last layer", [(_LOGITS, "tensor")], 9, "Conv2D missing"),
    Mutant("always five levels", [("x[n_depth - 1]", "x[4]"), ("range(n_depth - 1)", "range(4)")], 9, "as many levels"),
    Mutant(
        "width and height exchanged",
        [("image_height, image_width, n", "image_width, image_height, n")],
        9,
        "(InputLayer), shape",
    ),
    Mutant("the tensor instead of the model", [(_UNET_RETURN, "return logits")], 9, "what is returned: a tensor"),
]

MUTANTS = [
    Mutant(**(vars(mutant) | {"cell": cell, "name": f"{EXERCISES[cell]}: {mutant.name}"}))
    for cell, mutants in zip(EXERCISES, (_ENCODER, _UNET))
    for mutant in mutants
]
