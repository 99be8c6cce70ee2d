"""The pictures of the notebook: what stands on them, what their description says, and what they refuse."""

import base64
import html
import io
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image

import carla
import carla_classes
from segmentation import mask_pictures, training_pictures
from segmentation.classes import ClassTable, Palette, paint
from segmentation.pictures import MarkupPicture, Picture

ROAD, SKY, SIGN, POLE = (carla.CLASS_NAMES.index(name) for name in ("road", "sky", "traffic sign", "pole"))
FREQUENT = [carla.CLASS_NAMES.index(name) for name in carla_classes.FREQUENT_COLOURS]


@pytest.fixture
def image():
    return np.random.default_rng(0).random((24, 32, 3), np.float32)


@pytest.fixture
def mask():
    """Sky over road, a pole of 1 % and a sign of one pixel."""
    ids = np.full((24, 32, 1), SKY, np.uint8)
    ids[12:] = ROAD
    ids[4:12, 5] = POLE
    ids[3, 20] = SIGN
    return ids


@pytest.fixture
def prediction(mask):
    """The mask without its pole, and three pixels of road taken for sky."""
    ids = mask.copy()
    ids[ids == POLE] = SKY
    ids[12, :3] = SKY
    return ids


def texts_on(axes):
    return [text.get_text() for text in axes.texts]


def legend_of(picture):
    return [text.get_text() for text in picture.figure.legends[0].get_texts()]


# --- what all pictures share --------------------------------------------------------------------------------


def test_a_picture_comes_with_its_words(image, mask):
    picture = mask_pictures.draw_panels(image, mask, classes=carla.CLASSES)
    bundle = picture._repr_mimebundle_()
    data = base64.b64decode(bundle["image/png"])
    assert Image.open(io.BytesIO(data)).format == "PNG" and data == picture.png()
    assert bundle["text/plain"] == repr(picture) == picture.description
    alt = re.search('alt="([^"]*)"', bundle["text/html"]).group(1)
    assert html.unescape(alt) == picture.description and bundle["image/png"] in bundle["text/html"]


def test_the_alternative_text_is_escaped():
    from matplotlib.figure import Figure

    shown = Picture(Figure(), 'a "quoted" <b>')._repr_mimebundle_()["text/html"]
    assert 'alt="a &quot;quoted&quot; &lt;b&gt;"' in shown


def test_a_picture_is_saved(tmp_path, image, mask):
    picture = mask_pictures.draw_panels(image, mask, classes=carla.CLASSES)
    picture.save(tmp_path / "panels.png")
    assert (tmp_path / "panels.png").read_bytes() == picture.png()


# --- colours ------------------------------------------------------------------------------------------------

# Machado, Oliveira and Fernandes (2009), severity 1.0, for linear RGB.
COLOUR_VISION = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


def smallest_distance(colours, matrix):
    """The smallest CIE 1976 distance between two of the colours as seen through a matrix (sRGB, white D65)."""
    encoded = np.asarray(colours) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.transpose(matrix), 0, 1)
    to_xyz = np.array([[0.4125, 0.3576, 0.1804], [0.2127, 0.7152, 0.0722], [0.0193, 0.1192, 0.9503]])
    xyz = seen @ to_xyz.T / to_xyz.sum(axis=1)
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    lab = np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1)
    distances = np.linalg.norm(lab[:, None] - lab[None], axis=-1)
    return distances[np.triu_indices(len(lab), 1)].min()


@pytest.mark.parametrize("vision", COLOUR_VISION)
def test_frequent_classes_stay_apart(vision):
    palette = carla.CLASSES.palette("colour-blind")
    assert len(FREQUENT) == 8 and not any(palette.stripes[k] for k in FREQUENT)
    assert smallest_distance(palette.colours[FREQUENT], COLOUR_VISION[vision]) > 30


def test_the_measure_finds_colours_that_do_not_stay_apart():
    seen = [smallest_distance(carla.PALETTE[FREQUENT], matrix) for matrix in COLOUR_VISION.values()]
    assert min(seen) < 10
    assert smallest_distance([(255, 255, 255), (0, 0, 0)], np.eye(3)) == pytest.approx(100, abs=0.1)


def test_no_two_classes_look_the_same():
    palette = carla.CLASSES.palette("colour-blind")
    looks = {(*colour, stripe) for colour, stripe in zip(palette.colours.tolist(), palette.stripes)}
    assert len(looks) == carla.N_CLASSES


