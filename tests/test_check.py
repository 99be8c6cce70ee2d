"""One command checks one notebook, whoever wrote it."""

import json

import nbformat
import pytest
from conftest import COURSE, run

from keras_autograder.authoring import graded_cells, solved_notebook

pytestmark = pytest.mark.slow


def check(path, folder, *options):
    return run("python", "-m", "keras_autograder", "check", str(path), *options, folder=folder, check=False)


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


def test_what_is_wrong_is_said_in_the_terminal(tmp_path, source_notebook, release_notebook):
    notebook = solved_notebook(source_notebook, release_notebook)
    cell = graded_cells(notebook)["UNQ_C2"]
    cell.source = cell.source.replace("strides=2", "strides=2, activation='relu'")
    nbformat.write(notebook, tmp_path / "wrong.ipynb")
    result = check(tmp_path / "wrong.ipynb", COURSE)
    assert result.returncode == 1
    assert "29 of 30 points" in result.stdout
    assert "-1 layer 2 (Conv2DTranspose), activation: 'relu' instead of 'linear'" in result.stdout


@pytest.mark.parametrize(("name", "text"), [("missing.ipynb", None), ("page.ipynb", "<html>no notebook</html>")])
def test_what_cannot_be_read_is_refused_in_one_line(tmp_path, name, text):
    if text is not None:
        (tmp_path / name).write_text(text)
    result = check(tmp_path / name, tmp_path)
    assert result.returncode == 2
    assert name in result.stderr and "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
