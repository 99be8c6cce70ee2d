"""``comparator`` and ``compare``: a mistake is named where it is, and right answers pass however they are written."""

import pytest

import outputs
from keras_checks import ExpectedSummary, SummaryMismatch, comparator, compare, summary
from keras_checks.hints import hint_for

CONVOLUTION = "activation='relu',\n                  padding='same',\n                  kernel_initializer='he_normal')"
FIRST, SECOND, AFTER_MERGE = f"{CONVOLUTION}(inputs)", f"{CONVOLUTION}(conv)", f"{CONVOLUTION}(merge)"
SIZE_3 = "3,  # kernel size\n                  "
CALL = f"Conv2D(n_filters,  # number of filters\n                  {SIZE_3}"
TRANSPOSED = "3,  # kernel size\n                         strides=2"
SOFTMAX = "Conv2D(n_classes, 1, 1, 'same', activation='softmax')"
ADDED = "outputs=tf.keras.layers.Softmax()(tf.keras.layers.BatchNormalization()(conv10))"


def models(functions, name):
    """The networks by which one function is compared: [(model, expected), ...]."""
    import tensorflow as tf

    made, right = functions, RIGHT["functions"]
    if name == "conv_block":
        calls = [{}, {"dropout_prob": 0.2}, {"max_pooling": False}]
        for arguments in calls:
            inputs = tf.keras.Input((32, 48, 3))
            yield [tf.keras.Model(inputs, f(inputs, 7, **arguments)) for f in (made[name], right[name])]
    elif name == "upsampling_block":
        inputs = [tf.keras.Input((None, None, 8)), tf.keras.Input((None, None, 5))]
        yield [tf.keras.Model(inputs, f(*inputs, 5)) for f in (made[name], right[name])]
    else:
        yield [f((None, None, 3), 4, 6) for f in (made[name], right[name])]


RIGHT: dict = {}


@pytest.fixture(scope="module", autouse=True)
def right_functions(functions):
    RIGHT["functions"] = functions()


def differences(functions, edits, name):
    return [
        difference
        for made, right in models(functions(edits), name)
        for difference in compare(summary(made), summary(right), outputs.HINTS).differences
    ]


