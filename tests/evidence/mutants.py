"""Wrong submissions with one mistake each: what it must cost, and what the student must be told.

Each mutant is the author's solution with a few edits in one of the three graded cells. It must lose points in that
exercise only, and only those of the criteria whose sentence is no longer true of it. Where one blank was filled in
wrongly and the rubric's sentences leave it open, the price is that of the one criterion that the blank belongs to.

The layer numbers in ``reason`` are the rows of the summary that the student sees, from 1.
"""

from dataclasses import dataclass

EXERCISES = {"UNQ_C1": "conv_block", "UNQ_C2": "upsampling_block", "UNQ_C3": "unet_model"}


@dataclass(frozen=True, eq=False)
class Mutant:
    """One mistake.

    Attributes:
        name: str, what is wrong.
        edits: list of (old text, new text) in the author's solution; each old text stands there exactly once.
        points: float, what the exercise must earn; the other two must earn all their points.
        reason: str, must be contained in one of the reasons for lost points.
        cell: str, the marker of the graded cell; filled in below.
    """

    name: str
    edits: list[tuple[str, str]]
    points: float
    reason: str
    cell: str = ""

    def written(self, solution: dict[str, str]) -> dict[str, str]:
        """The graded cells of the submission.

        Args:
            solution: dict, the author's code of each graded cell.

        Returns:
            dict, the code of each graded cell.

        Raises:
            ValueError: if what an edit replaces does not stand there exactly once.
        """
        code = solution[self.cell]
        for old, new in self.edits:
            if code.count(old) != 1:
                raise ValueError(f"{self.name}: the solution contains {old!r} {code.count(old)} times")
            code = code.replace(old, new)
        return solution | {self.cell: code}


def convolution(tensor: str, **changes: str | None) -> str:
    """The code of a right convolution of ``tensor``, with some arguments changed, added, or (None) left out."""
    settings = {"filters": "n_filters", "kernel_size": "3", "activation": "'relu'", "padding": "'same'"}
    settings |= {"kernel_initializer": "'he_normal'"}
    return _call("Conv2D", settings | changes, tensor)


def transposed(tensor: str = "expansive_input", **changes: str | None) -> str:
    """The code of a right transposed convolution, changed in the same way."""
    settings = {"filters": "n_filters", "kernel_size": "3", "strides": "2", "padding": "'same'"}
    return _call("Conv2DTranspose", settings | changes, tensor)


def _call(layer: str, settings: dict[str, str | None], tensor: str) -> str:
    arguments = ", ".join(f"{name}={value}" for name, value in settings.items() if value is not None)
    return f"{layer}({arguments})({tensor})"


# The places of the author's solution that mutants change.
_SETTINGS = """\
Conv2D(n_filters,  # number of filters
                  3,  # kernel size
                  activation='relu',
                  padding='same',
                  kernel_initializer='he_normal')"""
FIRST = f"{_SETTINGS}(inputs)"
SECOND = f"{_SETTINGS}(conv)"
DROPOUT = "conv = Dropout(dropout_prob)(conv)"
IF_DROPOUT = "if dropout_prob > 0:"
POOLING = "MaxPooling2D((2, 2))(conv)"
IF_POOLING = "if max_pooling:"
SKIP = "skip_connection = conv"
BLOCK_RETURN = "return next_layer, skip_connection"

TRANSPOSED = """\
Conv2DTranspose(n_filters,  # number of filters
                         3,  # kernel size
                         strides=2,
                         padding='same')(expansive_input)"""
JOINED = "concatenate([up, contractive_input], axis=3)"
AFTER_JOINING = f"{_SETTINGS}(merge)"

INPUT = "inputs = Input(input_size)"
CBLOCK1 = "conv_block(inputs, n_filters)"
CBLOCK2 = "conv_block(cblock1[0], n_filters * 2)"
CBLOCK3 = "conv_block(cblock2[0], n_filters * 4)"
CBLOCK4 = "conv_block(cblock3[0], n_filters * 8, dropout_prob=0.3)"
CBLOCK5 = "conv_block(cblock4[0], n_filters * 16, dropout_prob=0.3, max_pooling=False)"
UBLOCK6 = "upsampling_block(cblock5[0], cblock4[1], n_filters * 8)"
UBLOCK7 = "upsampling_block(ublock6, cblock3[1], n_filters * 4)"
UBLOCK8 = "upsampling_block(ublock7, cblock2[1], n_filters * 2)"
UBLOCK9 = "upsampling_block(ublock8, cblock1[1], n_filters)"
CONV9 = """\
Conv2D(n_filters,
                   3,
                   activation='relu',
                   padding='same',
                   kernel_initializer='he_normal')(ublock9)"""