@pytest.mark.parametrize("palette", carla.CLASSES.palettes)
def test_paint(palette):
    ids = np.array([[ROAD, SKY], [POLE, POLE]])
    painted = paint(ids, carla.CLASSES, palette, scale=16)
    colours, stripes = carla.CLASSES.palette(palette).colours, carla.CLASSES.palette(palette).stripes
    assert painted.shape == (32, 32, 3)
    assert (painted[:16, :16] == colours[ROAD]).all() and (painted[:16, 16:] == colours[SKY]).all()
    striped = (painted[16:] != colours[POLE]).any(axis=-1).mean()
    assert striped == (0.25 if stripes[POLE] else 0)


# --- draw_panels --------------------------------------------------------------------------------------------


def test_image_and_mask(image, mask):
    picture = mask_pictures.draw_panels(image, mask, classes=carla.CLASSES)
    panels = picture.figure.axes
    assert [panel.get_title() for panel in panels] == ["image", "true mask"]
    # The pole covers 1 % and the sign less: they are in the legend alone.
    assert sorted(texts_on(panels[1])) == ["road", "sky"]
    assert legend_of(picture) == ["5 pole", "7 road", "12 traffic sign", "13 sky"]
    assert picture.description == "A frame and its true mask: road 50 %, sky 49 %, pole 1 %, traffic sign 0 %."


@pytest.mark.parametrize("palette", carla.CLASSES.palettes)
def test_errors(image, mask, prediction, palette):
    picture = mask_pictures.draw_panels(image, mask, prediction, classes=carla.CLASSES, palette=palette)
    panels = picture.figure.axes
    assert [panel.get_title() for panel in panels[:3]] == ["image", "true mask", "predicted mask"]
    # Sky: 375 pixels are true, 11 more predicted. Road: 3 of 384 are missing. No pole is found, the sign is.
    mean = np.mean([375 / 386, 381 / 384, 0, 1])
    assert panels[3].get_title() == (
        f"errors (bright): 11 of 768 pixels\naccuracy {100 * 757 / 768:.1f} %, mean IoU {mean:.3f}"
    )
    shown = panels[3].images[0].get_array()
    bright = (shown == np.float32(mask_pictures.ERROR_COLOUR)).all(axis=-1)
    assert (bright == (mask != prediction)[..., 0]).all()
    # Lightness alone tells the errors.
    assert shown[~bright].max() < 0.6 < shown[bright].mean()
    assert "differs in 11 of 768 pixels" in picture.description


def test_a_perfect_prediction(image, mask):
    panel = mask_pictures.draw_panels(image, mask, mask, classes=carla.CLASSES).figure.axes[3]
    assert panel.get_title() == "errors (bright): 0 of 768 pixels\naccuracy 100.0 %, mean IoU 1.000"


def test_integers_and_tensors_will_do(image, mask):
    import tensorflow as tf

    expected = mask_pictures.draw_panels(image, mask, classes=carla.CLASSES).figure.axes[0].images[0].get_array()
    given = tf.constant(np.round(255 * image).astype(np.uint8)), tf.constant(mask)
    shown = mask_pictures.draw_panels(*given, classes=carla.CLASSES).figure.axes[0].images[0].get_array()
    assert np.abs(shown - expected).max() <= 0.5 / 255 + 1e-6


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"true_mask": np.zeros((2, 24, 32, 1), int)}, "true mask has the shape (2, 24, 32, 1)"),
        ({"true_mask": np.zeros((24, 32, 23))}, "np.argmax(scores, axis=-1)"),
        ({"true_mask": np.full((24, 32), 23)}, "holds 23: class ids are whole numbers from 0 to 22"),
        ({"true_mask": np.zeros((12, 32), int)}, "(24, 32) pixels (height, width), but its mask is (12, 32)"),
        ({"predicted_mask": np.zeros((12, 32), int)}, "the predicted one (12, 32)"),
        ({"predicted_mask": np.full((24, 32), 0.5)}, "predicted mask holds 0.5"),
        ({"image": np.full((24, 32, 3), 200.0)}, "scale them to the range from 0 to 1"),
        ({"image": np.zeros((1, 24, 32, 3))}, "from a batch, take one entry"),
        ({"palette": "grey"}, "'carla', 'colour-blind', not 'grey'"),
    ],
)
def test_panels_refuse(image, mask, change, expected):
    with pytest.raises(ValueError, match=re.escape(expected)):
        mask_pictures.draw_panels(**({"image": image, "true_mask": mask, "classes": carla.CLASSES} | change))


