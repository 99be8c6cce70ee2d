"""The decoder block: enlarge, join the skip connection, and convolve twice."""

# The multiplication sign in the labels is meant, it is no mistyped x.

from matplotlib.patches import Rectangle

from figures import style
from figures.shapes import arrow, bent_arrow, box, label

FILE_NAME = "upsampling_block.svg"
ALT_TEXT = (
    "The decoder block upsampling_block with 32 filters. Conv2DTranspose with a 3 by 3 filter and "
    "stride 2 turns expansive_input, 12 by 16 by 256, into up, 24 by 32 by 32; concatenate puts up "
    "first and contractive_input, 24 by 32 by 128, behind it on axis 3, which makes 24 by 32 by 160; "
    "two Conv2D layers give the output, 24 by 32 by 32."
)

SHEET_HEIGHT = 412
BOX_HEIGHT = 38
UP_CENTRE = 138
SKIP_CENTRE = 392
MIDDLE = 266
BAR_WIDTH = 320  # 160 channels, so each channel is two points wide
BAR_LEFT = MIDDLE - BAR_WIDTH / 2
UP_CHANNELS = 32
SKIP_CHANNELS = 128


def draw():
    """Draw the block from its two inputs at the top to its output at the bottom."""
    figure, sheet = style.new_sheet(SHEET_HEIGHT)
    sheet.add_patch(
        Rectangle((30, 40), style.SHEET_WIDTH - 60, 320, facecolor="#F6F6F6", edgecolor=style.GREY, linewidth=1)
    )
    label(sheet, 38, 54, "upsampling_block", ha="left", fontsize=style.TITLE, fontweight="bold")

    label(sheet, UP_CENTRE, 401, "expansive_input  (12, 16, 256)", fontweight="bold")
    label(sheet, UP_CENTRE, 386, "from the block below")
    label(sheet, SKIP_CENTRE, 401, "contractive_input  (24, 32, 128)", fontweight="bold")
    label(sheet, SKIP_CENTRE, 386, "skip_connection of the encoder")

    arrow(sheet, (UP_CENTRE, 378), (UP_CENTRE, 329))
    box(sheet, UP_CENTRE - 92, 284, 184, 44, style.TRANSPOSED_CONVOLUTION)
    label(sheet, UP_CENTRE, 315, "Conv2DTranspose, 32 filters", fontsize=11)
    label(sheet, UP_CENTRE, 297, "3×3, stride 2, same")

    draw_concatenation(sheet)
    draw_convolutions(sheet)
    return figure


def draw_concatenation(sheet):
    """Draw the two inputs of concatenate as one bar, each part as long as its number of channels."""
    top, bottom = 222, 188
    channel = BAR_WIDTH / (UP_CHANNELS + SKIP_CHANNELS)
    up_width = UP_CHANNELS * channel
    up_middle = BAR_LEFT + up_width / 2
    skip_middle = BAR_LEFT + up_width + SKIP_CHANNELS * channel / 2

    arrow(sheet, (up_middle, 284), (up_middle, top + 1), style.TRANSPOSED_CONVOLUTION, width=2)
    label(sheet, up_middle + 8, 254, "up  (24, 32, 32)", ha="left")
    bent_arrow(
        sheet,
        [(SKIP_CENTRE, 378), (SKIP_CENTRE, 268), (skip_middle, 268), (skip_middle, top + 1)],
        style.SKIP,
        width=2,
    )
    label(sheet, skip_middle + 8, 246, "(24, 32, 128)", ha="left")

    box(sheet, BAR_LEFT, bottom, up_width, top - bottom, style.TRANSPOSED_CONVOLUTION, "up: 32")
    box(sheet, BAR_LEFT + up_width, bottom, BAR_WIDTH - up_width, top - bottom, style.SKIP)
    label(sheet, skip_middle, (top + bottom) / 2, "contractive_input: 128 channels")
    label(
        sheet,
        MIDDLE,
        bottom - 11,
        "concatenate([up, contractive_input], axis=3)",
        fontfamily="DejaVu Sans Mono",
    )


def draw_convolutions(sheet):
    """Draw the two convolutions and the output."""
    arrow(sheet, (MIDDLE, 169), (MIDDLE, 145))
    label(sheet, MIDDLE + 8, 157, "(24, 32, 160)", ha="left")
    for bottom in (108, 50):
        box(
            sheet,
            MIDDLE - 80,
            bottom,
            160,
            BOX_HEIGHT - 2,
            style.CONVOLUTION,
            "Conv2D, 32 filters",
            fontsize=11,
        )
        label(sheet, MIDDLE + 92, bottom + 18, "3×3, same,\nReLU, he_normal", ha="left")
    arrow(sheet, (MIDDLE, 108), (MIDDLE, 87))
    label(sheet, MIDDLE + 8, 97, "(24, 32, 32)", ha="left")
    arrow(sheet, (MIDDLE, 50), (MIDDLE, 24))
    label(sheet, MIDDLE, 14, "conv  (24, 32, 32)", fontweight="bold")
