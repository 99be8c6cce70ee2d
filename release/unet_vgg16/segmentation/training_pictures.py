"""Pictures of a training: the curves of its measures, and which classes are mistaken for which."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .pictures import Picture

# Title of a panel, the names that Keras may give the measure, and whether more is better.
MEASURES = (
    ("loss", ("loss",), False),
    ("accuracy", ("accuracy", "acc", "sparse_categorical_accuracy"), True),
    ("mean IoU", ("mean_iou", "mean_io_u", "one_hot_mean_io_u", "sparse_mean_iou"), True),
)
# Which epoch is called the best: by the first of these that was measured.
BEST_BY = ("mean IoU", "accuracy", "loss")
# Okabe and Ito (2008).
BLUE, VERMILION, GREY = "#0072B2", "#D55E00", "#555555"
MOST_MARKERS = 30


def _read_curves(history: Any) -> list[tuple[str, bool, dict[str, np.ndarray]]]:
    """Return [(title, whether more is better, {"training" or "validation": values})] of the measures found."""
    values_of = getattr(history, "history", history)
    if not hasattr(values_of, "keys"):
        raise ValueError(f"{type(history).__name__} is not a history: pass what model.fit() returned, or a dict")
    panels = []
    for title, names, more_is_better in MEASURES:
        curves = {}
        for label, prefix in (("training", ""), ("validation", "val_")):
            found = [values_of[prefix + name] for name in names if prefix + name in values_of]
            if found and len(found[0]):
                curves[label] = np.asarray(found[0], float)
        if curves:
            panels.append((title, more_is_better, curves))
    if not panels:
        keys = ", ".join(map(repr, values_of.keys())) or "nothing"
        raise ValueError(
            f"the history holds {keys}, but no loss, accuracy or mean IoU of at least one epoch: "
            "train first, and pass what model.fit() returned"
        )
    return panels


def best_epoch(history: Any) -> tuple[int, str, float] | None:
    """Find the best epoch: by mean IoU, or else by accuracy, or else by loss; on validation data if there are any.

    Args:
        history: keras.callbacks.History, or a dict from names of measures to lists of one number an epoch.

    Returns:
        (epoch, measure, value): number of the epoch from 1, such as "validation mean IoU", and the measure's value;
        None if no epoch has a finite number.

    Raises:
        ValueError: there is no known measure, or no epoch.
    """
    panels = {title: (more_is_better, curves) for title, more_is_better, curves in _read_curves(history)}
    for label in ("validation", "training"):
        for title in BEST_BY:
            more_is_better, curves = panels.get(title, (True, {}))
            values = curves.get(label, np.array([]))
            if np.isfinite(values).any():
                finite = np.where(np.isfinite(values), values, -np.inf if more_is_better else np.inf)
                best = int(finite.argmax() if more_is_better else finite.argmin())
                return best + 1, f"{label} {title}", float(values[best])
    return None


def learning_curves(history: Any) -> Picture:
    """Draw loss, accuracy and mean IoU over the epochs, for training and validation, and mark the best epoch.

    A measure that was not taken has no panel; without validation data there is one curve in each.

    Args:
        history: keras.callbacks.History, or a dict from names of measures to lists of one number an epoch.

    Returns:
        Picture.

    Raises:
        ValueError: there is no known measure, or no epoch.
    """
    panels, best = _read_curves(history), best_epoch(history)
    figure = Figure(figsize=(4.6 * len(panels), 3.9), facecolor="white", layout="constrained")
    n_epochs = max(len(values) for _, _, curves in panels for values in curves.values())
    styles = {"training": ("o-", BLUE), "validation": ("s--", VERMILION)}
    sentences = []
    for axes, (title, more_is_better, curves) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels):
        for label, values in curves.items():
            style, colour = styles[label]
            epochs = np.arange(1, len(values) + 1)
            markers = max(1, len(values) // MOST_MARKERS)
            axes.plot(epochs, values, style, color=colour, markersize=4.5, markevery=markers, label=label)
            sentences.append(f"{title} in {label} from {values[0]:.3f} to {values[-1]:.3f}")
        if best:
            axes.axvline(best[0], color=GREY, linestyle=":", linewidth=1.4, label=f"best epoch: {best[0]}", zorder=1)
        axes.set_title(title)
        axes.set_xlabel("epoch")
        axes.set_xlim(0.5, n_epochs + 0.5)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        if more_is_better:
            axes.set_ylim(0, 1.02)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=9)
    description = f"Learning curves over {n_epochs} epoch{'' if n_epochs == 1 else 's'}: {'; '.join(sentences)}."
    if best:
        figure.supxlabel(f"The best epoch is number {best[0]}: {best[1]} {best[2]:.3f}.", fontsize=10)
        description += f" The best epoch is number {best[0]}, with {best[1]} {best[2]:.3f}."
    return Picture(figure, description)


def confusion_picture(confusion: Any, class_names: Sequence[str]) -> Picture:
    """Draw a confusion matrix: of the pixels of each true class, how many per cent were predicted as which class.

    Only classes that occur are drawn, in truth or in prediction. A class that was predicted but is nowhere true has no
    numbers in its row: there is nothing to take a share of.

    Args:
        confusion: array of shape (classes, classes), numbers of pixels; rows are true classes, columns predicted ones,
            as `tf.math.confusion_matrix(true, predicted)` returns them.
        class_names: sequence of str, entry k for class k.

    Returns:
        Picture.

    Raises:
        ValueError: the matrix is not square, empty, negative, or of another size than the names.
    """
    counts = np.asarray(confusion, float)
    if counts.shape != (len(class_names), len(class_names)):
        raise ValueError(f"the confusion matrix has the shape {counts.shape}, but there are {len(class_names)} names")
    if not (np.isfinite(counts).all() and (counts >= 0).all() and counts.any()):
        raise ValueError("the confusion matrix must hold numbers of pixels, 0 or more, not all of them 0")
    present = np.flatnonzero(counts.sum(axis=0) + counts.sum(axis=1))
    counts = counts[np.ix_(present, present)]
    totals = counts.sum(axis=1, keepdims=True)
    shares = 100 * np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    names = [f"{k} {class_names[k]}" for k in present]

    side = 2.2 + 0.44 * len(present)
    figure = Figure(figsize=(side + 0.8, side), facecolor="white", layout="constrained")
    axes = figure.subplots()
    # A scale whose lightness alone shows the value, for every kind of colour vision.
    picture = axes.imshow(shares, cmap="cividis", vmin=0, vmax=100)
    for (row, column), share in np.ndenumerate(shares):
        if counts[row, column]:
            words = f"{share:.0f}" if share >= 0.5 else "<1"
            weight = "bold" if row == column else "normal"
            ink = "black" if share > 55 else "white"
            axes.text(column, row, words, ha="center", va="center", color=ink, fontsize=9, fontweight=weight)
    for row in np.flatnonzero(totals[:, 0] == 0):
        axes.text(len(names) / 2 - 0.5, row, "no true pixels", ha="center", va="center", color="white", fontsize=9)
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("predicted class")
    axes.set_ylabel("true class")
    axes.set_title("Where do the pixels of each true class go? (%)", fontsize=11)
    figure.colorbar(picture, ax=axes, shrink=0.7, label="% of the true class")

    sentences = []
    for row in np.argsort(-totals[:, 0], kind="stable"):
        if not totals[row]:
            continue
        misses = np.where(np.arange(len(names)) == row, 0, counts[row])
        words = f"{class_names[present[row]]} {shares[row, row]:.0f} % right"
        if misses.any():
            column = int(misses.argmax())
            words += f", {shares[row, column]:.0f} % taken for {class_names[present[column]]}"
        sentences.append(words)
    description = f"Confusion matrix of {len(present)} classes, the most frequent first: {'; '.join(sentences)}."
    return Picture(figure, description)
