"""How far a network gets on real CARLA frames that has seen practice scenes alone.

    python -m benchmarks.scene_transfer --real FOLDER
    python -m benchmarks.scene_transfer --real FOLDER --scenes 600 --epochs 6 --filters 16

FOLDER holds CameraRGB and CameraMask. Two trainings of the author's network from scratch, with as many steps each:
on practice scenes, tested on every real frame; and on four real frames of five, tested on the fifth, which is what
the same training makes of real data. Neighbouring frames of a drive go to both sides of that second split, as they
do in the notebook's, so that its figure is a ceiling and not an estimate for another town.
"""

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

# Before anything imports TensorFlow: its messages would stand between the lines of the table.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from PIL import Image

COURSE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(COURSE / "source" / "unet"), str(COURSE)]

import carla  # noqa: E402
import driving_scenes  # noqa: E402
from benchmarks.author_network import author_functions  # noqa: E402
from segmentation import metrics  # noqa: E402

HEIGHT, WIDTH = 96, 128
BATCH = 8
LEARNING_RATE = 1e-3
WARM_UP = 0.1  # share of the steps
STEPS_UNTIL_TIMED = 4  # the first ones trace the network


@dataclass(frozen=True)
class Score:
    """What a network made of its test frames.

    Attributes:
        accuracy: float from 0 to 1, share of pixels with the right class.
        iou: float64 (23,), intersection over union of each class; NaN for a class that is in no true mask.
        steps: int, steps that it was trained for.
        seconds: float, what they took.
    """

    accuracy: float
    iou: np.ndarray
    steps: int
    seconds: float

    @property
    def mean_iou(self) -> float:
        """The mean over the classes that are in the true masks."""
        return float(np.nanmean(self.iou))


