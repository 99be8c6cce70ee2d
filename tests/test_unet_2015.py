"""The optional exercise: what the network of 2015 has to be, and what its self-check says of right and wrong ones."""

import copy
import functools
import shutil

import nbformat
import pytest
from conftest import COURSE, functions_after
from nbclient import NotebookClient

import outputs
from keras_autograder.authoring import solution_of
from keras_autograder.nbgrader_hooks.clear_solutions import ClearSolutionsToBlanks
from keras_checks import comparator, compare, summary

FILTERS = (64, 128, 256, 512, 1024)
CROPS = (88, 40, 16, 4)


@pytest.fixture(scope="module", autouse=True)
def weights_of_zero():
    """Networks of 31 million weights, without drawing a random number for each: nothing here looks at the values."""
    import tensorflow as tf

    def zeros(self, shape, dtype=None, **settings):
        return tf.zeros(shape, dtype or "float32")

    with pytest.MonkeyPatch.context() as patch:
        for initializer in (tf.keras.initializers.HeNormal, tf.keras.initializers.GlorotUniform):
            patch.setattr(initializer, "__call__", zeros)
        yield


def network_of_the_paper(input_size=(572, 572, 1), filters=FILTERS, classes=2, crops=CROPS):
    """The network, written without the notebook's functions and with the crops as numbers."""
    import tensorflow as tf
    from tensorflow.keras import layers

    def two_convolutions(tensor, filters):
        for _ in range(2):
            tensor = layers.Conv2D(filters, 3, activation="relu", kernel_initializer="he_normal")(tensor)
        return tensor

    inputs = tensor = tf.keras.Input(input_size)
    copies = []
    for width in filters[:3]:
        copies.append(two_convolutions(tensor, width))
        tensor = layers.MaxPooling2D()(copies[-1])
    copies.append(layers.Dropout(0.5)(two_convolutions(tensor, filters[3])))
    tensor = layers.MaxPooling2D()(copies[-1])
    tensor = layers.Dropout(0.5)(two_convolutions(tensor, filters[4]))
    for width, crop, contractive in list(zip(filters, crops, copies))[::-1]:
        tensor = layers.Conv2DTranspose(width, 2, strides=2)(tensor)
        tensor = layers.Concatenate()([tensor, layers.Cropping2D(crop)(contractive)])
        tensor = two_convolutions(tensor, width)
    return tf.keras.Model(inputs, layers.Conv2D(classes, 1)(tensor))


@pytest.fixture(scope="module")
def paper():
    return network_of_the_paper()


def test_the_expected_rows_are_those_of_the_paper(paper, capsys):
    rows = summary(paper)
    assert list(rows) == list(outputs.unet_2015_output)
    comparator(rows, outputs.unet_2015_output)
    assert capsys.readouterr().out == "All tests passed!\n"


def test_the_figures_of_the_paper(paper):
    rows = outputs.unet_2015_output
    kinds = [row[0] for row in rows]
    assert len(rows) == 38
    assert kinds.count("Conv2D") + kinds.count("Conv2DTranspose") == 23
    assert kinds.count("Conv2DTranspose") == kinds.count("Cropping2D") == kinds.count("MaxPooling2D") == 4
    assert rows[0][1] == [(None, 572, 572, 1)] and rows[-1][1] == (None, 388, 388, 2)
    assert sum(row[2] for row in rows) == paper.count_params() == 31_030_658


def test_the_other_expected_networks_are_compared_as_before():
    assert outputs.unet_model_output.details[17]["kernel_size"] == (3, 3)
    assert outputs.unet_model_output.details[17]["padding"] == "same"
    assert "padding" not in outputs.unet_2015_output.details[17]


@pytest.mark.parametrize("size", [188, 204, 572])
def test_crops_do_not_depend_on_the_size_of_the_tile(size):
    model = network_of_the_paper((size, size, 1), filters=(1, 1, 1, 1, 1))
    assert model.output_shape == (None, size - 2 * 92, size - 2 * 92, 2)


# ----------------------------------------------------------------------------------------------------------------------
# The cells of the notebook
# ----------------------------------------------------------------------------------------------------------------------


def cell_with(notebook, words):
    (cell,) = [cell for cell in notebook.cells if cell.cell_type == "code" and words in cell.source]
    return cell


@pytest.fixture(scope="module")
def exercise_cell(source_notebook):
    return cell_with(source_notebook, "def unet_2015(")


@pytest.fixture(scope="module")
def check_cell(source_notebook):
    return cell_with(source_notebook, "outputs.unet_2015_output)")