CONV10 = "Conv2D(n_classes, 1, padding='same')(conv9)"
MODEL = "tf.keras.Model(inputs=inputs, outputs=conv10)"

LAYERS = "tf.keras.layers"


def _arguments(place: str, old: str, tensor: str, layer: str, make, cases: list[tuple]) -> list[Mutant]:
    """Mutants of one layer: (argument, its wrong value or None for left out, points)."""
    return [
        Mutant(
            f"{place}: {argument} {value or 'left out'}",
            [(old, make(tensor, **{argument: value}))],
            points,
            f"{layer}, {argument}",
        )
        for argument, value, points in cases
    ]


_CONV_BLOCK = [
    *_arguments(
        "first convolution",
        FIRST,
        "inputs",
        "layer 2 (Conv2D)",
        convolution,
        [
            ("filters", "2 * n_filters", 9),
            ("filters", "32", 9),
            ("kernel_size", "5", 9),
            ("strides", "2", 9),
            ("padding", "'valid'", 9),
            ("dilation_rate", "2", 9),
            ("activation", None, 9),
            ("kernel_initializer", None, 9),
            # No criterion names these: they fall to the one that takes the rest, which is worth 2 points here.
            ("use_bias", "False", 8),
            ("kernel_regularizer", "'l2'", 8),
            ("data_format", "'channels_first'", 8),
        ],
    ),
    *_arguments(
        "second convolution",
        SECOND,
        "conv",
        "layer 3 (Conv2D)",
        convolution,
        [
            ("filters", "2 * n_filters", 9),
            ("filters", "32", 9),
            ("kernel_size", "(3, 1)", 9),
            ("strides", "2", 9),
            ("padding", "'valid'", 9),
            ("dilation_rate", "2", 9),
            ("activation", None, 9),
            ("activation", "'relu6'", 9),
            ("kernel_initializer", None, 9),
            ("use_bias", "False", 8),
            ("bias_initializer", "'ones'", 8),
            ("activity_regularizer", "'l1'", 8),
            ("kernel_constraint", "'non_neg'", 8),
            ("groups", "n_filters", 8),
            ("trainable", "False", 8),
        ],
    ),
    Mutant(
        "both convolutions: no initializer",
        [
            (FIRST, convolution("inputs", kernel_initializer=None)),
            (SECOND, convolution("conv", kernel_initializer=None)),
        ],
        9,
        "layer 2 (Conv2D), kernel_initializer",
    ),
    Mutant(
        "n_filters ignored",
        [(FIRST, convolution("inputs", filters="32")), (SECOND, convolution("conv", filters="32"))],
        9,
        "layer 2 (Conv2D), filters",
    ),
    Mutant(
        "padding wrong in a function that sets a variable to None first",
        [(FIRST, "None\n    conv = " + convolution("inputs", padding="'valid'"))],
        9,
        "layer 2 (Conv2D), padding",
    ),
    # Which layers, and on what
    Mutant("one convolution only", [(f"conv = {SECOND}", "pass")], 8, "Conv2D missing"),
    Mutant("second convolution on the input", [(SECOND, convolution("inputs"))], 8, "Conv2D missing"),
    Mutant("three convolutions", [(SECOND, convolution(SECOND))], 8, "an extra Conv2D"),
    Mutant(
        "batch normalization between the convolutions",
        [(SECOND, convolution(f"{LAYERS}.BatchNormalization()(conv)"))],
        8,
        "layer 3 (BatchNormalization): an extra BatchNormalization",
    ),
    Mutant(
        "batch normalization after the pooling",
        [(POOLING, f"{LAYERS}.BatchNormalization()({POOLING})")],
        8,
        "(BatchNormalization): an extra BatchNormalization",
    ),
    Mutant(
        "the input is scaled by an operation that is no layer",
        [(FIRST, convolution("inputs / 255.0"))],
        8,
        "Divide",
    ),
    # Dropout
    Mutant("dropout: the rate of the check", [("Dropout(dropout_prob)", "Dropout(0.1)")], 9, "layer 4 (Dropout), rate"),
    Mutant("dropout: fixed rate", [("Dropout(dropout_prob)", "Dropout(0.5)")], 9, "layer 4 (Dropout), rate"),
    Mutant("dropout: inverted rate", [("(dropout_prob)", "(1 - dropout_prob)")], 9, "layer 4 (Dropout), rate"),
    Mutant("dropout: always", [(IF_DROPOUT, "if True:")], 9, "layer 4 (Dropout): an extra Dropout"),
    Mutant("dropout: never", [(DROPOUT, "pass")], 9, "after layer 3 (Conv2D): Dropout missing"),
    Mutant(
        "dropout: before the convolutions",
        [
            (FIRST, convolution("Dropout(dropout_prob)(inputs) if dropout_prob > 0 else inputs")),
            (DROPOUT, "pass"),
        ],
        9,
        "Dropout",
    ),
    Mutant(
        "dropout: between the convolutions",
        [(SECOND, convolution("Dropout(dropout_prob)(conv) if dropout_prob > 0 else conv")), (DROPOUT, "pass")],
        9,
        "Dropout",
    ),
    Mutant(
        "dropout: after the pooling",
        [
            (DROPOUT, "pass"),
            (
                BLOCK_RETURN,
                f"if dropout_prob > 0:\n        next_layer = Dropout(dropout_prob)(next_layer)\n    {BLOCK_RETURN}",
            ),
        ],
        # Without pooling, the dropout is missing from skip_connection: that sentence of the rubric is not true either.
        8,
        "Dropout",
    ),
    Mutant(
        "dropout: spatial",
        [("Dropout(dropout_prob)", f"{LAYERS}.SpatialDropout2D(dropout_prob)")],
        9,
        "SpatialDropout2D",
    ),
    Mutant(
        "dropout: a noise shape",
        [("Dropout(dropout_prob)", "Dropout(dropout_prob, noise_shape=(None, 1, 1, None))")],
        9,
        "layer 4 (Dropout), noise_shape",
    ),
    Mutant(
        "dropout: after both convolutions",
        [(SECOND, convolution("Dropout(dropout_prob)(conv) if dropout_prob > 0 else conv"))],
        9,
        "an extra Dropout",
    ),
    # Pooling
    Mutant("pooling: 3x3", [("MaxPooling2D((2, 2))", "MaxPooling2D((3, 3))")], 9, "(MaxPooling2D), pool_size"),
    Mutant(
        "pooling: stride 1",
        [("MaxPooling2D((2, 2))", "MaxPooling2D((2, 2), strides=1)")],
        9,
        "(MaxPooling2D), strides",
    ),
    Mutant(
        "pooling: padded",
        [("MaxPooling2D((2, 2))", "MaxPooling2D((2, 2), padding='same')")],
        9,
        "(MaxPooling2D), padding",
    ),
    Mutant(
        "pooling: average",
        [("MaxPooling2D((2, 2))", f"{LAYERS}.AveragePooling2D((2, 2))")],
        9,
        "AveragePooling2D instead of MaxPooling2D",
    ),
    Mutant(
        "pooling: by a convolution with stride 2",
        [(POOLING, "Conv2D(n_filters, 2, strides=2)(conv)")],
        9,
        "MaxPooling2D",
    ),
    Mutant("pooling: always", [(IF_POOLING, "if True:")], 9, "(MaxPooling2D): an extra MaxPooling2D"),
    Mutant("pooling: never", [(IF_POOLING, "if False:")], 9, "MaxPooling2D missing"),
    Mutant("pooling: inverted", [(IF_POOLING, "if not max_pooling:")], 9, "MaxPooling2D missing"),
    Mutant(
        "pooling: of the first convolution",
        [(f"conv = {FIRST}", f"conv = first = {FIRST}"), (POOLING, "MaxPooling2D((2, 2))(first)")],
        9,
        "(MaxPooling2D): fed by layer 2 (Conv2D)",
    ),
    # What is returned
    Mutant("returns exchanged", [(BLOCK_RETURN, "return skip_connection, next_layer")], 9, "what is returned"),
    Mutant("skip connection from after the pooling", [(SKIP, "skip_connection = next_layer")], 9, "what is returned"),
    Mutant("the pooled tensor twice", [(BLOCK_RETURN, "return next_layer, next_layer")], 9, "what is returned"),
    Mutant("the skip connection twice", [(BLOCK_RETURN, "return conv, conv")], 9, "MaxPooling2D missing"),
    Mutant("one tensor only", [(BLOCK_RETURN, "return next_layer")], 9, "what is returned"),
    Mutant(
        "skip connection from the first convolution",
        [(f"conv = {FIRST}", f"conv = first = {FIRST}"), (SKIP, "skip_connection = first")],
        9,
        "what is returned",
    ),
    Mutant(
        "skip connection from before the dropout",
        [(IF_DROPOUT, f"{SKIP}\n    {IF_DROPOUT}"), (f"    {SKIP}\n\n    return", "    return")],
        9,
        "what is returned",
    ),
]

