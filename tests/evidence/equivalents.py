"""Right submissions that are written in other ways than the author's: each must earn all 30 points.

Each is the author's solution with a few edits, or with whole cells in the place of some of the graded ones.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Equivalent:
    """One way of writing the right answer.

    Attributes:
        name: str, what is different.
        edits: dict from a graded cell (``"UNQ_C1"``), or ``"*"`` for all of them, to a list of (old text, new text);
            the old text must stand there, as often as it likes, and all of it is replaced.
        cells: dict from a graded cell to the whole code in its place.
    """

    name: str
    edits: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)

    def written(self, solution: dict[str, str]) -> dict[str, str]:
        """The graded cells of the submission.

        Args:
            solution: dict, the author's code of each graded cell.

        Returns:
            dict, the code of each graded cell.

        Raises:
            ValueError: if what an edit replaces is not there.
        """
        cells = solution | self.cells
        for cell, edits in self.edits.items():
            edited = list(cells) if cell == "*" else [cell]
            for old, new in edits:
                if not any(old in cells[one] for one in edited):
                    raise ValueError(f"{self.name}: the solution does not contain {old!r}")
                cells |= {one: cells[one].replace(old, new) for one in edited}
        return cells


def _conv_block(name: str, *edits: tuple[str, str], **others) -> Equivalent:
    return Equivalent(name, {"UNQ_C1": list(edits)}, **others)


def _upsampling_block(name: str, *edits: tuple[str, str], **others) -> Equivalent:
    return Equivalent(name, {"UNQ_C2": list(edits)}, **others)


def _unet_model(name: str, *edits: tuple[str, str], **others) -> Equivalent:
    return Equivalent(name, {"UNQ_C3": list(edits)}, **others)


def _everywhere(name: str, *edits: tuple[str, str]) -> Equivalent:
    return Equivalent(name, {"*": list(edits)})


_LAYERS = "tf.keras.layers"
_JOINED = "concatenate([up, contractive_input], axis=3)"
_MODEL = "tf.keras.Model(inputs=inputs, outputs=conv10)"


def _separate(activation: str) -> list[tuple[str, str]]:
    """Edits that take the activation out of all convolutions and apply ``activation`` to their results."""
    return [
        ("activation='relu',\n                  ", ""),
        ("'he_normal')(inputs)", f"'he_normal')(inputs)\n    conv = {activation}(conv)"),
        ("'he_normal')(merge)", f"'he_normal')(merge)\n    conv = {activation}(conv)"),
        ("'he_normal')(conv)", f"'he_normal')(conv)\n    conv = {activation}(conv)"),
    ]


def _in_both_blocks(name: str, edits: list[tuple[str, str]], **others) -> Equivalent:
    first = [edit for edit in edits if "(merge)" not in edit[0]]
    second = [edit for edit in edits if "(inputs)" not in edit[0]]
    return Equivalent(name, {"UNQ_C1": first, "UNQ_C2": second}, **others)


_ARGUMENTS = [
    _everywhere("kernel sizes as tuples", ("3,  # kernel size", "(3, 3),  # kernel size")),
    _everywhere("initializer as an object", ("'he_normal'", "tf.keras.initializers.HeNormal()")),
    _everywhere("initializer with a seed", ("'he_normal'", "tf.keras.initializers.HeNormal(seed=0)")),
    _everywhere("initializer by its old name, a class", ("'he_normal'", "tf.keras.initializers.he_normal")),
    _everywhere(
        "initializer by its definition", ("'he_normal'", "tf.keras.initializers.VarianceScaling(2, mode='fan_in')")
    ),
    _everywhere("activation tf.nn.relu", ("'relu'", "tf.nn.relu")),
    _everywhere("activation keras.activations.relu", ("'relu'", "tf.keras.activations.relu")),
    _everywhere("activation as a layer's object", ("'relu'", f"{_LAYERS}.ReLU()")),
    _everywhere("padding in capitals", ("'same'", "'SAME'")),
    _conv_block(
        "defaults spelled out",
        ("padding='same',", "padding='same', strides=1, dilation_rate=(1, 1), groups=1, use_bias=True,"),
        ("use_bias=True,", "use_bias=True, data_format='channels_last', bias_initializer='zeros',"),
    ),
    _everywhere(
        "the transposed convolution's defaults spelled out",
        ("strides=2,", "strides=(2, 2), activation='linear', kernel_initializer='glorot_uniform',"),
    ),
    _unet_model("conv10 with activation None", ("padding='same')(conv9)", "padding='same', activation=None)(conv9)")),
    _unet_model(
        "conv10 linear", ("n_classes, 1, padding='same'", "n_classes, (1, 1), (1, 1), 'same', activation='linear'")
    ),
    _conv_block("MaxPooling2D without arguments", ("MaxPooling2D((2, 2))", "MaxPooling2D()")),
    _conv_block("MaxPool2D", ("MaxPooling2D((2, 2))", f"{_LAYERS}.MaxPool2D(pool_size=2, strides=2, padding='valid')")),
    # What a Keras model is called with counts, not what its layers were called with: the switch changes nothing.
    _conv_block(
        "dropout called with training=True",
        ("Dropout(dropout_prob)(conv)", "Dropout(dropout_prob)(conv, training=True)"),
    ),
    _conv_block("dropout where the rate is true", ("if dropout_prob > 0:", "if dropout_prob:")),
    _upsampling_block("axis -1", ("axis=3", "axis=-1")),
    _upsampling_block("a Concatenate layer", (_JOINED, f"{_LAYERS}.Concatenate(axis=3)([up, contractive_input])")),
    _upsampling_block("keras.ops.concatenate", (_JOINED, "tf.keras.ops.concatenate([up, contractive_input], axis=3)")),
    _unet_model(
        "filters of numpy's types",
        ("n_filters * 8", "np.int64(8) * n_filters"),
        ("n_filters * 16", "np.array([16])[0] * n_filters"),
    ),
    _unet_model("max_pooling=None", ("max_pooling=False", "max_pooling=None")),
    _unet_model("cblock5[1] for cblock5[0]", ("cblock5[0]", "cblock5[1]")),
    _unet_model("tf.keras.Input(shape=...)", ("Input(input_size)", "tf.keras.Input(shape=input_size)")),
    _unet_model("a named Input", ("Input(input_size)", "Input(input_size, name='image', dtype='float32')")),
    _unet_model("lists of inputs and outputs", (_MODEL, "tf.keras.models.Model([inputs], [conv10], name='unet')")),
    _unet_model(
        "blocks called by keyword",
        ("conv_block(inputs, n_filters)", "conv_block(n_filters=n_filters, inputs=inputs)"),
        (
            "upsampling_block(ublock8, cblock1[1], n_filters)",
            "upsampling_block(contractive_input=cblock1[1], n_filters=n_filters, expansive_input=ublock8)",
        ),
    ),
    _unet_model(
        "all arguments of the blocks given",
        ("conv_block(inputs, n_filters)", "conv_block(inputs, n_filters, 0, True)"),
        ("n_filters * 8, dropout_prob=0.3", "n_filters * 8, 0.3"),
    ),
]

_ACTIVATIONS = [
    _in_both_blocks("ReLU layers", _separate(f"{_LAYERS}.ReLU()")),
    _in_both_blocks("Activation layers", _separate(f"{_LAYERS}.Activation('relu')")),
    _in_both_blocks("keras.ops.relu", _separate("tf.keras.ops.relu")),
    _in_both_blocks(
        "keras.activations.relu called",
        _separate("tf.keras.activations.relu"),
    ),
    _unet_model(
        "a linear activation layer at the end", ("outputs=conv10", f"outputs={_LAYERS}.Activation('linear')(conv10)")
    ),
]

_LOOP = """\
# UNQ_C1
def conv_block(inputs=None, n_filters=32, dropout_prob=0, max_pooling=True):
    conv = inputs
    for number in range(2):
        conv = Conv2D(n_filters, 3, activation="relu", padding="same", kernel_initializer="he_normal")(conv)
    conv = Dropout(dropout_prob)(conv) if dropout_prob > 0 else conv
    return (MaxPooling2D(2)(conv) if max_pooling else conv), conv
