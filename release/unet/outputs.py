"""What the visible checks expect: the rows that ``summary`` gives for a right solution, and their wiring.

Each value is a list of rows that prints and compares like a plain list. Its attributes say what the rows leave out;
``test_utils.comparator`` compares them as well:

``connections``
    for each row the numbers (from 1) of the rows that feed it, in order;
``outputs``
    the numbers of the rows whose tensors are returned, in order;
``details``
    for each row the layer's arguments that the row does not print.

The file stands alone and holds data only.
"""


class ExpectedSummary(list):
    """Rows of a summary, with the wiring and the arguments that the rows do not show."""

    def __init__(self, rows, connections, outputs, others=None):
        """``others``: for rows (numbers, from 1) that are not as usual, the arguments that differ."""
        super().__init__(rows)
        self.connections = connections
        self.outputs = outputs
        others = others or {}
        self.details = [_UNPRINTED.get(row[0], {}) | others.get(number, {}) for number, row in enumerate(rows, 1)]


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
