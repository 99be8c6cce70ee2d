"""``draw``: every network becomes a readable picture that marks what is wrong, and nothing in it can do harm."""

import itertools
import re
from xml.etree import ElementTree

import nbformat
import pytest
from nbconvert import HTMLExporter
from test_comparator import FIRST, RIGHT, models

from keras_checks import Change, Comparison, Difference, Layer, LayerReference, compare, draw, draw_network, summary

SVG = "{http://www.w3.org/2000/svg}"
CROSS = "✗"
SKIP_COLOUR = "#0072B2"


def tree(picture):
    return ElementTree.fromstring(picture)


def texts(picture):
    """Everything that can be read in the picture, without the descriptions and tips."""
    return [element.text or "" for element in tree(picture).iter(f"{SVG}text")]


def boxes(picture):
    """The boxes: {what the pointer shows: the box}."""
    found = {}
    for group in tree(picture).iter(f"{SVG}g"):
        found.setdefault(group.find(f"{SVG}title").text, group.find(f"{SVG}rect"))
    return found


def marked(picture):
    return [tip for tip, box in boxes(picture).items() if box.get("stroke") == "#D55E00"]


def place(box):
    return float(box.get("x")), float(box.get("y"))


@pytest.fixture(scope="module")
def right(functions):
    return functions()


@pytest.fixture
def comparisons(functions, right, monkeypatch):
    """Compare the functions after edits with the right ones: ``comparisons(edits, name)``."""
    monkeypatch.setitem(RIGHT, "functions", right)

    def make(edits, name):
        return [compare(summary(made), summary(wanted)) for made, wanted in models(functions(edits), name)]

    return make


# ------------------------------------------------------------------------------------------------------------------
# The course's own networks
# ------------------------------------------------------------------------------------------------------------------


def test_the_right_u_net_is_a_u_without_marks(comparisons):
    picture = draw(comparisons([], "unet_model")[0], title="unet_model")
    at = {int(re.match(r"layer (\d+)", tip)[1]): place(box) for tip, box in boxes(picture).items()}
    encoder, decoder = [at[number] for number in (3, 6, 9, 13)], [at[number] for number in (31, 27, 23, 19)]
    for one, other in itertools.pairwise(encoder):
        assert one[0] < other[0] and one[1] < other[1]
    for one, other in itertools.pairwise(decoder):
        assert one[0] > other[0] and one[1] < other[1]
    assert [y for _, y in encoder] == [y for _, y in decoder]
    assert at[17][1] == max(y for _, y in at.values())
    assert picture.count(f'stroke="{SKIP_COLOUR}"') == 4
    assert marked(picture) == [] and CROSS not in picture
    for words in ("unet_model", "✓ no differences", "encoder ↓", "decoder ↑", "bottleneck", "H/8×W/8×32", "→ output"):
        assert words in texts(picture)


def test_short_names_say_what_a_layer_is(comparisons):
    shown = texts(draw(comparisons([], "unet_model")[0]))
    for name in ("2 Conv2D 4", "4 MaxPool 2×2", "13 Dropout 0.3", "18 Conv2DT 32", "19 Concat 64", "35 Conv2D 6"):
        assert name in shown