@pytest.fixture(scope="module")
def functions_2015(exercise_cell):
    """Make the functions of the solution, after edits: ``functions_2015([(old, new), ...])``."""
    return functools.partial(functions_after, solution_of(exercise_cell))


@pytest.fixture
def outcomes(functions_2015, check_cell):
    """What the self-check notes of a solution after edits: its two blocks, one layer block and the whole network."""

    def check(edits=()):
        namespace = functions_2015(edits) | {"summary": summary, "comparator": comparator, "outputs": outputs}
        exec(compile(check_cell.source, "<check>", "exec"), namespace)
        return namespace["optional"].outcomes

    return check


UP_CONVOLUTION = "2,  # kernel size\n                                 strides=2"
ACROSS = "concatenate([expansive, cropped], axis=3)"

# (edits of the solution that change how it is written and not what it computes)
EQUIVALENTS = {
    "the solution": [],
    "padding 'same' in the up-convolution": [(UP_CONVOLUTION, f"{UP_CONVOLUTION}, padding='same'")],
    "crops as numbers": [
        ("rows = (contractive.shape[1] - expansive.shape[1]) // 2", "rows = {512: 4, 256: 16, 128: 40, 64: 88}"),
        ("columns = (contractive.shape[2] - expansive.shape[2]) // 2", "rows = columns = rows[contractive.shape[3]]"),
    ],
    "crops written out": [("(rows, columns)", "((rows, rows), (columns, columns))")],
    "a Concatenate layer": [(ACROSS, "tf.keras.layers.Concatenate()([expansive, cropped])")],
}


@pytest.mark.parametrize("edits", EQUIVALENTS.values(), ids=EQUIVALENTS.keys())
def test_the_self_check_passes_a_right_solution(outcomes, capsys, edits):
    assert [outcome.problem for outcome in outcomes(edits)] == ["", ""]
    assert capsys.readouterr().out.count("All tests passed!") == 2


# (edits of the solution, what the self-check names: class, attribute, row of the learner's summary)
MISTAKES = {
    "3x3 up-convolution that fits": (
        [(UP_CONVOLUTION, UP_CONVOLUTION.replace("2,  #", "3,  #") + ", padding='same'")],
        {("Conv2DTranspose", "kernel_size", row) for row in (18, 23, 28, 33)},
    ),
    "ReLU after the up-convolution": (
        [(UP_CONVOLUTION, f"{UP_CONVOLUTION}, activation='relu'")],
        {("Conv2DTranspose", "activation", row) for row in (18, 23, 28, 33)},
    ),
    "cropped at the bottom and the right only": (
        [("(rows, columns)", "((0, 2 * rows), (0, 2 * columns))")],
        {("Cropping2D", "cropping", row) for row in (19, 24, 29, 34)},
    ),
    "joined in the other order": (
        [("[expansive, cropped]", "[cropped, expansive]")],
        {("Concatenate", "inputs", row) for row in (20, 25, 30, 35)},
    ),
    "added": (
        [(ACROSS, "tf.keras.layers.Add()([expansive, cropped])")],
        {("Concatenate", "layer", row) for row in (20, 25, 30, 35)},
    ),
    "cropped and not joined": (
        [(ACROSS, "expansive")],
        {("Cropping2D", "layer", None), ("Concatenate", "layer", None)},
    ),
    "sliced": (
        [("Cropping2D((rows, columns))(contractive)", "contractive[:, rows:-rows, columns:-columns]")],
        {("Cropping2D", "layer", None), ("GetItem", "layer", None)},
    ),
    "skip connection from before the dropout": (
        [
            ("        if level == 3:\n", "        skip_connections.append(tensor)\n        if level == 3:\n"),
            ("is its skip connection.\n        skip_connections.append(tensor)", "is its skip connection."),
        ],
        {("Cropping2D", "inputs", 19)},
    ),
    "no 1x1 convolution": ([("outputs=logits", "outputs=tensor")], {("Conv2D", "layer", None)}),
    "softmax at the end": (
        [("Conv2D(n_classes, 1)", "Conv2D(n_classes, 1, activation='softmax')")],
        {("Conv2D", "activation", 38)},
    ),
    "no dropout at the bottom": (
        [("n_filters * 16)\n    tensor = Dropout(0.5)(tensor)", "n_filters * 16)")],
        {("Dropout", "layer", None)},
    ),
    "dropout of the assignment": ([("Dropout(0.5)", "Dropout(0.3)")], {("Dropout", "rate", row) for row in (13, 17)}),
}


