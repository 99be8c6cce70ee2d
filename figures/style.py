"""How every figure looks: colours, font sizes, the sheet to draw on, and saving.

All lengths are in points.  A sheet is 525 points wide, which is 700 pixels in a browser, so the
font sizes below are the sizes that a student sees in the notebook.
"""

from contextlib import contextmanager

import matplotlib
import matplotlib.style
from matplotlib.figure import Figure

SHEET_WIDTH = 525
POINTS_PER_INCH = 72
RASTER_DPI = 144  # twice the size of the sheet: sharp on a fine screen, and still a small file

SMALL = 10
TITLE = 12

# The palette of Okabe and Ito, which colour-blind readers can tell apart.
BLACK = "#000000"
ORANGE = "#E69F00"
SKY_BLUE = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
VERMILION = "#D55E00"
PURPLE = "#CC79A7"
GREY = "#999999"
WHITE = "#FFFFFF"

# One operation has one colour in all figures.  The colour only repeats what a label says.
CONVOLUTION = BLUE
POOLING = VERMILION
TRANSPOSED_CONVOLUTION = GREEN
SKIP = PURPLE
DROPOUT = ORANGE
CLASS_SCORES = BLACK  # the last 1x1 convolution

SETTINGS = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so every computer has it
    "font.size": SMALL,
    "svg.fonttype": "path",  # letters as outlines: the same look whatever fonts the reader has
    "svg.hashsalt": "unet-figures",  # without it the identifiers in an SVG change with every run
    "hatch.linewidth": 0.8,
}


@contextmanager
def fixed_settings():
    """Draw with our settings, whatever settings the user's own matplotlibrc holds."""
    with matplotlib.style.context(["default", SETTINGS]):
        yield


def tint(colour, strength=0.25):
    """Mix a colour with white.  Black text is easy to read on the pale colour that results."""
    red, green, blue = matplotlib.colors.to_rgb(colour)
    return tuple(1 - strength * (1 - part) for part in (red, green, blue))


def new_sheet(height):
    """Return a white figure of the standard width, and axes that cover it, measured in points."""
    figure = Figure(figsize=(SHEET_WIDTH / POINTS_PER_INCH, height / POINTS_PER_INCH), facecolor=WHITE)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, SHEET_WIDTH)
    axes.set_ylim(0, height)
    axes.axis("off")
    return figure, axes


def add_panel(figure, left, bottom, width, height):
    """Add small framed axes, placed in points, for a picture on the sheet."""
    sheet_height = figure.get_figheight() * POINTS_PER_INCH
    panel = figure.add_axes((left / SHEET_WIDTH, bottom / sheet_height, width / SHEET_WIDTH, height / sheet_height))
    panel.set_xticks([])
    panel.set_yticks([])
    return panel


def save(figure, path, description):
    """Write the figure as SVG or PNG, by the ending of the path, with the same bytes in every run."""
    if path.suffix == ".svg":
        # Date and Creator would put the time and the version of matplotlib into the file.
        metadata = {"Date": None, "Creator": None, "Title": path.stem, "Description": description}
        figure.savefig(path, metadata=metadata)
    else:
        figure.savefig(path, dpi=RASTER_DPI, metadata={"Software": None, "Description": description})
