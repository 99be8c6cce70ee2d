"""What the visible checks of the assignment ``unet_vgg16`` expect; see ``outputs.py`` for what the attributes mean.

Data only, with the hints that fit this assignment: ``HINTS`` for differences between networks (the keys are those of
``keras_checks.hints``), ``ERROR_HINTS`` for errors, by a part of their message.
"""

from keras_checks import ExpectedSummary

# The layers of VGG16 (Simonyan and Zisserman 2014) from the image on, under Keras's names.
VGG16_LAYERS = (
    "input",
    *("block1_conv1", "block1_conv2", "block1_pool"),
    *("block2_conv1", "block2_conv2", "block2_pool"),
    *("block3_conv1", "block3_conv2", "block3_conv3", "block3_pool"),
    *("block4_conv1", "block4_conv2", "block4_conv3", "block4_pool"),
    *("block5_conv1", "block5_conv2", "block5_conv3", "block5_pool"),
)
# One tensor of each block, from fine to coarse.
ENCODER_TENSORS = ("block1_conv1", "block2_conv2", "block3_conv3", "block4_conv3", "block5_conv3")

# How VGG16 drew its weights before it was trained is of no interest: ImageNet's take their place.
_CONVOLUTION = {"kernel_size": (3, 3), "strides": (1, 1), "dilation_rate": (1, 1), "groups": 1, "use_bias": True}
_UNPRINTED = {
    "Conv2D": _CONVOLUTION,
    "Conv2DTranspose": {
        "kernel_size": (3, 3),
        "strides": (2, 2),
        "padding": "same",
        "activation": "linear",
        "use_bias": True,
    },
    "MaxPooling2D": {"strides": (2, 2), "padding": "valid"},
    "Concatenate": {"axis": 3},
}
# What to tell of differences, and of errors.
ENCODER_HINTS = {
    "Conv2DTranspose.activation": "The transposed convolution only enlarges: give it no activation.",
    "activation=linear": "This layer returns logits: give it no activation, the loss applies the softmax "
    "(from_logits=True).",
    "kernel_size": "Check kernel_size: 3 for all convolutions, 1 for the last one only.",
    "strides": "Check strides: 2 in the transposed convolution, Keras' default everywhere else.",
    "pool_size": "The pool is 2x2.",
    "axis": "Join the channels: axis 3, the last one.",
    "rate": "Is the argument dropout_prob handed on to Dropout, and is it the rate that the exercise names?",
    "missing Dropout": "Add Dropout(dropout_prob) after the second convolution whenever dropout_prob is greater than "
    "0, and pass a dropout_prob where the exercise asks for one.",
    "extra Dropout": "Dropout belongs there only when dropout_prob is greater than 0.",
    "missing MaxPooling2D": "Add a MaxPooling2D with a 2x2 pool whenever max_pooling is true.",
    "extra MaxPooling2D": "There is no pooling when max_pooling is false: the deepest block keeps its size.",
    "missing Concatenate": "The skip connection is not joined: concatenate [up, contractive_input] on the channel "
    "axis.",
    "missing Conv2DTranspose": "The upsampling step is missing, or its result is not used by the layers after it.",
    "missing Conv2D": "Is the convolution created, called on the tensor before it, and its result used by the next "
    "layer?",
    "extra Softmax": "The model returns logits: the loss applies the softmax itself (from_logits=True).",
    "inputs": "Each layer goes on from the result of the one before; a skip comes from the encoder block of the same "
    "size.",
}
HINTS = {
    **ENCODER_HINTS,
    "Conv2D.trainable": "The encoder is frozen, and only the encoder: encoder.trainable = False, and nothing else.",
    "Conv2DTranspose.trainable": "The decoder is to be trained: freeze the encoder alone.",
    "Conv2DTranspose.filters": "Half the channels of the encoder one level deeper: x[level + 1].shape[3] // 2.",
    "Conv2D.filters": "Half the channels of the encoder one level deeper, and in the last layer n_classes.",
    "Concatenate.inputs": "The enlarged tensor comes first, then the encoder's of the same level: [tensor, x[level]].",
    "InputLayer.shape": "A shape begins with the height, though the arguments begin with the width.",
    "Dropout.inputs": "The deepest tensor is x[n_depth - 1].",
}
ERROR_HINTS = {
    "requires inputs with matching shapes": "Is the tensor doubled in size (stride 2, padding 'same') before it is "
    "joined, and joined with x[level]?",
    "cannot unpack": "encoder_VGG16 returns a model and a list of five tensors.",
    "out of range": "The levels are x[0] to x[4]; the deepest in use is x[n_depth - 1].",
}

