"""The source notebook and its release: sections, anchors, figures, points, and nothing that students must not see."""

import ast
import re

import nbformat
import pytest
from conftest import COURSE
from nbgrader.utils import is_grade, is_solution

import figures.__main__ as drawing
from keras_autograder.authoring import graded_cells

SECTIONS = [
    "1 - Packages",
    "2 - Load and split the data",
    "2.1 - Pair images and masks",
    "2.2 - Preprocess",
    "3 - U-Net",
    "3.1 - Model details",
    "3.2 - Encoder",
    "Exercise 1 - conv_block",
    "3.3 - Decoder",
    "Exercise 2 - upsampling_block",
    "3.4 - Build the model",
    "Exercise 3 - unet_model",
    "3.5 - Model dimensions",
    "3.6 - Loss function",
    "3.7 - Dataset handling",
    "4 - Train the model",
    "4.1 - Predicted masks",
    "4.2 - Accuracy",
    "4.3 - Predictions",
    "4.4 - What skips are good for",
    "What to remember",
    "6 - Optional",
    "Optional exercise - unet_2015",
]
PROVIDED_NAMES = {
    *("process_path", "preprocess", "image_ds", "processed_image_ds", "train_dataset", "display", "create_mask"),
    *("show_predictions", "unet", "model_history", "EPOCHS", "VAL_SUBSPLITS", "BUFFER_SIZE", "BATCH_SIZE"),
    *("img_height", "img_width", "num_channels"),
}


# The second assignment, where the same holds.
VGG16_SECTIONS = [
    "1 - Packages",
    "2 - Data",
    "2.1 - Oxford-IIIT Pet",
    "2.2 - Preprocess",
    "2.3 - Batches",
    "3 - A U-Net with a trained encoder",
    "3.1 - VGG16",
    "3.2 - Encoder",
    "Exercise 1 - encoder_VGG16",
    "3.3 - Decoder",
    "Exercise 2 - unet",
    "3.5 - Loss",
    "4 - Train",
    "4.2 - Predictions",
    "What to remember",
]
ASSIGNMENTS = {"unet": SECTIONS, "unet_vgg16": VGG16_SECTIONS}
EXERCISES = {"unet": ["conv_block", "upsampling_block", "unet_model"], "unet_vgg16": ["encoder_VGG16", "unet"]}
of_each_assignment = pytest.mark.parametrize("assignment", ASSIGNMENTS)


def notebook_of(side, assignment):
    """The notebook of an assignment: its source, or its release."""
    (path,) = (COURSE / side / assignment).glob("*.ipynb")
    return nbformat.read(path, as_version=4)


def text_of(notebook):
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@of_each_assignment
def test_every_section_is_there_in_order(assignment):
    headings = re.findall(r"^#+ (.*)$", text_of(notebook_of("release", assignment)), re.MULTILINE)
    places = []
    for section in ASSIGNMENTS[assignment]:
        matches = [place for place, heading in enumerate(headings) if section in heading]
        assert len(matches) == 1, section
        places += matches
    assert places == sorted(places)


@of_each_assignment
def test_every_link_of_the_contents_has_its_anchor(assignment):
    text = text_of(notebook_of("release", assignment))
    links, anchors = re.findall(r"\]\(#([^)]+)\)", text), re.findall(r'<a id="([^"]+)"', text)
    assert len(links) >= len(ASSIGNMENTS[assignment])
    assert set(links) <= set(anchors)
    assert len(anchors) == len(set(anchors))


@of_each_assignment
def test_every_figure_is_there_is_used_once_and_has_alt_text(assignment):
    used = re.findall(r'<img src="images/([^"]+)" alt="([^"]*)"', text_of(notebook_of("release", assignment)))
    drawn = {path.name for path in (COURSE / "source" / assignment / "images").iterdir()}
    assert sorted(name for name, _ in used) == sorted(drawn)
    assert all(len(alternative) > 60 for _, alternative in used)


def test_the_committed_figures_are_the_ones_that_are_drawn(tmp_path, capsys):
    drawing.main(["--out", str(tmp_path)])
    committed = {path for assignment in ASSIGNMENTS for path in (COURSE / "source" / assignment / "images").iterdir()}
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in committed}
    assert len(capsys.readouterr().out.splitlines()) == len(committed)
    assert drawing.figures_by_path().keys() == committed


