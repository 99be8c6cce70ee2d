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
    what to tell of a difference where the usual hint would not fit, by its class and attribute.

The file stands alone and holds data only.
"""

from keras_checks import ExpectedSummary
from keras_checks.expected import USUAL_ARGUMENTS

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
)

_UNPRINTED_2015 = USUAL_ARGUMENTS | {
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
    hints={
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
    },
)
