"""Pictures of one frame: image, true mask, prediction and errors side by side, and a mask that names its classes.

A mask is an array of class ids of shape (height, width) or (height, width, 1). An image has the shape
(height, width, 3): colours from 0 to 1 in floats, or from 0 to 255 in integers. Both may be tensors.
"""

import html
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from . import metrics
from .classes import ClassTable, legend_handles, paint
from .pictures import MarkupPicture, Picture

SMALLEST_NAMED_SHARE = 0.02
PANEL_WIDTH = 4.2  # inches
LEGEND_ROW = 0.24  # inches
# Bright on dark grey: the difference is one of lightness, which no colour blindness takes away.
ERROR_COLOUR = (1.0, 0.88, 0.2)


def class_ids_of(mask: Any, classes: ClassTable, what: str = "mask") -> np.ndarray:
    """Return a mask as an array of class ids.

    Args:
        mask: class ids, shape (height, width) or (height, width, 1).
        classes: ClassTable.
        what: str, what an error message calls it.

    Returns:
        integer array of shape (height, width).

    Raises:
        ValueError: the mask has another shape, or holds values that are not class ids.
    """
    ids = np.asarray(mask)
    if ids.ndim == 3 and ids.shape[-1] == 1:
        ids = ids[..., 0]
    if ids.ndim != 2 or not ids.size:
        raise ValueError(
            f"the {what} has the shape {np.shape(mask)}, but one mask of class ids is needed, (height, width) or "
            "(height, width, 1). From scores, take the class with the largest first: np.argmax(scores, axis=-1); from "
            "a batch, take one entry: batch[0]"
        )
    classes.check_ids(ids, f"the {what}")
    return ids.astype(np.int64)


def colours_of(image: Any) -> np.ndarray:
    """Return an image as floats from 0 to 1.

    Args:
        image: shape (height, width, 3); a fourth channel, alpha, is left out.

    Returns:
        float32 array of shape (height, width, 3).

    Raises:
        ValueError: the image has another shape, or floats outside 0 to 1.
    """
    colours = np.asarray(image)
    if colours.ndim != 3 or colours.shape[-1] not in (3, 4) or not colours.size:
        raise ValueError(
            f"the image has the shape {colours.shape}, but one image (height, width, 3) is needed; from a batch, take "
            "one entry: batch[0]"
        )
    if np.issubdtype(colours.dtype, np.integer):
        colours = colours / 255
    low, high = colours.min(), colours.max()
    # Resizing may leave a value beyond 1 by rounding.
    if not (low >= -0.01 and high <= 1.01):
        raise ValueError(f"the image holds floats from {low:.3g} to {high:.3g}: scale them to the range from 0 to 1")
    return np.clip(colours[..., :3], 0, 1).astype(np.float32)


def predict_mask(model: Any, image: Any, preprocess: Callable | None = None) -> np.ndarray:
    """Return the class ids that a model predicts for one image.

    Args:
        model: Keras model from a batch of images to scores, shape (batch, height, width, classes).
        image: one image of the size that the model takes, shape (height, width, 3): floats from 0 to 1, or integers,
            which are scaled to that.
        preprocess: function of an image, float32 from 0 to 1 of shape (height, width, 3), that gives what the model
            takes; or None where it takes just that.

    Returns:
        integer array of shape (height, width).

    Raises:
        ValueError: the model does not take images of this size.
    """
    taken = colours_of(image)
    if preprocess is not None:
        taken = np.asarray(preprocess(taken))
    expected = tuple(model.input_shape[1:])
    if any(size not in (None, given) for size, given in zip(expected, taken.shape, strict=True)):
        raise ValueError(
            f"the image has the shape {taken.shape}, but the model {model.name!r} takes {expected}: preprocess the "
            "image as for training"
        )
    # Not model.predict: it draws a progress bar, and TensorFlow warns when many models do it once each.
    return np.argmax(np.asarray(model(taken[np.newaxis], training=False))[0], axis=-1)


def frame_confusion(true_mask: Any, predicted_mask: Any, classes: ClassTable) -> np.ndarray:
    """Count what the pixels of one frame were taken for.

    Args:
        true_mask, predicted_mask: class ids of the same shape.
        classes: ClassTable.

    Returns:
        numpy.ndarray: the confusion matrix, from which `metrics` gives accuracy, IoU and mean IoU: the mean over the
        classes that are in one of the masks.

    Raises:
        ValueError: the masks differ in shape, or one of them is not a mask.
    """
    true = class_ids_of(true_mask, classes, "true mask")
    predicted = class_ids_of(predicted_mask, classes, "predicted mask")
    if true.shape != predicted.shape:
        raise ValueError(f"the true mask has the shape {true.shape}, but the predicted one {predicted.shape}")
    return metrics.count_pixels(true, predicted, classes.n_classes)