"""
_HELPER = '''\
# UNQ_C1
KERNEL = (3, 3)

def double_convolution(tensor, filters, **more):
    """Two convolutions; the other cells use it as well."""
    for _ in range(2):
        tensor = tf.keras.layers.Conv2D(
            filters, KERNEL, padding="same", activation="relu", kernel_initializer="he_normal", **more
        )(tensor)
    return tensor

def conv_block(inputs=None, n_filters=32, dropout_prob=0, max_pooling=True):
    conv = double_convolution(inputs, n_filters)
    if dropout_prob > 0:
        conv = Dropout(dropout_prob)(conv)
    next_layer = conv
    if max_pooling:
        next_layer = MaxPooling2D(pool_size=(2, 2), strides=(2, 2))(conv)
    return next_layer, conv
'''
_HELPER_USED = """\
# UNQ_C2
def upsampling_block(expansive_input, contractive_input, n_filters=32):
    up = Conv2DTranspose(filters=n_filters, kernel_size=(3, 3), strides=(2, 2), padding="same")(expansive_input)
    return double_convolution(concatenate([up, contractive_input]), n_filters)
"""
_KEYWORDS = """\
# UNQ_C1
def conv_block(inputs=None, *arguments, **options):
    n_filters = arguments[0] if arguments else options.get("n_filters", 32)
    dropout_prob = arguments[1] if len(arguments) > 1 else options.get("dropout_prob", 0)
    max_pooling = arguments[2] if len(arguments) > 2 else options.get("max_pooling", True)
    settings = dict(filters=n_filters, kernel_size=3, activation="relu", padding="same", kernel_initializer="he_normal")
    conv = Conv2D(**settings)(Conv2D(**settings)(inputs))
    if dropout_prob > 0:
        conv = Dropout(dropout_prob)(conv)
    return [MaxPooling2D((2, 2))(conv) if max_pooling else conv, conv]