_UPSAMPLING_BLOCK = [
    *_arguments(
        "transposed convolution",
        TRANSPOSED,
        "expansive_input",
        "layer 2 (Conv2DTranspose)",
        transposed,
        [
            ("filters", "2 * n_filters", 9),
            ("filters", "32", 9),
            ("kernel_size", "2", 9),
            ("kernel_size", "(3, 5)", 9),
            ("strides", "1", 9),
            ("strides", None, 9),
            ("strides", "3", 9),
            ("padding", "'valid'", 9),
            ("activation", "'relu'", 9),
            ("kernel_initializer", "'he_normal'", 9),
            ("use_bias", "False", 9),
            ("kernel_regularizer", "'l2'", 9),
        ],
    ),
    Mutant(
        "a ReLU layer after the transposed convolution",
        [(TRANSPOSED, f"{LAYERS}.ReLU()({TRANSPOSED})")],
        9,
        "layer 2 (Conv2DTranspose), activation",
    ),
    Mutant(
        "the skip connection is enlarged",
        [(TRANSPOSED, transposed("contractive_input"))],
        9,
        "(Conv2DTranspose): fed by",
    ),
    Mutant(
        "enlarged without weights",
        [(TRANSPOSED, f"{LAYERS}.UpSampling2D()(expansive_input)")],
        # All three criteria speak of the transposed convolution, and there is none.
        7,
        "layer 2 (UpSampling2D): UpSampling2D instead of Conv2DTranspose",
    ),
    # Joining
    Mutant(
        "joined in the wrong order",
        [(JOINED, "concatenate([contractive_input, up], axis=3)")],
        8,
        "(Concatenate): fed by",
    ),
    Mutant("joined on axis 1", [("axis=3", "axis=1")], 8, "(Concatenate), axis"),
    Mutant("joined on axis 2", [("axis=3", "axis=2")], 8, "(Concatenate), axis"),
    Mutant("not joined", [(JOINED, "up")], 8, "after layer 2 (Conv2DTranspose): Concatenate missing"),
    Mutant("added", [(JOINED, f"{LAYERS}.Add()([up, contractive_input])")], 8, "layer 4 (Add)"),
    Mutant(
        "the enlarged tensor joined with itself",
        [(JOINED, "concatenate([up, up], axis=3)")],
        8,
        "(Concatenate): fed by",
    ),
    Mutant(
        "the skip connection joined with itself",
        [(JOINED, "concatenate([contractive_input] * 2, axis=3)")],
        # The transposed convolution is made and leads nowhere, so the network has none: 3 points more.
        5,
        "(Concatenate): fed by",
    ),
    Mutant(
        "the skip connection joined twice",
        [(JOINED, "concatenate([up, contractive_input, contractive_input], axis=3)")],
        8,
        "(Concatenate): fed by",
    ),
    Mutant(
        "the block's input joined instead of the enlarged tensor",
        [(JOINED, "concatenate([expansive_input, contractive_input], axis=3)")],
        # Here as well; the joining itself is in its place.
        7,
        "Conv2DTranspose missing",
    ),
    Mutant("the joined tensor is not used", [(AFTER_JOINING, convolution("up"))], 8, "Concatenate missing"),
    # The two convolutions
    *_arguments(
        "first convolution",
        AFTER_JOINING,
        "merge",
        "layer 5 (Conv2D)",
        convolution,
        [
            ("filters", "n_filters // 2", 9),
            ("filters", "32", 9),
            ("kernel_size", "1", 9),
            ("strides", "2", 9),
            ("padding", "'valid'", 9),
            ("dilation_rate", "2", 9),
            ("activation", None, 9),
            ("kernel_initializer", None, 9),
            ("use_bias", "False", 9),
        ],
    ),
    *_arguments(
        "second convolution",
        SECOND,
        "conv",
        "layer 6 (Conv2D)",
        convolution,
        [
            ("filters", "2 * n_filters", 9),
            ("filters", "32", 9),
            ("kernel_size", "(5, 5)", 9),
            ("strides", "2", 9),
            ("padding", None, 9),
            ("dilation_rate", "(2, 1)", 9),
            ("activation", "'elu'", 9),
            ("kernel_initializer", "'glorot_uniform'", 9),
            ("activity_regularizer", "'l2'", 9),
        ],
    ),
    Mutant(
        "n_filters ignored",
        [
            (TRANSPOSED, transposed(filters="32")),
            (AFTER_JOINING, convolution("merge", filters="32")),
            (SECOND, convolution("conv", filters="32")),
        ],
        # A criterion each for the filters of the transposed convolution and of the two others.
        8,
        "layer 2 (Conv2DTranspose), filters",
    ),
    Mutant("one convolution only", [(f"conv = {SECOND}", "pass")], 9, "Conv2D missing"),
    Mutant("second convolution on the joined tensor", [(SECOND, convolution("merge"))], 9, "Conv2D missing"),
    Mutant("three convolutions", [(SECOND, convolution(SECOND))], 9, "an extra Conv2D"),
    Mutant(
        "batch normalization at the end",
        [("return conv", f"return {LAYERS}.BatchNormalization()(conv)")],
        9,
        "layer 7 (BatchNormalization): an extra BatchNormalization",
    ),
    Mutant("dropout after the joining", [(AFTER_JOINING, convolution("Dropout(0.3)(merge)"))], 9, "an extra Dropout"),
    Mutant("returns two tensors", [("return conv", "return conv, merge")], 9, "what is returned"),
]

