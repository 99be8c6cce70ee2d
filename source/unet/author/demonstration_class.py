"""The demonstration class of the assignment ``unet``."""

from keras_autograder.demonstration import DemonstrationSubmission

_OTHER_STYLE_CONV_BLOCK = """\
# UNQ_C1
# GRADED FUNCTION: conv_block
def conv_block(inputs=None, n_filters=32, dropout_prob=0, max_pooling=True):
    def convolution(tensor):
        layer = tf.keras.layers.Conv2D(
            filters=n_filters, kernel_size=(3, 3), padding="SAME", kernel_initializer=tf.keras.initializers.HeNormal()
        )
        return tf.keras.layers.ReLU()(layer(tensor))

    skip_connection = convolution(convolution(inputs))
    if dropout_prob:
        skip_connection = tf.keras.layers.Dropout(rate=dropout_prob)(skip_connection)
    if not max_pooling:
        return skip_connection, skip_connection
    return tf.keras.layers.MaxPool2D(strides=2)(skip_connection), skip_connection
"""

_OTHER_STYLE_UPSAMPLING_BLOCK = """\
# UNQ_C2
# GRADED FUNCTION: upsampling_block
def upsampling_block(expansive_input, contractive_input, n_filters=32):
    up = tf.keras.layers.Conv2DTranspose(n_filters, (3, 3), (2, 2), "same")(expansive_input)
    conv = tf.keras.layers.Concatenate()([up, contractive_input])
    for _ in range(2):
        conv = Conv2D(n_filters, 3, activation=tf.nn.relu, padding="same", kernel_initializer="HeNormal")(conv)
    return conv
"""

_OTHER_STYLE_UNET_MODEL = """\
# UNQ_C3
# GRADED FUNCTION: unet_model
def unet_model(input_size=(96, 128, 3), n_filters=32, n_classes=23):
    inputs = tf.keras.Input(shape=input_size)
    tensor, skips = inputs, []
    for level in range(4):
        tensor, skip = conv_block(tensor, n_filters * 2**level, 0.3 if level == 3 else 0.0)
        skips.append(skip)
    _, tensor = conv_block(tensor, 16 * n_filters, 0.3, False)
    for level in reversed(range(4)):
        tensor = upsampling_block(tensor, skips[level], n_filters * 2**level)
    conv9 = Conv2D(n_filters, (3, 3), padding="same", kernel_initializer="he_normal", activation="relu")(tensor)
    return tf.keras.Model(inputs, Conv2D(n_classes, kernel_size=(1, 1), padding="same", activation=None)(conv9))
"""

SUBMISSIONS = [
    DemonstrationSubmission("demo-right", "the author's solution", (10, 10, 10)),
    DemonstrationSubmission(
        "demo-right-other-style",
        "right, with other names, loops, separate ReLU layers and keyword arguments",
        (10, 10, 10),
        cells={
            "UNQ_C1": _OTHER_STYLE_CONV_BLOCK,
            "UNQ_C2": _OTHER_STYLE_UPSAMPLING_BLOCK,
            "UNQ_C3": _OTHER_STYLE_UNET_MODEL,
        },
    ),
    DemonstrationSubmission(
        "demo-padding",
        "one convolution of conv_block pads nothing",
        (9, 10, 10),
        edits={
            "UNQ_C1": [
                (
                    "padding='same',\n                  kernel_initializer='he_normal')(inputs)",
                    "padding='valid',\n                  kernel_initializer='he_normal')(inputs)",
                )
            ]
        },
    ),
    DemonstrationSubmission(
        "demo-initializer",
        "the initializer was forgotten everywhere in conv_block",
        (9, 10, 10),
        edits={"UNQ_C1": [(",\n                  kernel_initializer='he_normal'", "")]},
    ),
    DemonstrationSubmission(
        "demo-activation",
        "the last convolution of upsampling_block has no activation",
        (10, 9, 10),
        edits={
            "UNQ_C2": [
                (
                    "activation='relu',\n                  padding='same',\n"
                    "                  kernel_initializer='he_normal')(conv)",
                    "padding='same',\n                  kernel_initializer='he_normal')(conv)",
                )
            ]
        },
    ),
    DemonstrationSubmission(
        "demo-dropout-fixed",
        "conv_block drops a fixed half instead of dropout_prob",
        (9, 10, 10),
        edits={"UNQ_C1": [("Dropout(dropout_prob)", "Dropout(0.5)")]},
    ),
    DemonstrationSubmission(
        "demo-returns-swapped",
        "conv_block returns the skip connection first",
        (9, 10, 10),
        edits={"UNQ_C1": [("return next_layer, skip_connection", "return skip_connection, next_layer")]},
    ),
    DemonstrationSubmission(
        "demo-concatenation-swapped",
        "the skip connection comes first in the concatenation",
        (10, 8, 10),
        edits={"UNQ_C2": [("[up, contractive_input]", "[contractive_input, up]")]},
    ),
    DemonstrationSubmission(
        "demo-stride",
        "the transposed convolution enlarges nothing, so nothing fits",
        (10, 9, 10),
        edits={"UNQ_C2": [("strides=2", "strides=1")]},
    ),
    DemonstrationSubmission(
        "demo-no-skip-connections",
        "upsampling_block ignores the skip connection: a comparison of the layers in order would not name it",
        (10, 8, 10),
        edits={"UNQ_C2": [("concatenate([up, contractive_input], axis=3)", "up")]},
    ),
    DemonstrationSubmission(
        "demo-skip-after-pooling",
        "unet_model takes one skip connection from behind the pooling",
        (10, 10, 8),
        edits={"UNQ_C3": [("cblock3[1]", "cblock3[0]")]},
    ),
    DemonstrationSubmission(
        "demo-filters-not-doubled",
        "the third encoder block of unet_model has the filters of the second",
        (10, 10, 8),
        edits={"UNQ_C3": [("conv_block(cblock2[0], n_filters * 4)", "conv_block(cblock2[0], n_filters * 2)")]},
    ),
    DemonstrationSubmission(
        "demo-softmax",
        "unet_model ends in a softmax, though the loss expects logits",
        (10, 10, 9),
        edits={"UNQ_C3": [("1, padding='same')", "1, padding='same', activation='softmax')")]},
    ),
    DemonstrationSubmission(
        "demo-classes-fixed",
        "unet_model always has 23 classes: the visible check cannot see it",
        (10, 10, 9),
        edits={"UNQ_C3": [("Conv2D(n_classes, 1, padding='same')", "Conv2D(23, 1, padding='same')")]},
    ),
    DemonstrationSubmission(
        "demo-first-exercise-only",
        "only conv_block was written",
        (10, 0, 0),
        blank=("UNQ_C2", "UNQ_C3"),
    ),
    DemonstrationSubmission(
        "demo-blank", "handed in as it was released", (0, 0, 0), blank=("UNQ_C1", "UNQ_C2", "UNQ_C3")
    ),
    DemonstrationSubmission(
        "demo-syntax-error",
        "a bracket is missing in conv_block; the rest is right",
        (0, 10, 10),
        edits={"UNQ_C1": [("MaxPooling2D((2, 2))(conv)", "MaxPooling2D((2, 2)(conv)")]},
    ),
]
