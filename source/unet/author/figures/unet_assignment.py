"""The U-Net that the student builds, block by block, with the shape of every block's output."""

# The multiplication sign in the labels is meant, it is no mistyped x.

from figures import style
from figures.shapes import arrow, bent_arrow, box, label
from figures.u_shape import BODY, MARGIN, STRIP, UShape, draw_lines

FILE_NAME = "unet_assignment.svg"
ALT_TEXT = (
    "The U-Net of this assignment, drawn as a U: the encoder blocks cblock1 to cblock5 have 32, 64, "
    "128, 256 and 512 filters and give maps of 96 by 128, 48 by 64, 24 by 32, 12 by 16 and 6 by 8; "
    "cblock4 and cblock5 have dropout 0.3, and cblock5 has no pooling. The decoder blocks ublock6 to "
    "ublock9 have 256, 128, 64 and 32 filters and climb back to 96 by 128; each joins the skip "
    "connection that leaves cblock4, cblock3, cblock2 or cblock1 before the pooling; then follow "
    "conv9 and conv10, a 1 by 1 convolution that gives 23 logits for each pixel; there are 24 "
    "convolutional layers in all."
)

SHEET_HEIGHT = 592
BLOCK_WIDTH = 152
GAP = 25
INDENT = 16
FIRST_TOP = 522  # upper edge of cblock1 and ublock9
PLAN = UShape(FIRST_TOP, BLOCK_WIDTH, GAP, INDENT)

SIZES = ((96, 128), (48, 64), (24, 32), (12, 16), (6, 8))
FILTERS = (32, 64, 128, 256, 512)
DROPOUT = {4: 0.3, 5: 0.3}
CLASSES = 23


def shape_text(level, channels):
    """Write the shape of a map on a level, which counts from 0 at the top."""
    height, width = SIZES[level]
    return f"{height}×{width}×{channels}"


def draw():
    """Draw the input, the blocks of the U, the skip connections and the last two convolutions."""
    figure, sheet = style.new_sheet(SHEET_HEIGHT)
    draw_input(sheet)
    for level in range(4):
        draw_encoder_block(sheet, level)
        draw_decoder_block(sheet, level)
        draw_skip(sheet, level)
    draw_bottom(sheet)
    draw_last_convolutions(sheet)
    draw_notes(sheet)
    return figure


def draw_input(sheet):
    """Draw the image that enters cblock1."""
    x = PLAN.left_of_encoder(0) + BLOCK_WIDTH / 2
    label(sheet, x, SHEET_HEIGHT - 24, "inputs", fontweight="bold")
    label(sheet, x, SHEET_HEIGHT - 38, "96×128×3")
    arrow(sheet, (x, SHEET_HEIGHT - 46), (x, FIRST_TOP + 2))


def draw_encoder_block(sheet, level):
    """Draw one cblock: the convolutions, and under them the pooling."""
    x, y = PLAN.left_of_encoder(level), PLAN.bottom(level)
    number = level + 1
    centre = x + BLOCK_WIDTH / 2
    box(sheet, x, y + STRIP, BLOCK_WIDTH, BODY, style.CONVOLUTION)
    box(sheet, x, y, BLOCK_WIDTH, STRIP, style.POOLING, "MaxPooling2D 2×2")
    draw_lines(sheet, centre, y + STRIP + BODY, encoder_lines(level))

    # The pooled map goes down to the next block, which lies a little further right.
    down = centre + INDENT / 2
    if number < 4:
        arrow(sheet, (down, y), (down, y - GAP + 1), style.POOLING, width=2)
        label(sheet, down + 8, y - GAP / 2, shape_text(level + 1, FILTERS[level]), ha="left")


def encoder_lines(level):
    """Return the lines of text of a cblock."""
    number = level + 1
    lines = [f"cblock{number}", f"2 × Conv2D, {FILTERS[level]} filters"]
    if number in DROPOUT:
        lines.append(f"Dropout {DROPOUT[number]}")
    lines.append(shape_text(level, FILTERS[level]))
    return lines