# (the function, edits of the right solution, the differences that must be named: class, attribute, row), nothing else
MISTAKES = {
    "padding of the first convolution": (
        "conv_block",
        [(FIRST, FIRST.replace("same", "valid"))],
        {("Conv2D", "padding", 2)},
    ),
    "activation of the second convolution": (
        "conv_block",
        [(CALL + SECOND, "Conv2D(n_filters, 3, padding='same', kernel_initializer='he_normal')(conv)")],
        {("Conv2D", "activation", 3)},
    ),
    "initializer": (
        "conv_block",
        [(FIRST, FIRST.replace("he_normal", "glorot_normal"))],
        {("Conv2D", "kernel_initializer", 2)},
    ),
    "dropout rate": ("conv_block", [("Dropout(dropout_prob)", "Dropout(0.7)")], {("Dropout", "rate", 4)}),
    "dropout always": ("conv_block", [("if dropout_prob > 0:", "if True:")], {("Dropout", "layer", 4)}),
    "dropout forgotten": (
        "conv_block",
        [("conv = Dropout(dropout_prob)(conv)", "pass")],
        {("Dropout", "layer", None)},
    ),
    "average pooling": (
        "conv_block",
        [("MaxPooling2D((2, 2))", "tf.keras.layers.AveragePooling2D((2, 2))")],
        {("MaxPooling2D", "layer", 4), ("MaxPooling2D", "layer", 5)},
    ),
    "pool size": (
        "conv_block",
        [("MaxPooling2D((2, 2))", "MaxPooling2D((4, 4), strides=2)")],
        {("MaxPooling2D", "pool_size", 4), ("MaxPooling2D", "pool_size", 5)},
    ),
    "pool padding": (
        "conv_block",
        [("MaxPooling2D((2, 2))", "MaxPooling2D((2, 2), padding='same')")],
        {("MaxPooling2D", "padding", 4), ("MaxPooling2D", "padding", 5)},
    ),
    "pooling always": ("conv_block", [("if max_pooling:", "if True:")], {("MaxPooling2D", "layer", 4)}),
    "returned in the wrong order": (
        "conv_block",
        [("return next_layer, skip_connection", "return skip_connection, next_layer")],
        {("Model", "outputs", None)},
    ),
    "skip connection from after the pooling": (
        "conv_block",
        [("skip_connection = conv", "skip_connection = next_layer")],
        {("Model", "outputs", None)},
    ),
    "one convolution only": (
        "conv_block",
        [(f"conv = {CALL}{SECOND}", "pass")],
        {("Conv2D", "layer", None)},
    ),
    "dilation": (
        "conv_block",
        [(FIRST, "dilation_rate=2, " + FIRST)],
        {("Conv2D", "dilation_rate", 2)},
    ),
    "an operation that is no layer": (
        "conv_block",
        [("skip_connection = conv\n", "skip_connection = conv + 1\n")],
        {("Add", "layer", None)},
    ),
    "no bias": ("conv_block", [(FIRST, "use_bias=False, " + FIRST)], {("Conv2D", "use_bias", 2)}),
    "a regularizer": (
        "conv_block",
        [(FIRST, "kernel_regularizer='l2', " + FIRST)],
        {("Conv2D", "kernel_regularizer", 2)},
    ),
    "fixed filters": (
        "conv_block",
        [(CALL + FIRST, CALL.replace("n_filters", "32") + FIRST)],
        {("Conv2D", "filters", 2)},
    ),
    "kernel of the transposed convolution": (
        "upsampling_block",
        [(TRANSPOSED, TRANSPOSED.replace("3", "2"))],
        {("Conv2DTranspose", "kernel_size", 2)},
    ),
    "activation of the transposed convolution": (
        "upsampling_block",
        [("strides=2,", "strides=2, activation='relu',")],
        {("Conv2DTranspose", "activation", 2)},
    ),
    "initializer of the transposed convolution": (
        "upsampling_block",
        [("strides=2,", "strides=2, kernel_initializer='he_normal',")],
        {("Conv2DTranspose", "kernel_initializer", 2)},
    ),
    "stride": ("upsampling_block", [("strides=2", "strides=1")], {("Conv2DTranspose", "strides", 2)}),
    "order of concatenation": (
        "upsampling_block",
        [("[up, contractive_input]", "[contractive_input, up]")],
        {("Concatenate", "inputs", 4)},
    ),
    "axis of concatenation": ("upsampling_block", [("axis=3", "axis=1")], {("Concatenate", "axis", 4)}),
    "added instead of concatenated": (
        "upsampling_block",
        [("concatenate([up, contractive_input], axis=3)", "tf.keras.layers.Add()([up, contractive_input])")],
        {("Concatenate", "layer", 4)},
    ),
    "no skip connection": (
        "upsampling_block",
        [("concatenate([up, contractive_input], axis=3)", "up")],
        {("Concatenate", "layer", None)},
    ),
    "convolution on the wrong tensor": (
        "upsampling_block",
        [(AFTER_MERGE, CONVOLUTION + "(up)")],
        {("Concatenate", "layer", None)},
    ),
    "skip connection of element 0": (
        "unet_model",
        [("cblock3[1]", "cblock3[0]")],
        {("Concatenate", "inputs", 23)},
    ),
    "skip connections of two levels exchanged": (
        "unet_model",
        [("cblock3[1]", "cblock9"), ("cblock2[1]", "cblock3[1]"), ("cblock9", "cblock2[1]")],
        {("Concatenate", "inputs", 23), ("Concatenate", "inputs", 27)},
    ),
    "encoder goes on from the skip connection": (
        "unet_model",
        [("conv_block(cblock2[0]", "conv_block(cblock2[1]")],
        {("MaxPooling2D", "layer", None)},
    ),
    "filters of one encoder block": (
        "unet_model",
        [("cblock2[0], n_filters * 4", "cblock2[0], n_filters * 3")],
        {("Conv2D", "filters", 8), ("Conv2D", "filters", 9)},
    ),
    "dropout in the third block": (
        "unet_model",
        [("conv_block(cblock2[0], n_filters * 4)", "conv_block(cblock2[0], n_filters * 4, 0.3)")],
        {("Dropout", "layer", 10)},
    ),
    "pooling in the last block": (
        "unet_model",
        [(", max_pooling=False", "")],
        {("MaxPooling2D", "layer", 18)},
    ),
    "fixed number of classes": ("unet_model", [("Conv2D(n_classes", "Conv2D(23")], {("Conv2D", "filters", 35)}),
    "softmax at the end": (
        "unet_model",
        [("Conv2D(n_classes, 1, padding='same')", SOFTMAX)],
        {("Conv2D", "activation", 35)},
    ),
    "last layer missing": ("unet_model", [("outputs=conv10", "outputs=conv9")], {("Conv2D", "layer", None)}),
    "extra last layer": (
        "unet_model",
        [("outputs=conv10", ADDED)],
        {("BatchNormalization", "layer", 36), ("Softmax", "layer", 37)},
    ),
}


