"""The transposed convolution, step by step on small numbers.

Each element of the input multiplies the whole filter; the products are placed as far apart as the stride says; where
they overlap they are added; then the padding says what is cropped. The result is that of keras.layers.Conv2DTranspose
with one channel and without bias. It crops as TensorFlow does: the smaller half of the surplus goes at the top and on
the left. (The arithmetic: Dumoulin and Visin, 2016, "A guide to convolution arithmetic for deep learning".)
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from segmentation.pictures import Picture

MOST_ELEMENTS = 9
MOST_OUTPUT = 12

# Tints of the palette of Okabe and Ito (2008); the titles say in words which element a product belongs to.
ELEMENT_COLOURS = ("#B2DCF4", "#F3D48C", "#8CD0BD", "#E7C1D6")
OVERLAP_COLOUR = "#F8F2A5"
CELL = 0.3  # inches
GAP = 0.42
TITLE = 0.34

# Rows of numbers; and title, texts, face colours, bold cells and the sign after a block.
Matrix = Sequence[Sequence[float]] | np.ndarray
Block = tuple[str, np.ndarray, np.ndarray, Any, str]


def _checked(values: Matrix, kernel: Matrix, stride: int, padding: str) -> tuple[np.ndarray, np.ndarray]:
    values, kernel = np.asarray(values), np.asarray(kernel)
    for name, array in (("values", values), ("kernel", kernel)):
        if array.ndim != 2 or not array.size or not np.issubdtype(array.dtype, np.number):
            raise ValueError(
                f"{name} must be a matrix of numbers, such as [[1, 2], [3, 4]]; its shape is {array.shape}"
            )
    if not isinstance(stride, int | np.integer) or stride < 1:
        raise ValueError(f"stride must be a whole number of at least 1, not {stride!r}")
    if padding not in ("same", "valid"):
        raise ValueError(f'padding must be "same" or "valid", not {padding!r}')
    return values, kernel


def placed_products(values: Matrix, kernel: Matrix, stride: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Multiply the filter by each element, and put each product in its place on the output before cropping.

    Args:
        values: matrix of numbers, the input.
        kernel: matrix of numbers, the filter.
        stride: whole number from 1, how many cells apart the products are placed.

    Returns:
        (products, covered): arrays of shape (rows, columns of the input, rows, columns of the output): the products
        with zeros around them, and where each of them lies, as booleans.

    Raises:
        ValueError: values or kernel is not a matrix, or the stride is not allowed.
    """
    values, kernel = _checked(values, kernel, stride, "valid")
    # Where the stride is larger than the filter, the last product is followed by zeros like all others.
    size = [
        (count - 1) * stride + max(extent, stride) for count, extent in zip(values.shape, kernel.shape, strict=True)
    ]
    products = np.zeros((*values.shape, *size), np.result_type(values, kernel))
    covered = np.zeros(products.shape, bool)
    for row, column in np.ndindex(values.shape):
        place = np.s_[
            row * stride : row * stride + kernel.shape[0], column * stride : column * stride + kernel.shape[1]
        ]
        products[(row, column, *place)] = values[row, column] * kernel
        covered[(row, column, *place)] = True
    return products, covered


def kept_cells(values: Matrix, kernel: Matrix, stride: int = 2, padding: str = "same") -> tuple[slice, slice]:
    """Return which rows and columns of the sum the padding keeps.

    Args:
        values, kernel, stride: as in `placed_products`.
        padding: "valid" keeps all; "same" keeps stride times the size of the input.

    Returns:
        (slice of rows, slice of columns).

    Raises:
        ValueError: an argument is not allowed.
    """
    values, kernel = _checked(values, kernel, stride, padding)
    kept = []
    for count, extent in zip(values.shape, kernel.shape, strict=True):
        surplus = max(extent - stride, 0)
        before = surplus // 2 if padding == "same" else 0
        length = count * stride if padding == "same" else count * stride + surplus
        kept.append(slice(before, before + length))
    return tuple(kept)