"""
_CLASS = '''\
# UNQ_C1
class Block:
    """One block; called like a function."""

    settings = {"activation": "relu", "padding": "same", "kernel_initializer": "he_normal"}

    def convolution(self, filters):
        return Conv2D(filters, 3, **self.settings)

    def __call__(self, inputs=None, n_filters=32, dropout_prob=0, max_pooling=True):
        conv = self.convolution(n_filters)(inputs)
        conv = self.convolution(n_filters)(conv)
        if dropout_prob > 0:
            conv = Dropout(dropout_prob)(conv)
        return (MaxPooling2D()(conv), conv) if max_pooling else (conv, conv)

conv_block = Block()
'''
_PARTIAL = """\
# UNQ_C2
import functools

convolution = functools.partial(
    Conv2D, kernel_size=3, activation="relu", padding="same", kernel_initializer="he_normal"
)

def any_upsampling_block(kernel_size, expansive_input, contractive_input, n_filters=32):
    up = Conv2DTranspose(n_filters, kernel_size, strides=2, padding="same")(expansive_input)
    steps = [convolution(n_filters), convolution(n_filters)]
    return functools.reduce(lambda tensor, step: step(tensor), steps, concatenate([up, contractive_input], axis=3))

upsampling_block = functools.partial(any_upsampling_block, 3)
"""
_LAMBDA = """\
# UNQ_C2
half = lambda n, x: Conv2D(n, 3, activation="relu", padding="same", kernel_initializer="he_normal")(x)
up = lambda n, x: Conv2DTranspose(n, 3, strides=2, padding="same")(x)
upsampling_block = lambda expansive_input, contractive_input, n_filters=32: half(
    n_filters, half(n_filters, concatenate([up(n_filters, expansive_input), contractive_input], axis=3))
)
"""
_ANNOTATED = """\
# UNQ_C1
from __future__ import annotations
from keras.layers import Conv2D as C, Dropout as D, MaxPooling2D as P

