"""One big upsampling step (FCN) against many small ones with skip connections (U-Net)."""

# The multiplication sign in the labels is meant, it is no mistyped x.

import numpy as np
from matplotlib.patches import Polygon

from figures import style
from figures.enlarging import enlarge
from figures.shapes import arrow, bent_arrow, box, label

from . import scene

FILE_NAME = "fcn_and_unet.svg"
ALT_TEXT = (
    "Two networks, one under the other: a fully convolutional network halves a street image four "
    "times, from 96 by 128 down to 6 by 8, and then enlarges it 16 times in one step, so that its "
    "mask has only rough blobs; U-Net shrinks the image in the same way, but doubles the size in four "
    "small steps and adds, by a skip connection, the encoder's map of the same size at each step, so "
    "that its mask can have sharp outlines."
)

HEIGHT = 424
SIZES = ("96×128", "48×64", "24×32", "12×16", "6×8")
SLAB_HEIGHTS = (84, 62, 45, 32, 22)
SLAB_WIDTH = 16
PITCH = 30
PICTURE_WIDTH = 92
PICTURE_HEIGHT = PICTURE_WIDTH * scene.HEIGHT / scene.WIDTH
PICTURE_LEFT = 6
OUTPUT_LEFT = style.SHEET_WIDTH - PICTURE_WIDTH - 6
FIRST_SLAB = 130
FCN_MIDDLE = 344
UNET_MIDDLE = 114


def draw():
    """Draw both networks in outline, from the image on the left to the mask on the right."""
    figure, sheet = style.new_sheet(HEIGHT)
    labels = scene.label_map()

    draw_fcn(figure, sheet, labels)
    sheet.plot([6, style.SHEET_WIDTH - 6], [252, 252], color=style.GREY, linewidth=0.8)
    draw_unet(figure, sheet, labels)
    return figure


def draw_fcn(figure, sheet, labels):
    """Draw the encoder and the single large upsampling step."""
    label(sheet, 6, HEIGHT - 12, "Fully convolutional network (FCN)", ha="left", fontsize=12, fontweight="bold")
    draw_input(figure, sheet, FCN_MIDDLE)
    draw_encoder(sheet, FCN_MIDDLE)

    # A wedge from the smallest map to the full size shows how much one step has to make up.
    start = FIRST_SLAB + 4 * PITCH + SLAB_WIDTH + 4
    end = slab_left(8) - 4
    half_small, half_large = SLAB_HEIGHTS[4] / 2, SLAB_HEIGHTS[0] / 2
    sheet.add_patch(
        Polygon(
            [
                (start, FCN_MIDDLE - half_small),
                (start, FCN_MIDDLE + half_small),
                (end, FCN_MIDDLE + half_large),
                (end, FCN_MIDDLE - half_large),
            ],
            facecolor=style.tint(style.TRANSPOSED_CONVOLUTION, 0.15),
            edgecolor=style.TRANSPOSED_CONVOLUTION,
            linewidth=1.2,
            linestyle=(0, (4, 2)),
        )
    )
    label(sheet, (start + end) / 2 + 4, FCN_MIDDLE, "× 16 in\none step", fontweight="bold")
    label(sheet, slab_left(2) + SLAB_WIDTH / 2, FCN_MIDDLE - 52, "encoder")
    draw_slab(sheet, 8, FCN_MIDDLE, 0, style.TRANSPOSED_CONVOLUTION)
    label(sheet, slab_left(8) + SLAB_WIDTH / 2, FCN_MIDDLE - SLAB_HEIGHTS[0] / 2 - 9, SIZES[0])
    draw_output(figure, sheet, FCN_MIDDLE, rough_labels(labels), "rough mask")
    label(
        sheet,
        6,
        269,
        "All that the large map knows about places comes from 6 × 8 cells: small things are lost.",
        ha="left",
    )