# --- other classes, other networks ----------------------------------------------------------------------------

GREYS = np.array([(0, 0, 0), (120, 120, 120), (250, 250, 250)], np.uint8)
PETS = ClassTable(("pet", "background", "border"), {"grey": Palette(GREYS, ("", "", ""))})


def test_pictures_of_other_classes(image):
    mask = np.where(np.arange(32) < 16, 0, 1) * np.ones((24, 1), int)
    picture = mask_pictures.draw_panels(image, mask, 1 - mask, classes=PETS)
    assert legend_of(picture) == ["0 pet", "1 background"]
    assert picture.description.startswith("A frame and its true mask: pet 50 %, background 50 %.")
    assert "1 background: 50.0 %" in mask_pictures.hover_mask(mask, PETS).markup
    with pytest.raises(ValueError, match="the mask holds 3: class ids are whole numbers from 0 to 2"):
        mask_pictures.hover_mask(mask + 2, PETS)


class Recording:
    """In place of a model: it keeps what it is given, and predicts class 1 everywhere."""

    name, input_shape = "recording", (None, 24, 32, 3)

    def __call__(self, images, training):
        self.given = images
        return np.eye(3)[np.ones(images.shape[:3], int)]


@pytest.mark.parametrize("dtype", [np.float32, np.uint8])
def test_an_image_is_preprocessed_for_its_model(dtype):
    image, model = np.ones((24, 32, 3), dtype) * (255 if dtype is np.uint8 else 1), Recording()
    assert (mask_pictures.predict_mask(model, image) == 1).all() and (model.given == 1).all()
    mask_pictures.predict_mask(model, image, lambda colours: 255 * colours - 100)
    assert model.given.shape == (1, 24, 32, 3) and (model.given == 155).all() and image.max() in (1, 255)


# --- hover_mask ---------------------------------------------------------------------------------------------

SVG = "{http://www.w3.org/2000/svg}"


def parsed(markup):
    return ElementTree.fromstring(f"<div>{markup}</div>")


def area_of(path):
    """The pixels that the rectangles of a path cover, as a set of (row, column)."""
    covered = []
    for left, top, width, height in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h-\d+z", path):
        rows, columns = range(int(top), int(top) + int(height)), range(int(left), int(left) + int(width))
        covered += [(row, column) for row in rows for column in columns]
    assert len(covered) == len(set(covered))
    return set(covered)


def test_hovering_tells_the_class(mask):
    page = parsed(mask_pictures.hover_mask(mask, carla.CLASSES).markup)
    areas = {area.find(f"{SVG}title").text: area for area in page.iter(f"{SVG}path")}
    assert list(areas) == ["7 road: 50.0 %", "13 sky: 48.8 %", "5 pole: 1.0 %", "12 traffic sign: 0.1 %"]
    for words, area in areas.items():
        class_id = int(words.split()[0])
        assert area_of(area.get("d")) == set(zip(*np.nonzero(mask[..., 0] == class_id)))
        assert area.get("fill") == "#{:02x}{:02x}{:02x}".format(*carla.PALETTE[class_id])
    listed = ["".join(entry.itertext()).strip() for entry in page.iter("li")]
    assert listed == list(areas)


def test_hover_mask_of_noise_covers_each_pixel_once():
    ids = np.random.default_rng(0).integers(0, 23, (30, 40))
    page = parsed(mask_pictures.hover_mask(ids, carla.CLASSES, palette="colour-blind").markup)
    areas = [area_of(area.get("d")) for area in page.iter(f"{SVG}path")]
    assert sum(map(len, areas)) == len(set().union(*areas)) == ids.size


def test_hover_mask_needs_nothing_from_outside(mask):
    picture = mask_pictures.hover_mask(mask, carla.CLASSES)
    assert isinstance(picture, MarkupPicture)
    assert not re.search(r"<script|href|src=|url\(|@import", picture.markup)
    assert picture._repr_mimebundle_() == {"text/plain": picture.description, "text/html": picture.markup}
    assert parsed(picture.markup).find(f"{SVG}svg").get("aria-label") == picture.description