@of_each_assignment
def test_exercises_of_ten_points(assignment):
    notebook = notebook_of("source", assignment)
    names = EXERCISES[assignment]
    assert [cell.metadata.nbgrader.points for cell in notebook.cells if is_grade(cell)] == [10] * len(names)
    assert list(graded_cells(notebook)) == [f"UNQ_C{number}" for number, _ in enumerate(names, 1)]
    for cell, name in zip(graded_cells(notebook).values(), names):
        lines = cell.source.splitlines()
        assert lines[1] == f"# GRADED FUNCTION: {name}"
        assert is_solution(cell)
        assert cell.source.count("### START CODE HERE") == cell.source.count("### END CODE HERE") >= 1


def test_provided_names_are_defined(release_notebook):
    defined = set()
    for cell in code_cells(release_notebook):
        for node in ast.walk(ast.parse(re.sub(r"^%.*$", "", cell.source, flags=re.MULTILINE))):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                defined.add(node.id)
            elif isinstance(node, ast.FunctionDef):
                defined.add(node.name)
    assert defined >= PROVIDED_NAMES


@of_each_assignment
def test_cells_that_load_train_or_draw_are_tagged_and_others_are_not(assignment):
    for cell in code_cells(notebook_of("release", assignment)):
        costs = re.search(r"\.fit\(|find_pairs|\.take\(|plt\.show|\.predict\(", cell.source)
        is_tagged = "not-graded" in cell.metadata.get("tags", [])
        assert is_tagged or not costs, cell.source
        assert not (is_tagged and cell.metadata.get("nbgrader")), cell.source


@pytest.mark.parametrize(
    "word", ["HIDDEN TESTS", "BEGIN SOLUTION", "expected_conv_block", "### BLANK", "'he_normal')("]
)
def test_students_get_no_solution_and_no_hidden_test(release_notebook, word):
    graded = "\n".join(cell.source for cell in code_cells(release_notebook) if cell.metadata.get("nbgrader"))
    # unet_model is given with its conv9, the one finished convolution.
    allowed = 1 if word == "'he_normal')(" else 0
    assert graded.count(word) == allowed


@pytest.mark.parametrize(
    "word", ["HIDDEN TESTS", "BEGIN SOLUTION", "expected_unet", "### BLANK", "'block2_conv2'", "// 2\n", "strides=2"]
)
def test_students_of_the_second_assignment_get_no_solution_either(word):
    notebook = notebook_of("release", "unet_vgg16")
    assert word not in "\n".join(cell.source for cell in code_cells(notebook) if cell.metadata.get("nbgrader"))
    for cell in graded_cells(notebook).values():
        assert "None" in cell.source and ast.parse(cell.source)


def test_blanks_carry_a_comment_each(release_notebook):
    for marker, cell in graded_cells(release_notebook).items():
        assert "None" in cell.source, marker
        assert ast.parse(cell.source)
        assert re.search(r"None.*  # ", cell.source) or marker == "UNQ_C3"


@of_each_assignment
def test_no_output_is_committed(assignment):
    for notebook in (notebook_of("source", assignment), notebook_of("release", assignment)):
        assert not any(cell.get("outputs") or cell.get("execution_count") for cell in code_cells(notebook))


def test_faults_of_the_source_documents_did_not_carry_over(release_notebook):
    code = "\n".join(cell.source for cell in code_cells(release_notebook))
    for fault in ("os.listdir", "/ 255", "import imageio\n", "dropout=None", "softmax"):
        assert fault not in code, fault
    assert 'method="nearest"' in code and code.count("convert_image_dtype") == 1
    assert "validation_data=" in code and "MeanIoU" in code


def test_faults_of_the_seed_of_the_second_assignment_did_not_carry_over():
    code = "\n".join(cell.source for cell in code_cells(notebook_of("release", "unet_vgg16")))
    assert "softmax" not in code.lower() and "from_logits=True" in code
    assert 'tf.image.resize(mask, (img_height, img_width), method="nearest")' in code
    assert code.count("preprocess=preprocess") == 2 and "model.predict(preprocess(images)" in code
    assert "validation_data=" in code and "MeanIoU" in code


@pytest.mark.parametrize(
    ("assignment", "own"), [("unet", {"carla", "driving_scenes"}), ("unet_vgg16", {"pets", "vgg16_weights"})]
)
def test_the_students_side_imports_nothing_of_the_instructors(assignment, own):
    modules = list((COURSE / "release" / assignment).rglob("*.py"))
    ours = {module.stem for module in modules} | {"keras_checks", "segmentation"}
    sources = [module.read_text() for module in modules]
    cells = code_cells(notebook_of("release", assignment))
    sources += [re.sub(r"^%.*$", "", cell.source, flags=re.MULTILINE) for cell in cells]
    imported = set()
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(node.module.partition(".")[0])
    assert "keras_autograder" not in imported
    assert ours >= {"keras_checks", "test_utils"} | own
