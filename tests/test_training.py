"""Training on whatever there is: hardware, precision, forecast, the same results from the same seed, resuming."""

import json

import numpy as np
import pytest

keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")

from segmentation import input_pipeline, training  # noqa: E402
from segmentation.training import checkpoints, fitting, forecast, hardware  # noqa: E402

pytestmark = pytest.mark.xdist_group("training")
N = 12


@pytest.fixture
def pairs():
    rng = np.random.default_rng(0)
    masks = rng.integers(0, 3, (N, 8, 8, 1)).astype(np.uint8)
    # Red, green, blue and class id are the four bytes of a number.
    return tf.data.Dataset.from_tensor_slices(
        np.append(masks.repeat(3, axis=-1) * 100, masks, -1).view(np.int32)[..., 0]
    )


@pytest.fixture
def batches(pairs):
    return input_pipeline.training_batches(pairs, 4, N, seed=1)


def small_model(seed=0, learning_rate=0.01):
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(8, 3, padding="same", activation="relu")(inputs)
    x = keras.layers.Dropout(0.2)(x)
    model = keras.Model(inputs, keras.layers.Conv2D(3, 1)(x))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(learning_rate), loss, metrics=["accuracy"])
    return model


def fit(model, batches, folder, epochs=4, **settings):
    return training.fit(model, batches, epochs, checkpoints=folder, verbose=0, **settings)


def weights(model):
    return np.concatenate([weight.ravel() for weight in model.get_weights()])