# --- learning_curves ----------------------------------------------------------------------------------------

HISTORY = {
    "loss": [2.0, 1.0, 0.5],
    "val_loss": [2.0, 1.5, 1.8],
    "accuracy": [0.3, 0.6, 0.9],
    "val_accuracy": [0.3, 0.5, 0.4],
    "mean_iou": [0.1, 0.2, 0.3],
    "val_mean_iou": [0.1, 0.15, 0.18],
}


def without(*names):
    return {name: values for name, values in HISTORY.items() if name not in names}


@pytest.mark.parametrize(
    ("history", "titles", "best"),
    [
        (HISTORY, ["loss", "accuracy", "mean IoU"], (3, "validation mean IoU", 0.18)),
        (without("val_mean_iou"), ["loss", "accuracy", "mean IoU"], (2, "validation accuracy", 0.5)),
        (without("mean_iou", "val_mean_iou"), ["loss", "accuracy"], (2, "validation accuracy", 0.5)),
        ({"loss": [2.0, 1.0], "val_loss": [2.0, 3.0]}, ["loss"], (1, "validation loss", 2.0)),
        ({"loss": [2.0, 1.0], "mean_io_u": [0.4, 0.3]}, ["loss", "mean IoU"], (1, "training mean IoU", 0.4)),
        ({"loss": [1.2]}, ["loss"], (1, "training loss", 1.2)),
        ({"loss": [1.2, np.nan], "val_accuracy": []}, ["loss"], (1, "training loss", 1.2)),
        ({"loss": [np.nan]}, ["loss"], None),
    ],
)
def test_learning_curves(history, titles, best):
    picture = training_pictures.learning_curves(history)
    panels = picture.figure.axes
    assert [panel.get_title() for panel in panels] == titles
    assert training_pictures.best_epoch(history) == best
    for panel in panels:
        curves = {line.get_label(): line for line in panel.lines}
        assert len({(line.get_linestyle(), line.get_marker()) for line in curves.values()}) == len(curves)
        assert ("best epoch: " + str(best and best[0]) in curves) == (best is not None)
    assert ("best epoch is number" in picture.description) == (best is not None)
    assert picture.png()


def test_learning_curves_of_a_keras_history():
    import keras

    history = keras.callbacks.History()
    history.history = HISTORY
    picture = training_pictures.learning_curves(history)
    curve = next(line for line in picture.figure.axes[2].lines if line.get_label() == "validation")
    assert curve.get_xdata().tolist() == [1, 2, 3] and curve.get_ydata().tolist() == HISTORY["val_mean_iou"]
    assert "mean IoU in validation from 0.100 to 0.180" in picture.description


@pytest.mark.parametrize(
    ("history", "expected"),
    [({}, "holds nothing"), ({"lr": [1]}, "holds 'lr'"), ({"loss": []}, "train first"), (3, "int is not a history")],
)
def test_learning_curves_refuse(history, expected):
    with pytest.raises(ValueError, match=expected):
        training_pictures.learning_curves(history)


# --- confusion_picture --------------------------------------------------------------------------------------


def test_confusion_picture():
    names = ["never", "road", "sky", "only predicted"]
    counts = np.array([[0, 0, 0, 0], [0, 900, 97, 3], [0, 0, 50, 0], [0, 0, 0, 0]])
    picture = training_pictures.confusion_picture(counts, names)
    axes = picture.figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["1 road", "2 sky", "3 only predicted"]
    cells = {(round(text.get_position()[1]), round(text.get_position()[0])): text.get_text() for text in axes.texts}
    assert cells == {(0, 0): "90", (0, 1): "10", (0, 2): "<1", (1, 1): "100", (2, 1): "no true pixels"}
    assert picture.description == (
        "Confusion matrix of 3 classes, the most frequent first: road 90 % right, 10 % taken for sky; sky 100 % right."
    )


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (np.ones((2, 3)), r"shape \(2, 3\)"),
        (np.ones((3, 3)), "there are 2 names"),
        (np.zeros((2, 2)), "not all of them 0"),
        (-np.ones((2, 2)), "0 or more"),
    ],
)
def test_confusion_picture_refuses(counts, expected):
    with pytest.raises(ValueError, match=expected):
        training_pictures.confusion_picture(counts, ["a", "b"])