def read_pairs(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read images and masks at the size that the network takes.

    Args:
        folder: Path, with CameraRGB and CameraMask.

    Returns:
        images, float32 (n, 96, 128, 3) from 0 to 1, each pixel the mean of the area that it covers; class ids, uint8
        (n, 96, 128), each that of the pixel in the middle.

    Raises:
        carla.DataError: if a folder is missing, or images and masks do not pair up.
    """
    pairs = carla.find_pairs(folder / "CameraRGB", folder / "CameraMask")
    images = [Image.open(path).convert("RGB").resize((WIDTH, HEIGHT), Image.Resampling.BOX) for path in pairs[0]]
    masks = [
        Image.open(path).convert("RGB").getchannel("R").resize((WIDTH, HEIGHT), Image.Resampling.NEAREST)
        for path in pairs[1]
    ]
    return np.stack([np.asarray(image, np.float32) / 255 for image in images]), np.stack(list(map(np.asarray, masks)))


def practice_pairs(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw practice scenes and read them as ``read_pairs`` does."""
    with tempfile.TemporaryDirectory(prefix="scenes-") as folder:
        driving_scenes.write_scenes(folder, count, seed)
        return read_pairs(Path(folder))


def batches(n_pairs: int, steps: int, rng: np.random.Generator):
    """Yield the pairs of each step, shuffled anew each time round, and which of them to mirror."""
    order = np.concatenate([rng.permutation(n_pairs) for _ in range(1 + steps * BATCH // n_pairs)])
    for step in range(steps):
        yield order[step * BATCH : (step + 1) * BATCH], rng.random(BATCH) < 0.5


def train_and_test(train, test, n_filters: int, seed: int, steps: int | None = None, seconds: float | None = None):
    """Train the author's network from scratch and score it.

    Adam up to 0.001 with a linear warm-up and cosine decay, batches of 8, half of the pairs mirrored.

    Args:
        train: (images, class ids) as ``read_pairs`` returns them.
        test: the same.
        n_filters: int, filters of the first block.
        seed: int, of initial weights, order, mirroring and dropout.
        steps: int, how long to train, or
        seconds: float, for about how long; the number of steps is set from the pace of the first ones.

    Returns:
        Score.
    """
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    model = author_functions()["unet_model"]((HEIGHT, WIDTH, 3), n_filters=n_filters, n_classes=carla.N_CLASSES)
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    @tf.function(reduce_retracing=True)
    def train_step(images, class_ids):
        with tf.GradientTape() as tape:
            loss = loss_of(class_ids, model(images, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return loss

    images, class_ids = train
    total = steps or 100_000
    began = paced = time.perf_counter()
    for step, (chosen, mirrored) in enumerate(batches(len(images), total, np.random.default_rng(seed))):
        if step == STEPS_UNTIL_TIMED:
            paced = time.perf_counter()
        if step == 3 * STEPS_UNTIL_TIMED and steps is None:
            pace = (time.perf_counter() - paced) / (2 * STEPS_UNTIL_TIMED)
            total = max(step + 1, int((seconds - (time.perf_counter() - began)) / pace))
        if step >= total:
            break
        warm_up = max(1, WARM_UP * total)
        decay = 0.5 * (1 + np.cos(np.pi * max(0, step - warm_up) / max(1, total - warm_up)))
        optimizer.learning_rate.assign(LEARNING_RATE * min(1, (step + 1) / warm_up) * decay)
        x, y = images[chosen], class_ids[chosen].astype(np.int32)
        x[mirrored], y[mirrored] = x[mirrored, :, ::-1], y[mirrored, :, ::-1]
        loss = train_step(tf.constant(x), tf.constant(y))
        if (step + 1) % 25 == 0:
            print(f"\r  step {step + 1:,} of {total:,}, loss {float(loss):.3f}  ", end="", flush=True)
    print()
    took = time.perf_counter() - began
    parts = range(0, len(test[0]), BATCH)
    tested = ((test[0][start : start + BATCH], test[1][start : start + BATCH]) for start in parts)
    counts = metrics.confusion_matrix(model, tested)
    return score(counts, total, took)


def score(counts: np.ndarray, steps: int, seconds: float) -> Score:
    """Sum up a confusion matrix.

    Args:
        counts: int64 (23, 23), pixels by true class (row) and predicted class (column).
        steps: int, steps of the training.
        seconds: float, what they took.

    Returns:
        Score.
    """
    # Here a class counts where it is in a true mask: practice scenes hold classes that the real frames do not.
    iou = np.where(counts.sum(axis=1) > 0, metrics.class_iou(counts), np.nan)
    return Score(metrics.accuracy(counts), iou, steps, seconds)


def table(scores: dict[str, Score], real_masks: np.ndarray) -> str:
    """Return the scores as a Markdown table, one row a class of the real masks, the commonest first."""
    shares = np.bincount(real_masks.ravel(), minlength=carla.N_CLASSES) / real_masks.size
    rows = [["", "share of real pixels", *scores]]
    rows.append(["pixel accuracy", "", *(f"{one.accuracy:.3f}" for one in scores.values())])
    rows.append(["mean IoU", "", *(f"{one.mean_iou:.3f}" for one in scores.values())])
    for k in np.argsort(-shares, kind="stable")[: np.count_nonzero(shares)]:
        ious = ("–" if np.isnan(one.iou[k]) else f"{one.iou[k]:.3f}" for one in scores.values())
        rows.append([f"IoU {carla.CLASS_NAMES[k]}", f"{shares[k]:.2%}", *ious])
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _number(convert, lowest):
    def number(text):
        try:
            value = convert(text)
        except ValueError:
            value = None
        if value is None or not value >= lowest:
            raise argparse.ArgumentTypeError(f"{text} is not a number from {lowest} up")
        return value

    return number


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; see the top of this file. Return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scene_transfer", description=__doc__.splitlines()[0])
    parser.add_argument("--real", type=Path, required=True, help="folder with CameraRGB and CameraMask")
    parser.add_argument("--scenes", type=_number(int, 1), default=400, help="practice scenes (default: 400)")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--epochs", type=_number(int, 1), default=8, help="passes over the scenes (default: 8)")
    length.add_argument("--seconds", type=_number(float, 1), help="about how long the first training takes instead")
    parser.add_argument("--filters", type=_number(int, 1), default=16, help="filters of the first block (default: 16)")
    parser.add_argument("--seed", type=_number(int, 0), default=0, help="seed of scenes and training (default: 0)")
    parser.add_argument("--skip-ceiling", action="store_true", help="leave the training on real frames out")
    options = parser.parse_args(arguments)
    try:
        real = read_pairs(options.real)
        if len(real[0]) < 5:
            raise carla.DataError(f"{options.real} holds {len(real[0])} pairs, and the test needs 5 or more.")
        scenes = practice_pairs(options.scenes, options.seed)
    except carla.DataError as error:
        print(error, file=sys.stderr)
        return 1
    steps = None if options.seconds else max(1, options.epochs * options.scenes // BATCH)
    first = train_and_test(scenes, real, options.filters, options.seed, steps, options.seconds)
    scores = {f"{options.scenes} practice scenes": first}
    if not options.skip_ceiling:
        order = np.random.default_rng(options.seed).permutation(len(real[0]))
        tested, learned = np.split(order, [len(order) // 5])
        halves = [tuple(part[chosen] for part in real) for chosen in (learned, tested)]
        scores[f"{len(learned)} real frames"] = train_and_test(*halves, options.filters, options.seed, first.steps)
    print(table(scores, real[1]))
    for name, one in scores.items():
        print(f"{name}: {one.steps:,} steps of {BATCH} in {one.seconds:.0f} s, {options.filters} filters")
    return 0


if __name__ == "__main__":
    sys.exit(main())