def draw_decoder_block(sheet, level):
    """Draw one ublock: at its foot the transposed convolution, above it the joining and convolutions."""
    x, y = PLAN.left_of_decoder(level), PLAN.bottom(level)
    number = 9 - level
    centre = x + BLOCK_WIDTH / 2
    filters = FILTERS[level]
    box(sheet, x, y + STRIP, BLOCK_WIDTH, BODY, style.CONVOLUTION)
    box(sheet, x, y, BLOCK_WIDTH, STRIP, style.TRANSPOSED_CONVOLUTION, "Conv2DTranspose, stride 2")
    lines = [
        f"ublock{number}",
        f"2 × Conv2D, {filters} filters",
        f"concatenate: {2 * filters} channels",
    ]
    draw_lines(sheet, centre, y + STRIP + BODY, lines)

    up = centre - INDENT / 2
    if level < 3:
        arrow(sheet, (up, y - GAP), (up, y - 1), style.TRANSPOSED_CONVOLUTION, width=2)
        label(sheet, up - 8, y - GAP / 2, shape_text(level + 1, FILTERS[level + 1]), ha="right")


def draw_skip(sheet, level):
    """Draw the skip connection from the convolutions of a cblock to the joining in its ublock."""
    start = PLAN.left_of_encoder(level) + BLOCK_WIDTH
    end = PLAN.left_of_decoder(level)
    y = PLAN.bottom(level) + STRIP + 12
    arrow(sheet, (start + 1, y), (end - 1, y), style.SKIP, width=2.4, mutation_scale=12)
    text = f"skip_connection\n{shape_text(level, FILTERS[level])}"
    label(sheet, (start + end) / 2, y + 18, text)


def draw_bottom(sheet):
    """Draw cblock5, which has no pooling, and the way into it and out of it."""
    x = (style.SHEET_WIDTH - BLOCK_WIDTH) / 2
    top = PLAN.bottom(3) - GAP
    y = top - BODY
    box(sheet, x, y, BLOCK_WIDTH, BODY, style.CONVOLUTION)
    draw_lines(sheet, x + BLOCK_WIDTH / 2, top, encoder_lines(4))

    middle = y + BODY / 2
    down = PLAN.left_of_encoder(3) + BLOCK_WIDTH / 2
    up = PLAN.left_of_decoder(3) + BLOCK_WIDTH / 2
    bent_arrow(sheet, [(down, PLAN.bottom(3)), (down, middle), (x - 1, middle)], style.POOLING, width=2)
    bent_arrow(
        sheet,
        [(x + BLOCK_WIDTH + 1, middle), (up, middle), (up, PLAN.bottom(3) - 1)],
        style.TRANSPOSED_CONVOLUTION,
        width=2,
    )
    label(sheet, down - 7, PLAN.bottom(3) - GAP / 2, shape_text(4, FILTERS[3]), ha="right")
    label(sheet, up + 7, PLAN.bottom(3) - GAP / 2, shape_text(4, FILTERS[4]), ha="left")


def draw_last_convolutions(sheet):
    """Draw conv9 and conv10 after ublock9, up to the logits."""
    x = PLAN.left_of_decoder(0)
    width = 96
    y = SHEET_HEIGHT - 46
    ublock_top = FIRST_TOP
    start = x + BLOCK_WIDTH - 20
    conv9_left = start - width / 2 - 28
    arrow(sheet, (conv9_left + width / 2, ublock_top), (conv9_left + width / 2, y - 1))
    label(sheet, conv9_left + width / 2 - 8, (ublock_top + y) / 2, shape_text(0, FILTERS[0]), ha="right")
    box(sheet, conv9_left, y, width, 32, style.CONVOLUTION)
    label(sheet, conv9_left + width / 2, y + 23, "conv9", fontweight="bold")
    label(sheet, conv9_left + width / 2, y + 9, "3×3, 32 filters")

    conv10_left = conv9_left - width - 22
    arrow(sheet, (conv9_left - 1, y + 16), (conv10_left + width + 1, y + 16))
    box(sheet, conv10_left, y, width, 32, style.CLASS_SCORES)
    label(sheet, conv10_left + width / 2, y + 23, "conv10", fontweight="bold")
    label(sheet, conv10_left + width / 2, y + 9, f"1×1, {CLASSES} filters")

    logits = conv10_left - 22
    arrow(sheet, (conv10_left - 1, y + 16), (logits, y + 16))
    label(sheet, logits - 4, y + 23, "logits", ha="right", fontweight="bold")
    label(sheet, logits - 4, y + 9, f"96×128×{CLASSES}", ha="right")


def draw_notes(sheet):
    """Count the layers and say what all convolutions have in common."""
    common = "All Conv2D but conv10:\n3×3, same padding, ReLU,\nHe normal"
    label(sheet, MARGIN, 34, common, ha="left")
    count = "10 + 8 Conv2D in blocks\n+ 4 Conv2DTranspose\n+ conv9 + conv10 = 24"
    label(sheet, 372, 34, count, ha="left")
