"""What the visible checks expect: the rows that ``summary`` gives for a right solution, and their wiring.

Each value is a list of rows that prints and compares like a plain list. Its attributes say what the rows leave out;
``test_utils.comparator`` compares them as well:

``connections``
    for each row the numbers (from 1) of the rows that feed it, in order;
``outputs``
    the numbers of the rows whose tensors are returned, in order;
``details``
    for each row the layer's arguments that the row does not print;
``hints``
    what to tell of a difference.

It holds data only, with the hints that fit this assignment: ``HINTS`` for differences between networks (the keys are
those of ``keras_checks.hints``), ``ERROR_HINTS`` for errors, by a part of their message.
"""

from keras_checks import ExpectedSummary

# What the rows of the assignment's networks do not print.
_UNPRINTED = {
    "Conv2D": {
        "kernel_size": (3, 3),
        "strides": (1, 1),
        "dilation_rate": (1, 1),
        "groups": 1,
        "use_bias": True,
        "data_format": "channels_last",
    },
    "Conv2DTranspose": {
        "kernel_size": (3, 3),
        "strides": (2, 2),
        "padding": "same",
        "activation": "linear",
        "kernel_initializer": "GlorotUniform",
        "dilation_rate": (1, 1),
        "use_bias": True,
        "data_format": "channels_last",
    },
    "MaxPooling2D": {"strides": (2, 2), "padding": "valid", "data_format": "channels_last"},
    "Concatenate": {"axis": 3},
}

# What holds for the network of 2015 as well.
_HINTS_ON_ARGUMENTS = {
    "Conv2DTranspose.activation": "The transposed convolution only enlarges: give it no activation.",
    "activation=linear": "This layer returns logits: give it no activation, the loss applies the softmax "
    "(from_logits=True).",
    "filters": "Is it the right multiple of n_filters, and the argument itself rather than a fixed number?",
    "strides": "Check strides: 2 in the transposed convolution, Keras' default everywhere else.",
    "pool_size": "The pool is 2x2.",
    "axis": "Join the channels: axis 3, the last one.",
}
_HINTS_ON_LAYERS = {
    "missing Conv2DTranspose": "The upsampling step is missing, or its result is not used by the layers after it.",
    "missing Conv2D": "Is the convolution created, called on the tensor before it, and its result used by the next "
    "layer?",
    "extra Softmax": "The model returns logits: the loss applies the softmax itself (from_logits=True).",
}
HINTS = {
    **_HINTS_ON_ARGUMENTS,
    **_HINTS_ON_LAYERS,
    "kernel_size": "Check kernel_size: 3 for all convolutions, 1 for the last one only.",
    "rate": "Is the argument dropout_prob handed on to Dropout, and is it the rate that the exercise names?",
    "missing Dropout": "Add Dropout(dropout_prob) after the second convolution whenever dropout_prob is greater than "
    "0, and pass a dropout_prob where the exercise asks for one.",
    "extra Dropout": "Dropout belongs there only when dropout_prob is greater than 0.",
    "missing MaxPooling2D": "Add a MaxPooling2D with a 2x2 pool whenever max_pooling is true.",
    "extra MaxPooling2D": "There is no pooling when max_pooling is false: the deepest block keeps its size.",
    "missing Concatenate": "The skip connection is not joined: concatenate [up, contractive_input] on the channel "
    "axis.",
    "inputs.order": "The right tensors in the wrong order: the upsampled one comes first, [up, contractive_input].",
    "inputs.fewer": "One input is missing: is the skip connection handed over and joined?",
    "inputs.from MaxPooling2D": "The tensor after the pooling was taken: the skip connection is element [1] of what "
    "conv_block returns.",
    "inputs.not from MaxPooling2D": "The tensor before the pooling was taken: the next block continues with element "
    "[0] of conv_block.",
    "inputs": "Each layer goes on from the result of the one before; a skip comes from the encoder block of the same "
    "size.",
    "outputs.order": "The right tensors in the wrong order: return next_layer first and skip_connection second.",
    "outputs.other": "Is the skip connection the tensor before the pooling, and next_layer the one after it?",
}
ERROR_HINTS = {
    "requires inputs with matching shapes": "The two tensors to be joined differ in height or width. Does the "
    "transposed convolution double the size, is the skip connection element [1] of that level's encoder block, "
    "and does conv_block keep the size (padding 'same')?",
    "cannot unpack": "conv_block returns two tensors: next_layer and skip_connection.",
}