@pytest.mark.parametrize(("name", "edits", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_named_and_nothing_else(functions, name, edits, expected):
    found = differences(functions, edits, name)
    assert {(one.kind, one.attribute, one.number) for one in found} == expected
    assert all(one.where and one.hint and one.expected != one.found for one in found)


# (the function, edits of the right solution that change how it is written and not what it builds)
EQUIVALENTS = {
    "strides as a tuple": ("upsampling_block", [("strides=2", "strides=(2, 2)")]),
    "axis -1": ("upsampling_block", [("axis=3", "axis=-1")]),
    "a Concatenate layer": (
        "upsampling_block",
        [("concatenate([up, contractive_input], axis=3)", "tf.keras.layers.Concatenate()([up, contractive_input])")],
    ),
    "kernel as a tuple": ("conv_block", [("3,  # kernel size", "(3, 3),  # kernel size")]),
    "initializer as an object": ("conv_block", [("'he_normal'", "tf.keras.initializers.HeNormal(seed=1)")]),
    "initializer by its definition": (
        "conv_block",
        [("'he_normal'", "tf.keras.initializers.VarianceScaling(2.0, 'fan_in')")],
    ),
    "activation as a function": ("conv_block", [("'relu'", "tf.nn.relu")]),
    "activation as a layer": ("conv_block", [("activation='relu'", "activation=tf.keras.layers.ReLU()")]),
    "a ReLU layer of its own": (
        "conv_block",
        [
            ("activation='relu',", ""),
            ("(inputs)\n", "(inputs)\n    conv = tf.keras.layers.ReLU()(conv)\n"),
            ("'he_normal')(conv)", "'he_normal')(conv)\n    conv = tf.keras.layers.Activation('relu')(conv)"),
        ],
    ),
    "an activation that does nothing": (
        "unet_model",
        [("outputs=conv10", "outputs=tf.keras.layers.Activation('linear')(conv10)")],
    ),
    "keras.ops.relu": (
        "conv_block",
        [
            ("activation='relu',", ""),
            ("(inputs)\n", "(inputs)\n    conv = tf.keras.ops.relu(conv)\n"),
            ("'he_normal')(conv)", "'he_normal')(conv)\n    conv = tf.keras.ops.relu(conv)"),
        ],
    ),
    "MaxPool2D": ("conv_block", [("MaxPooling2D((2, 2))", "tf.keras.layers.MaxPool2D(strides=2)")]),
    "without pooling, the other element": ("unet_model", [("cblock5[0]", "cblock5[1]")]),
    "max_pooling=None": ("unet_model", [("max_pooling=False", "max_pooling=None")]),
    "dropout rate as an array's element": ("conv_block", [("Dropout(dropout_prob)", "Dropout(float(dropout_prob))")]),
}


@pytest.mark.parametrize(("name", "edits"), EQUIVALENTS.values(), ids=EQUIVALENTS.keys())
def test_the_same_network_written_differently_passes(functions, name, edits):
    assert differences(functions, edits, name) == []


def small_network(*layers, frozen=()):
    import keras

    inputs = tensor = keras.Input((8, 8, 3))
    made = [layer() for layer in layers]
    for number, layer in enumerate(made):
        layer.trainable = number not in frozen
        tensor = layer(tensor)
    return summary(keras.Model(inputs, tensor))


def layer_makers():
    import keras

    layers = keras.layers
    return {
        "Conv2D": lambda: layers.Conv2D(4, 3, padding="same"),
        "BatchNormalization": layers.BatchNormalization,
        "MaxPooling2D": layers.MaxPooling2D,
        "ReLU": layers.ReLU,
        "Activation('relu')": lambda: layers.Activation("relu"),
        "Activation('tanh')": lambda: layers.Activation("tanh"),
        "ReLU(6)": lambda: layers.ReLU(6),
    }


@pytest.mark.parametrize(
    ("frozen", "where"),
    [((0, 1), []), ((), ["Conv2D.trainable"]), ((0, 1, 2), ["BatchNormalization.trainable"]), ((0,), [])],
)
def test_frozen_layers_are_compared_where_they_have_weights(frozen, where):
    layers = [layer_makers()[name] for name in ("Conv2D", "MaxPooling2D", "BatchNormalization")]
    found = compare(small_network(*layers, frozen=frozen), small_network(*layers, frozen=(0, 1))).differences
    assert [f"{one.kind}.{one.attribute}" for one in found] == where


@pytest.mark.parametrize(
    ("activation", "same"), [("Activation('relu')", True), ("Activation('tanh')", False), ("ReLU(6)", False)]
)
def test_an_activation_that_cannot_be_folded_is_the_layer_of_its_name(activation, same):
    made, right = [
        small_network(*[layer_makers()[name] for name in ("BatchNormalization", last, "Conv2D")])
        for last in (activation, "ReLU")
    ]
    assert (compare(made, right).differences == []) == same
    assert (compare(right, made).differences == []) == same


def test_an_activation_by_its_name_is_none_with_settings_of_its_own():
    plain, capped = [
        small_network(*[layer_makers()[name] for name in ("BatchNormalization", last, "Conv2D")])
        for last in ("Activation('relu')", "ReLU(6)")
    ]
    assert compare(plain, capped).differences and compare(capped, plain).differences


def test_rows_of_the_public_course_are_compared_as_far_as_they_go(functions):
    rows = list(outputs.unet_model_output)
    model = functions()["unet_model"]
    comparator(summary(model((96, 128, 3))), rows)
    with pytest.raises(AssertionError) as error:
        comparator(summary(model((96, 128, 3), n_classes=22)), rows)
    assert "layer 35 (Conv2D), filters" in str(error.value)


def test_a_parameter_count_says_so_where_plain_rows_know_no_more(functions):
    wide = functions([(SIZE_3 + "activation", SIZE_3.replace("3", "5") + "activation")])
    plain = [list(row) for row in outputs.upsampling_block_output]
    import tensorflow as tf

    inputs = [tf.keras.Input((12, 16, 256)), tf.keras.Input((24, 32, 128))]
    found = compare(summary(tf.keras.Model(inputs, wide["upsampling_block"](*inputs, 32))), plain).differences
    assert [(one.attribute, one.number) for one in found] == [("parameters", 5)]
    assert "kernel_size" in found[0].hint


def test_passing_prints_exactly_one_line(functions, capsys):
    comparator(outputs.unet_model_output, outputs.unet_model_output)
    assert capsys.readouterr().out == "All tests passed!\n"


def test_a_mismatch_reads_well_as_text_and_as_html(functions):
    model = functions([("Conv2D(n_classes", "Conv2D(23")])["unet_model"]((96, 128, 3), n_classes=5)
    with pytest.raises(SummaryMismatch) as error:
        right = summary(functions()["unet_model"]((96, 128, 3), n_classes=5))
        comparator(summary(model), right, hints=outputs.HINTS)
    text, page = str(error.value), error.value.comparison._repr_html_()
    for words in ("layer 35 (Conv2D)", "filters", "5", "23", "multiple of n_filters"):
        assert words in text
        assert words in page
    assert error.value._render_traceback_() == text.splitlines()


def test_many_layers_missing_in_one_place_are_one_entry(functions):
    edits = [("upsampling_block(ublock7, cblock2[1]", "upsampling_block(cblock3[1], cblock2[1]")]
    made, right = next(iter(models(functions(edits), "unet_model")))
    comparison = compare(summary(made), summary(right))
    assert len(comparison.differences) > 10
    for shown in (str(comparison), comparison._repr_html_()):
        assert shown.count("missing") == 1
        assert "16 layers missing" in shown


@pytest.mark.parametrize("wrong", [None, 3, [1, 2], "rows"], ids=str)
def test_what_is_no_summary_is_refused(wrong):
    with pytest.raises(TypeError, match="use summary"):
        comparator(wrong, outputs.unet_model_output)


def changes(functions, edits, name):
    return [
        (one.change.value, one.attribute, one.kind, *fields(one))
        for made, right in models(functions(edits), name)
        for one in compare(summary(made), summary(right)).differences
    ]


def fields(difference):
    """What a difference says beyond its kind, as numbers of layers in the learner's printed summary and as values."""
    match difference.change:
        case "missing":
            return (difference.after and difference.after.number,)
        case "extra":
            return (difference.number,)
        case "replaced":
            return (difference.number, difference.layer.kind)
        case "argument":
            return (difference.number, difference.expected_value, difference.found_value)
    return tuple(
        [source and source.number for source in sources]
        for sources in (difference.expected_sources, difference.found_sources)
    )


# (the function, edits of the right solution, the differences: change, attribute, class, and what ``fields`` says)
AS_DATA = {
    "nothing": ("upsampling_block", [], []),
    "an argument": (
        "upsampling_block",
        [("strides=2", "strides=1")],
        [("argument", "strides", "Conv2DTranspose", 2, (2, 2), (1, 1))],
    ),
    "a missing layer": (
        "upsampling_block",
        [("concatenate([up, contractive_input], axis=3)", "up")],
        [("missing", "layer", "Concatenate", 2)],
    ),
    "an extra layer": (
        "unet_model",
        [(", max_pooling=False", "")],
        [("extra", "layer", "MaxPooling2D", 18)],
    ),
    "another class": (
        "upsampling_block",
        [("concatenate([up, contractive_input], axis=3)", "tf.keras.layers.Add()([up, contractive_input])")],
        [("replaced", "layer", "Concatenate", 4, "Add")],
    ),
    "inputs in another order": (
        "upsampling_block",
        [("[up, contractive_input]", "[contractive_input, up]")],
        [("inputs", "inputs", "Concatenate", [3, 2], [2, 3])],
    ),
    "an input from elsewhere": (
        "unet_model",
        [("cblock3[1]", "cblock3[0]")],
        [("inputs", "inputs", "Concatenate", [22, 9], [22, 10])],
    ),
    "outputs in another order": (
        "conv_block",
        [("return next_layer, skip_connection", "return skip_connection, next_layer")],
        [("outputs", "outputs", "Model", [4, 3], [3, 4]), ("outputs", "outputs", "Model", [5, 4], [4, 5])],
    ),
}


@pytest.mark.parametrize(("name", "edits", "expected"), AS_DATA.values(), ids=AS_DATA.keys())
def test_a_difference_is_data(functions, name, edits, expected):
    assert changes(functions, edits, name) == expected


def test_a_layer_that_is_missing_at_the_start_comes_after_nothing():
    rows = [["Dropout", (None, 4), 0, 0.1], ["Flatten", (None, 4), 0]]
    (missing,) = compare(rows[1:], rows).differences
    assert (missing.change, missing.kind, missing.after, missing.position) == ("missing", "Dropout", None, 0)
    assert missing.where == "at the start"


def test_a_difference_knows_the_model_that_it_lies_in():
    import keras

    def network(rate):
        block = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4), keras.layers.Dropout(rate)], name="block")
        inputs = keras.Input((8,))
        return summary(keras.Model(inputs, keras.layers.Dense(2)(block(inputs))))

    (one,) = compare(network(0.1), network(0.2)).differences
    assert (one.kind, one.block, one.number) == ("Dropout", "block", 2)
    assert all(layer.block is None for layer in network(0.1).layers if layer.kind == "InputLayer")