def transposed_convolution(values: Matrix, kernel: Matrix, stride: int = 2, padding: str = "same") -> np.ndarray:
    """Compute a transposed convolution of one channel.

    Args:
        values: matrix of numbers, the input.
        kernel: matrix of numbers, the filter.
        stride: whole number from 1.
        padding: "same" or "valid".

    Returns:
        matrix, what keras.layers.Conv2DTranspose gives for this filter without bias.

    Raises:
        ValueError: an argument is not allowed.
    """
    kept = kept_cells(values, kernel, stride, padding)
    return placed_products(values, kernel, stride)[0].sum(axis=(0, 1))[kept]


def transposed_convolution_steps(values: Matrix, kernel: Matrix, stride: int = 2, padding: str = "same") -> Picture:
    """Draw a transposed convolution: input and filter, the product of each element, their sum, and what is cropped.

    Args:
        values: matrix of numbers, the input; at most nine elements.
        kernel: matrix of numbers, the filter.
        stride: whole number from 1.
        padding: "same" or "valid".

    Returns:
        Picture.

    Raises:
        ValueError: an argument is not allowed, or there is too much to draw: more than nine elements, or more than
            12 rows or columns before cropping.
    """
    kept = kept_cells(values, kernel, stride, padding)
    products, covered = placed_products(values, kernel, stride)
    values, kernel = np.asarray(values), np.asarray(kernel)
    full, layers = products.sum(axis=(0, 1)), covered.sum(axis=(0, 1))
    if values.size > MOST_ELEMENTS or max(full.shape) > MOST_OUTPUT:
        raise ValueError(
            f"{values.size} elements and an output of {_size(full)} are too many to draw: at most {MOST_ELEMENTS} "
            f"elements and {MOST_OUTPUT} rows and columns can be drawn; transposed_convolution() computes any size"
        )
    result = full[kept]
    colours = np.array(ELEMENT_COLOURS)[np.arange(values.size).reshape(values.shape) % len(ELEMENT_COLOURS)]

    # Rows of blocks: (title, texts, face colours, bold cells, sign after the block).
    operands = [
        (f"input {_size(values)}", _texts(values), colours, None, "×"),
        (f"filter {_size(kernel)}", _texts(kernel), np.full(kernel.shape, "white"), None, ""),
    ]
    drawn = []
    for row, column in np.ndindex(values.shape):
        here = covered[row, column]
        texts = np.where(here, _texts(products[row, column]), "")
        faces = np.where(here, colours[row, column], "white")
        drawn.append((f"{_number(values[row, column])} × filter", texts, faces, None, "+"))
    drawn[-1] = (*drawn[-1][:4], "")
    faces = np.where(layers > 1, OVERLAP_COLOUR, "white")
    cropped = full.shape != result.shape
    sums = [
        (f"sum {_size(full)}", _texts(full), faces, layers > 1, "→"),
        (f'output {_size(result)}, "{padding}"', _texts(result), faces[kept], (layers > 1)[kept], ""),
    ]
    cropping = (
        f'4  Padding "{padding}" crops the hatched cells: {_size(result)} = stride × input remain.'
        if cropped
        else f'4  Padding "{padding}" crops nothing here.'
    )
    per_row = values.shape[1] if values.shape[0] > 1 and values.size > 4 else values.size
    rows = [
        ("1  Multiply the whole filter by each element of the input.", operands),
        *[
            (f"2  Place the products {stride} cell{'' if stride == 1 else 's'} apart: the stride." if not start else "",
             drawn[start : start + per_row])
            for start in range(0, len(drawn), per_row)
        ],
        (f"3  Add them; where they overlap, the sum is bold on yellow.\n{cropping}", sums),
    ]  # fmt: skip
    figure = _draw_rows(rows, kept)
    steps = f"{values.size} products of {_size(kernel)}, placed {stride} apart, give a sum of {_size(full)}"
    description = (
        f"A transposed convolution of the input {_spelled(values)} with the filter {_spelled(kernel)}, "
        f'stride {stride}, padding "{padding}": {steps}; '
        f"{int((layers > 1).sum())} cells of it add more than one product. "
        f"{'Cropped to' if cropped else 'Nothing is cropped:'} {_size(result)}, the output is {_spelled(result)}."
    )
    return Picture(figure, description)