# Check 1a: conv_block on (96, 128, 3) with 32 filters.
conv_block_output1 = ExpectedSummary(
    [
        ["InputLayer", [(None, 96, 128, 3)], 0],
        ["Conv2D", (None, 96, 128, 32), 896, "same", "relu", "HeNormal"],
        ["Conv2D", (None, 96, 128, 32), 9248, "same", "relu", "HeNormal"],
        ["MaxPooling2D", (None, 48, 64, 32), 0, (2, 2)],
    ],
    connections=[[], [1], [2], [3]],
    outputs=[4, 3],
    unprinted=_UNPRINTED,
    hints=HINTS,
)

# Check 1b: the same with 32 * 32 filters and a dropout of 0.1.
conv_block_output2 = ExpectedSummary(
    [
        ["InputLayer", [(None, 96, 128, 3)], 0],
        ["Conv2D", (None, 96, 128, 1024), 28672, "same", "relu", "HeNormal"],
        ["Conv2D", (None, 96, 128, 1024), 9438208, "same", "relu", "HeNormal"],
        ["Dropout", (None, 96, 128, 1024), 0, 0.1],
        ["MaxPooling2D", (None, 48, 64, 1024), 0, (2, 2)],
    ],
    connections=[[], [1], [2], [3], [4]],
    outputs=[5, 4],
    unprinted=_UNPRINTED,
    hints=HINTS,
)

# Check 2: upsampling_block on (12, 16, 256) and (24, 32, 128) with 32 filters.
upsampling_block_output = ExpectedSummary(
    [
        ["InputLayer", [(None, 12, 16, 256)], 0],
        ["Conv2DTranspose", (None, 24, 32, 32), 73760],
        ["InputLayer", [(None, 24, 32, 128)], 0],
        ["Concatenate", (None, 24, 32, 160), 0],
        ["Conv2D", (None, 24, 32, 32), 46112, "same", "relu", "HeNormal"],
        ["Conv2D", (None, 24, 32, 32), 9248, "same", "relu", "HeNormal"],
    ],
    connections=[[], [1], [], [2, 3], [4], [5]],
    outputs=[6],
    unprinted=_UNPRINTED,
    hints=HINTS,
)