DENSE = [["InputLayer", [(None, 4)], 0], ["Dense", (None, 3), 15], ["Dropout", (None, 3), 0, 0.5]]
HINTS = {
    "Dropout.rate=0.5": "one half",
    "rate": "any rate",
    "missing Dropout": "it is missing",
    "Dropout.layer": "missing, extra or another",
}
# (the learner's rows, tables of hints, the hint that is told)
TOLD = {
    "what is expected counts first": ([*DENSE[:2], ["Dropout", (None, 3), 0, 0.1]], [HINTS], "one half"),
    "the first table counts first": ([*DENSE[:2], ["Dropout", (None, 3), 0, 0.1]], [{"rate": "x"}, HINTS], "x"),
    "a missing layer": (DENSE[:2], [HINTS], "it is missing"),
    "an extra layer": ([*DENSE, DENSE[2]], [HINTS], "missing, extra or another"),
    "none that fits": ([*DENSE[:2], ["Dropout", (None, 3), 0, 0.1]], [{"Dropout": "x"}], "Check the argument rate"),
}


@pytest.mark.parametrize(("rows", "tables", "hint"), TOLD.values(), ids=TOLD.keys())
def test_the_hint_that_fits_best_is_told(rows, tables, hint):
    (one,) = compare(rows, DENSE).differences
    assert hint_for(one, *tables).startswith(hint)


