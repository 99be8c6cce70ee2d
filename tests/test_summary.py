"""``summary``: its rows, to the character, and what it refuses."""

import os
import shutil
import subprocess
import sys

import pytest
from conftest import COURSE

import outputs
from keras_checks import summary

CHECK_1A = """\
['InputLayer', [(None, 96, 128, 3)], 0]
['Conv2D', (None, 96, 128, 32), 896, 'same', 'relu', 'HeNormal']
['Conv2D', (None, 96, 128, 32), 9248, 'same', 'relu', 'HeNormal']
['MaxPooling2D', (None, 48, 64, 32), 0, (2, 2)]
"""
CHECK_1B = """\
['InputLayer', [(None, 96, 128, 3)], 0]
['Conv2D', (None, 96, 128, 1024), 28672, 'same', 'relu', 'HeNormal']
['Conv2D', (None, 96, 128, 1024), 9438208, 'same', 'relu', 'HeNormal']
['Dropout', (None, 96, 128, 1024), 0, 0.1]
['MaxPooling2D', (None, 48, 64, 1024), 0, (2, 2)]
"""
CHECK_2 = """\
['InputLayer', [(None, 12, 16, 256)], 0]
['Conv2DTranspose', (None, 24, 32, 32), 73760]
['InputLayer', [(None, 24, 32, 128)], 0]
['Concatenate', (None, 24, 32, 160), 0]
['Conv2D', (None, 24, 32, 32), 46112, 'same', 'relu', 'HeNormal']
['Conv2D', (None, 24, 32, 32), 9248, 'same', 'relu', 'HeNormal']
"""


def printed(rows) -> str:
    return "".join(f"{row}\n" for row in rows)


def block_model(functions, n_filters, **arguments):
    import tensorflow as tf

    inputs = tf.keras.Input((96, 128, 3))
    return tf.keras.Model(inputs, functions()["conv_block"](inputs, n_filters, **arguments))


def upsampling_model(functions):
    import tensorflow as tf

    inputs = [tf.keras.Input((12, 16, 256)), tf.keras.Input((24, 32, 128))]
    return tf.keras.Model(inputs, functions()["upsampling_block"](*inputs, 32))


def test_rows_of_check_1a(functions):
    assert printed(summary(block_model(functions, 32))) == CHECK_1A == printed(outputs.conv_block_output1)


def test_rows_of_check_1b(functions):
    rows = summary(block_model(functions, 32 * 32, dropout_prob=0.1))
    assert printed(rows) == CHECK_1B == printed(outputs.conv_block_output2)


def test_rows_of_check_2(functions):
    assert printed(summary(upsampling_model(functions))) == CHECK_2 == printed(outputs.upsampling_block_output)


def test_rows_of_check_3(functions):
    model = functions()["unet_model"]((96, 128, 3))
    rows = summary(model)
    assert printed(rows) == printed(outputs.unet_model_output)
    assert len(rows) == 35
    assert sum(row[2] for row in rows) == model.count_params() == 8_640_471
    assert sum(row[0].startswith("Conv2D") for row in rows) == 24
    assert str(rows[-1]) == "['Conv2D', (None, 96, 128, 23), 759, 'same', 'linear', 'GlorotUniform']"


@pytest.mark.parametrize(
    "name", ["conv_block_output1", "conv_block_output2", "upsampling_block_output", "unet_model_output"]
)
def test_expected_wiring_is_that_of_the_solution(functions, name):
    models = {
        "conv_block_output1": lambda: block_model(functions, 32),
        "conv_block_output2": lambda: block_model(functions, 1024, dropout_prob=0.1),
        "upsampling_block_output": lambda: upsampling_model(functions),
        "unet_model_output": lambda: functions()["unet_model"](),
    }
    expected, rows = getattr(outputs, name), summary(models[name]())
    number = [layer.number for layer in rows.layers]
    found = {layer.number: [number[source] for source in layer.sources] for layer in rows.layers}
    assert expected.connections == [found[row] for row in range(1, len(rows) + 1)]
    assert expected.outputs == [number[position] for position in rows.output_layers]
    for layer in rows.layers:
        details = expected.details[layer.number - 1]
        assert details == {name: layer.arguments[name] for name in details}, layer


def test_the_model_is_left_as_it_was(functions):
    model = block_model(functions, 4)
    before = model.to_json()
    summary(model)
    assert model.to_json() == before
    assert not model.compiled


def test_a_sequential_model_that_knows_its_input():
    import tensorflow as tf

    model = tf.keras.Sequential([tf.keras.Input((8, 8, 3)), tf.keras.layers.Conv2D(2, 3, padding="same")])
    assert list(summary(model)) == [["Conv2D", (None, 8, 8, 2), 56, "same", "linear", "GlorotUniform"]]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda tf: None, "takes a Keras model and was given a NoneType"),
        (lambda tf: (tf.keras.Input((4, 4, 1)), 1), "tf.keras.Model(inputs=..., outputs=...)"),
        (lambda tf: tf.keras.Sequential([tf.keras.layers.Dense(2)]), "whose layers are connected"),
    ],
    ids=["nothing", "tensors", "a model that was never called"],
)
def test_what_is_no_model_is_refused(make, words):
    import tensorflow as tf

    with pytest.raises(TypeError) as refused:
        summary(make(tf))
    assert words in str(refused.value)


def test_a_notebook_anywhere_needs_two_files_and_one_folder_beside_it(tmp_path):
    for name in ("test_utils.py", "outputs.py"):
        shutil.copy(COURSE / name, tmp_path)
    shutil.copytree(COURSE / "keras_checks", tmp_path / "keras_checks", ignore=shutil.ignore_patterns("__pycache__"))
    code = (
        "import sys, keras, outputs\n"
        "from test_utils import comparator, summary\n"
        f"assert all(sys.modules[one].__file__.startswith({str(tmp_path)!r}) for one in ('keras_checks', 'outputs'))\n"
        "assert 'keras_autograder' not in sys.modules and 'segmentation' not in sys.modules\n"
        "inputs, he = keras.Input((96, 128, 3)), 'he_normal'\n"
        "layer = lambda: keras.layers.Conv2D(32, 3, padding='same', activation='relu', kernel_initializer=he)\n"
        "skip = layer()(layer()(inputs))\n"
        "right = keras.Model(inputs, [keras.layers.MaxPooling2D()(skip), skip])\n"
        "comparator(summary(right), outputs.conv_block_output1)\n"
        "try:\n"
        "    comparator(summary(keras.Model(inputs, skip)), outputs.conv_block_output1)\n"
        "except AssertionError as error:\n"
        "    print('MaxPooling2D missing' in str(error))\n"
    )
    # The environment holds the kit as well: the copies come first.
    told = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n" + code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert told.stdout.splitlines() == ["All tests passed!", "True"]