def _draw_rows(rows: Sequence[tuple[str, Sequence[Block]]], kept: tuple[slice, slice]) -> Figure:
    """Draw rows of blocks from top to bottom; the first block of the last row shows what is kept of it."""
    widths = [sum(_width(block) + GAP for block in blocks) for _, blocks in rows]
    heights = [
        max(texts.shape[0] for _, texts, *_ in blocks) * CELL + TITLE + 0.26 * len(heading.splitlines())
        for heading, blocks in rows
    ]
    width, height = max(6.4, *widths) + 0.3, sum(heights) + 0.2 * len(rows)
    figure = Figure(figsize=(width, height), facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    axes.axis("off")
    top = 0.1
    for number, ((heading, blocks), row_height) in enumerate(zip(rows, heights, strict=True)):
        left, y = 0.2, top
        for line in heading.splitlines():
            axes.text(left, y + 0.13, line, va="center", fontsize=11)
            y += 0.26
        for place, block in enumerate(blocks):
            _draw_block(axes, left, y + TITLE, block)
            if number == len(rows) - 1 and place == 0:
                _mark_kept(axes, left, y + TITLE, block[1].shape, kept)
            left += _width(block) + GAP
        top += row_height + 0.2
    return figure


def _width(block: Block) -> float:
    """Return the width of a block in inches: that of its cells, or of its title where this is longer."""
    return max(block[1].shape[1] * CELL, 0.095 * len(block[0]))


def _draw_block(axes: Axes, left: float, top: float, block: Block) -> None:
    title, texts, faces, bold, sign = block
    rows = texts.shape[0]
    axes.text(left, top - 0.13, title, ha="left", va="center", fontsize=10, fontweight="bold")
    for row, column in np.ndindex(texts.shape):
        x, y = left + column * CELL, top + row * CELL
        axes.add_patch(Rectangle((x, y), CELL, CELL, facecolor=faces[row, column], edgecolor="black", linewidth=0.7))
        text = texts[row, column]
        weight = "bold" if bold is not None and bold[row, column] else "normal"
        size = min(10, (29 if weight == "bold" else 33) / max(1, len(text)))
        axes.text(x + CELL / 2, y + CELL / 2, text, ha="center", va="center_baseline", fontsize=size, fontweight=weight)
    axes.text(left + _width(block) + GAP / 2, top + rows * CELL / 2, sign, ha="center", va="center", fontsize=14)


def _mark_kept(axes: Axes, left: float, top: float, shape: tuple[int, ...], kept: tuple[slice, slice]) -> None:
    """Hatch the cells that are cropped, and draw a thick border around those that remain."""
    rows, columns = (range(*part.indices(length)) for part, length in zip(kept, shape, strict=True))
    for row, column in np.ndindex(shape):
        if row not in rows or column not in columns:
            corner = left + column * CELL, top + row * CELL
            axes.add_patch(
                Rectangle(corner, CELL, CELL, fill=False, edgecolor="#777777", hatch="////", linewidth=0, zorder=3)
            )
    corner = left + columns[0] * CELL, top + rows[0] * CELL
    axes.add_patch(
        Rectangle(corner, len(columns) * CELL, len(rows) * CELL, fill=False, edgecolor="black", linewidth=2.4, zorder=4)
    )


def _number(value: float) -> str:
    return f"{value:.3g}"


def _texts(matrix: np.ndarray) -> np.ndarray:
    return np.array([[_number(value) for value in row] for row in matrix.tolist()], dtype=object)


def _size(matrix: np.ndarray) -> str:
    return f"{matrix.shape[0]}×{matrix.shape[1]}"


def _spelled(matrix: np.ndarray) -> str:
    return "[" + "; ".join(" ".join(_number(value) for value in row) for row in matrix.tolist()) + "]"