_VGG16_ROWS = [
    ["InputLayer", [(None, 128, 128, 3)], 0],
    ["Conv2D", (None, 128, 128, 64), 1792, "same", "relu", "GlorotUniform"],
    ["Conv2D", (None, 128, 128, 64), 36928, "same", "relu", "GlorotUniform"],
    ["MaxPooling2D", (None, 64, 64, 64), 0, (2, 2)],
    ["Conv2D", (None, 64, 64, 128), 73856, "same", "relu", "GlorotUniform"],
    ["Conv2D", (None, 64, 64, 128), 147584, "same", "relu", "GlorotUniform"],
    ["MaxPooling2D", (None, 32, 32, 128), 0, (2, 2)],
    ["Conv2D", (None, 32, 32, 256), 295168, "same", "relu", "GlorotUniform"],
    ["Conv2D", (None, 32, 32, 256), 590080, "same", "relu", "GlorotUniform"],
    ["Conv2D", (None, 32, 32, 256), 590080, "same", "relu", "GlorotUniform"],
    ["MaxPooling2D", (None, 16, 16, 256), 0, (2, 2)],
    ["Conv2D", (None, 16, 16, 512), 1180160, "same", "relu", "GlorotUniform"],
    ["Conv2D", (None, 16, 16, 512), 2359808, "same", "relu", "GlorotUniform"],
    ["Conv2D", (None, 16, 16, 512), 2359808, "same", "relu", "GlorotUniform"],
    ["MaxPooling2D", (None, 8, 8, 512), 0, (2, 2)],
    ["Conv2D", (None, 8, 8, 512), 2359808, "same", "relu", "GlorotUniform"],
    ["Conv2D", (None, 8, 8, 512), 2359808, "same", "relu", "GlorotUniform"],
    ["Conv2D", (None, 8, 8, 512), 2359808, "same", "relu", "GlorotUniform"],
]

# Check 1: encoder_VGG16 on (128, 128, 3), up to the deepest of its five tensors.
encoder_output = ExpectedSummary(
    _VGG16_ROWS,
    connections=[[], *([row] for row in range(1, 18))],
    outputs=[18],
    unprinted=_UNPRINTED,
    hints=ENCODER_HINTS,
)

# Each row of a concatenation, and the row of the encoder that it joins with the row before it.
_SKIPS = {21: 14, 27: 10, 33: 6, 39: 2}

# Check 2: unet(128, 128, 3, 5, 3), the encoder frozen and the rest not.
unet_output = ExpectedSummary(
    [
        *_VGG16_ROWS,
        ["Dropout", (None, 8, 8, 512), 0, 0.5],
        ["Conv2DTranspose", (None, 16, 16, 256), 1179904],
        ["Concatenate", (None, 16, 16, 768), 0],
        ["BatchNormalization", (None, 16, 16, 768), 3072],
        ["ReLU", (None, 16, 16, 768), 0],
        ["Conv2D", (None, 16, 16, 256), 1769728, "same", "relu", "GlorotUniform"],
        ["Conv2D", (None, 16, 16, 256), 590080, "same", "relu", "GlorotUniform"],
        ["Conv2DTranspose", (None, 32, 32, 256), 590080],
        ["Concatenate", (None, 32, 32, 512), 0],
        ["BatchNormalization", (None, 32, 32, 512), 2048],
        ["ReLU", (None, 32, 32, 512), 0],
        ["Conv2D", (None, 32, 32, 256), 1179904, "same", "relu", "GlorotUniform"],
        ["Conv2D", (None, 32, 32, 256), 590080, "same", "relu", "GlorotUniform"],
        ["Conv2DTranspose", (None, 64, 64, 128), 295040],
        ["Concatenate", (None, 64, 64, 256), 0],
        ["BatchNormalization", (None, 64, 64, 256), 1024],
        ["ReLU", (None, 64, 64, 256), 0],
        ["Conv2D", (None, 64, 64, 128), 295040, "same", "relu", "GlorotUniform"],
        ["Conv2D", (None, 64, 64, 128), 147584, "same", "relu", "GlorotUniform"],
        ["Conv2DTranspose", (None, 128, 128, 64), 73792],
        ["Concatenate", (None, 128, 128, 128), 0],
        ["BatchNormalization", (None, 128, 128, 128), 512],
        ["ReLU", (None, 128, 128, 128), 0],
        ["Conv2D", (None, 128, 128, 64), 73792, "same", "relu", "GlorotUniform"],
        ["Conv2D", (None, 128, 128, 64), 36928, "same", "relu", "GlorotUniform"],
        ["Conv2D", (None, 128, 128, 3), 195, "same", "linear", "GlorotUniform"],
    ],
    connections=[[], *([row, _SKIPS[row + 1]] if row + 1 in _SKIPS else [row] for row in range(1, 44))],
    outputs=[44],
    others={
        **{row: {"trainable": False} for row in (2, 3, 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18)},
        **{row: {"trainable": True} for row in (20, 22, 24, 25, 26, 28, 30, 31, 32, 34, 36, 37, 38, 40, 42, 43)},
        44: {"trainable": True, "kernel_size": (1, 1)},
    },
    unprinted=_UNPRINTED,
    hints=HINTS,
)