_UNET_MODEL = [
    # Multiples of n_filters
    Mutant("cblock1: 2n filters", [(CBLOCK1, "conv_block(inputs, n_filters * 2)")], 8, "layer 2 (Conv2D), filters"),
    Mutant("cblock1: 32 filters", [(CBLOCK1, "conv_block(inputs, 32)")], 8, "layer 2 (Conv2D), filters"),
    Mutant("cblock2: n filters", [(CBLOCK2, "conv_block(cblock1[0], n_filters)")], 8, "layer 5 (Conv2D), filters"),
    Mutant("cblock3: 3n filters", [(CBLOCK3, "conv_block(cblock2[0], n_filters * 3)")], 8, "layer 8 (Conv2D), filters"),
    Mutant("cblock4: 4n filters", [(CBLOCK4, CBLOCK4.replace("* 8", "* 4"))], 8, "layer 11 (Conv2D), filters"),
    Mutant("cblock5: 8n filters", [(CBLOCK5, CBLOCK5.replace("* 16", "* 8"))], 8, "layer 15 (Conv2D), filters"),
    Mutant(
        "ublock6: 16n filters", [(UBLOCK6, UBLOCK6.replace("* 8", "* 16"))], 8, "layer 18 (Conv2DTranspose), filters"
    ),
    Mutant("ublock7: 2n filters", [(UBLOCK7, UBLOCK7.replace("* 4", "* 2"))], 8, "layer 22 (Conv2DTranspose), filters"),
    Mutant(
        "ublock8: 64 filters",
        [(UBLOCK8, UBLOCK8.replace("n_filters * 2", "64"))],
        8,
        "layer 26 (Conv2DTranspose), filters",
    ),
    Mutant(
        "ublock9: 2n filters",
        [(UBLOCK9, UBLOCK9.replace("n_filters", "n_filters * 2"))],
        8,
        "layer 30 (Conv2DTranspose), filters",
    ),
    # Arguments of unet_model ignored
    Mutant(
        "n_filters ignored",
        [(INPUT, f"{INPUT}\n    n_filters = 32")],
        # Encoder, decoder and conv9 have a criterion each that names their filters.
        5,
        "layer 2 (Conv2D), filters",
    ),
    Mutant("input_size ignored", [(INPUT, "inputs = Input((96, 128, 3))")], 8, "layer 1 (InputLayer), shape"),
    Mutant(
        "channels of the input fixed",
        [(INPUT, "inputs = Input((*input_size[:2], 3))")],
        8,
        "layer 1 (InputLayer), shape",
    ),
    Mutant(
        "height and width of the input fixed",
        [(INPUT, "inputs = Input((96, 128, input_size[2]))")],
        8,
        "layer 1 (InputLayer), shape",
    ),
    Mutant("n_classes ignored", [("Conv2D(n_classes", "Conv2D(23")], 9, "layer 35 (Conv2D), filters"),
    # Dropout
    Mutant(
        "dropout missing in cblock4",
        [(CBLOCK4, CBLOCK4.replace(", dropout_prob=0.3", ""))],
        9,
        "after layer 12 (Conv2D): Dropout missing",
    ),
    Mutant(
        "dropout missing in cblock5",
        [(CBLOCK5, CBLOCK5.replace(" dropout_prob=0.3,", ""))],
        9,
        "after layer 16 (Conv2D): Dropout missing",
    ),
    Mutant(
        "dropout in cblock3", [(CBLOCK3, CBLOCK3.replace(")", ", 0.3)"))], 9, "layer 10 (Dropout): an extra Dropout"
    ),
    Mutant("wrong rate in cblock4", [(CBLOCK4, CBLOCK4.replace("0.3", "0.5"))], 9, "layer 13 (Dropout), rate"),
    Mutant("wrong rate in cblock5", [(CBLOCK5, CBLOCK5.replace("0.3", "0.03"))], 9, "layer 17 (Dropout), rate"),
    # Pooling
    Mutant(
        "pooling in cblock5",
        [(CBLOCK5, CBLOCK5.replace(", max_pooling=False", ""))],
        9,
        "layer 18 (MaxPooling2D): an extra MaxPooling2D",
    ),
    Mutant(
        "no pooling in cblock1",
        [(CBLOCK1, CBLOCK1.replace(")", ", max_pooling=False)"))],
        9,
        "after layer 3 (Conv2D): MaxPooling2D missing",
    ),
    # Skip connections
    Mutant("skip of level 4 from element 0", [("cblock4[1]", "cblock4[0]")], 8, "layer 19 (Concatenate): fed by"),
    Mutant("skip of level 3 from element 0", [("cblock3[1]", "cblock3[0]")], 8, "layer 23 (Concatenate): fed by"),
    Mutant("skip of level 1 from element 0", [("cblock1[1]", "cblock1[0]")], 8, "layer 31 (Concatenate): fed by"),
    Mutant(
        "all skips from element 0",
        [(f"cblock{n}[1]", f"cblock{n}[0]") for n in (1, 2, 3, 4)],
        8,
        "layer 19 (Concatenate): fed by",
    ),
    Mutant("ublock6 with the skip of level 3", [("cblock4[1]", "cblock3[1]")], 8, "layer 19 (Concatenate): fed by"),
    Mutant(
        "skips of levels 2 and 3 exchanged",
        [("cblock2[1]", "cblock0[1]"), ("cblock3[1]", "cblock2[1]"), ("cblock0[1]", "cblock3[1]")],
        8,
        "layer 23 (Concatenate): fed by",
    ),
    Mutant(
        "the order of all skips reversed",
        [
            ("cblock1[1]", "cblock[4]"),
            ("cblock4[1]", "cblock1[1]"),
            ("cblock[4]", "cblock4[1]"),
            ("cblock2[1]", "cblock[3]"),
            ("cblock3[1]", "cblock2[1]"),
            ("cblock[3]", "cblock3[1]"),
        ],
        8,
        "layer 19 (Concatenate): fed by",
    ),
    Mutant("ublock6 joined with its own input", [("cblock4[1]", "cblock5[0]")], 8, "layer 19 (Concatenate): fed by"),
    Mutant("ublock9 joined with the image", [("cblock1[1]", "inputs")], 8, "layer 31 (Concatenate): fed by"),
    Mutant(
        "ublock6: its two tensors exchanged",
        [(UBLOCK6, "upsampling_block(cblock4[1], cblock5[0], n_filters * 8)")],
        # Neither is the block on the one before, nor is it joined with the skip connection of its level.
        6,
        "(Concatenate): fed by",
    ),
    # Wiring of the encoder and the decoder
    Mutant(
        "cblock3 on the skip connection of cblock2",
        [("conv_block(cblock2[0]", "conv_block(cblock2[1]")],
        9,
        "after layer 6 (Conv2D): MaxPooling2D missing",
    ),
    Mutant("cblock3 on cblock1", [("conv_block(cblock2[0]", "conv_block(cblock1[0]")], 8, "fed by"),
    Mutant(
        "ublock6 on cblock4",
        [("upsampling_block(cblock5[0]", "upsampling_block(cblock4[0]")],
        8,
        "missing",
    ),
    Mutant(
        "ublock7 on cblock5",
        [("upsampling_block(ublock6", "upsampling_block(cblock5[0]")],
        8,
        "missing",
    ),
    Mutant(
        "ublock8 on ublock6",
        [("upsampling_block(ublock7", "upsampling_block(ublock6")],
        8,
        "missing",
    ),
    Mutant("conv9 on ublock8", [("(ublock9)", "(ublock8)")], 8, "missing"),
    # The last two layers
    *_arguments(
        "conv9",
        CONV9,
        "ublock9",
        "layer 34 (Conv2D)",
        convolution,
        [
            ("filters", "2 * n_filters", 9),
            ("filters", "32", 9),
            ("kernel_size", "1", 9),
            ("strides", "2", 9),
            ("padding", "'valid'", 9),
            ("activation", None, 9),
            ("kernel_initializer", None, 9),
        ],
    ),
    Mutant(
        "conv9 not used",
        [("(conv9)", "(ublock9)")],
        9,
        "Conv2D missing",
    ),
    Mutant("conv9 twice", [(CONV9, convolution(CONV9))], 8, "an extra Conv2D"),
    Mutant("conv10: kernel 3", [("n_classes, 1", "n_classes, 3")], 9, "layer 35 (Conv2D), kernel_size"),
    Mutant("conv10: stride 2", [("n_classes, 1", "n_classes, 1, 2")], 9, "layer 35 (Conv2D), strides"),
    Mutant("conv10: no padding", [("1, padding='same'", "1")], 9, "layer 35 (Conv2D), padding"),
    Mutant(
        "conv10: softmax",
        [("1, padding='same'", "1, padding='same', activation='softmax'")],
        9,
        "layer 35 (Conv2D), activation",
    ),
    Mutant(
        "conv10: ReLU",
        [("1, padding='same'", "1, padding='same', activation='relu'")],
        9,
        "layer 35 (Conv2D), activation",
    ),
    Mutant(
        "conv10: initializer",
        [("1, padding='same'", "1, padding='same', kernel_initializer='he_normal'")],
        9,
        "layer 35 (Conv2D), kernel_initializer",
    ),
    Mutant(
        "conv10: no bias",
        [("1, padding='same'", "1, padding='same', use_bias=False")],
        9,
        "layer 35 (Conv2D), use_bias",
    ),
    Mutant("conv10 missing", [("outputs=conv10", "outputs=conv9")], 9, "Conv2D missing"),
    Mutant(
        "a softmax layer at the end",
        [("outputs=conv10", f"outputs={LAYERS}.Softmax()(conv10)")],
        9,
        "layer 35 (Conv2D), activation",
    ),
    Mutant(
        "batch normalization at the end",
        [("outputs=conv10", f"outputs={LAYERS}.BatchNormalization()(conv10)")],
        8,
        "layer 36 (BatchNormalization): an extra BatchNormalization",
    ),
    Mutant("dropout before conv10", [("(conv9)", "(Dropout(0.3)(conv9))")], 9, "layer 35 (Dropout): an extra Dropout"),
    Mutant(
        "the image rescaled at the start",
        [(CBLOCK1, f"conv_block({LAYERS}.Rescaling(1 / 255)(inputs), n_filters)")],
        8,
        "layer 2 (Rescaling): an extra Rescaling",
    ),
    Mutant(
        "batch normalization between two blocks",
        [(CBLOCK2, f"conv_block({LAYERS}.BatchNormalization()(cblock1[0]), n_filters * 2)")],
        8,
        "layer 5 (BatchNormalization): an extra BatchNormalization",
    ),
    Mutant("the model has two outputs", [("outputs=conv10", "outputs=[conv10, conv9]")], 8, "what is returned"),
    Mutant(
        "the tensor is returned instead of the model",
        [(MODEL, "conv10")],
        8,
        "what is returned: a tensor",
    ),
]

MUTANTS = [
    Mutant(**(vars(mutant) | {"cell": cell, "name": f"{EXERCISES[cell]}: {mutant.name}"}))
    for cell, mutants in zip(EXERCISES, (_CONV_BLOCK, _UPSAMPLING_BLOCK, _UNET_MODEL))
    for mutant in mutants
]
