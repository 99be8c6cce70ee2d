"""What the notebook's data pipeline and training are worth, beside those of the source documents, in one run.

    python -m benchmarks.training          # real frames where they are, else generated scenes

First both pipelines read the same files: time to the first batch, images a second from then on. Then both recipes train
the same network on the same frames for the same time, epoch by epoch in turn, so that whatever else the machine does
slows both; and are judged on frames that neither has seen. See ``make bench-train``.

The source recipe: images scaled to [0, 1] and divided by 255 once more, shrunk by picking the nearest pixel, read one
after the other, kept as floats, shuffled in a buffer of 500, batches of 32, Adam, 40 epochs.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import nbformat
import numpy as np

COURSE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(COURSE / "source" / "unet")]

import tensorflow as tf  # noqa: E402

import carla  # noqa: E402
import driving_scenes  # noqa: E402
from benchmarks.author_network import SOURCE_NOTEBOOK, author_functions  # noqa: E402
from segmentation import input_pipeline, metrics, training  # noqa: E402

BATCH_SIZE, BUFFER_SIZE = 32, 500
FRAMES = COURSE.parent / "shared" / "carla"


def notebook_functions() -> dict:
    """The notebook's own functions: the graded ones as the author solves them, and those that read pairs."""
    notebook = nbformat.read(SOURCE_NOTEBOOK, as_version=4)
    (reading,) = [cell.source for cell in notebook.cells if "def process_path" in cell.source]
    functions = author_functions()
    exec(compile(reading[: reading.index("image_ds = ")], "<notebook>", "exec"), functions)
    return functions


def source_pipeline(image_paths, mask_paths):
    """Batches as the source documents make them."""

    def process_path(image_path, mask_path):
        image = tf.image.convert_image_dtype(tf.image.decode_png(tf.io.read_file(image_path), channels=3), tf.float32)
        mask = tf.image.decode_png(tf.io.read_file(mask_path), channels=3)
        return image, tf.math.reduce_max(mask, axis=-1, keepdims=True)

    def preprocess(image, mask):
        image = tf.image.resize(image, (96, 128), method="nearest") / 255.0
        return image, tf.image.resize(mask, (96, 128), method="nearest")

    names = tf.data.Dataset.from_tensor_slices((list(image_paths), list(mask_paths)))
    return names.map(process_path).map(preprocess).cache().shuffle(BUFFER_SIZE).batch(BATCH_SIZE)


def our_pipeline(functions, batch_size):
    """Function that makes batches of two lists of files as the notebook makes them."""

    def batches(image_paths, mask_paths):
        pairs = input_pipeline.cache_pairs(image_paths, mask_paths, functions["process_path"], functions["preprocess"])
        return input_pipeline.training_batches(pairs, batch_size, BUFFER_SIZE)

    return batches


def time_pipeline(make, image_paths, mask_paths, epochs=5) -> tuple[float, float, float]:
    """Seconds to the first batch, images a second in the first epoch, and in those after it."""
    began = time.perf_counter()
    batches = make(image_paths, mask_paths)
    first = None
    for _ in batches:
        first = first or time.perf_counter() - began
    once = time.perf_counter() - began
    began = time.perf_counter()
    for _ in range(epochs):
        for _ in batches:
            pass
    return first, len(image_paths) / once, epochs * len(image_paths) / (time.perf_counter() - began)


def judge(model, batches) -> dict:
    """Accuracy and mean IoU on batches."""
    confusion = metrics.confusion_matrix(model, batches)
    return {
        "accuracy": round(metrics.accuracy(confusion), 4),
        "mean IoU": round(metrics.mean_iou(confusion), 4),
        "classes": metrics.class_table(confusion, carla.CLASS_NAMES).to_dict("records"),
    }


class SourceRecipe:
    """The source recipe, an epoch at a time.

    Attributes:
        seconds: float, what its epochs took.
        epochs: int, how many there were.
    """

    def __init__(self, functions, training_files):
        tf.keras.utils.set_random_seed(0)
        self.model = compiled_network(functions)
        self.batches = source_pipeline(*training_files)
        self.seconds, self.epochs = 0.0, 0

    def train_epoch(self) -> float:
        """Train for one more epoch; return how long it took."""
        began = time.perf_counter()
        self.model.fit(self.batches, epochs=self.epochs + 1, initial_epoch=self.epochs, verbose=0, shuffle=False)
        seconds = time.perf_counter() - began
        self.seconds += seconds
        self.epochs += 1
        return seconds