# Check 3: unet_model((96, 128, 3)), 8,640,471 parameters.
unet_model_output = ExpectedSummary(
    [
        ["InputLayer", [(None, 96, 128, 3)], 0],
        # the encoder: five convolutional blocks
        ["Conv2D", (None, 96, 128, 32), 896, "same", "relu", "HeNormal"],
        ["Conv2D", (None, 96, 128, 32), 9248, "same", "relu", "HeNormal"],
        ["MaxPooling2D", (None, 48, 64, 32), 0, (2, 2)],
        ["Conv2D", (None, 48, 64, 64), 18496, "same", "relu", "HeNormal"],
        ["Conv2D", (None, 48, 64, 64), 36928, "same", "relu", "HeNormal"],
        ["MaxPooling2D", (None, 24, 32, 64), 0, (2, 2)],
        ["Conv2D", (None, 24, 32, 128), 73856, "same", "relu", "HeNormal"],
        ["Conv2D", (None, 24, 32, 128), 147584, "same", "relu", "HeNormal"],
        ["MaxPooling2D", (None, 12, 16, 128), 0, (2, 2)],
        ["Conv2D", (None, 12, 16, 256), 295168, "same", "relu", "HeNormal"],
        ["Conv2D", (None, 12, 16, 256), 590080, "same", "relu", "HeNormal"],
        ["Dropout", (None, 12, 16, 256), 0, 0.3],
        ["MaxPooling2D", (None, 6, 8, 256), 0, (2, 2)],
        ["Conv2D", (None, 6, 8, 512), 1180160, "same", "relu", "HeNormal"],
        ["Conv2D", (None, 6, 8, 512), 2359808, "same", "relu", "HeNormal"],
        ["Dropout", (None, 6, 8, 512), 0, 0.3],
        # the decoder: four upsampling blocks
        ["Conv2DTranspose", (None, 12, 16, 256), 1179904],
        ["Concatenate", (None, 12, 16, 512), 0],
        ["Conv2D", (None, 12, 16, 256), 1179904, "same", "relu", "HeNormal"],
        ["Conv2D", (None, 12, 16, 256), 590080, "same", "relu", "HeNormal"],
        ["Conv2DTranspose", (None, 24, 32, 128), 295040],
        ["Concatenate", (None, 24, 32, 256), 0],
        ["Conv2D", (None, 24, 32, 128), 295040, "same", "relu", "HeNormal"],
        ["Conv2D", (None, 24, 32, 128), 147584, "same", "relu", "HeNormal"],
        ["Conv2DTranspose", (None, 48, 64, 64), 73792],
        ["Concatenate", (None, 48, 64, 128), 0],
        ["Conv2D", (None, 48, 64, 64), 73792, "same", "relu", "HeNormal"],
        ["Conv2D", (None, 48, 64, 64), 36928, "same", "relu", "HeNormal"],
        ["Conv2DTranspose", (None, 96, 128, 32), 18464],
        ["Concatenate", (None, 96, 128, 64), 0],
        ["Conv2D", (None, 96, 128, 32), 18464, "same", "relu", "HeNormal"],
        ["Conv2D", (None, 96, 128, 32), 9248, "same", "relu", "HeNormal"],
        # the last two convolutions: features, then one channel of logits for each class
        ["Conv2D", (None, 96, 128, 32), 9248, "same", "relu", "HeNormal"],
        ["Conv2D", (None, 96, 128, 23), 759, "same", "linear", "GlorotUniform"],
    ],
    connections=[
        *([], [1], [2], [3], [4], [5], [6], [7], [8], [9], [10], [11], [12], [13], [14], [15], [16]),
        *([17], [18, 13], [19], [20]),
        *([21], [22, 9], [23], [24]),
        *([25], [26, 6], [27], [28]),
        *([29], [30, 3], [31], [32]),
        *([33], [34]),
    ],
    outputs=[35],
    others={35: {"kernel_size": (1, 1)}},
    unprinted=_UNPRINTED,
    hints=HINTS,
)

_UNPRINTED_2015 = _UNPRINTED | {
    # Without the padding: a 2x2 filter that moves by two fills its output exactly, so 'same' and 'valid' do the same.
    "Conv2DTranspose": {
        "kernel_size": (2, 2),
        "strides": (2, 2),
        "activation": "linear",
        "kernel_initializer": "GlorotUniform",
        "dilation_rate": (1, 1),
        "use_bias": True,
        "data_format": "channels_last",
    },
    "Cropping2D": {"data_format": "channels_last"},
}

# What to tell of differences from the network of 2015.
HINTS_2015 = {
    **_HINTS_ON_ARGUMENTS,
    **_HINTS_ON_LAYERS,
    "Conv2D.kernel_size": "Check kernel_size: 3 in the unpadded convolutions, 1 in the last one.",
    "Conv2DTranspose.kernel_size": "The up-convolution has a 2x2 filter: pass 2 as the kernel size.",
    "Concatenate.inputs": "Join [expansive, cropped], in this order: what comes from below first.",
    "Cropping2D.cropping": "Half of what is too much goes at the top and half at the bottom; so for the columns.",
    "Cropping2D.inputs": "Each copy comes from the contracting path, on the same level, just before the pooling.",
    "Cropping2D.layer": "The copy is cropped by a Cropping2D layer before it is joined.",
    "Concatenate.layer": "The cropped copy is not joined: concatenate [expansive, cropped] on the channel axis.",
    "Dropout.layer": "Dropout of 0.5 stands after the blocks of levels 3 and 4, and nowhere else.",
    "Dropout.rate": "The rate is 0.5.",
    "GetItem.layer": "A slice computes the same as Cropping2D; the exercise asks for the layer.",
    "MaxPooling2D.layer": "A MaxPooling2D with a 2x2 pool ends each of the levels 0 to 3, and no other.",
    "inputs": "Each layer goes on from the result of the one before; a skip comes from the encoder block of the same "
    "size.",
}

