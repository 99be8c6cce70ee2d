"""The same small mask as class numbers and as one-hot planes, and the loss that takes each."""

# The multiplication sign in the labels is meant, it is no mistyped x.

import numpy as np

from figures import style
from figures.shapes import arrow, box, label, number_grid

FILE_NAME = "one_hot_and_sparse.svg"
ALT_TEXT = (
    "A mask of 2 by 3 pixels with the classes 0 road, 1 sidewalk and 2 sky, written in two ways: the "
    "sparse form is one integer for each pixel, shape 2 by 3 by 1, and goes to "
    "SparseCategoricalCrossentropy; the one-hot form is one plane of zeros and ones for each class, "
    "shape 2 by 3 by 3, and goes to CategoricalCrossentropy. Both losses take the same logits and "
    "give the same number."
)

MASK = np.array([[2, 2, 2], [0, 0, 1]])
CLASS_NAMES = ("road", "sidewalk", "sky")
CLASS_COLOURS = (style.GREY, style.PURPLE, style.SKY_BLUE)
SHEET_HEIGHT = 352
CELL = 30


def draw():
    """Draw the mask in both forms, side by side, above the losses."""
    figure, sheet = style.new_sheet(SHEET_HEIGHT)
    draw_sparse(sheet)
    draw_one_hot(sheet)
    draw_losses(sheet)
    return figure


def draw_sparse(sheet):
    """Draw the mask as one grid of class numbers, with the names of the classes."""
    label(sheet, 10, 336, "Sparse: the number of the class", ha="left", fontsize=11, fontweight="bold")
    label(sheet, 10, 320, "mask shape (2, 3, 1), integers", ha="left")
    colours = [[style.tint(CLASS_COLOURS[number], 0.45) for number in row] for row in MASK]
    number_grid(sheet, 61, 276, MASK, CELL, colours)
    names = "   ".join(f"{number} = {name}" for number, name in enumerate(CLASS_NAMES))
    label(sheet, 10, 198, names, ha="left")


def draw_one_hot(sheet):
    """Draw one plane of zeros and ones for each class."""
    left = 232
    label(sheet, left, 336, "One-hot: a plane for each class", ha="left", fontsize=11, fontweight="bold")
    label(sheet, left, 320, "mask shape (2, 3, 3), a 1 in exactly one plane", ha="left")
    for number, name in enumerate(CLASS_NAMES):
        plane = (number == MASK).astype(int)
        paint = style.tint(CLASS_COLOURS[number], 0.45)
        colours = [[paint if value else style.WHITE for value in row] for row in plane]
        x = left + number * (3 * CELL + 8)
        label(sheet, x + 1.5 * CELL, 288, f"plane {number}: {name}")
        number_grid(sheet, x, 276, plane, CELL, colours, bold=plane)


def draw_losses(sheet):
    """Draw which loss takes which form, and that both take the same logits."""
    arrow(sheet, (106, 186), (106, 156), width=2)
    arrow(sheet, (375, 208), (375, 156), width=2)
    mono = {"fontfamily": "DejaVu Sans Mono", "fontsize": style.SMALL}
    box(sheet, 8, 112, 198, 43, style.GREY)
    label(sheet, 106, 142, "SparseCategoricalCrossentropy", **mono)
    label(sheet, 106, 125, "(from_logits=True)", **mono)
    box(sheet, 276, 112, 198, 43, style.GREY)
    label(sheet, 375, 142, "CategoricalCrossentropy", **mono)
    label(sheet, 375, 125, "(from_logits=True)", **mono)

    label(sheet, 240, 82, "the same logits\n(2, 3, 3)", fontweight="bold")
    arrow(sheet, (192, 82), (106, 111))
    arrow(sheet, (290, 82), (375, 111))

    text = (
        "Both give the same loss. In this assignment a mask has 96 × 128 = 12,288 integers;\n"
        "as one-hot planes for 23 classes it would have 282,624 numbers, 23 times as many."
    )
    label(sheet, 10, 32, text, ha="left")
