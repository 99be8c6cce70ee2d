"""Enlarging an array by linear interpolation, the plainest kind of upsampling."""

import numpy as np


def enlarge(values, factor):
    """Make the rows and columns of an array (rows, columns, ...) longer by a whole factor.

    The numbers stand at the centres of the old cells; between them a straight line is drawn.
    """
    return enlarge_axis(enlarge_axis(values, 0, factor), 1, factor)


def enlarge_axis(values, axis, factor):
    """Do the same along one axis only."""
    count = values.shape[axis]
    old_centres = (np.arange(count) + 0.5) * factor
    new_centres = np.arange(count * factor) + 0.5
    return np.apply_along_axis(lambda line: np.interp(new_centres, old_centres, line), axis, values)
