"""The U-Net of the paper of 2015, with the size and the filters of every feature map."""

# The multiplication sign in the labels is meant, it is no mistyped x.

from matplotlib.patches import Rectangle

from figures import style
from figures.shapes import arrow, box, label

FILE_NAME = "unet_2015.svg"
ALT_TEXT = (
    "The original U-Net of 2015, drawn as a U: the contracting path takes a 572 by 572 image with 1 "
    "channel through five levels of two unpadded 3 by 3 convolutions with 64, 128, 256, 512 and 1024 "
    "filters, joined by 2 by 2 max pooling, down to 28 by 28; the expanding path goes up by 2 by 2 "
    "up-convolutions and, at each of four levels, joins the contracting map, cropped from 64 to 56, "
    "136 to 104, 280 to 200 and 568 to 392. A 1 by 1 convolution gives a 388 by 388 output with 2 "
    "channels; there are 23 convolutional layers in all."
)

SHEET_HEIGHT = 498
LEVELS = 5
FILTERS = (64, 128, 256, 512, 1024)
FIRST_TOP = 462  # upper edge of the boxes of the first level
LEVEL_GAP = 54  # room between levels for two rows of numbers and an arrow
PITCH = (25, 25, 25, 27, 32)  # distance from box to box within a level
FIRST_X = 13
BOX_WIDTHS = {1: 3, 2: 4, 64: 5, 128: 7, 256: 9, 512: 12, 1024: 16}
INPUT_SIZE = 572
INPUT_CHANNELS = 1
CLASSES = 2


def sizes_of_levels():
    """Follow the image through the network and return the sizes on each level, left and right.

    An unpadded 3x3 convolution takes 2 off the height and the width, pooling halves them and an
    up-convolution doubles them.
    """
    size = INPUT_SIZE
    left = []
    for level in range(LEVELS):
        left.append((size, size - 2, size - 4))
        size -= 4
        if level < LEVELS - 1:
            size //= 2
    right = {}
    for level in range(LEVELS - 2, -1, -1):
        size *= 2
        right[level] = (size, size - 2, size - 4)
        size -= 4
    return left, right


def draw():
    """Draw the U with its maps, its arrows and the key of the operations."""
    figure, sheet = style.new_sheet(SHEET_HEIGHT)
    left, right = sizes_of_levels()

    starts_left, starts_right = starts_of_levels()
    for level in range(LEVELS):
        draw_contracting_level(sheet, level, starts_left[level], left[level])
    for level in range(LEVELS - 1):
        draw_expanding_level(sheet, level, starts_right[level], right[level])
        draw_crop(sheet, level, starts_left[level] + 2 * PITCH[level], starts_right[level], left, right)
        draw_pooling(sheet, level, starts_left[level + 1])
        draw_up_convolution(sheet, level, starts_right[level])
    label(sheet, 2, FIRST_TOP + 24, "input", ha="left", fontweight="bold")
    label(sheet, style.SHEET_WIDTH - 2, FIRST_TOP + 24, "output", ha="right", fontweight="bold")
    label(sheet, 52, level_top(2) - 14, "contracting\npath", fontweight="bold")
    label(sheet, style.SHEET_WIDTH - 52, level_top(2) - 14, "expanding\npath", fontweight="bold")
    draw_key(sheet)
    draw_counts(sheet)
    return figure


def starts_of_levels():
    """Return the x of the first box of each level: each level starts below the end of the one above."""
    left = [FIRST_X]
    for level in range(LEVELS - 1):
        left.append(left[level] + 2 * PITCH[level])
    right = {LEVELS - 2: left[LEVELS - 1] + 2 * PITCH[LEVELS - 1]}
    for level in range(LEVELS - 3, -1, -1):
        right[level] = right[level + 1] + 2 * PITCH[level + 1]
    return left, right


def box_height(size):
    """Return the height of a box; the root keeps the small maps large enough to see."""
    return 3.2 * size**0.5


def level_top(level):
    """Return the upper edge of the boxes of a level, counted from 0 at the top."""
    left, _ = sizes_of_levels()
    return FIRST_TOP - sum(box_height(left[above][0]) + LEVEL_GAP for above in range(level))


def draw_map(sheet, x, level, size, channels, colour):
    """Draw one feature map, its number of channels above it and its size below it."""
    height = box_height(size)
    width = BOX_WIDTHS[channels]
    top = level_top(level)
    box(sheet, x - width / 2, top - height, width, height, colour)
    label(sheet, x, top + 7, str(channels))
    label(sheet, x, top - height - 9, str(size))


def convolution_depth(level):
    """Return how far below the top of the boxes the arrows of the convolutions run."""
    return 0.28 * box_height(sizes_of_levels()[0][level][2])


def draw_convolution(sheet, x_from, x_to, level, half_from, half_to, colour=style.CONVOLUTION):
    """Draw the arrow of one convolution between two neighbouring boxes."""
    y = level_top(level) - convolution_depth(level)
    arrow(sheet, (x_from + half_from + 1, y), (x_to - half_to - 0.5, y), colour, mutation_scale=7)


