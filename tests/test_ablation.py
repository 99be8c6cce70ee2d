"""Networks without skip connections or without a decoder, made from a student's own, and their predictions."""

import warnings

import numpy as np
import pytest

import carla
from ablation import ablation_panels, fcn, without_skips


@pytest.fixture(scope="module")
def unet(functions):
    return functions()["unet_model"]((32, 48, 3), 4, 23)


def kinds(model):
    return [type(layer).__name__ for layer in model.layers]


@pytest.fixture(scope="module")
def reduced(unet):
    return without_skips(unet)


def test_without_skips_joins_nothing(unet, reduced):
    assert kinds(unet).count("Concatenate") == 4
    assert kinds(reduced) == [kind for kind in kinds(unet) if kind != "Concatenate"]
    assert reduced.output_shape == unet.output_shape and reduced.name == f"{unet.name}_without_skips"


def test_convolutions_take_fewer_channels(unet, reduced):
    changed = {}
    for layer in [layer for layer in reduced.layers if layer.weights]:
        before, after = ([weight.shape for weight in one.weights] for one in (unet.get_layer(layer.name), layer))
        if before != after:
            changed[layer.name] = before[0][2], after[0][2]
    # After each Concatenate half of the channels, the skip connection, are gone: 8n, 4n, 2n and n of them.
    assert list(changed.values()) == [(64, 32), (32, 16), (16, 8), (8, 4)]
    fewer = sum(9 * n * n for n in (32, 16, 8, 4))
    assert unet.count_params() - reduced.count_params() == fewer


def test_the_given_model_stays_as_it_is(functions):
    model = functions()["unet_model"]((32, 48, 3), 2, 23)
    model.compile("adam", "mse", metrics=["accuracy"])
    before = model.get_weights()
    built = without_skips(model)
    assert all((old == new).all() for old, new in zip(before, model.get_weights(), strict=True))
    assert kinds(model).count("Concatenate") == 4 and model.compiled and not built.compiled
    assert not {id(layer) for layer in built.layers} & {id(layer) for layer in model.layers}


def test_no_weights_are_taken_over(unet, reduced):
    assert not np.allclose(unet.layers[1].get_weights()[0], reduced.layers[1].get_weights()[0])


@pytest.mark.parametrize(
    "edit",
    [
        ("[up, contractive_input]", "[contractive_input, up]"),
        ("[up, contractive_input]", "[contractive_input, up, contractive_input]"),
    ],
)
def test_the_order_of_joining_does_not_matter(functions, unet, reduced, edit):
    """In another order and more than once: the way through the bottleneck is kept."""
    other = without_skips(functions([edit])["unet_model"]((32, 48, 3), 4, 23))
    assert kinds(other) == kinds(reduced) and other.count_params() == reduced.count_params()


def test_what_bypasses_the_bottleneck_is_gone(unet, reduced):
    """With the deepest convolution at zero, nothing of the image reaches the output; in the U-Net it does."""
    rng = np.random.default_rng(0)
    images = rng.random((2, 32, 48, 3), np.float32)
    for model, reaches in ((unet, True), (reduced, False)):
        deepest = min(
            (layer for layer in model.layers if type(layer).__name__ == "Conv2DTranspose"),
            key=lambda layer: layer.output.shape[1],
        )
        kept = deepest.get_weights()
        deepest.set_weights([np.zeros_like(weight) for weight in kept])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            first, second = np.asarray(model(images, training=False))
        deepest.set_weights(kept)
        assert np.allclose(first, second) != reaches


def test_without_skips_refuses():
    import keras

    inputs = keras.Input((8, 8, 3))
    chain = keras.Model(inputs, keras.layers.Conv2D(2, 3)(inputs), name="chain")
    with pytest.raises(ValueError, match="'chain' has no Concatenate layer"):
        without_skips(chain)
    for other in (keras.Sequential([inputs]), "unet"):
        with pytest.raises(ValueError, match="needs a functional Keras model"):
            without_skips(other)


# --- fcn ----------------------------------------------------------------------------------------------------