def test_hints_of_the_expected_rows_stand_before_those_of_the_exercise():
    expected = ExpectedSummary(DENSE, [[], [1], [2]], [3], hints={"rate": "of the rows"})
    learner = [*DENSE[:2], ["Dropout", (None, 3), 0, 0.1]]
    (one,) = compare(learner, expected, hints=HINTS).differences
    assert one.hint == "of the rows"
    (one,) = compare(learner, DENSE).with_hints(HINTS).differences
    assert one.hint == "one half"


def test_what_expected_rows_do_not_say_is_as_keras_has_it():
    rows = [
        ["InputLayer", [(None, 8, 8, 3)], 0],
        ["Conv2D", (None, 8, 8, 4), 112, "same", "relu", "HeNormal"],
        ["MaxPooling2D", (None, 2, 2, 4), 0, (4, 4)],
        ["Concatenate", (None, 2, 2, 8), 0],
    ]
    details = ExpectedSummary(rows, [[], [1], [2], [3, 3]], [4], others={2: {"kernel_size": (3, 3)}}).details
    assert details[0] == {}
    assert details[1]["strides"] == (1, 1) and details[1]["kernel_size"] == (3, 3)
    assert details[2]["strides"] == (4, 4) and details[3] == {"axis": 3}
    assert ExpectedSummary(rows, [[], [1], [2], [3, 3]], [4], unprinted={}).details == [{}] * 4