def draw_unet(figure, sheet, labels):
    """Draw the encoder, the decoder in four steps, and the skip connections above them."""
    label(sheet, 6, 234, "U-Net", ha="left", fontsize=12, fontweight="bold")
    draw_input(figure, sheet, UNET_MIDDLE)
    draw_encoder(sheet, UNET_MIDDLE)

    for place in range(5, 9):
        level = 8 - place
        draw_slab(sheet, place, UNET_MIDDLE, level, style.TRANSPOSED_CONVOLUTION)
        arrow(
            sheet,
            (slab_left(place) - PITCH + SLAB_WIDTH + 1, UNET_MIDDLE),
            (slab_left(place) - 1, UNET_MIDDLE),
            mutation_scale=8,
        )
        # Each skip connection leaves one encoder slab and enters the decoder slab of equal size.
        start = slab_left(level) + SLAB_WIDTH / 2
        end = slab_left(place) + SLAB_WIDTH / 2
        slab_top = UNET_MIDDLE + SLAB_HEIGHTS[level] / 2
        bridge = UNET_MIDDLE + 92 - 20 * level
        bent_arrow(
            sheet,
            [(start, slab_top), (start, bridge), (end, bridge), (end, slab_top + 1)],
            style.SKIP,
            width=1.8,
        )
    label(sheet, slab_left(4) + SLAB_WIDTH / 2, UNET_MIDDLE + 102, "skip connections")
    label(sheet, slab_left(8) + SLAB_WIDTH / 2, UNET_MIDDLE - SLAB_HEIGHTS[0] / 2 - 9, SIZES[0])
    label(sheet, slab_left(2) + SLAB_WIDTH / 2, UNET_MIDDLE - 52, "encoder")
    label(
        sheet,
        slab_left(6) + SLAB_WIDTH / 2,
        UNET_MIDDLE - 57,
        "× 2 in each\nof four steps",
        fontweight="bold",
    )
    draw_output(figure, sheet, UNET_MIDDLE, labels, "sharp mask")
    label(
        sheet,
        6,
        20,
        "The masks are illustrations, not predictions: the sharp one is the scene's own mask, and for the\n"
        "rough one only the share of each class in 6 × 8 cells was kept and enlarged.",
        ha="left",
    )


def slab_left(place):
    """Return the left edge of a slab; places count from 0 at the input to 8 at the output."""
    return FIRST_SLAB + place * PITCH


def draw_slab(sheet, place, middle, level, colour):
    """Draw one feature map; deeper levels are smaller."""
    height = SLAB_HEIGHTS[level]
    box(sheet, slab_left(place), middle - height / 2, SLAB_WIDTH, height, colour)


def draw_encoder(sheet, middle):
    """Draw the five maps of the encoder, each half as high and wide as the one before."""
    for level in range(5):
        draw_slab(sheet, level, middle, level, style.CONVOLUTION)
        start = PICTURE_LEFT + PICTURE_WIDTH if level == 0 else slab_left(level - 1) + SLAB_WIDTH
        arrow(sheet, (start + 1, middle), (slab_left(level) - 1, middle), mutation_scale=8)
    label(sheet, slab_left(0) + SLAB_WIDTH / 2, middle - SLAB_HEIGHTS[0] / 2 - 9, SIZES[0])
    label(sheet, slab_left(4) + SLAB_WIDTH / 2, middle - SLAB_HEIGHTS[4] / 2 - 9, SIZES[4])


def draw_input(figure, sheet, middle):
    """Show the street scene as the image that goes in."""
    panel = style.add_panel(figure, PICTURE_LEFT, middle - PICTURE_HEIGHT / 2, PICTURE_WIDTH, PICTURE_HEIGHT)
    scene.draw_picture(panel)
    label(sheet, PICTURE_LEFT + PICTURE_WIDTH / 2, middle - PICTURE_HEIGHT / 2 - 10, "image")


def draw_output(figure, sheet, middle, labels, text):
    """Show a mask as the result that comes out."""
    arrow(sheet, (slab_left(8) + SLAB_WIDTH + 1, middle), (OUTPUT_LEFT - 2, middle), mutation_scale=8)
    panel = style.add_panel(figure, OUTPUT_LEFT, middle - PICTURE_HEIGHT / 2, PICTURE_WIDTH, PICTURE_HEIGHT)
    panel.imshow(scene.colour_labels(labels), interpolation="none", aspect="auto")
    label(sheet, OUTPUT_LEFT + PICTURE_WIDTH / 2, middle - PICTURE_HEIGHT / 2 - 10, text, fontweight="bold")


def rough_labels(labels, step=16):
    """Return the best mask that remains when only the class shares of 16x16 cells are kept.

    The shares of every class are averaged over each cell, enlarged again by linear interpolation,
    and each pixel takes the class with the largest share.
    """
    one_hot = np.eye(len(scene.CLASS_NAMES))[labels]
    rows, columns = labels.shape
    cells = one_hot.reshape(rows // step, step, columns // step, step, -1).mean(axis=(1, 3))
    enlarged = enlarge(cells, step)
    return enlarged.argmax(axis=-1)
