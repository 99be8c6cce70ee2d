"""How good a segmentation is: confusion matrix, IoU of each class, mean IoU, pixel accuracy.

Intersection over union (Jaccard 1901) is the measure of the PASCAL VOC segmentation challenge (Everingham et al. 2010):
accuracy is dominated by the large classes; mean IoU counts a rare class as much as a common one.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas


def count_pixels(true: Any, predicted: Any, n_classes: int) -> np.ndarray:
    """Count what the pixels of a mask were taken for.

    Args:
        true: class ids, integers of any shape.
        predicted: class ids, as many.
        n_classes: int, number of classes.

    Returns:
        numpy.ndarray: (n_classes, n_classes) of int64; row: the true class, column: the predicted one.

    Raises:
        ValueError: the numbers of pixels differ, or a value is not a class id.
    """
    true, predicted = np.asarray(true).ravel().astype(np.int64), np.asarray(predicted).ravel().astype(np.int64)
    if true.size != predicted.size:
        raise ValueError(f"{true.size:,} pixels in the masks, but {predicted.size:,} in the predictions")
    for kind, ids in (("mask", true), ("prediction", predicted)):
        if ids.size and (ids.min() < 0 or ids.max() >= n_classes):
            raise ValueError(f"class ids run from 0 to {n_classes - 1}, but a {kind} holds {ids.min()} to {ids.max()}")
    counts = np.bincount(true * n_classes + predicted, minlength=n_classes * n_classes)
    return counts.reshape(n_classes, n_classes)


def confusion_matrix(model: Any, dataset: Iterable) -> np.ndarray:
    """Count what the pixels of a dataset were taken for.

    Args:
        model: Keras model that gives a score for each class, (batch, height, width, n_classes).
        dataset: iterable of (images, masks): images as the model takes them, masks of class ids, (batch, height,
            width) or (batch, height, width, 1).

    Returns:
        numpy.ndarray: (n_classes, n_classes) of int64; row: the true class, column: the predicted one.

    Raises:
        ValueError: the dataset is empty, or a mask holds a value that is not a class id.
    """
    confusion = None
    for images, masks in dataset:
        scores = np.asarray(model.predict_on_batch(images))
        counts = count_pixels(np.asarray(masks), scores.argmax(axis=-1), scores.shape[-1])
        confusion = counts if confusion is None else confusion + counts
    if confusion is None:
        raise ValueError("the dataset is empty: there are no pictures to judge by")
    return confusion


def class_iou(confusion: np.ndarray) -> np.ndarray:
    """Return the IoU of each class.

    Args:
        confusion: array (n_classes, n_classes) as ``confusion_matrix`` gives it.

    Returns:
        numpy.ndarray: (n_classes,) of float from 0 to 1; NaN for a class that is in no mask and no prediction.
    """
    hits = np.diag(confusion)
    union = confusion.sum(axis=0) + confusion.sum(axis=1) - hits
    return np.divide(hits, union, out=np.full(len(hits), np.nan), where=union > 0)


def mean_iou(confusion: np.ndarray) -> float:
    """Return the mean IoU over the classes that occur in masks or predictions: float from 0 to 1."""
    return float(np.nanmean(class_iou(confusion)))


def accuracy(confusion: np.ndarray) -> float:
    """Return the share of pixels that have the right class: float from 0 to 1."""
    return float(np.trace(confusion) / confusion.sum())


def class_table(confusion: np.ndarray, class_names: Sequence[str]) -> "pandas.DataFrame":
    """Show for each class how well it was found, and what its missed pixels were taken for.

    Args:
        confusion: array (n_classes, n_classes) as ``confusion_matrix`` gives it.
        class_names: sequence of str, a name for each class.

    Returns:
        pandas.DataFrame: a row for each class that occurs, the largest first, with its share of the pixels in
        percent, its IoU, recall (the share of its pixels that was found), precision (of the pixels that were called so,
        the share that is right), and the class that its missed pixels were most often taken for.
    """
    import pandas as pd

    hits, true, called = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    misses = confusion - np.diag(hits)
    rows = [
        {
            "class": class_names[k],
            "pixels (%)": round(100 * true[k] / true.sum(), 3),
            "IoU": round(float(iou), 3),
            "recall": round(hits[k] / true[k], 3) if true[k] else np.nan,
            "precision": round(hits[k] / called[k], 3) if called[k] else np.nan,
            "most often taken for": class_names[misses[k].argmax()] if misses[k].any() else "",
        }
        for k, iou in enumerate(class_iou(confusion))
        if not np.isnan(iou)
    ]
    return pd.DataFrame(rows).sort_values("pixels (%)", ascending=False, kind="stable").reset_index(drop=True)
