"""A transposed convolution step by step: a 2x2 input, a 3x3 filter, stride 2."""

# The multiplication sign in the labels is meant, it is no mistyped x.

import numpy as np
from matplotlib.patches import Rectangle

from figures import style
from figures.shapes import arrow, label, number_grid

FILE_NAME = "transposed_convolution.svg"
ALT_TEXT = (
    "A transposed convolution with numbers: each of the four elements of a 2 by 2 input, 1, 2, 3 and "
    "4, multiplies a whole 3 by 3 filter; the four products are placed 2 cells apart on a 5 by 5 "
    "output, and where they overlap, in the middle row and the middle column, the numbers are added. "
    'Padding "same" crops the last row and the last column, so that the result is 4 by 4: stride 2 '
    "times the input size."
)

INPUT = np.array([[1, 2], [3, 4]])
FILTER = np.array([[1, 2, 0], [0, 1, 3], [2, 0, 1]])
STRIDE = 2

# One colour for each element of the input; the titles of the products say the same in words.
ELEMENT_COLOURS = ((style.SKY_BLUE, style.ORANGE), (style.GREEN, style.PURPLE))

SHEET_HEIGHT = 470
CELL = 22


def placed_product(row, column):
    """Return the 5x5 array that holds one input element times the filter, in its place."""
    full_rows, full_columns = ((size - 1) * STRIDE + 3 for size in INPUT.shape)
    placed = np.zeros((full_rows, full_columns), dtype=int)
    top, left = row * STRIDE, column * STRIDE
    placed[top : top + 3, left : left + 3] = INPUT[row, column] * FILTER
    return placed


def covered(row, column):
    """Return where on the 5x5 output one product lies, also where its numbers are zero."""
    cells = np.zeros((5, 5), dtype=bool)
    cells[row * STRIDE : row * STRIDE + 3, column * STRIDE : column * STRIDE + 3] = True
    return cells


def full_sum():
    """Return the sum of the four placed products, which is what padding "valid" gives."""
    return sum(placed_product(row, column) for row in range(2) for column in range(2))


def cropped_same(full):
    """Return what padding "same" keeps: stride times the input size.

    Keras crops (kernel size - stride) rows and columns, half of them before and half after; of
    the single one here the half before rounds down to none, so the last row and column go.
    """
    surplus = FILTER.shape[0] - STRIDE
    before = surplus // 2
    rows, columns = (size * STRIDE for size in INPUT.shape)
    return full[before : before + rows, before : before + columns]


def draw():
    """Draw the four steps: multiply, place, add, crop."""
    figure, sheet = style.new_sheet(SHEET_HEIGHT)
    draw_operands(sheet)
    draw_products(sheet)
    draw_sum_and_crop(sheet)
    return figure


def draw_operands(sheet):
    """Draw the input and the filter, and say what is done with them."""
    top = 440
    label(sheet, 8, 456, "Input 2×2", ha="left", fontweight="bold")
    colours = [[style.tint(colour, 0.45) for colour in row] for row in ELEMENT_COLOURS]
    number_grid(sheet, 8, top - 11, INPUT, CELL, colours)
    label(sheet, 110, 456, "Filter 3×3, stride 2", ha="left", fontweight="bold")
    number_grid(sheet, 110, top, FILTER, CELL)
    text = (
        "1  Multiply the whole filter by each element.\n"
        "2  Place the products 2 cells apart (the stride).\n"
        "3  Add them where they overlap.\n"
        "4  Crop what the padding says."
    )
    label(sheet, 252, 416, text, ha="left")


def draw_products(sheet):
    """Draw the four products in their places on the 5x5 output, with plus signs between them."""
    top = 318
    label(sheet, 4, top + 32, "Four products, each in its place (steps 1 and 2); empty cells are 0", ha="left")
    step = 5 * CELL + 23
    cell = CELL
    for number, (row, column) in enumerate(np.ndindex(2, 2)):
        left = 4 + number * step
        colour = style.tint(ELEMENT_COLOURS[row][column], 0.45)
        place = covered(row, column)
        product = placed_product(row, column)
        colours = [[colour if place[i, j] else style.WHITE for j in range(5)] for i in range(5)]
        texts = [[str(product[i, j]) if place[i, j] else "" for j in range(5)] for i in range(5)]
        number_grid(sheet, left, top, product, cell, colours, texts)
        label(sheet, left + 2.5 * cell, top + 11, f"{INPUT[row, column]} × filter", fontweight="bold")
        if number < 3:
            label(sheet, left + 5 * cell + 11.5, top - 2.5 * cell, "+", fontsize=16)


def draw_sum_and_crop(sheet):
    """Draw the sum, mark where products overlap and what is cropped, and draw the result."""
    full = full_sum()
    result = cropped_same(full)
    top, left = 164, 60
    layers = sum(covered(row, column).astype(int) for row in range(2) for column in range(2))
    overlap = layers > 1
    colours = [[style.tint(style.YELLOW, 0.7) if overlap[i, j] else style.WHITE for j in range(5)] for i in range(5)]
    label(sheet, left - 22, top - 2.5 * CELL, "=", fontsize=16)
    label(sheet, left + 2.5 * CELL, top + 12, "Sum 5×5 (step 3)", fontweight="bold")
    number_grid(sheet, left, top, full, CELL, colours, bold=overlap)

    # Hatch what padding "same" crops: the row and the column after the 4x4 result.
    kept = len(result) * CELL
    for x, y, width, height in (
        (left + kept, top - 5 * CELL, CELL, 5 * CELL),
        (left, top - 5 * CELL, kept, CELL),
    ):
        sheet.add_patch(
            Rectangle((x, y), width, height, fill=False, edgecolor=style.GREY, hatch="////", linewidth=0, zorder=4)
        )
    sheet.add_patch(
        Rectangle((left, top - kept), kept, kept, fill=False, edgecolor=style.BLACK, linewidth=2.6, zorder=6)
    )

    arrow(sheet, (left + 5 * CELL + 12, top - 2.5 * CELL), (left + 5 * CELL + 92, top - 2.5 * CELL), width=2)
    label(sheet, left + 5 * CELL + 50, top - 2.5 * CELL + 12, 'crop, "same"')
    label(sheet, left + 5 * CELL + 50, top - 2.5 * CELL - 12, "(step 4)")

    result_left = left + 5 * CELL + 106
    label(sheet, result_left + kept / 2, top + 12, "Output 4×4", fontweight="bold")
    result_colours = [row[:4] for row in colours[:4]]
    number_grid(sheet, result_left, top, result, CELL, result_colours, bold=overlap[:4, :4])
    sheet.add_patch(
        Rectangle((result_left, top - kept), kept, kept, fill=False, edgecolor=style.BLACK, linewidth=2.6, zorder=6)
    )
    terms = " + ".join(str(placed_product(row, column)[2, 2]) for row in range(2) for column in range(2))
    notes = f'Centre of the sum:\n{terms} = {full[2, 2]}.\nSize with "same":\nstride × input\n= 2 × 2 = 4.'
    label(sheet, result_left + kept + 12, top - kept / 2 - 6, notes, ha="left")

    sheet.add_patch(Rectangle((60, 17), 18, 14, facecolor=style.tint(style.YELLOW, 0.7), edgecolor=style.BLACK))
    label(sheet, 84, 24, "bold on yellow: products overlap and are added", ha="left")
    sheet.add_patch(Rectangle((350, 17), 18, 14, fill=False, edgecolor=style.GREY, hatch="////", linewidth=0.8))
    label(sheet, 374, 24, "hatched: cropped", ha="left")