def shares_in_words(ids: np.ndarray, classes: ClassTable, most: int = 4) -> str:
    """Return how much of a mask its largest classes cover, as in "road 44 %, sky 34 % and 5 more classes"."""
    counts = np.bincount(ids.ravel())
    order = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
    words = ", ".join(f"{classes.names[k]} {100 * counts[k] / ids.size:.0f} %" for k in order[:most])
    more = len(order) - most
    return words + (f" and {more} more class{'' if more == 1 else 'es'}" if more > 0 else "")


def draw_mask(axes: Axes, mask: Any, classes: ClassTable, palette: str | None = None) -> None:
    """Draw a mask on axes, and label every class that covers 2 % or more.

    Args:
        axes: matplotlib axes.
        mask: class ids.
        classes: ClassTable.
        palette: str, the name of one of its palettes, or None for the first.
    """
    ids = class_ids_of(mask, classes)
    height, width = ids.shape
    # Stripes need room: some four pixels of the picture for each pixel of a small mask.
    scale = max(1, round(512 / width)) if any(classes.palette(palette).stripes) else 1
    extent = (-0.5, width - 0.5, height - 0.5, -0.5)
    axes.imshow(paint(ids, classes, palette, scale), extent=extent, interpolation="nearest")
    for class_id in np.unique(ids).tolist():
        rows, columns = np.nonzero(ids == class_id)
        if rows.size < SMALLEST_NAMED_SHARE * ids.size:
            continue
        # The median of an area may lie outside of it; the pixel of the area next to it does not.
        middle = np.argmin(np.abs(rows - np.median(rows)) + np.abs(columns - np.median(columns)))
        axes.text(
            columns[middle],
            rows[middle],
            classes.names[class_id],
            color="white",
            fontsize=8,
            ha="center",
            va="center",
            clip_on=True,
            bbox={"facecolor": "black", "alpha": 0.65, "edgecolor": "none", "pad": 1.5},
        )


def _draw_errors(axes: Axes, colours: np.ndarray, true: np.ndarray, predicted: np.ndarray) -> None:
    grey = 0.12 + 0.4 * colours @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    shown = np.repeat(grey[..., np.newaxis], 3, axis=-1)
    shown[true != predicted] = ERROR_COLOUR
    axes.imshow(shown, interpolation="nearest")