class Interruption(keras.callbacks.Callback):
    """Somebody presses the stop button in an epoch."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            raise KeyboardInterrupt


@pytest.mark.parametrize(
    "devices, gpu, expected",
    [
        (["cpu:0"], None, ("CPU", "float32")),
        (["gpu:0"], ("NVIDIA H200", 9.0), ("GPU", "mixed_bfloat16")),
        (["GPU:0", "GPU:1"], ("NVIDIA A100", 8.0), ("GPU", "mixed_bfloat16")),
        (["gpu:0"], ("Tesla T4", 7.5), ("GPU", "mixed_float16")),
        (["gpu:0"], ("Tesla P100", 6.0), ("GPU", "float32")),
    ],
)
def test_each_device_has_its_precision(monkeypatch, devices, gpu, expected):
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: devices)
    monkeypatch.setattr(hardware, "describe_gpu", lambda: gpu)
    monkeypatch.setattr(hardware, "processor_flags", set)
    found = training.find_hardware()
    assert (found.device, found.precision) == expected
    assert found.name.startswith(gpu[0] if gpu else "") and found.name


@pytest.mark.parametrize(
    "flags, speedup, precision",
    [
        ({"avx2"}, 3.0, "float32"),
        ({"amx_bf16"}, 3.0, "mixed_bfloat16"),
        ({"avx512_bf16"}, 1.0, "float32"),
        ({"bf16"}, 1.5, "mixed_bfloat16"),
    ],
)
def test_a_processor_gets_bfloat16_only_where_it_has_it_and_it_is_faster(monkeypatch, flags, speedup, precision):
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: ["cpu:0"])
    monkeypatch.setattr(hardware, "processor_flags", lambda: flags)
    monkeypatch.setattr(hardware, "bfloat16_speedup", lambda: speedup)
    assert training.find_hardware().precision == precision


@pytest.mark.slow
def test_the_speed_of_bfloat16_is_measured():
    assert 0.01 < training.bfloat16_speedup(repetitions=1) < 100


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_layers_calculate_in_16_bits_weights_and_scores_stay_in_32(precision, batches):
    model = small_model()
    training.set_precision(model, precision)
    assert {layer.compute_dtype for layer in model.layers[1:-1]} == {precision.removeprefix("mixed_")}
    assert {str(weight.dtype) for weight in model.trainable_weights} == {"float32"}
    assert model(np.zeros((1, 8, 8, 3), np.float32)).dtype == "float32"
    model.optimizer = training.optimizer_for(model.optimizer, 90, precision)
    losses = model.fit(batches, epochs=30, verbose=0, shuffle=False).history["loss"]
    assert losses[-1] < 0.8 * losses[0]


def test_the_forecast_leaves_the_model_as_it_was(batches, capsys):
    model = small_model()
    before = weights(model)
    seconds = forecast.measure_epoch_seconds(model, batches, batches)
    assert seconds > 0
    assert np.array_equal(before, weights(model))
    assert int(model.optimizer.iterations) == 0
    assert not any(np.any(np.asarray(variable)) for variable in model.optimizer.variables[2:])


def test_the_same_seed_gives_the_same_network(pairs, tmp_path):
    made = []
    for seed in (1, 1, 2):
        model = small_model(seed)
        fit(model, input_pipeline.training_batches(pairs, 4, N, seed=seed), tmp_path / "c")
        made.append(weights(model))
    assert np.array_equal(made[0], made[1])
    assert not np.array_equal(made[0], made[2])


def test_it_says_on_what_and_for_how_long(batches, tmp_path, capsys):
    history = fit(small_model(), batches, tmp_path / "c", epochs=2, validation_data=batches)
    text = capsys.readouterr().out
    assert "Training on" in text and "3 steps per epoch" in text and "2 epochs take about" in text
    assert list(history.history["val_loss"]) and len(history.history["loss"]) == 2


def test_each_epoch_has_a_line(batches, tmp_path, capsys):
    training.fit(small_model(), batches, 2, validation_data=batches, checkpoints=tmp_path)
    lines = capsys.readouterr().out.rstrip("\n").split("\n")[-2:]
    for number, line in enumerate(lines, 1):
        shown = [part.split() for part in line.split("\r")]
        assert shown[1][:5] == ["epoch", f"{number}/2", "step", "1/3", shown[1][4]] and "left" in shown[1]
        assert shown[-1][-5:-1] == ["validation:", "accuracy", shown[-1][-3], "loss"]


def test_a_time_limit_takes_epochs_away_and_leaves_one(batches, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(fitting, "measure_epoch_seconds", lambda *_: 30.0)
    assert len(fit(small_model(), batches, tmp_path / "c", epochs=9, minutes=1).history["loss"]) == 2
    assert "9 epochs would take about 4 min; 2 fit into 1 minute." in capsys.readouterr().out
    assert len(fit(small_model(), batches, tmp_path / "c", epochs=9, minutes=0.1).history["loss"]) == 1
    assert len(fit(small_model(), batches, tmp_path / "c", epochs=1, minutes=60).history["loss"]) == 1


def test_an_interrupted_training_resumes(batches, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(checkpoints, "SECONDS_BETWEEN_CHECKPOINTS", 0)
    folder = tmp_path / "checkpoints"
    monkeypatch.setattr(training.Checkpoints.__init__, "__defaults__", (0,))
    with pytest.raises(KeyboardInterrupt):
        fit(small_model(), batches, folder, epochs=5, callbacks=[Interruption(3)])
    # A new kernel: other weights, other names of layers.
    begun = []
    first = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: begun.append(epoch))
    model = small_model(seed=9)
    history = fit(model, batches, folder, epochs=5, callbacks=[first])
    assert begun == [3, 4]
    assert len(history.history["loss"]) == 5 and history.epoch == [0, 1, 2, 3, 4]
    assert "resumes where it stopped" in capsys.readouterr().out
    assert not folder.exists()


def test_a_training_with_other_limits_starts_from_the_beginning(batches, tmp_path, monkeypatch):
    monkeypatch.setattr(training.Checkpoints.__init__, "__defaults__", (0,))
    folder = tmp_path / "checkpoints"
    with pytest.raises(KeyboardInterrupt):
        fit(small_model(), batches, folder, epochs=5, callbacks=[Interruption(3)])
    assert len(fit(small_model(), batches, folder, epochs=2).history["loss"]) == 2


@pytest.mark.parametrize("file", ["plan.json", "history.csv", "latest.weights.h5", "training_metadata.json"])
def test_a_damaged_checkpoint_stops_nobody(batches, tmp_path, monkeypatch, file):
    monkeypatch.setattr(training.Checkpoints.__init__, "__defaults__", (0,))
    folder = tmp_path / "checkpoints"
    with pytest.raises(KeyboardInterrupt):
        fit(small_model(), batches, folder, epochs=4, callbacks=[Interruption(3)])
    (damaged,) = folder.glob(f"*/{file}")
    damaged.write_bytes(damaged.read_bytes()[: damaged.stat().st_size // 2])
    history = fit(small_model(), batches, folder, epochs=4)
    assert history.history["loss"]


def test_the_learning_rate_rises_and_falls():
    given = keras.optimizers.Adam(0.01, beta_2=0.9)
    made = training.optimizer_for(given, 60)
    rates = []
    for _ in range(60):
        rates.append(float(made.learning_rate))
        made.iterations.assign(made.iterations + 1)
    highest = int(np.argmax(rates))
    assert highest == 20 and max(rates) == pytest.approx(0.01)
    assert 0 < rates[0] < 0.001 and 0 < rates[-1] < 0.0001
    assert all(np.diff(rates[:highest]) > 0) and all(np.diff(rates[highest:]) < 0)
    assert made.beta_2 == 0.9 and float(given.learning_rate) == pytest.approx(0.01)


@pytest.mark.parametrize("n_steps", [1, 2, 3, 30])
def test_short_trainings_have_a_learning_rate_too(n_steps):
    made = training.optimizer_for(keras.optimizers.Adam(0.01), n_steps)
    rates = []
    for _ in range(n_steps):
        rates.append(float(made.learning_rate))
        made.iterations.assign(made.iterations + 1)
    assert all(rate > 0 for rate in rates) and max(rates) > 0.004


def test_a_schedule_of_ones_own_is_kept():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
    made = training.optimizer_for(keras.optimizers.SGD(schedule), 60)
    made.iterations.assign(2)
    assert float(made.learning_rate) == pytest.approx(0.025)


@pytest.mark.parametrize(
    "precision, is_scaled", [("float32", False), ("mixed_bfloat16", False), ("mixed_float16", True)]
)
def test_the_loss_is_scaled_where_gradients_would_vanish(precision, is_scaled):
    made = training.optimizer_for(keras.optimizers.Adam(), 60, precision)
    assert isinstance(made, keras.optimizers.LossScaleOptimizer) == is_scaled


def test_the_model_gets_its_optimizer_back(batches, tmp_path):
    model = small_model()
    given = model.optimizer
    fit(model, batches, tmp_path / "c", epochs=2)
    assert model.optimizer is given
    before = weights(model)
    model.fit(batches, verbose=0, shuffle=False)
    assert not np.array_equal(before, weights(model))


@pytest.fixture
def deep_model():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((8, 8, 3))
    down = keras.layers.Conv2D(6, 3, padding="same", activation="relu")(inputs)
    up = keras.layers.Conv2DTranspose(5, 3, strides=2, padding="same")(keras.layers.MaxPooling2D()(down))
    joined = keras.layers.Dropout(0.5)(keras.layers.Concatenate()([up, down]))
    model = keras.Model(inputs, keras.layers.Conv2D(3, 1)(joined))
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def test_first_weights_are_scaled_layer_by_layer(deep_model, batches):
    (images, masks), *_ = list(batches.take(1))
    convolution, transposed = deep_model.layers[1], deep_model.layers[3]
    for layer in (convolution, transposed):
        layer.bias.assign(layer.bias + 3.0)
    assert training.scale_first_weights(deep_model, [(images, masks)])
    convolution.activation = keras.activations.linear
    before = keras.Model(deep_model.input, convolution.output)(images)
    assert np.allclose(np.mean(before, axis=(0, 1, 2)), 0, atol=1e-3)
    assert np.allclose(np.std(before, axis=(0, 1, 2)), 1, atol=1e-3)
    convolution.activation = keras.activations.relu
    enlarged = keras.Model(deep_model.input, transposed.output)(images)
    assert np.allclose(np.mean(enlarged, axis=(0, 1, 2)), 0, atol=1e-3)
    assert np.allclose(np.std(enlarged, axis=(0, 1, 2)), 1, atol=1e-3)
    assert convolution.get_config()["activation"] == "relu"


def test_frozen_layers_stay_as_they_are(deep_model, batches):
    frozen = keras.layers.Conv2DTranspose(3, 2, strides=2, trainable=False)
    model = keras.Model(deep_model.input, frozen(deep_model.output))
    model.compile("adam", "mse")
    before, scores = frozen.get_weights()[0].copy(), deep_model.layers[-1].get_weights()[0].copy()
    assert training.scale_first_weights(model, batches)
    assert np.array_equal(before, frozen.get_weights()[0])
    assert not np.array_equal(scores, deep_model.layers[-1].get_weights()[0])


def encoder():
    inputs = keras.Input((8, 8, 3))
    skip = keras.layers.Conv2D(4, 3, padding="same", activation="relu")(inputs)
    deep = keras.layers.Conv2D(6, 3, padding="same", activation="relu")(keras.layers.MaxPooling2D()(skip))
    frozen = keras.Model(inputs, [skip, deep], name="encoder")
    frozen.trainable = False
    return frozen


@pytest.mark.parametrize("place", ["in the same graph", "a model within", "behind arithmetic"])
def test_a_frozen_encoder_stays_and_what_is_behind_it_is_scaled(batches, place):
    keras.utils.set_random_seed(0)
    frozen = encoder()
    inputs = frozen.input if place == "in the same graph" else keras.Input((8, 8, 3))
    given = 255 * inputs - 100 if place == "behind arithmetic" else inputs
    skip, deep = frozen.output if place == "in the same graph" else frozen(given)
    up = keras.layers.Conv2DTranspose(5, 3, strides=2, padding="same", name="up")(deep)
    normalized = keras.layers.BatchNormalization()(up)
    joined = keras.layers.Concatenate()([normalized, skip])
    # A convolution that normalisation follows needs no bias, and no scaling.
    unbiased = keras.layers.Conv2D(4, 3, padding="same", use_bias=False)(joined)
    scores = keras.layers.Conv2D(3, 1, name="scores")(keras.layers.BatchNormalization()(unbiased))
    model = keras.Model(inputs, scores)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    kept = {id(weight): np.array(weight) for weight in model.weights}
    (images, masks), *_ = list(batches.take(1))
    assert training.scale_first_weights(model, [(images, masks)])
    scaled = {weight.path for weight in model.weights if not np.array_equal(weight, kept[id(weight)])}
    assert scaled == {"up/kernel", "up/bias", "scores/kernel", "scores/bias"}
    enlarged = np.asarray(keras.Model(model.input, up)(images))
    assert np.allclose(enlarged.mean(axis=(0, 1, 2)), 0, atol=1e-3)
    assert np.allclose(enlarged.std(axis=(0, 1, 2)), 1, atol=1e-2)


def test_a_model_within_calculates_in_the_same_precision():
    inputs = keras.Input((8, 8, 3))
    frozen = encoder()
    model = keras.Model(inputs, keras.layers.Conv2D(3, 1)(frozen(inputs)[0]))
    training.set_precision(model, "mixed_bfloat16")
    assert {layer.compute_dtype for layer in frozen.layers} == {"bfloat16"}
    assert {weight.dtype for weight in model.weights} == {"float32"} and model.layers[-1].compute_dtype == "float32"


def test_first_scores_are_the_shares_of_the_classes(deep_model):
    images = np.random.default_rng(0).random((8, 8, 8, 3), np.float32)
    masks = np.zeros((8, 8, 8, 1), np.uint8)
    masks[:2] = 1
    training.scale_first_weights(deep_model, [(images, masks)])
    shares = np.asarray(keras.ops.softmax(deep_model(images))).mean(axis=(0, 1, 2))
    assert shares == pytest.approx([484 / 812, 228 / 812, 100 / 812], abs=0.02)


@pytest.mark.parametrize("is_ours", [True, False])
def test_a_trained_network_is_left_as_it_is(deep_model, batches, tmp_path, is_ours):
    if is_ours:
        fit(deep_model, batches, tmp_path / "c", epochs=1)
    else:
        deep_model.fit(batches, epochs=1, verbose=0, shuffle=False)
    before = weights(deep_model)
    assert not training.scale_first_weights(deep_model, batches)
    assert np.array_equal(before, weights(deep_model))


def test_only_functional_models_can_be_scaled(batches):
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.layer = keras.layers.Conv2D(3, 1)

        def call(self, inputs):
            return self.layer(inputs)

    with pytest.raises(ValueError, match="functional model"):
        training.scale_first_weights(Own(), batches)


@pytest.mark.parametrize("pairs, size", [(1, 4), (80, 4), (160, 8), (400, 16), (640, 32), (848, 32), (10**6, 32)])
def test_a_small_set_gets_small_batches(pairs, size):
    assert training.batch_size_for(pairs) == size


@pytest.mark.parametrize("minutes", [None, 0.0001])
def test_running_means_are_those_of_the_data_even_after_few_steps(pairs, tmp_path, minutes):
    inputs = keras.Input((8, 8, 3))
    normalization = keras.layers.BatchNormalization()
    model = keras.Model(inputs, keras.layers.Conv2D(3, 1)(normalization(inputs)))
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    batches = input_pipeline.training_batches(pairs, 1, N, preprocess=lambda images: 50 + images)
    fit(model, batches, tmp_path, epochs=3, minutes=minutes)
    assert np.allclose(normalization.moving_mean, 50.4, rtol=0.02)
    assert normalization.momentum == 0.99


@pytest.mark.parametrize(("n_steps", "momentum"), [(1, 0.5), (100, 0.8), (2000, 0.99), (100_000, 0.99)])
def test_a_long_training_keeps_the_momentum_of_its_running_means(n_steps, momentum):
    assert training.normalization_momentum(n_steps) == pytest.approx(momentum)
    assert training.normalization_momentum(n_steps, usual=0.7) <= 0.7


def test_what_cannot_be_trained_is_refused(batches, tmp_path):
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(3, 1)])
    with pytest.raises(ValueError, match="not compiled"):
        training.fit(model, batches, 1)
    with pytest.raises(ValueError, match="0 epochs of 3 batches"):
        training.fit(small_model(), batches, 0)
    assert not list(tmp_path.iterdir())


def test_a_plan_is_one_line_of_json(batches, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        fit(small_model(), batches, tmp_path, epochs=4, minutes=5, callbacks=[Interruption(1)])
    (plan,) = tmp_path.glob("*/plan.json")
    assert json.loads(plan.read_text()) == {"epochs": 4, "minutes": 5, "planned": 4}
