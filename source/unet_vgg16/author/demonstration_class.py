"""The demonstration class of the assignment ``unet_vgg16``."""

from keras_autograder.demonstration import DemonstrationSubmission

_OTHER_STYLE_ENCODER = """\
# UNQ_C1
# GRADED FUNCTION: encoder_VGG16
def encoder_VGG16(input_shape):
    whole = tf.keras.applications.VGG16(False, 'imagenet', None, input_shape)
    names = ('block1_conv1', 'block2_conv2', 'block3_conv3', 'block4_conv3', 'block5_conv3')
    tensors = tuple(whole.get_layer(name).output for name in names)
    return tf.keras.Model(whole.input, tensors[-1]), tensors
"""

_OTHER_STYLE_UNET = """\
# UNQ_C2
# GRADED FUNCTION: unet
def unet(image_width, image_height, n_channels, n_depth, n_classes):
    def level_up(below, beside, filters):
        up = tf.keras.layers.Conv2DTranspose(filters, (3, 3), (2, 2), "same")(below)
        mixed = tf.keras.layers.BatchNormalization()(tf.keras.layers.concatenate([up, beside]))
        mixed = tf.keras.layers.Activation("relu")(mixed)
        for _ in range(2):
            mixed = Conv2D(filters, 3, padding="same")(mixed)
            mixed = tf.keras.activations.relu(mixed)
        return mixed

    encoder, tensors = encoder_VGG16(input_shape=[image_height, image_width, n_channels])
    for layer in encoder.layers:
        layer.trainable = False
    *skips, deepest = tensors[:n_depth]
    channels = [tensor.shape[-1] for tensor in tensors]
    result = Dropout(rate=0.5)(deepest)
    while skips:
        filters = channels[len(skips)] // 2
        result = level_up(result, skips.pop(), filters)
    return tf.keras.Model(encoder.inputs, Conv2D(n_classes, (1, 1), padding="same", activation="linear")(result))
"""

SUBMISSIONS = [
    DemonstrationSubmission("demo-right", "the author's solution", (10, 10)),
    DemonstrationSubmission(
        "demo-right-other-style",
        "right, with a loop over functions, Activation layers, and an encoder cut off behind its last tensor",
        (10, 10),
        cells={"UNQ_C1": _OTHER_STYLE_ENCODER, "UNQ_C2": _OTHER_STYLE_UNET},
    ),
    DemonstrationSubmission(
        "demo-after-pooling",
        "one tensor of the encoder is taken from behind the pooling",
        (9, 10),
        edits={"UNQ_C1": [("block3_conv3", "block3_pool")]},
    ),
    DemonstrationSubmission(
        "demo-untrained",
        "VGG16 starts from random weights: the network looks the same",
        (9, 10),
        edits={"UNQ_C1": [("weights='imagenet'", "weights=None")]},
    ),
    DemonstrationSubmission(
        "demo-not-frozen",
        "the encoder is trained along",
        (10, 9),
        edits={"UNQ_C2": [("encoder.trainable = False", "encoder.trainable = True")]},
    ),
    DemonstrationSubmission(
        "demo-depth-fixed",
        "always five levels, whatever n_depth says: the visible check cannot see it",
        (10, 9),
        edits={"UNQ_C2": [("x[n_depth - 1]", "x[4]"), ("range(n_depth - 1)", "range(4)")]},
    ),
    DemonstrationSubmission(
        "demo-size-swapped",
        "width and height are exchanged: the visible check, on squares, cannot see it",
        (10, 9),
        edits={"UNQ_C2": [("(image_height, image_width, n_channels)", "(image_width, image_height, n_channels)")]},
    ),
    DemonstrationSubmission(
        "demo-softmax",
        "the network ends in a softmax, though the loss expects logits",
        (10, 9),
        edits={"UNQ_C2": [("1, padding='same')", "1, padding='same', activation='softmax')")]},
    ),
    DemonstrationSubmission(
        "demo-no-normalization",
        "the decoder goes on from the concatenation without normalizing it",
        (10, 9),
        edits={"UNQ_C2": [("        tensor = BatchNormalization()(tensor)\n        tensor = ReLU()(tensor)\n", "")]},
    ),
    DemonstrationSubmission("demo-first-exercise-only", "only encoder_VGG16 was written", (10, 0), blank=("UNQ_C2",)),
    DemonstrationSubmission("demo-blank", "handed in as it was released", (0, 0), blank=("UNQ_C1", "UNQ_C2")),
]
