"""Why a skip connection keeps detail: a small sharp picture, its blur from below, and both joined."""

# The multiplication sign in the labels is meant, it is no mistyped x.

import numpy as np

from figures import style
from figures.enlarging import enlarge
from figures.shapes import arrow, box, label

FILE_NAME = "skip_connection.svg"
ALT_TEXT = (
    "A 24 by 24 map shows two thin posts and a small car with sharp edges; pooled down to 6 by 6 and "
    "enlarged again, the two posts have become one broad blur. The skip connection takes the sharp "
    "map past the pooling, and concatenation lays both maps one behind the other as channels, so that "
    "the next convolution can see what is there (from below) and exactly where it is (from the skip "
    "connection)."
)

SHEET_HEIGHT = 348
SIZE = 112  # side of a map on the sheet
TOP_ROW = 204
BOTTOM_ROW = 40
DETAIL = (
    "........................",
    "........................",
    "........................",
    "........................",
    "....#..#................",
    "....#..#................",
    "....#..#................",
    "....#..#................",
    "....#..#................",
    "....#..#................",
    "....#..#................",
    "....#..#................",
    "....#..#.......####.....",
    "....#..#......#.#..#....",
    "....#..#......#.#..#....",
    "....#..#....##########..",
    "....#..#....##########..",
    "....#..#....##########..",
    "....#..#.....##....##...",
    "....#..#.....##....##...",
    "........................",
    "........................",
    "........................",
    "........................",
)
POOLS = 2  # two poolings of 2x2: a quarter of the height and the width


def sharp_map():
    """Return the picture as an array of zeros and ones."""
    return np.array([[1.0 if mark == "#" else 0.0 for mark in line] for line in DETAIL])


def max_pool(values):
    """Keep the largest number of every 2x2 square."""
    rows, columns = values.shape
    return values.reshape(rows // 2, 2, columns // 2, 2).max(axis=(1, 3))


def draw():
    """Draw the two ways from the sharp map to the joined channels."""
    figure, sheet = style.new_sheet(SHEET_HEIGHT)
    sharp = sharp_map()
    pooled = sharp
    for _ in range(POOLS):
        pooled = max_pool(pooled)
    blurred = enlarge(pooled, 2**POOLS)

    joined_left = 384
    draw_map(figure, sheet, 10, TOP_ROW, sharp, "sharp", "Encoder map, 24×24")
    draw_map(figure, sheet, 202, BOTTOM_ROW, blurred, "blurred", "Enlarged, 24×24")
    draw_map(figure, sheet, 10 + SIZE / 4, BOTTOM_ROW + SIZE / 4, pooled, "pooled twice", "6×6", SIZE / 2)
    draw_joined_frame(sheet, joined_left)
    draw_map(figure, sheet, joined_left + 11, TOP_ROW, sharp, "from the skip: sharp")
    draw_map(figure, sheet, joined_left + 11, BOTTOM_ROW, blurred, "from below: blurred")

    draw_way_down(sheet)
    lower = BOTTOM_ROW + SIZE / 2
    arrow(sheet, (15 + SIZE * 0.75, lower), (198, lower), style.TRANSPOSED_CONVOLUTION, width=2.4)
    label(sheet, 152, lower + 12, "upsampling")
    arrow(sheet, (206 + SIZE, lower), (joined_left - 3, lower), width=2.4)
    label(sheet, 349, lower + 12, "up")
    label(sheet, 204 + SIZE / 2, BOTTOM_ROW - 26, "says what is there", fontstyle="italic")

    upper = TOP_ROW + SIZE / 2
    arrow(sheet, (14 + SIZE, upper), (joined_left - 3, upper), style.SKIP, width=3, mutation_scale=14)
    label(sheet, 257, upper + 13, "skip connection", fontweight="bold")
    label(sheet, 257, upper - 14, "says exactly where it is", fontstyle="italic")
    return figure


def draw_map(figure, sheet, left, bottom, values, caption, title=None, size=SIZE):
    """Show an array as a picture in grey, with a caption below and perhaps a title above."""
    panel = style.add_panel(figure, left, bottom, size, size)
    # vmax beyond 1 makes the ones dark grey, so that the black frame stays visible beside them.
    panel.imshow(values, cmap="Greys", vmin=0, vmax=1.25, interpolation="none")
    if title:
        label(sheet, left + size / 2, bottom + size + 10, title, fontweight="bold")
    label(sheet, left + size / 2, bottom - 10, caption)


def draw_way_down(sheet):
    """Draw the poolings from the sharp map to the small one."""
    x = 10 + SIZE / 2
    arrow(sheet, (x, TOP_ROW - 19), (x, BOTTOM_ROW + SIZE * 0.75 + 19), style.POOLING, width=2.4)
    label(sheet, x + 8, (TOP_ROW + BOTTOM_ROW + SIZE * 0.75) / 2, "max pooling, twice", ha="left")


def draw_joined_frame(sheet, left):
    """Draw the frame around the two channels that concatenation puts together."""
    bottom = BOTTOM_ROW - 20
    height = TOP_ROW + SIZE + 26 - bottom
    box(sheet, left, bottom, SIZE + 22, height, style.SKIP, dashed=True)
    label(sheet, left + SIZE / 2 + 11, TOP_ROW + SIZE + 10, "Joined as channels", fontweight="bold")