def test_fcn(functions):
    model = fcn(functions()["conv_block"], (32, 48, 3), 4, 23)
    assert model.output_shape == (None, 32, 48, 23)
    assert kinds(model).count("Conv2D") == 11 and kinds(model).count("MaxPooling2D") == 4
    assert kinds(model).count("Conv2DTranspose") == 1 and "Concatenate" not in kinds(model)
    assert [layer.rate for layer in model.layers if type(layer).__name__ == "Dropout"] == [0.3, 0.3]
    encoder = sum(9 * i * o + o for n in (4, 8, 16, 32, 64) for i, o in ((3 if n == 4 else n // 2, n), (n, n)))
    scores = 64 * 23 + 23
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == encoder + scores


def test_the_step_back_to_full_size_interpolates(functions):
    layer = fcn(functions()["conv_block"], (64, 64, 3), 2, 3).get_layer("enlarge")
    scores = np.zeros((1, 4, 4, 3), np.float32)
    scores[..., 1] = 5
    scores[..., 2] = np.arange(4)[:, None]
    enlarged = np.asarray(layer(scores))[0]
    assert enlarged.shape == (64, 64, 3)
    inside = enlarged[8:-8, 8:-8]
    assert np.allclose(inside[..., 0], 0) and np.allclose(inside[..., 1], 5, atol=1e-5)
    # Linear from the middle of the first element to that of the last one.
    assert np.allclose(inside[:, 20, 2], (np.arange(48) + 0.5) / 16, atol=1e-5)


@pytest.mark.parametrize(
    ("conv_block", "size", "expected"),
    [
        (lambda *arguments, **keywords: None, (32, 32, 3), "finish exercise 1"),
        (lambda *arguments, **keywords: (None, None), (32, 32, 3), "finish exercise 1"),
        (lambda inputs, *arguments, **keywords: (inputs, inputs), (32, 32, 3), r"is \(32, 32\), not a sixteenth"),
        (None, (100, 128, 3), r"\(100, 128\), but both must be multiples of 16"),
    ],
)
def test_fcn_refuses(conv_block, size, expected):
    with pytest.raises(ValueError, match=expected):
        fcn(conv_block, size)


# --- ablation_panels ----------------------------------------------------------------------------------------


class Predicts:
    """In place of a trained model: it always predicts one mask."""

    name, input_shape = "fixed", (None, 24, 32, 3)

    def __init__(self, ids):
        self.ids = ids

    def __call__(self, images, training):
        return np.eye(23)[self.ids][np.newaxis]


@pytest.fixture
def frame():
    ids = np.full((24, 32), 13)
    ids[12:] = 7
    ids[4:12, 5] = carla.CLASS_NAMES.index("pole")
    return np.zeros((24, 32, 3), np.float32), ids


def test_ablation_panels(frame):
    image, mask = frame
    rough, half = mask.copy(), mask.copy()
    rough[4:12, 5] = 13
    half[4:8, 5] = 13
    models = {"FCN": Predicts(rough), "no skips": Predicts(half), "U-Net": Predicts(mask)}
    picture = ablation_panels(models, image, mask[..., np.newaxis])
    titles = [panel.get_title() for panel in picture.figure.axes]
    assert titles == [
        "image",
        "true mask",
        f"FCN\nmean IoU {np.mean([376 / 384, 1, 0]):.3f}",
        f"no skips\nmean IoU {np.mean([376 / 380, 1, 0.5]):.3f}",
        "U-Net\nmean IoU 1.000",
        "IoU of the thin classes",
    ]
    bars = picture.figure.axes[-1]
    assert [label.get_text() for label in bars.get_yticklabels()] == ["pole"]
    assert [text.get_text() for text in bars.texts] == ["0.00", "0.50", "1.00"]
    assert [text.get_text() for text in bars.get_legend().get_texts()] == list(models)
    assert len({patch.get_hatch() for patch in bars.patches}) == 3
    assert picture.description.endswith("pole FCN 0.00, no skips 0.50, U-Net 1.00.")
    assert picture.png()


def test_no_thin_class_no_bars(frame):
    image, mask = frame
    mask[mask == carla.CLASS_NAMES.index("pole")] = 13
    assert len(ablation_panels({"U-Net": Predicts(mask)}, image, mask).figure.axes) == 3


@pytest.mark.parametrize("count", [0, 6])
def test_ablation_panels_refuse(frame, count):
    models = {str(number): Predicts(frame[1]) for number in range(count)}
    with pytest.raises(ValueError, match=f"{count} models given, but one to 5"):
        ablation_panels(models, *frame)


@pytest.mark.slow
def test_all_three_learn(functions, unet, reduced, capfd):
    """A few steps on a drawn scene; nothing but the pictures comes out, and nothing goes to the error stream."""
    import keras

    from driving_scenes import draw_scene

    image, mask = draw_scene(np.random.default_rng(0))
    image, mask = image[::15, ::14][:32, :45], mask[::15, ::14][:32, :45]
    image, mask = np.pad(image, ((0, 0), (0, 3), (0, 0)), "edge"), np.pad(mask, ((0, 0), (0, 3)), "edge")
    models = {"FCN": fcn(functions()["conv_block"], (32, 48, 3), 4), "without": reduced, "U-Net": unet}
    capfd.readouterr()
    for model in models.values():
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(0.01), loss, jit_compile=False)
        history = model.fit(
            image[np.newaxis] / np.float32(255), mask[np.newaxis], epochs=6, verbose=0, shuffle=False
        ).history
        assert history["loss"][-1] < history["loss"][0]
    assert "One frame predicted by 3 networks" in ablation_panels(models, image, mask).description
    assert capfd.readouterr().err == ""