# (the function, edits of the right solution, the boxes that are marked, words in the picture)
MISTAKES = {
    "padding and dropout": (
        "conv_block",
        [(FIRST, FIRST.replace("same", "valid")), ("if dropout_prob > 0:", "if True:")],
        ["layer 2 (Conv2D)", "layer 4 (Dropout)"],
        ["padding: 'valid'", "extra layer", "layer 2 (Conv2D), padding: 'valid' instead of 'same'"],
    ),
    "outputs exchanged": (
        "conv_block",
        [("return next_layer, skip_connection", "return skip_connection, next_layer")],
        ["layer 3 (Conv2D)", "layer 4 (MaxPooling2D)"],
        ["wrong output", "→ output 1", "→ output 2"],
    ),
    "average pooling": (
        "conv_block",
        [("MaxPooling2D((2, 2))", "tf.keras.layers.AveragePooling2D((2, 2))")],
        ["layer 4 (AveragePooling2D)"],
        ["wrong layer"],
    ),
    "inputs exchanged": (
        "upsampling_block",
        [("[up, contractive_input]", "[contractive_input, up]")],
        ["layer 4 (Concatenate)"],
        ["wrong input", "✗A input 1: 2 Input", "input 2"],
    ),
    "no skip connection": (
        "upsampling_block",
        [("concatenate([up, contractive_input], axis=3)", "up")],
        ["missing: Concatenate"],
        ["missing:", "after layer 2 (Conv2DTranspose): Concatenate missing"],
    ),
    "skip connection of element 0": (
        "unet_model",
        [("cblock3[1]", "cblock3[0]")],
        ["layer 23 (Concatenate)"],
        ["wrong input", "✗A input 2: 10 MaxPool"],
    ),
    "a pooling left out": (
        "unet_model",
        [("conv_block(cblock2[0]", "conv_block(cblock2[1]")],
        ["missing: MaxPooling2D"],
        ["MaxPooling2D", "encoder ↓", "after layer 6 (Conv2D): MaxPooling2D missing"],
    ),
    "filters": (
        "unet_model",
        [("Conv2D(n_classes", "Conv2D(23")],
        ["layer 35 (Conv2D)"],
        ["filters: 23", "35 Conv2D 23"],
    ),
}


