"""Rows that a check expects, with what the rows leave out."""


class ExpectedSummary(list):
    """Rows of a summary, with the wiring and the arguments that the rows do not show."""

    def __init__(self, rows, connections, outputs, others=None, unprinted=None, hints=None):
        """``others``: for rows (numbers, from 1) that are not as usual, the arguments that differ.

        ``unprinted``: for each class what its rows do not print, where that is not as in the assignment's networks.
        """
        super().__init__(rows)
        self.connections = connections
        self.outputs = outputs
        self.hints = hints or {}
        others = others or {}
        unprinted = unprinted or USUAL_ARGUMENTS
        self.details = [unprinted.get(row[0], {}) | others.get(number, {}) for number, row in enumerate(rows, 1)]


USUAL_ARGUMENTS = {
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
