"""The encoder block: two convolutions, and perhaps dropout and pooling."""

# The multiplication sign in the labels is meant, it is no mistyped x.

from matplotlib.patches import Rectangle

from figures import style
from figures.shapes import arrow, box, label

FILE_NAME = "conv_block.svg"
ALT_TEXT = (
    "The encoder block conv_block with an input of 96 by 128 by 3 and 32 filters. Two Conv2D layers "
    "give 96 by 128 by 32; a Dropout layer follows only if dropout_prob is greater than 0; here the "
    "output skip_connection, 96 by 128 by 32, leaves the block; then MaxPooling2D, only if "
    "max_pooling is true, gives next_layer, 48 by 64 by 32."
)

SHEET_HEIGHT = 424
BOX_WIDTH = 160
BOX_HEIGHT = 36
LEFT = 64
CENTRE = LEFT + BOX_WIDTH / 2
NOTE_LEFT = LEFT + BOX_WIDTH + 12
FRAME_LEFT = 36
FRAME_RIGHT = 396

# Lower edge of each layer.
FIRST_CONVOLUTION = 316
SECOND_CONVOLUTION = 250
DROPOUT = 184
POOLING = 90
FORK = 152  # where the skip connection leaves: after dropout, before pooling


def draw():
    """Draw the block from top to bottom, with the shape after each layer."""
    figure, sheet = style.new_sheet(SHEET_HEIGHT)
    frame_bottom = POOLING - 18
    sheet.add_patch(
        Rectangle(
            (FRAME_LEFT, frame_bottom),
            FRAME_RIGHT - FRAME_LEFT,
            380 - frame_bottom,
            facecolor="#F6F6F6",
            edgecolor=style.GREY,
            linewidth=1,
        )
    )
    label(sheet, FRAME_LEFT + 8, 367, "conv_block", ha="left", fontsize=style.TITLE, fontweight="bold")

    label(sheet, CENTRE, 412, "inputs  (96, 128, 3)", fontweight="bold")
    arrow(sheet, (CENTRE, 403), (CENTRE, FIRST_CONVOLUTION + BOX_HEIGHT + 1))

    settings = "3×3, same, ReLU, he_normal"
    draw_layer(sheet, FIRST_CONVOLUTION, style.CONVOLUTION, "Conv2D, 32 filters", settings)
    draw_step(sheet, FIRST_CONVOLUTION, SECOND_CONVOLUTION)
    draw_layer(sheet, SECOND_CONVOLUTION, style.CONVOLUTION, "Conv2D, 32 filters", settings)
    draw_step(sheet, SECOND_CONVOLUTION, DROPOUT)
    draw_layer(sheet, DROPOUT, style.DROPOUT, "Dropout", "only if dropout_prob > 0", optional=True)
    draw_fork(sheet)
    draw_layer(sheet, POOLING, style.POOLING, "MaxPooling2D 2×2", "only if max_pooling", optional=True)

    arrow(sheet, (CENTRE, POOLING), (CENTRE, 54))
    label(sheet, CENTRE, 44, "next_layer  (48, 64, 32)", fontweight="bold")
    label(sheet, NOTE_LEFT, 44, "to the next block", ha="left")
    label(
        sheet,
        FRAME_LEFT,
        14,
        "Without pooling, next_layer and skip_connection are the same tensor.",
        ha="left",
    )
    return figure


def draw_layer(sheet, bottom, colour, text, note, optional=False):
    """Draw one layer and a note beside it; a dashed border marks a layer that is not always there."""
    box(sheet, LEFT, bottom, BOX_WIDTH, BOX_HEIGHT, colour, text, dashed=optional, fontsize=11)
    label(
        sheet,
        NOTE_LEFT,
        bottom + BOX_HEIGHT / 2,
        note,
        ha="left",
        fontstyle="italic" if optional else "normal",
    )


def draw_step(sheet, start, next_bottom):
    """Draw the arrow to the next layer, with the shape of the tensor beside it."""
    end = next_bottom + BOX_HEIGHT + 1
    arrow(sheet, (CENTRE, start), (CENTRE, end))
    label(sheet, CENTRE + 8, (start + end) / 2, "(96, 128, 32)", ha="left")


def draw_fork(sheet):
    """Draw the point where the skip connection leaves, and the two ways on from it."""
    arrow(sheet, (CENTRE, DROPOUT), (CENTRE, POOLING + BOX_HEIGHT + 1))
    sheet.plot([CENTRE], [FORK], marker="o", markersize=6, color=style.SKIP, zorder=6)
    arrow(sheet, (CENTRE, FORK), (FRAME_RIGHT + 14, FORK), style.SKIP, width=2.4)
    label(sheet, NOTE_LEFT, FORK + 10, "before the pooling", ha="left")
    label(sheet, CENTRE + 8, FORK - 13, "(96, 128, 32)", ha="left")
    x = FRAME_RIGHT + 18
    label(sheet, x, FORK, "skip_connection\n(96, 128, 32)", ha="left", fontweight="bold")
    label(sheet, x, FORK - 42, "to the decoder\nblock on the\nsame level", ha="left")