def new_panels(
    count: int, aspect: float, present: np.ndarray, classes: ClassTable, palette: str | None = None
) -> tuple[Figure, list[Axes]]:
    """Make panels for pictures of one size, with one legend under them all.

    Args:
        count: number of panels; they stand in rows of two or three.
        aspect: height of a panel over its width.
        present: class ids for the legend.
        classes, palette: as in `draw_panels`.

    Returns:
        (figure, list of axes): the axes are without ticks.
    """
    columns = 2 if count in (2, 4) else 3
    rows = -(-count // columns)
    handles = legend_handles(present, classes, palette)
    legend_rows = -(-len(handles) // (3 * columns))
    title, legend = 0.62, 0.2 + LEGEND_ROW * legend_rows
    panel_height = PANEL_WIDTH * aspect
    height, width = rows * (title + panel_height) + legend, columns * PANEL_WIDTH + 0.2
    figure = Figure(figsize=(width, height), facecolor="white")
    all_axes = []
    for number in range(count):
        row, column = divmod(number, columns)
        # Placed by hand: matplotlib's layout engines move everything when a title gets longer.
        left, bottom = 0.16 + column * PANEL_WIDTH, legend + (rows - 1 - row) * (title + panel_height)
        axes = figure.add_axes((left / width, bottom / height, (PANEL_WIDTH - 0.12) / width, panel_height / height))
        axes.set_xticks([])
        axes.set_yticks([])
        all_axes.append(axes)
    figure.legend(
        handles=handles, loc="lower center", ncols=max(1, -(-len(handles) // legend_rows)), fontsize=9, frameon=False,
        handlelength=2.2, handleheight=1.1, labelspacing=0.3, borderaxespad=0.2,
    )  # fmt: skip
    return figure, all_axes


def draw_panels(
    image: Any, true_mask: Any, predicted_mask: Any = None, *, classes: ClassTable, palette: str | None = None
) -> Picture:
    """Draw an image and its true mask, and a prediction, if there is one, with its errors.

    Classes that cover 2 % or more are labelled; the legend holds every class of both masks. The panel of the errors
    shows the image in dark grey, and every pixel whose class is wrong in a bright colour; its title gives the accuracy
    and the mean IoU of this frame, over the classes that are in one of the masks.

    Args:
        image: colours, shape (height, width, 3).
        true_mask: class ids, shape (height, width) or (height, width, 1).
        predicted_mask: class ids of the same shape, or None.
        classes: ClassTable.
        palette: str, the name of one of its palettes, or None for the first.

    Returns:
        Picture.

    Raises:
        ValueError: sizes differ, or an image, mask or palette is not one.
    """
    colours, true = colours_of(image), class_ids_of(true_mask, classes, "true mask")
    if colours.shape[:2] != true.shape:
        raise ValueError(f"the image is {colours.shape[:2]} pixels (height, width), but its mask is {true.shape}")
    masks = [("true mask", true)]
    if predicted_mask is not None:
        masks.append(("predicted mask", class_ids_of(predicted_mask, classes, "predicted mask")))
        confusion = frame_confusion(true, predicted_mask, classes)
    present = np.unique(np.concatenate([ids.ravel() for _, ids in masks]))
    aspect = true.shape[0] / true.shape[1]
    figure, axes = new_panels(2 * len(masks), aspect, present, classes, palette)
    axes[0].imshow(colours, interpolation="nearest")
    axes[0].set_title("image")
    for panel, (title, ids) in zip(axes[1:], masks, strict=False):
        draw_mask(panel, ids, classes, palette)
        panel.set_title(title)
    description = f"A frame and its true mask: {shares_in_words(true, classes)}."
    if predicted_mask is not None:
        predicted = masks[1][1]
        wrong = int((true != predicted).sum())
        _draw_errors(axes[3], colours, true, predicted)
        scores = f"accuracy {100 * metrics.accuracy(confusion):.1f} %, mean IoU {metrics.mean_iou(confusion):.3f}"
        axes[3].set_title(f"errors (bright): {wrong:,} of {true.size:,} pixels\n{scores}", fontsize=11)
        description += (
            f" The predicted mask: {shares_in_words(predicted, classes)}. It differs in {wrong:,} of "
            f"{true.size:,} pixels: {scores}."
        )
    return Picture(figure, description)


def _outline(area: np.ndarray) -> str:
    """Return an area, a boolean array, as the path of an SVG: runs of pixels, joined where they lie on top."""
    edges = np.diff(np.pad(area, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    open_runs, path = {}, []
    for row in range(area.shape[0] + 1):
        runs = set()
        if row < area.shape[0]:
            runs = set(zip(np.nonzero(edges[row] == 1)[0].tolist(), np.nonzero(edges[row] == -1)[0].tolist()))
        for run in sorted(open_runs.keys() - runs):
            top, (left, right) = open_runs.pop(run), run
            path.append(f"M{left} {top}h{right - left}v{row - top}h{left - right}z")
        for run in runs - open_runs.keys():
            open_runs[run] = row
    return "".join(path)


def hover_mask(mask: Any, classes: ClassTable, palette: str | None = None, width: int = 640) -> MarkupPicture:
    """Draw a mask in which the pointer shows the id, name and share of the class beneath it.

    A list of the classes with their shares stands under the mask, the largest first, for screen readers and for
    everybody without a pointer. The size of the result grows with the detail of the mask: 10 to 20 kB at 96x128.

    Args:
        mask: class ids, shape (height, width) or (height, width, 1).
        classes: ClassTable.
        palette: str, the name of one of its palettes, or None for the first; there are no stripes here.
        width: width of the picture in pixels.

    Returns:
        MarkupPicture: HTML with an SVG image, without scripts or external resources.

    Raises:
        ValueError: the mask is not a mask, or there is no such palette.
    """
    ids = class_ids_of(mask, classes)
    colours = classes.palette(palette).colours
    counts = np.bincount(ids.ravel(), minlength=classes.n_classes)
    areas, entries = [], []
    for k in np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)].tolist():
        share = 100 * counts[k] / ids.size
        words = f"{k} {classes.names[k]}: {'under 0.1' if share < 0.05 else f'{share:.1f}'} %"
        colour = "#{:02x}{:02x}{:02x}".format(*colours[k])
        areas.append(f'<path fill="{colour}" d="{_outline(ids == k)}"><title>{html.escape(words)}</title></path>')
        sample = f"display:inline-block;width:1em;height:1em;background:{colour};border:1px solid #808080"
        entries.append(
            f'<li><span style="{sample};vertical-align:-0.15em" aria-hidden="true"></span> {html.escape(words)}</li>'
        )
    rows, columns = ids.shape
    description = f"A mask of {rows} x {columns} pixels: {shares_in_words(ids, classes, most=classes.n_classes)}."
    markup = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{html.escape(description)}" '
        f'viewBox="0 0 {columns} {rows}" width="{width}" style="max-width:100%;height:auto;display:block" '
        # Without crispEdges thin lines of the background shine through between the runs.
        f'shape-rendering="crispEdges">{"".join(areas)}</svg>'
        f'<ul style="list-style:none;margin:0.4em 0;padding:0;columns:13em;max-width:{width}px" '
        f'aria-label="classes and their shares of the mask">{"".join(entries)}</ul>'
    )
    return MarkupPicture(markup, description)