def conv_block(
    inputs: tf.Tensor | None = None, n_filters: int = 32, dropout_prob: float = 0.0, max_pooling: bool | None = True
) -> tuple[tf.Tensor, tf.Tensor]:
    x: tf.Tensor = inputs
    if (x := C(n_filters, 3, activation="relu", padding="same", kernel_initializer="he_normal")(x)) is not None:
        x = C(n_filters, 3, activation="relu", padding="same", kernel_initializer="he_normal")(x)
    match dropout_prob:
        case 0:
            pass
        case rate:
            x = D(rate)(x)
    return (P()(x) if max_pooling else x, skip := x)
"""
_MODULE = """\
# UNQ_C1
def conv_block(inputs=None, n_filters=32, dropout_prob=0, max_pooling=True):
    import keras
    from keras import layers

    settings = {"activation": "relu", "padding": "same", "kernel_initializer": "he_normal"}
    conv = keras.layers.Convolution2D(n_filters, 3, **settings)(inputs)
    conv = layers.Conv2D(n_filters, 3, activation="relu", padding="same", kernel_initializer="he_normal")(conv)
    if dropout_prob > 0:
        conv = layers.Dropout(dropout_prob)(conv)
    next_layer = keras.layers.MaxPool2D()(conv) if max_pooling else conv
    return next_layer, conv
"""
_NAMED = """\
# UNQ_C1
def conv_block(inputs=None, n_filters=32, dropout_prob=0, max_pooling=True):
    settings = {"activation": "relu", "padding": "same", "kernel_initializer": "he_normal"}
    conv = Conv2D(n_filters, 3, name=f"encoder_{n_filters}_a", **settings)(inputs)
    conv = Conv2D(n_filters, 3, name=f"encoder_{n_filters}_b", **settings)(conv)
    if dropout_prob > 0:
        conv = Dropout(dropout_prob, name=f"dropout_{n_filters}")(conv)
    next_layer = MaxPooling2D((2, 2), name=f"pooling_{n_filters}")(conv) if max_pooling else conv
    return next_layer, conv
"""
_TALKATIVE = '''\
# UNQ_C1
import logging, sys, warnings

def conv_block(inputs=None, n_filters=32, dropout_prob=0, max_pooling=True):
    """Says what it does, on all channels that there are."""
    # TODO: ask whether 3 is right
    print("conv_block", inputs.shape, n_filters, flush=True)
    print("dropout", dropout_prob, file=sys.stderr)
    warnings.warn(f"pooling: {max_pooling}")
    logging.getLogger().warning("a message of the log")
    conv = Conv2D(n_filters, 3, activation="relu", padding="same", kernel_initializer="he_normal")(inputs)
    conv = Conv2D(n_filters, 3, activation="relu", padding="same", kernel_initializer="he_normal")(conv)
    if dropout_prob > 0:
        conv = Dropout(dropout_prob)(conv)
    next_layer = MaxPooling2D((2, 2))(conv) if max_pooling else conv
    return next_layer, conv

warnings.warn("the cell is done")
'''
_UNCONNECTED = """\
# UNQ_C1
def conv_block(inputs=None, n_filters=32, dropout_prob=0, max_pooling=True):
    conv = Conv2D(n_filters, 3, activation="relu", padding="same", kernel_initializer="he_normal")(inputs)
    conv = Conv2D(n_filters, 3, activation="relu", padding="same", kernel_initializer="he_normal")(conv)
    tried_first = Conv2D(7, 5)(conv)
    dropped = Dropout(0.5)(tried_first)
    if dropout_prob > 0:
        conv = Dropout(dropout_prob)(conv)
    pooled = MaxPooling2D((2, 2))(conv)
    return (pooled if max_pooling else conv), conv
