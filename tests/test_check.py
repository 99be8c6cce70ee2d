"""One command checks one notebook, whoever wrote it."""

import json

import nbformat
import pytest
from conftest import COURSE, run

from keras_autograder.authoring import graded_cells, solved_notebook
from keras_autograder.check import NoSuchAssignment, assignment_of, source_notebook

slow = pytest.mark.slow


def check(path, folder, *options):
    return run("python", "-m", "keras_autograder", "check", str(path), *options, folder=folder, check=False)


@slow
def test_the_verdict_of_somebody_elses_notebook(tmp_path, solution):
    """A notebook with cells of its own, no metadata and no checks: it defines the three functions, that is enough."""
    imports = "import tensorflow as tf\nfrom tensorflow.keras.layers import *\n"
    cells = [nbformat.v4.new_markdown_cell("# My own"), nbformat.v4.new_code_cell(imports)]
    cells += [nbformat.v4.new_code_cell(code.split("\n", 2)[2]) for code in solution.values()]
    path = tmp_path / "my own notebook.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    before = path.read_bytes()
    result = check(path, tmp_path, "--json")
    verdict = json.loads(result.stdout)
    assert (result.returncode, verdict["points"], verdict["out_of"]) == (0, 30, 30)
    assert [exercise["name"] for exercise in verdict["exercises"]] == ["conv_block", "upsampling_block", "unet_model"]
    assert verdict["repairs"], "what was done to it is said"
    assert path.read_bytes() == before


@slow
def test_what_is_wrong_is_said_in_the_terminal(tmp_path, source_notebook, release_notebook):
    notebook = solved_notebook(source_notebook, release_notebook)
    cell = graded_cells(notebook)["UNQ_C2"]
    cell.source = cell.source.replace("strides=2", "strides=2, activation='relu'")
    nbformat.write(notebook, tmp_path / "wrong.ipynb")
    result = check(tmp_path / "wrong.ipynb", COURSE)
    assert result.returncode == 1
    assert "29 of 30 points" in result.stdout
    assert "-1 layer 2 (Conv2DTranspose), activation: 'relu' instead of 'linear'" in result.stdout


@slow
@pytest.mark.parametrize(("name", "text"), [("missing.ipynb", None), ("page.ipynb", "<html>no notebook</html>")])
def test_what_cannot_be_read_is_refused_in_one_line(tmp_path, name, text):
    if text is not None:
        (tmp_path / name).write_text(text)
    result = check(tmp_path / name, tmp_path)
    assert result.returncode == 2
    assert name in result.stderr and "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def notebook_with(folder, *functions):
    cells = [nbformat.v4.new_code_cell(f"def {name}():\n    pass") for name in functions]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "mine.ipynb")
    return folder / "mine.ipynb"


@pytest.mark.parametrize(
    ("functions", "assignment"),
    [
        (["conv_block", "upsampling_block", "unet_model"], "unet"),
        (["unet_model"], "unet"),
        (["encoder_VGG16", "unet"], "unet_vgg16"),
        (["encoder_VGG16", "unet", "conv_block"], "unet_vgg16"),
    ],
)
def test_the_assignment_is_the_one_whose_functions_are_defined(tmp_path, functions, assignment):
    assert assignment_of(notebook_with(tmp_path, *functions), COURSE) == assignment


@pytest.mark.parametrize(
    ("functions", "words"),
    [
        (["something"], r"defines no function of any assignment \(unet: conv_block, unet_model, upsampling_block; "),
        (["conv_block", "unet"], "fits several assignments: unet, unet_vgg16"),
    ],
)
def test_an_assignment_that_cannot_be_told_is_said_in_one_line(tmp_path, functions, words):
    with pytest.raises(NoSuchAssignment, match=words) as refusal:
        assignment_of(notebook_with(tmp_path, *functions), COURSE)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("names", "words"), [([], "There is no notebook"), (["a", "b"], "there are 2: a.ipynb, b.ipynb")]
)
def test_a_source_without_its_one_notebook_is_said(tmp_path, names, words):
    (tmp_path / "source" / "mine").mkdir(parents=True)
    for name in names:
        (tmp_path / "source" / "mine" / f"{name}.ipynb").touch()
    with pytest.raises(NoSuchAssignment, match=words):
        source_notebook(tmp_path, "mine")