class InTurn(tf.keras.callbacks.Callback):
    """After each epoch of one recipe, lets the other train until it has had as much time, or all of its epochs.

    Attributes:
        seconds: float, what the one recipe took, without the other.
    """

    def __init__(self, other: SourceRecipe, epochs: int):
        super().__init__()
        self.other, self.most_epochs = other, epochs
        self.seconds, self._goes_on_at = 0.0, time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        """Hand over, and go on."""
        self.stop()
        while self.other.seconds < self.seconds and self.other.epochs < self.most_epochs:
            self.other.train_epoch()
        loss = logs["loss"] if logs else float("nan")
        print(
            f"ours: epoch {epoch + 1}, {self.seconds:.0f} s, loss {loss:.3f}; "
            f"source recipe: epoch {self.other.epochs} of {self.most_epochs}, {self.other.seconds:.0f} s",
            flush=True,
        )
        self._goes_on_at = time.perf_counter()

    def stop(self):
        """Count the time until now."""
        self.seconds += time.perf_counter() - self._goes_on_at
        self._goes_on_at = time.perf_counter()


def compiled_network(functions):
    """The network of the assignment, with its loss and optimizer."""
    model = functions["unet_model"]((96, 128, 3))
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    return model


def train_both(functions, training_files, test_files, epochs) -> dict:
    """Both recipes in turn: seconds, epochs, and how good each becomes."""
    source = SourceRecipe(functions, training_files)
    first = source.train_epoch()
    # What the whole will take decides how many epochs of ours fit into it; some time is kept for what ours does before.
    whole = first + (epochs - 1) * statistics.mean(source.train_epoch() for _ in range(2))

    clock = InTurn(source, epochs)
    tf.keras.utils.set_random_seed(0)
    model = compiled_network(functions)
    batch_size = training.batch_size_for(len(training_files[0]))
    batches = our_pipeline(functions, batch_size)(*training_files)
    training.scale_first_weights(model, batches)
    history = training.fit(
        model, batches, 10_000, minutes=0.85 * whole / 60, checkpoints=None, verbose=0, callbacks=[clock]
    )
    clock.stop()
    while source.epochs < epochs:
        source.train_epoch()
    pairs = input_pipeline.cache_pairs(*test_files, functions["process_path"], functions["preprocess"])
    return {
        "source": {
            "seconds": round(source.seconds, 1),
            "epochs": source.epochs,
            **judge(source.model, source_pipeline(*test_files)),
        },
        "ours": {
            "seconds": round(clock.seconds, 1),
            "epochs": len(history.epoch),
            "batch size": batch_size,
            **judge(model, input_pipeline.validation_batches(pairs, BATCH_SIZE)),
        },
    }


def find_frames(folder: Path, scratch: Path, count: int):
    """Real frames where they are, else generated scenes: the name of the set, images and masks."""
    name = "real CARLA frames"
    if not (folder / "CameraRGB").is_dir():
        name, folder = "generated scenes", scratch
        driving_scenes.write_scenes(folder, count)
    return name, *carla.find_pairs(folder / "CameraRGB", folder / "CameraMask")


def main(arguments: list[str] | None = None) -> None:
    """Run both and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=Path, default=FRAMES, help="folder with CameraRGB and CameraMask")
    parser.add_argument("--scenes", type=int, default=100, help="generated scenes, where there are no frames")
    parser.add_argument("--epochs", type=int, default=40, help="of the source recipe; its time is ours as well")
    parser.add_argument("--rounds", type=int, default=3, help="how often the pipelines are timed, in turn")
    parser.add_argument("--out", type=Path, help="a file for all figures, as JSON")
    options = parser.parse_args(arguments)
    functions = notebook_functions()
    with tempfile.TemporaryDirectory() as scratch:
        name, images, masks = find_frames(options.frames, Path(scratch), options.scenes)
        order = np.random.default_rng(0).permutation(len(images))
        n_test = len(order) // 5
        test_files, training_files = [
            ([images[k] for k in part], [masks[k] for k in part]) for part in (order[:n_test], order[n_test:])
        ]
        print(f"{name}: {len(images)} pairs, {len(training_files[0])} to train on, {n_test} to judge by", flush=True)

        makers = {"ours": our_pipeline(functions, BATCH_SIZE), "source": source_pipeline}
        timed = {who: [] for who in makers}
        for _ in range(options.rounds):
            for who, make in makers.items():
                timed[who].append(time_pipeline(make, images, masks))
        medians = {
            who: [statistics.median(column) for column in zip(*rows, strict=True)] for who, rows in timed.items()
        }
        print(f"{'pipeline':<10}{'first batch':>14}{'first epoch':>16}{'later epochs':>16}")
        for who, (first, once, later) in medians.items():
            print(f"{who:<10}{first:>12.2f} s{once:>8.0f} images/s{later:>8.0f} images/s", flush=True)

        results = train_both(functions, training_files, test_files, options.epochs)
    print(f"{'recipe':<10}{'seconds':>10}{'epochs':>8}{'accuracy':>10}{'mean IoU':>10}")
    for who, result in results.items():
        print(
            f"{who:<10}{result['seconds']:>10.0f}{result['epochs']:>8}"
            f"{result['accuracy']:>10.3f}{result['mean IoU']:>10.3f}"
        )
    print(f"mean IoU ours/source recipe: {results['ours']['mean IoU']:.3f} {results['source']['mean IoU']:.3f}")
    if options.out:
        options.out.write_text(json.dumps({"set": name, "pipeline": medians, "training": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