"""
_NAMED_TUPLE = """\
# UNQ_C1
from collections import namedtuple

Block = namedtuple("Block", ["next_layer", "skip_connection"])

def conv_block(inputs=None, n_filters=32, dropout_prob=0, max_pooling=True):
    conv = Conv2D(n_filters, 3, activation="relu", padding="same", kernel_initializer="he_normal")(inputs)
    conv = Conv2D(n_filters, 3, activation="relu", padding="same", kernel_initializer="he_normal")(conv)
    if dropout_prob > 0:
        conv = Dropout(dropout_prob)(conv)
    return Block(MaxPooling2D((2, 2))(conv) if max_pooling else conv, conv)
"""
_SEQUENTIAL = """\
# UNQ_C1
def conv_block(inputs=None, n_filters=32, dropout_prob=0, max_pooling=True):
    settings = {"activation": "relu", "padding": "same", "kernel_initializer": "he_normal"}
    convolutions = tf.keras.Sequential([Conv2D(n_filters, 3, **settings), Conv2D(n_filters, 3, **settings)])
    conv = convolutions(inputs)
    if dropout_prob > 0:
        conv = Dropout(dropout_prob)(conv)
    return (MaxPooling2D((2, 2))(conv) if max_pooling else conv), conv
"""
_SUBMODEL = """\
# UNQ_C2
def upsampling_block(expansive_input, contractive_input, n_filters=32):
    settings = {"activation": "relu", "padding": "same", "kernel_initializer": "he_normal"}
    low, skip = Input(expansive_input.shape[1:]), Input(contractive_input.shape[1:])
    up = Conv2DTranspose(n_filters, 3, strides=2, padding="same")(low)
    conv = Conv2D(n_filters, 3, **settings)(Conv2D(n_filters, 3, **settings)(concatenate([up, skip], axis=3)))
    return tf.keras.Model([low, skip], conv)([expansive_input, contractive_input])
"""
_CHECKED = """\
# UNQ_C1
import functools