@pytest.mark.parametrize(("edits", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_the_self_check_names_the_row_of_a_mistake(outcomes, edits, expected):
    block, network = outcomes(edits)
    assert block.passed
    assert {(one.kind, one.attribute, one.number) for one in network.comparison.differences} == expected
    for row in {row for _, _, row in expected if row}:
        assert f"layer {row} (" in str(network.comparison)


# (edits of the solution, the differences of one block, words of what is said about the network that cannot be built)
UNFIT = {
    "padding 'same'": (
        [("padding='valid'", "padding='same'")],
        {("Conv2D", "padding", 2), ("Conv2D", "padding", 3)},
        "the copy of 71×71 is 71×71 after cropping, and 70×70 comes from below",
    ),
    "no crop": (
        [("Cropping2D((rows, columns))(contractive)", "contractive")],
        set(),
        "the copy of 64×64 is 64×64 after cropping, and 56×56 comes from below",
    ),
    "the whole difference off each side": (
        [("// 2", "")],
        set(),
        "the copy of 64×64 is 48×48 after cropping, and 56×56 comes from below",
    ),
    "3x3 up-convolution that does not fit": (
        [(UP_CONVOLUTION, UP_CONVOLUTION.replace("2,  #", "3,  #"))],
        set(),
        "the copy of 64×64 is 58×58 after cropping, and 57×57 comes from below",
    ),
}


@pytest.mark.parametrize(("edits", "expected", "words"), UNFIT.values(), ids=UNFIT.keys())
def test_sizes_that_do_not_fit_are_told(outcomes, capsys, edits, expected, words):
    block, network = outcomes(edits)
    differences = block.comparison.differences if block.comparison else []
    assert {(one.kind, one.attribute, one.number) for one in differences} == expected
    assert network.comparison is None
    assert "ValueError in crop_and_concatenate" in network.problem and words in network.problem
    assert words in capsys.readouterr().out


def test_the_functions_hold_for_another_size_and_width(functions_2015):
    made = functions_2015()["unet_2015"]((188, 220, 3), n_filters=2, n_classes=5)
    assert made.output_shape == (None, 4, 36, 5)
    right = network_of_the_paper((188, 220, 3), filters=(2, 4, 8, 16, 32), classes=5)
    assert compare(summary(made), summary(right)).differences == []


# ----------------------------------------------------------------------------------------------------------------------
# What students get
# ----------------------------------------------------------------------------------------------------------------------


def test_nothing_of_the_section_is_graded(exercise_cell, check_cell):
    for cell in (exercise_cell, check_cell):
        assert cell.metadata.get("tags") == ["not-graded"]
        assert "nbgrader" not in cell.metadata


def blank_of(cell):
    notebook = nbformat.v4.new_notebook(cells=[copy.deepcopy(cell)])
    notebook, _ = ClearSolutionsToBlanks().preprocess(notebook, {})
    return notebook.cells[0].source


def test_the_release_holds_the_blanks(exercise_cell, release_notebook):
    released = cell_with(release_notebook, "def unet_2015(").source
    assert released == blank_of(exercise_cell)
    for word in ("SOLUTION", "### BLANK", "he_normal", "0.5", "// 2"):
        assert word not in released


@pytest.mark.slow
@pytest.mark.xdist_group("student")
def test_the_self_check_in_a_notebook(source_notebook, exercise_cell, check_cell, tmp_path):
    shutil.copytree(COURSE / "release" / "unet", tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("data"))
    packages = cell_with(source_notebook, "import tensorflow as tf\n\n    first_sum")
    solution = solution_of(exercise_cell)
    wrong = solution.replace("[expansive, cropped]", "[cropped, expansive]")
    sources = [packages.source]
    for code in (blank_of(exercise_cell), solution, wrong):
        sources += [code, check_cell.source]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources], metadata=source_notebook.metadata
    )
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    results = [cell.outputs for cell in notebook.cells[2::2]]
    untouched, right, mistaken = (
        "".join(output.text for output in one if output.output_type == "stream") for one in results
    )
    assert untouched.count("is not attempted yet") == 2 and "Error" not in untouched
    assert right.count("All tests passed!") == 2
    assert "['Conv2D', (None, 388, 388, 2), 130, 'valid', 'linear', 'GlorotUniform']" in right
    assert mistaken.count("All tests passed!") == 1
    table = "".join(output.data.get("text/html", "") for output in results[2] if output.output_type == "display_data")
    assert "layer 20 (Concatenate)" in table and "inputs" in table
    streams = [output for cell in notebook.cells for output in cell.outputs if output.output_type == "stream"]
    assert {output.name for output in streams} == {"stdout"}