# The optional exercise: unet_2015(), the network of Ronneberger, Fischer and Brox (2015), 31,030,658 parameters.
unet_2015_output = ExpectedSummary(
    [
        ["InputLayer", [(None, 572, 572, 1)], 0],
        # the contracting path: five times two unpadded convolutions
        ["Conv2D", (None, 570, 570, 64), 640, "valid", "relu", "HeNormal"],
        ["Conv2D", (None, 568, 568, 64), 36928, "valid", "relu", "HeNormal"],
        ["MaxPooling2D", (None, 284, 284, 64), 0, (2, 2)],
        ["Conv2D", (None, 282, 282, 128), 73856, "valid", "relu", "HeNormal"],
        ["Conv2D", (None, 280, 280, 128), 147584, "valid", "relu", "HeNormal"],
        ["MaxPooling2D", (None, 140, 140, 128), 0, (2, 2)],
        ["Conv2D", (None, 138, 138, 256), 295168, "valid", "relu", "HeNormal"],
        ["Conv2D", (None, 136, 136, 256), 590080, "valid", "relu", "HeNormal"],
        ["MaxPooling2D", (None, 68, 68, 256), 0, (2, 2)],
        ["Conv2D", (None, 66, 66, 512), 1180160, "valid", "relu", "HeNormal"],
        ["Conv2D", (None, 64, 64, 512), 2359808, "valid", "relu", "HeNormal"],
        ["Dropout", (None, 64, 64, 512), 0, 0.5],
        ["MaxPooling2D", (None, 32, 32, 512), 0, (2, 2)],
        ["Conv2D", (None, 30, 30, 1024), 4719616, "valid", "relu", "HeNormal"],
        ["Conv2D", (None, 28, 28, 1024), 9438208, "valid", "relu", "HeNormal"],
        ["Dropout", (None, 28, 28, 1024), 0, 0.5],
        # the expanding path: four times a 2x2 up-convolution, crop and concatenate, two unpadded convolutions
        ["Conv2DTranspose", (None, 56, 56, 512), 2097664],
        ["Cropping2D", (None, 56, 56, 512), 0],
        ["Concatenate", (None, 56, 56, 1024), 0],
        ["Conv2D", (None, 54, 54, 512), 4719104, "valid", "relu", "HeNormal"],
        ["Conv2D", (None, 52, 52, 512), 2359808, "valid", "relu", "HeNormal"],
        ["Conv2DTranspose", (None, 104, 104, 256), 524544],
        ["Cropping2D", (None, 104, 104, 256), 0],
        ["Concatenate", (None, 104, 104, 512), 0],
        ["Conv2D", (None, 102, 102, 256), 1179904, "valid", "relu", "HeNormal"],
        ["Conv2D", (None, 100, 100, 256), 590080, "valid", "relu", "HeNormal"],
        ["Conv2DTranspose", (None, 200, 200, 128), 131200],
        ["Cropping2D", (None, 200, 200, 128), 0],
        ["Concatenate", (None, 200, 200, 256), 0],
        ["Conv2D", (None, 198, 198, 128), 295040, "valid", "relu", "HeNormal"],
        ["Conv2D", (None, 196, 196, 128), 147584, "valid", "relu", "HeNormal"],
        ["Conv2DTranspose", (None, 392, 392, 64), 32832],
        ["Cropping2D", (None, 392, 392, 64), 0],
        ["Concatenate", (None, 392, 392, 128), 0],
        ["Conv2D", (None, 390, 390, 64), 73792, "valid", "relu", "HeNormal"],
        ["Conv2D", (None, 388, 388, 64), 36928, "valid", "relu", "HeNormal"],
        # the 1x1 convolution: one channel of logits for each class
        ["Conv2D", (None, 388, 388, 2), 130, "valid", "linear", "GlorotUniform"],
    ],
    connections=[
        *([], [1], [2], [3], [4], [5], [6], [7], [8], [9], [10], [11], [12], [13], [14], [15], [16]),
        *([17], [13], [18, 19], [20], [21]),
        *([22], [9], [23, 24], [25], [26]),
        *([27], [6], [28, 29], [30], [31]),
        *([32], [3], [33, 34], [35], [36]),
        [37],
    ],
    outputs=[38],
    others={
        19: {"cropping": ((4, 4), (4, 4))},
        24: {"cropping": ((16, 16), (16, 16))},
        29: {"cropping": ((40, 40), (40, 40))},
        34: {"cropping": ((88, 88), (88, 88))},
        38: {"kernel_size": (1, 1)},
    },
    unprinted=_UNPRINTED_2015,
    hints=HINTS_2015,
)