def checked(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        result = function(*args, **kwargs)
        assert len(result) == 2
        return result
    return wrapper

@checked
def conv_block(inputs=None, n_filters=32, dropout_prob=0, max_pooling=True):
    next_layer = None
    conv = Conv2D(n_filters, 3, activation="relu", padding="same", kernel_initializer="he_normal")(inputs)
    conv = Conv2D(n_filters, 3, activation="relu", padding="same", kernel_initializer="he_normal")(conv)
    try:
        conv = Dropout(dropout_prob)(conv) if dropout_prob > 0 else conv
    finally:
        next_layer = MaxPooling2D((2, 2))(conv) if max_pooling else conv
    return next_layer, conv
"""

_UNET_LOOP = """\
# UNQ_C3
def unet_model(input_size=(96, 128, 3), n_filters=32, n_classes=23):
    inputs = tensor = Input(input_size)
    skips = []
    for level, factor in enumerate([1, 2, 4, 8, 16]):
        rate = {3: 0.3, 4: 0.3}.get(level, 0)
        tensor, skip = conv_block(tensor, factor * n_filters, dropout_prob=rate, max_pooling=level < 4)
        skips.append(skip)
    skips.pop()
    while skips:
        tensor = upsampling_block(tensor, skips.pop(), n_filters * 2 ** len(skips))
    tensor = Conv2D(n_filters, 3, activation="relu", padding="same", kernel_initializer="he_normal")(tensor)
    return tf.keras.Model(inputs, Conv2D(n_classes, 1, padding="same")(tensor))
"""
_UNET_RECURSIVE = """\
# UNQ_C3
def unet_model(input_size=(96, 128, 3), n_filters=32, n_classes=23):
    def level(tensor, number):
        filters, rate = n_filters << number, 0.3 if number >= 3 else 0
        if number == 4:
            return conv_block(tensor, filters, rate, max_pooling=False)[0]
        lower, skip = conv_block(tensor, filters, rate)
        return upsampling_block(level(lower, number + 1), skip, filters)

    inputs = Input(input_size)
    conv9 = Conv2D(n_filters, 3, activation="relu", padding="same", kernel_initializer="he_normal")(level(inputs, 0))
    return tf.keras.Model(inputs=inputs, outputs=Conv2D(n_classes, 1, padding="same")(conv9))
"""
_UNET_COMPREHENSION = """\
# UNQ_C3
def unet_model(input_size=(96, 128, 3), n_filters=32, n_classes=23):
    inputs = Input(input_size)
    block = (inputs, inputs)
    blocks = [
        block := conv_block(block[0], n_filters * 2**n, *([0.3] if n > 2 else []), max_pooling=n < 4)
        for n in range(5)
    ]
    x, *_ = blocks[-1]
    for (_, skip), factor in zip(blocks[-2::-1], (8, 4, 2, 1)):
        x = upsampling_block(x, skip, n_filters * factor)
    x = Conv2D(n_filters, 3, activation="relu", padding="same", kernel_initializer="he_normal")(x)
    return tf.keras.Model(inputs=inputs, outputs=Conv2D(filters=n_classes, kernel_size=1, padding="same")(x))
"""
_UNET_INLINED = """\
# UNQ_C3
def unet_model(input_size=(96, 128, 3), n_filters=32, n_classes=23):
    def double(x, n):
        x = Conv2D(n, 3, activation="relu", padding="same", kernel_initializer="he_normal")(x)
        return Conv2D(n, 3, activation="relu", padding="same", kernel_initializer="he_normal")(x)

    inputs = Input(input_size)
    c1 = double(inputs, n_filters)
    c2 = double(MaxPooling2D()(c1), n_filters * 2)
    c3 = double(MaxPooling2D()(c2), n_filters * 4)
    c4 = Dropout(0.3)(double(MaxPooling2D()(c3), n_filters * 8))
    c5 = Dropout(0.3)(double(MaxPooling2D()(c4), n_filters * 16))
    u6 = double(concatenate([Conv2DTranspose(n_filters * 8, 3, 2, "same")(c5), c4]), n_filters * 8)
    u7 = double(concatenate([Conv2DTranspose(n_filters * 4, 3, 2, "same")(u6), c3]), n_filters * 4)
    u8 = double(concatenate([Conv2DTranspose(n_filters * 2, 3, 2, "same")(u7), c2]), n_filters * 2)
    u9 = double(concatenate([Conv2DTranspose(n_filters, 3, 2, "same")(u8), c1]), n_filters)
    c9 = Conv2D(n_filters, 3, activation="relu", padding="same", kernel_initializer="he_normal")(u9)
    return tf.keras.Model(inputs, Conv2D(n_classes, 1, padding="same")(c9))
"""
_UNET_IN_PARTS = """\
# UNQ_C3
def encoder(inputs, n_filters):
    blocks = [conv_block(inputs, n_filters)]
    for factor in (2, 4):
        blocks.append(conv_block(blocks[-1][0], n_filters * factor))
    blocks.append(conv_block(blocks[-1][0], n_filters * 8, dropout_prob=0.3))
    return conv_block(blocks[-1][0], n_filters * 16, dropout_prob=0.3, max_pooling=False)[0], [b[1] for b in blocks]

def decoder(tensor, skips, n_filters):
    for factor, skip in zip((8, 4, 2, 1), reversed(skips)):
        tensor = upsampling_block(tensor, skip, n_filters * factor)
    return tensor

def unet_model(input_size=(96, 128, 3), n_filters=32, n_classes=23):
    inputs = Input(input_size)
    tensor = decoder(*encoder(inputs, n_filters), n_filters)
    conv9 = Conv2D(n_filters, 3, activation="relu", padding="same", kernel_initializer="he_normal")(tensor)
    return tf.keras.Model(inputs, Conv2D(n_classes, 1, padding="same")(conv9))
"""
_PUBLIC_COURSE = {
    "UNQ_C1": '''\
# UNQ_C1
# GRADED FUNCTION: conv_block
def conv_block(inputs=None, n_filters=32, dropout_prob=0, max_pooling=True):
    """
    Convolutional downsampling block
    """
    conv = Conv2D(n_filters, # Number of filters
                  (3,3),   # Kernel size
                  activation='relu',
                  padding='same',
                  kernel_initializer= 'he_normal')(inputs)
    conv = Conv2D(n_filters, # Number of filters
                  (3,3),   # Kernel size
                  activation='relu',
                  padding='same',
                  # set 'kernel_initializer' same as above
                  kernel_initializer= 'he_normal')(conv)

    # if dropout_prob > 0 add a dropout layer, with the variable dropout_prob as parameter
    if dropout_prob > 0:
        conv = Dropout(dropout_prob)(conv)

    # if max_pooling is True add a MaxPooling2D with 2x2 pool_size
    if max_pooling:
        next_layer = MaxPooling2D(pool_size=(2,2))(conv)
    else:
        next_layer = conv

    skip_connection = conv

    return [next_layer, skip_connection]
''',
    "UNQ_C2": """\
# UNQ_C2
# GRADED FUNCTION: upsampling_block
def upsampling_block(expansive_input, contractive_input, n_filters=32):
    up = Conv2DTranspose(
                 n_filters,    # number of filters
                 (3,3),    # Kernel size
                 strides=(2,2),
                 padding='same')(expansive_input)

    # Merge the previous output and the contractive_input
    merge = concatenate([up, contractive_input], axis=-1)
    conv = Conv2D(n_filters, (3,3), activation='relu', padding='same', kernel_initializer='he_normal')(merge)
    conv = Conv2D(n_filters, (3,3), activation='relu', padding='same', kernel_initializer='he_normal')(conv)
    return conv
""",
    "UNQ_C3": """\
# UNQ_C3
# GRADED FUNCTION: unet_model
def unet_model(input_size=(96, 128, 3), n_filters=32, n_classes=23):
    inputs = Input(input_size)
    cblock1 = conv_block(inputs=inputs, n_filters=n_filters*1)
    cblock2 = conv_block(inputs=cblock1[0], n_filters=n_filters*2)
    cblock3 = conv_block(inputs=cblock2[0], n_filters=n_filters*4)
    cblock4 = conv_block(inputs=cblock3[0], n_filters=n_filters*8, dropout_prob=0.3)
    cblock5 = conv_block(inputs=cblock4[0], n_filters=n_filters*16, dropout_prob=0.3, max_pooling=None)

    ublock6 = upsampling_block(cblock5[0], cblock4[1], n_filters*8)
    ublock7 = upsampling_block(ublock6, cblock3[1], n_filters*4)
    ublock8 = upsampling_block(ublock7, cblock2[1], n_filters*2)
    ublock9 = upsampling_block(ublock8, cblock1[1], n_filters*1)

    conv9 = Conv2D(n_filters,
                 3,
                 activation='relu',
                 padding='same',
                 kernel_initializer='he_normal')(ublock9)

    conv10 = Conv2D(n_classes, kernel_size=1, padding='same')(conv9)

    model = tf.keras.Model(inputs=inputs, outputs=conv10)

    return model
""",
}

_OTHER_PROGRAMS = [
    Equivalent("the public course's style", cells=_PUBLIC_COURSE),
    Equivalent(
        "the public course's style without markers",
        cells={cell: code.split("\n", 2)[2] for cell, code in _PUBLIC_COURSE.items()},
    ),
    Equivalent("a loop in conv_block", cells={"UNQ_C1": _LOOP}),
    Equivalent("a helper of the first cell, used in the second", cells={"UNQ_C1": _HELPER, "UNQ_C2": _HELPER_USED}),
    Equivalent("arguments taken from *args and **kwargs", cells={"UNQ_C1": _KEYWORDS}),
    Equivalent("an object that can be called", cells={"UNQ_C1": _CLASS}),
    Equivalent("functools.partial and reduce", cells={"UNQ_C2": _PARTIAL}),
    Equivalent("lambda", cells={"UNQ_C2": _LAMBDA}),
    Equivalent("annotations, walrus, match, renamed imports", cells={"UNQ_C1": _ANNOTATED}),
    Equivalent("imports inside the function, other names of layers", cells={"UNQ_C1": _MODULE}),
    Equivalent("named layers", cells={"UNQ_C1": _NAMED}),
    Equivalent("print, warnings, stderr and logging", cells={"UNQ_C1": _TALKATIVE}),
    Equivalent("layers that are not connected", cells={"UNQ_C1": _UNCONNECTED}),
    Equivalent("a decorator, try, and a variable set to None first", cells={"UNQ_C1": _CHECKED}),
    Equivalent("a loop in unet_model", cells={"UNQ_C3": _UNET_LOOP}),
    Equivalent("recursion over the levels", cells={"UNQ_C3": _UNET_RECURSIVE}),
    Equivalent("a comprehension with a walrus", cells={"UNQ_C3": _UNET_COMPREHENSION}),
    Equivalent("blocks written out in unet_model", cells={"UNQ_C3": _UNET_INLINED}),
    Equivalent("encoder and decoder as functions of their own", cells={"UNQ_C3": _UNET_IN_PARTS}),
    Equivalent(
        "a named tuple, by attribute",
        {
            "UNQ_C3": [(f"{n}[0]", f"{n}.next_layer") for n in (1, 2, 3, 4, 5)]
            + [(f"{n}[1]", f"{n}.skip_connection") for n in (1, 2, 3, 4)]
        },
        {"UNQ_C1": _NAMED_TUPLE},
    ),
    Equivalent(
        "dropout_prob=None where there is none",
        {
            "UNQ_C1": [("dropout_prob > 0", "dropout_prob")],
            "UNQ_C3": [("conv_block(inputs, n_filters)", "conv_block(inputs, n_filters, dropout_prob=None)")],
        },
    ),
    Equivalent(
        "a parameter of its own",
        {
            "UNQ_C1": [("max_pooling=True)", "max_pooling=True, kernel=3)"), ("3,  # kernel size", "kernel,")],
            "UNQ_C3": [("conv_block(inputs, n_filters)", "conv_block(inputs, n_filters, kernel=3)")],
        },
    ),
    Equivalent(
        "a parameter with another name",
        {
            "UNQ_C1": [("inputs=None", "x=None"), ("(inputs)", "(x)")],
            "UNQ_C3": [("conv_block(inputs, n_filters)", "conv_block(x=inputs, n_filters=n_filters)")],
        },
    ),
    Equivalent(
        "a global constant as default argument",
        {
            "UNQ_C3": [
                (
                    "def unet_model(input_size=(96, 128, 3)",
                    "img_size = (96, 128, 3)\ndef unet_model(input_size=img_size",
                )
            ]
        },
    ),
    Equivalent(
        "the model compiled and summarised",
        {"UNQ_C3": [("return model", "model.compile('adam', 'mse')\n    model.summary()\n    return model")]},
    ),
    Equivalent(
        "a cleared session and a seed",
        {
            "UNQ_C3": [
                (
                    "inputs = Input",
                    "tf.keras.backend.clear_session()\n    tf.keras.utils.set_random_seed(1)\n    inputs = Input",
                )
            ]
        },
    ),
    Equivalent("a Sequential as part of a block", cells={"UNQ_C1": _SEQUENTIAL}),
    Equivalent("a Model as a block", cells={"UNQ_C2": _SUBMODEL}),
]

EQUIVALENTS = [*_ARGUMENTS, *_ACTIVATIONS, *_OTHER_PROGRAMS]