def draw_contracting_level(sheet, level, start, sizes):
    """Draw the incoming map and the two convolutions of one level on the left side."""
    incoming = INPUT_CHANNELS if level == 0 else FILTERS[level - 1]
    channels = (incoming, FILTERS[level], FILTERS[level])
    places = [start + number * PITCH[level] for number in range(3)]
    for x, size, count in zip(places, sizes, channels, strict=True):
        draw_map(sheet, x, level, size, count, style.CONVOLUTION)
    for number in range(2):
        half_from = BOX_WIDTHS[channels[number]] / 2
        half_to = BOX_WIDTHS[channels[number + 1]] / 2
        draw_convolution(sheet, places[number], places[number + 1], level, half_from, half_to)


def draw_expanding_level(sheet, level, start, sizes):
    """Draw the joined map and the two convolutions of one level on the right side."""
    filters = FILTERS[level]
    half = BOX_WIDTHS[filters]
    top = level_top(level)
    height = box_height(sizes[0])

    # The joined map has two halves: the cropped copy (hatched) and what came up from below.
    box(sheet, start - half, top - height, half, height, style.SKIP)
    sheet.add_patch(
        Rectangle(
            (start - half, top - height),
            half,
            height,
            fill=False,
            edgecolor=style.SKIP,
            hatch="////",
            linewidth=0,
            zorder=3,
        )
    )
    box(sheet, start, top - height, half, height, style.TRANSPOSED_CONVOLUTION)
    label(sheet, start, top + 7, str(2 * filters))
    label(sheet, start, top - height - 9, str(sizes[0]))

    places = [start + number * PITCH[level] for number in range(3)]
    for number in (1, 2):
        draw_map(sheet, places[number], level, sizes[number], filters, style.CONVOLUTION)
    narrow = BOX_WIDTHS[filters] / 2
    draw_convolution(sheet, places[0], places[1], level, half, narrow)
    draw_convolution(sheet, places[1], places[2], level, narrow, narrow)

    if level == 0:
        output_x = places[2] + PITCH[0]
        draw_map(sheet, output_x, level, sizes[2], CLASSES, style.CLASS_SCORES)
        draw_convolution(sheet, places[2], output_x, level, narrow, BOX_WIDTHS[CLASSES] / 2, style.CLASS_SCORES)


def draw_crop(sheet, level, x_from, x_to, left, right):
    """Draw the copy of a contracting map to the expanding side, and how it is cropped."""
    y = level_top(level) - 2.4 * convolution_depth(level)
    start = x_from + BOX_WIDTHS[FILTERS[level]] / 2 + 1
    end = x_to - BOX_WIDTHS[FILTERS[level]] - 1
    arrow(sheet, (start, y), (end, y), style.SKIP, width=2)
    before, after = left[level][2], right[level][0]
    label(sheet, (start + end) / 2, y + 8, f"{before}→{after}")


def draw_pooling(sheet, level, x):
    """Draw the arrow of max pooling down to the next level."""
    size_label = 16  # room for the size that is written under the box
    start = level_top(level) - box_height(sizes_of_levels()[0][level][2]) - size_label
    arrow(sheet, (x, start), (x, level_top(level + 1) + 14), style.POOLING, width=2, mutation_scale=9)


def draw_up_convolution(sheet, level, x):
    """Draw the arrow of the up-convolution from the level below."""
    size_label = 16
    end = level_top(level) - box_height(sizes_of_levels()[1][level][0]) - size_label
    arrow(
        sheet,
        (x, level_top(level + 1) + 14),
        (x, end),
        style.TRANSPOSED_CONVOLUTION,
        width=2,
        mutation_scale=9,
    )


def draw_key(sheet):
    """Explain the arrows and the numbers, in the free corner under the left arm."""
    x = 6
    rows = (
        (style.CONVOLUTION, (1, 0), "3×3 convolution,\nunpadded, ReLU"),
        (style.POOLING, (0, -1), "2×2 max pooling,\nstride 2"),
        (style.TRANSPOSED_CONVOLUTION, (0, 1), "2×2 up-convolution"),
        (style.SKIP, (1, 0), "copy, crop and\nconcatenate"),
        (style.CLASS_SCORES, (1, 0), "1×1 convolution"),
    )
    y = 154
    for colour, direction, text in rows:
        step = 30 if "\n" in text else 22
        middle = y - step / 2
        across, up = direction
        arrow(
            sheet,
            (x + 9 - 9 * across, middle - 9 * up),
            (x + 9 + 9 * across, middle + 9 * up),
            colour,
            width=2,
            mutation_scale=9,
        )
        label(sheet, x + 25, middle, text, ha="left")
        y -= step


def draw_counts(sheet):
    """Say how to read the numbers and how the 23 convolutional layers come about."""
    x = 362
    reading = "above a box: channels\nbelow it: height = width\nhatched: the cropped copy"
    label(sheet, x, 124, reading, ha="left")
    counts = "18 convolutions 3×3\n+ 4 up-convolutions 2×2\n+ 1 convolution 1×1"
    label(sheet, x, 62, counts, ha="left")
    label(sheet, x, 31, "= 23 convolutional layers", ha="left", fontweight="bold")
