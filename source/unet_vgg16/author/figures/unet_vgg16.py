"""The U-Net with VGG16 as its encoder: frozen blocks on the left, the decoder to be trained on the right."""

from figures import style
from figures.shapes import arrow, bent_arrow, box, label
from figures.u_shape import BODY, STRIP, UShape, draw_lines

FILE_NAME = "unet_vgg16.svg"
ALT_TEXT = (
    "A U-Net with VGG16 as its encoder, at depth 5. On the left, frozen, the five blocks of VGG16 with 2, 2, 3, 3 "
    "and 3 convolutions and 64, 128, 256, 512 and 512 channels; between them poolings halve 128 by 128 down to 8 by "
    "8. Dropout 0.5 follows the fifth. On the right four decoder levels climb back, with 256, 256, 128 and 64 "
    "filters: each a Conv2DTranspose, a concatenation with the tensor x[3], x[2], x[1] or x[0] of its encoder block, "
    "BatchNormalization and ReLU, and two Conv2D. A last 1 by 1 convolution gives 3 logits for each pixel."
)

SHEET_HEIGHT = 530
BLOCK_WIDTH = 172
GAP = 22
INDENT = 12
FIRST_TOP = 468
PLAN = UShape(FIRST_TOP, BLOCK_WIDTH, GAP, INDENT)

SIZES = (128, 64, 32, 16, 8)
CHANNELS = (64, 128, 256, 512, 512)
CONVOLUTIONS = (2, 2, 3, 3, 3)
TENSORS = ("block1_conv1", "block2_conv2", "block3_conv3", "block4_conv3", "block5_conv3")


def shape_text(level, channels):
    """Write the shape of a map on a level, which counts from 0 at the top."""
    return f"{SIZES[level]}×{SIZES[level]}×{channels}"


def draw():
    """Draw the input, the blocks of VGG16, the decoder, the skip connections and the last convolution."""
    figure, sheet = style.new_sheet(SHEET_HEIGHT)
    x = PLAN.left_of_encoder(0) + BLOCK_WIDTH / 2
    label(sheet, x, SHEET_HEIGHT - 18, "VGG16, frozen", fontweight="bold")
    label(sheet, x, SHEET_HEIGHT - 34, f"pictures, {shape_text(0, 3)}")
    arrow(sheet, (x, SHEET_HEIGHT - 43), (x, FIRST_TOP + 2))
    for level in range(4):
        draw_encoder_block(sheet, level)
        draw_decoder_level(sheet, level)
        draw_skip(sheet, level)
    draw_bottom(sheet)
    draw_last_convolution(sheet)
    return figure


def draw_block(sheet, x, y, lines, frozen):
    """Draw the body of a block and its lines, the first of them in bold. What is frozen has a dashed border."""
    box(sheet, x, y, BLOCK_WIDTH, BODY, style.GREY if frozen else style.CONVOLUTION, dashed=frozen)
    draw_lines(sheet, x + BLOCK_WIDTH / 2, y + BODY, lines)


def encoder_lines(level):
    """Return the lines of text of a block of VGG16."""
    return [
        f"x[{level}]: {TENSORS[level]}",
        f"block {level + 1}: {CONVOLUTIONS[level]} × Conv2D",
        shape_text(level, CHANNELS[level]),
    ]


def draw_encoder_block(sheet, level):
    """Draw a block of VGG16, and under it its pooling."""
    x, y = PLAN.left_of_encoder(level), PLAN.bottom(level)
    draw_block(sheet, x, y + STRIP, encoder_lines(level), frozen=True)
    box(sheet, x, y, BLOCK_WIDTH, STRIP, style.POOLING, "MaxPooling2D 2×2")
    if level < 3:
        down = x + BLOCK_WIDTH / 2 + INDENT / 2
        arrow(sheet, (down, y), (down, y - GAP + 1), style.POOLING, width=2)


def draw_decoder_level(sheet, level):
    """Draw a level of the decoder: at its foot the transposed convolution, above it what follows."""
    x, y = PLAN.left_of_decoder(level), PLAN.bottom(level)
    filters = CHANNELS[level + 1] // 2
    lines = [f"{filters} filters", "BatchNormalization, ReLU", f"2 × Conv2D: {shape_text(level, filters)}"]
    draw_block(sheet, x, y + STRIP, lines, frozen=False)
    box(sheet, x, y, BLOCK_WIDTH, STRIP, style.TRANSPOSED_CONVOLUTION, "Conv2DTranspose, stride 2")
    if level < 3:
        up = x + BLOCK_WIDTH / 2 - INDENT / 2
        arrow(sheet, (up, y - GAP), (up, y - 1), style.TRANSPOSED_CONVOLUTION, width=2)


def draw_skip(sheet, level):
    """Draw the skip connection from a block of VGG16 to the level of the decoder that joins it."""
    start, end = PLAN.left_of_encoder(level) + BLOCK_WIDTH, PLAN.left_of_decoder(level)
    y = PLAN.bottom(level) + STRIP + 12
    arrow(sheet, (start + 1, y), (end - 1, y), style.SKIP, width=2.4, mutation_scale=12)
    label(sheet, (start + end) / 2, y + 13, f"concatenate x[{level}]")


def draw_bottom(sheet):
    """Draw the fifth block, whose pooling is not used, with the dropout, and the ways in and out."""
    x = (style.SHEET_WIDTH - BLOCK_WIDTH) / 2
    y = PLAN.bottom(3) - GAP - BODY
    draw_block(sheet, x, y, encoder_lines(4), frozen=True)
    box(sheet, x, y - STRIP, BLOCK_WIDTH, STRIP, style.DROPOUT, "Dropout 0.5")
    middle = y + BODY / 2
    down, up = PLAN.left_of_encoder(3) + BLOCK_WIDTH / 2, PLAN.left_of_decoder(3) + BLOCK_WIDTH / 2
    bent_arrow(sheet, [(down, PLAN.bottom(3)), (down, middle), (x - 1, middle)], style.POOLING, width=2)
    out = y - STRIP / 2
    path = [(x + BLOCK_WIDTH + 1, out), (up, out), (up, PLAN.bottom(3) - 1)]
    bent_arrow(sheet, path, style.TRANSPOSED_CONVOLUTION, width=2)


def draw_last_convolution(sheet):
    """Draw the convolution that gives the scores."""
    x = PLAN.left_of_decoder(0)
    y = SHEET_HEIGHT - 38
    arrow(sheet, (x + BLOCK_WIDTH / 2, FIRST_TOP), (x + BLOCK_WIDTH / 2, y - 1))
    box(sheet, x, y, BLOCK_WIDTH, 32, style.CLASS_SCORES)
    label(sheet, x + BLOCK_WIDTH / 2, y + 23, "Conv2D 1×1, no activation", fontweight="bold")
    label(sheet, x + BLOCK_WIDTH / 2, y + 9, f"logits: {shape_text(0, 3)}")
