"""The animation of a training: which epochs are in it, what its frames show, and what stays when things go wrong."""

import errno
import os
import re
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import carla
from segmentation import growing_prediction
from segmentation.growing_prediction import GrowingPrediction

IMAGE = np.random.default_rng(0).random((24, 32, 3), np.float32)
MASK = np.where(np.arange(24)[:, None, None] < 12, 13, 7) * np.ones((1, 32, 1), int)


class PredictsRows:
    """In place of a model: it predicts sky in as many rows as it is told, and road in the others."""

    name, input_shape = "rows", (None, 24, 32, 3)

    def __init__(self, rows):
        self.rows = rows

    def __call__(self, images, training):
        assert images.shape == (1, 24, 32, 3) and not training
        ids = np.where(np.arange(24)[:, None] < self.rows, 13, 7) * np.ones((1, 32), int)
        return np.eye(23)[ids][np.newaxis]


def train(callback, epochs, planned=None, end=True):
    """Call what Keras calls; the prediction gets better by a row in each epoch."""
    callback.set_params({"epochs": planned or epochs})
    callback.on_train_begin()
    for epoch in range(epochs):
        callback.set_model(PredictsRows(min(epoch, 12)))
        callback.on_epoch_end(epoch)
    if end:
        callback.on_train_end()
    return callback


@pytest.fixture
def path(tmp_path):
    return tmp_path / "growing.gif"


@pytest.mark.parametrize(
    ("epochs", "planned", "n_frames", "last"), [(1, 1, 1, 1), (5, 5, 5, 5), (20, 20, 7, 20), (10, 20, 4, 10)]
)
def test_frames(path, monkeypatch, epochs, planned, n_frames, last):
    assert growing_prediction.MOST_FRAMES == 40
    monkeypatch.setattr(growing_prediction, "MOST_FRAMES", 7)
    growing = train(GrowingPrediction(IMAGE, MASK, carla.CLASSES, path), epochs, planned)
    assert len(growing.epochs) == len(set(growing.epochs)) == n_frames <= growing_prediction.MOST_FRAMES
    assert (growing.epochs[0], growing.epochs[-1]) == (1, last)
    with Image.open(path) as animation:
        # Pillow keeps frames that look the same as one; each of these has another number on it.
        assert animation.n_frames == n_frames
        animation.seek(n_frames - 1)
        assert animation.info["duration"] == growing_prediction.LAST_FRAME_MILLISECONDS


def test_frames_show_the_prediction(path):
    growing = train(GrowingPrediction(IMAGE, MASK, carla.CLASSES, path), 13)
    # Row by row: sky 11 of 12 rows, road 12 of 13.
    assert growing.mean_ious[11] == pytest.approx((11 / 12 + 12 / 13) / 2)
    assert growing.mean_ious[-1] == 1.0
    with Image.open(path) as animation:
        shares = []
        for number in (0, 12):
            animation.seek(number)
            pixels = np.asarray(animation.convert("RGB"), int)
            third = pixels[:, 2 * pixels.shape[1] // 3 :]
            is_sky = np.abs(third - carla.PALETTE[13]).max(axis=-1) <= 3
            shares.append(is_sky.mean())
    assert shares[0] < 0.02 and shares[1] > 0.25
    # Every class keeps its own colour in the legend.
    for colour in carla.PALETTE:
        assert (np.abs(pixels - colour).max(axis=-1) <= 3).any()


def test_an_interrupted_training_leaves_the_epochs_so_far(path):
    train(GrowingPrediction(IMAGE, MASK, carla.CLASSES, path), 3, planned=40, end=False)
    with Image.open(path) as animation:
        assert animation.n_frames == 3
    assert os.listdir(path.parent) == [path.name]


def test_a_second_training_starts_anew(path):
    growing = train(GrowingPrediction(IMAGE, MASK, carla.CLASSES, path), 5)
    assert train(growing, 2).epochs == [1, 2]
    with Image.open(path) as animation:
        assert animation.n_frames == 2


def test_a_full_disk_does_not_end_the_training(path, monkeypatch, capsys):
    path.write_bytes(b"of before")

    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(growing_prediction.os, "replace", full)
    growing = train(GrowingPrediction(IMAGE, MASK, carla.CLASSES, path), 3)
    shown = capsys.readouterr()
    assert len(growing.epochs) == 3 and shown.err == ""
    assert shown.out.strip() == (f"{path} could not be written (No space left on device); the training itself is done.")
    assert path.read_bytes() == b"of before" and os.listdir(path.parent) == [path.name]


def test_shown_in_a_notebook(path):
    growing = GrowingPrediction(IMAGE, MASK, carla.CLASSES, path)
    assert "no epoch has ended" in growing._repr_mimebundle_()["text/html"]
    bundle = train(growing, 2)._repr_mimebundle_()
    assert "data:image/gif;base64,R0lGOD" in bundle["text/html"] and "<details open>" in bundle["text/html"]
    assert bundle["text/plain"] in bundle["text/html"]
    assert re.search(r"each of 2 epochs, from number 1 \(mean IoU .* to number 2", bundle["text/plain"])


def test_refused(tmp_path):
    with pytest.raises(carla.DataError, match=r"missing for growing\.gif does not exist: create it"):
        GrowingPrediction(IMAGE, MASK, carla.CLASSES, tmp_path / "missing" / "growing.gif")
    with pytest.raises(ValueError, match=r"\(24, 32\) pixels .* its mask is \(12, 32\)"):
        GrowingPrediction(IMAGE, MASK[:12], carla.CLASSES, tmp_path / "growing.gif")
    with pytest.raises(ValueError, match="'carla', 'colour-blind', not 'grey'"):
        GrowingPrediction(IMAGE, MASK, carla.CLASSES, tmp_path / "growing.gif", palette="grey")
    growing = GrowingPrediction(IMAGE, MASK, carla.CLASSES, tmp_path / "growing.gif")
    growing.set_params({"epochs": 1})
    growing.on_train_begin()
    growing.set_model(SimpleNamespace(name="other", input_shape=(None, 96, 128, 3)))
    with pytest.raises(ValueError, match=r"\(24, 32, 3\), but the model 'other' takes \(96, 128, 3\)"):
        growing.on_epoch_end(0)


def test_the_network_gets_what_it_takes_and_the_picture_stays(path, monkeypatch):
    given = []
    called = PredictsRows.__call__
    monkeypatch.setattr(
        PredictsRows, "__call__", lambda self, images, training: given.append(images) or called(self, images, training)
    )
    train(GrowingPrediction(IMAGE, MASK, carla.CLASSES, path, preprocess=lambda image: 255 * image - 100), 2)
    assert len(given) == 2 and all(np.allclose(images[0], 255 * IMAGE - 100, atol=1e-3) for images in given)


@pytest.mark.slow
def test_with_keras(path, functions, capfd):
    import keras

    class Interrupt(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    images, masks = np.zeros((2, 32, 32, 3), np.float32), np.full((2, 32, 32, 1), 7)
    model = functions()["unet_model"]((32, 32, 3), 2)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False)
    growing = GrowingPrediction(images[0], masks[0], carla.CLASSES, path)
    capfd.readouterr()
    model.fit(images, masks, epochs=3, verbose=0, callbacks=[growing])
    assert growing.epochs == [1, 2, 3]
    with pytest.raises(KeyboardInterrupt):
        model.fit(images, masks, epochs=5, verbose=0, callbacks=[growing, Interrupt()])
    with Image.open(path) as animation:
        assert animation.n_frames == 2
    assert capfd.readouterr().err == ""