@pytest.mark.parametrize(("name", "edits", "wrong", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_what_is_wrong_is_marked_and_nothing_else(comparisons, name, edits, wrong, words):
    picture = draw(comparisons(edits, name)[0])
    assert [tip.split(", output")[0] for tip in marked(picture)] == wrong
    shown = texts(picture)
    assert set(words) <= set(shown)
    told = tree(picture).find(f"{SVG}desc").text.partition("Marked as wrong: ")[2]
    assert told and all(tip.removeprefix("missing: ") in told for tip in wrong)


def test_many_missing_layers_stand_where_they_belong_under_one_mark(comparisons):
    edits = [("upsampling_block(ublock7, cblock2[1]", "upsampling_block(cblock3[1], cblock2[1]")]
    picture = draw(comparisons(edits, "unet_model")[0])
    shown = texts(picture)
    assert shown.count("missing:") == 16
    assert "bottleneck" in shown
    assert sum("16 layers missing" in text for text in shown) == 1
    # One badge in the network and one in the list.
    assert shown.count("A") == 2 and "B" not in shown


def test_a_u_in_which_a_pooling_is_missing_is_still_a_u(comparisons):
    comparison = comparisons([("conv_block(cblock2[0]", "conv_block(cblock2[1]")], "unet_model")[0]
    drawn = boxes(draw(comparison))
    at = {int(number[1]): place(box) for tip, box in drawn.items() if (number := re.match(r"layer (\d+)", tip))}
    for encoder, decoder in ((3, 30), (6, 26), (8, 22), (12, 18)):
        assert at[encoder][1] == at[decoder][1]
    x, y = place(drawn["missing: MaxPooling2D"])
    assert x == at[6][0] and at[6][1] < y < at[7][1]


def test_a_skip_connection_that_is_missing_is_shown_as_missing(comparisons):
    comparison = comparisons([("concatenate([up, contractive_input], axis=3)", "up")], "unet_model")[0]
    shown = texts(draw(comparison))
    assert shown.count("missing") == 4
    assert SKIP_COLOUR not in draw(comparison)
    assert "missing" not in texts(draw(comparison, reveal_expected=False))


def test_what_is_expected_can_stay_secret(comparisons):
    comparison = comparisons([("Conv2D(n_classes", "Conv2D(23")], "unet_model")[0]
    assert "23 instead of 6" in draw(comparison)
    secret = draw(comparison, reveal_expected=False)
    assert "instead" not in secret and "filters: 23" in texts(secret)


# ------------------------------------------------------------------------------------------------------------------
# Networks of other forms
# ------------------------------------------------------------------------------------------------------------------


def comparison_of(layers, differences=(), outputs=None):
    return Comparison(list(differences), [], [], list(layers), outputs)


def layer(number, kind="Conv2D", sources=None, **arguments):
    return Layer(kind, number, arguments, None, 0, [number - 2] if sources is None and number > 1 else sources or [])


def u_net(levels):
    """A U-Net without shapes, with its wiring."""
    layers, skips = [layer(1, "InputLayer")], []

    def add(kind, *more, **arguments):
        number = len(layers) + 1
        layers.append(layer(number, kind, [number - 2, *more], **arguments))

    for _ in range(levels):
        add("Conv2D")
        skips.append(len(layers) - 1)
        add("MaxPooling2D", pool_size=(2, 2))
    add("Conv2D")
    for skip in reversed(skips):
        add("Conv2DTranspose", strides=(2, 2))
        add("Concatenate", skip)
    return comparison_of(layers, outputs=[len(layers) - 1])


@pytest.mark.parametrize("levels", range(1, 9))
def test_u_nets_of_other_depths_fit_and_do_not_overlap(levels):
    picture = draw(u_net(levels))
    root = tree(picture)
    assert int(root.get("width")) <= 900
    frames = [[float(box.get(name)) for name in ("x", "y", "width", "height")] for box in boxes(picture).values()]
    assert len(frames) == 4 * levels + 2
    for (x, y, width, height), (x2, y2, width2, height2) in itertools.combinations(frames, 2):
        assert x + width <= x2 or x2 + width2 <= x or y + height <= y2 or y2 + height2 <= y
    assert all(x >= 0 and x + width <= int(root.get("width")) for x, _, width, _ in frames)


def test_a_chain_of_one_level_is_a_row_that_wraps():
    picture = draw(comparison_of([layer(number) for number in range(1, 17)]))
    rows = [y for _, y in map(place, boxes(picture).values())]
    assert len(set(rows)) == 3 and rows == sorted(rows)


def test_a_row_says_in_words_what_feeds_a_layer():
    layers = [layer(1), layer(2), layer(3, sources=[0]), layer(4, "Concatenate", sources=[1, 2])]
    shown = texts(draw(comparison_of(layers)))
    assert "from 1 Conv2D" in shown and "from 2 Conv2D, 3…" not in shown and "from 2, 3" in shown


def test_two_us_in_a_row_are_drawn_as_rows():
    layers = [layer(1, "InputLayer")]
    for kind in ("MaxPooling2D", "UpSampling2D") * 3:
        layers.append(layer(len(layers) + 1, kind))
    picture = draw(comparison_of(layers))
    assert len(boxes(picture)) == 7 and "bottleneck" not in texts(picture)


def test_a_layer_inside_of_another_model_is_marked_itself():
    import keras

    def network(rate):
        inside = [keras.layers.Dense(4), keras.layers.Dropout(rate), keras.layers.Dense(4)]
        inputs = keras.Input((8,))
        return summary(keras.Model(inputs, keras.Sequential([keras.Input((8,)), *inside])(inputs)))

    picture = draw(compare(network(0.1), network(0.2)))
    assert marked(picture) == ["layer 2 (Dropout), output 4"]
    assert "layer 2 (Dropout), rate: 0.1 instead of 0.2" in texts(picture)


def test_several_differences_of_one_layer_are_said_under_one_letter():
    layers = [layer(1, "InputLayer"), layer(2), layer(3)]
    wrong = [argument_at(1), argument_at(1, attribute="strides")]
    shown = texts(draw(comparison_of(layers, wrong)))
    told = "layer 2 (Conv2D), padding: 'valid' instead of 'same'; strides: 'valid' instead of 'same'"
    assert told in " ".join(shown)
    assert "padding, strides" in shown and "B" not in shown


def test_a_missing_layer_stands_behind_the_layer_that_the_difference_names():
    layers = [layer(1, "InputLayer"), layer(2), layer(3)]
    for position, words in ((None, "at the start"), (1, "after layer 2 (Conv2D)")):
        picture = draw(comparison_of(layers, [missing_after(position)]))
        order = list(boxes(picture))
        assert order.index("missing: Conv2D") == (1 if position is None else 2)
        assert f"{words}: Conv2D missing" in texts(picture)


# ------------------------------------------------------------------------------------------------------------------
# A network alone
# ------------------------------------------------------------------------------------------------------------------


def test_draw_network(right):
    model = right["unet_model"]((96, 128, 3), 4)
    picture = draw_network(model)
    shown = texts(picture.markup)
    facts = f"35 layers, {model.count_params():,} parameters"
    assert facts in shown
    assert {"Your network", "12×16×32", "96×128×4", "bottleneck"} <= set(shown)
    assert "difference" not in picture.markup and "no differences" not in picture.markup
    assert repr(picture) == picture.description == f"Your network, drawn layer by layer: {facts}."
    assert tree(picture.markup).find(f"{SVG}desc").text.endswith(f" {facts}.")
    assert picture._repr_html_() == picture.markup


@pytest.mark.parametrize("model", [None, 3], ids=str)
def test_what_is_no_network_is_not_drawn(model):
    with pytest.raises(TypeError, match="takes a Keras model"):
        draw_network(model)


# ------------------------------------------------------------------------------------------------------------------
# Hostile and broken input
# ------------------------------------------------------------------------------------------------------------------


class Unprintable:
    def __repr__(self):
        raise ValueError("not to be printed")

    __str__ = __eq__ = __hash__ = __format__ = __repr__


def argument_at(position, kind="Conv2D", attribute="padding"):
    layer = LayerReference(kind, position + 1, position)
    return Difference(Change.ARGUMENT, attribute, kind, layer, position, "same", "valid")


def missing_after(position, kind="Conv2D"):
    after = None if position is None else LayerReference(kind, position + 1, position)
    return Difference(Change.MISSING, "layer", kind, None, 5, after=after)


def differences_of(count):
    return [argument_at(position) for position in range(count)]


def gaps(count):
    return [missing_after([None, -1, *range(7)][number % 9]) for number in range(count)]


def odd_references():
    """Differences whose places are none."""
    for position in (None, -1, 10**9, "1", 2.0):
        layer = LayerReference("Conv2D", position, position)
        yield Difference(Change.MISSING, "layer", "Conv2D", None, position, after=layer)
        yield Difference(Change.ARGUMENT, "rate", "Conv2D", layer, position, Unprintable, 10**30)
        yield Difference(
            Change.INPUTS, "inputs", "Conv2D", layer, position, expected_sources=(None, layer), found_sources=(layer,)
        )
        yield Difference(Change.OUTPUTS, "outputs", "Model", expected_sources=(), found_sources=(None, layer))
    yield Difference(Change.NO_MODEL, "outputs", "Model")


HOSTILE = {
    "nothing": [],
    "2,000 layers": [layer(number) for number in range(1, 2001)],
    "all feed all": [layer(number, sources=list(range(2000))) for number in range(1, 2001)],
    "sources anywhere": [layer(number, sources=[-1, 10**30, "1", None, 2.0, True, 3]) for number in range(1, 9)],
    "a circle": [layer(1, sources=[2]), layer(2), layer(3)],
    "feeds itself": [layer(number, "Concatenate", sources=[number - 1] * 3) for number in range(1, 5)],
    "wiring backwards in a u": [
        layer(number, ["MaxPooling2D", "Conv2DTranspose"][number > 5], sources=[number - 2, 11 - number, 9])
        for number in range(1, 11)
    ],
    "down 100 times": [layer(number, "MaxPooling2D", strides=(2, 2)) for number in range(1, 101)],
    "up 100 times": [layer(number, "Conv2DTranspose", strides=10**5) for number in range(1, 101)],
    "odd strides": [layer(number, strides=(0, -1) if number % 2 else "2") for number in range(1, 9)],
    "odd shapes": [
        Layer("Conv2D", number, {}, shape, None, None)
        for number, shape in enumerate(
            [
                (),
                (None,),
                [(None, 4, 4, 3)],
                (None, 0, -4, 3),
                (None, "4", 4, 3),
                7,
                "HW",
                [[]],
                (None, None, None, None),
            ]
        )
    ],
    "no types at all": [
        Layer(Unprintable(), Unprintable(), Unprintable(), Unprintable(), Unprintable(), Unprintable()) for _ in "ab"
    ],
    "arguments of other types": [
        layer(1, "Dropout", rate=Unprintable()),
        layer(2, filters=Unprintable(), strides=Unprintable()),
        layer(3, "MaxPooling2D", pool_size=(Unprintable(), 10**50)),
        layer(4, "Activation", activation=Unprintable()),
        layer(5, "Dropout", rate=float("nan")),
    ],
    "long names": [layer(1, "L" * 10**6), layer(2, "\u202e\x00\ud800\n" * 1000)],
    "one number for all": [Layer("Conv2D", 1, {}, None, 0, []) for _ in range(9)],
}


@pytest.mark.parametrize(
    "marks",
    [[], differences_of(2000), gaps(2000), [*odd_references()]],
    ids=["plain", "wrong", "missing", "places that are none"],
)
@pytest.mark.parametrize("layers", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("reveal_expected", [True, False], ids=["open", "secret"])
def test_whatever_comes_is_drawn_and_stays_small(layers, marks, reveal_expected):
    comparison = Comparison(marks, [], [layer(number) for number in range(1, 20)], layers, [0, 10**9, None, -3])
    picture = draw(comparison, reveal_expected=reveal_expected)
    root = tree(picture)
    assert int(root.get("width")) <= 900
    assert len(picture) < 500_000
    assert "could not be drawn" not in picture


@pytest.mark.parametrize("broken", [None, 3, Comparison(None, None, None, None, None)], ids=["None", "3", "empty"])
def test_what_is_no_comparison_becomes_a_line(broken):
    picture = draw(broken, title="<b>")
    assert "This network could not be drawn." in texts(picture)
    assert "<b>" not in picture


def test_what_is_left_out_is_said():
    layers = [layer(number) for number in range(1, 2001)]
    shown = texts(draw(comparison_of(layers, differences_of(2000))))
    assert "Only the first 120 of 2000 layers are drawn." in shown
    assert "… and 1980 more marks." in shown
    assert any("missing layers are drawn" in text for text in texts(draw(comparison_of(layers, gaps(2000)))))


def test_names_cannot_become_markup():
    bad = "</text></svg><script>alert('1')</script>&amp;\""
    layers = [layer(1, bad), layer(2, bad, activation=bad), layer(3, "Activation", activation=bad)]
    first, second, third = (LayerReference(bad, number, number - 1) for number in (1, 2, 3))
    marks = [
        Difference(Change.ARGUMENT, bad, bad, first, 0, bad, bad, block=bad),
        Difference(Change.MISSING, "layer", bad, None, 1, after=second),
        Difference(Change.INPUTS, "inputs", bad, third, 2, expected_sources=(first,), found_sources=(second, None)),
        Difference(Change.REPLACED, "layer", bad, second, 1),
    ]
    for reveal_expected in (True, False):
        picture = draw(comparison_of(layers, marks, [2]), title=bad, reveal_expected=reveal_expected, subtitle=bad)
        tags = {element.tag.removeprefix(SVG) for element in tree(picture).iter()}
        assert tags <= {"svg", "title", "desc", "rect", "text", "g", "path", "polyline", "polygon"}
        assert tree(picture).find(f"{SVG}title").text == bad


# ------------------------------------------------------------------------------------------------------------------
# On a page
# ------------------------------------------------------------------------------------------------------------------


def test_the_picture_stands_alone():
    picture = draw(u_net(4), title="Two pictures on one page")
    root = tree(picture)
    assert root.get("role") == "img"
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert not re.search(r"\sid=|href|url\(|<style|<script|\son\w+=|class=", picture)
    assert all(int(size) >= 11 for size in re.findall(r'font-size="(\d+)"', picture))
    assert root.get("viewBox") and "max-width:100%" in root.get("style")
    background = root.find(f"{SVG}rect")
    assert (background.get("fill"), background.get("width")) == ("#FFFFFF", root.get("width"))


def parts(element):
    """An element as nested data, without what an HTML parser changes: the case of attributes, and name spaces."""
    attributes = {name.lower(): value for name, value in element.items() if name != "xmlns"}
    return element.tag.removeprefix(SVG), attributes, element.text or "", [parts(child) for child in element]


def test_nbconvert_keeps_the_picture():
    pictures = [draw(u_net(4), title="My network"), draw(comparison_of([layer(1, "<&>")], differences_of(1)))]
    outputs = [nbformat.v4.new_output("display_data", {"text/html": picture}) for picture in pictures]
    cell = nbformat.v4.new_code_cell("pass", outputs=outputs)
    page, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    kept = re.findall(r"<svg[^>]*role=.img.*?</svg>", page, re.DOTALL)
    assert [parts(tree(picture)) for picture in kept] == [parts(tree(picture)) for picture in pictures]
