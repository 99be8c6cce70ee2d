"""The student's way, run for real: every cell of the release notebook, and nbgrader validate."""

import copy
import re
import shutil

import nbformat
import pytest
from conftest import COURSE, NOTEBOOK, SHARED, outputs_of, printed, run
from nbclient import NotebookClient

from keras_autograder.authoring import graded_cells, solved_notebook

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("student")]
SCENES = 7


@pytest.fixture(scope="module")
def downloaded(tmp_path_factory):
    """The release folder alone, as somebody downloads it."""
    folder = tmp_path_factory.mktemp("download") / "unet"
    shutil.copytree(COURSE / "release" / "unet", folder, ignore=shutil.ignore_patterns("data", "__pycache__"))
    return folder


def execute(notebook, folder, **settings):
    # Other tests read the cells as they are committed.
    notebook = copy.deepcopy(notebook)
    client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(folder)}}, **settings)
    return client.execute()


@pytest.fixture(scope="module")
def executed(downloaded, source_notebook, release_notebook):
    """Every cell of the solved notebook, run on a few practice scenes that the student made as the notebook says."""
    run("python", "driving_scenes.py", "data", "--count", str(SCENES), folder=downloaded)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNET_EPOCHS", "1")
        patch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
        return execute(solved_notebook(source_notebook, release_notebook), downloaded)


def test_every_cell_was_run_and_nothing_went_to_stderr(executed):
    cells = [cell for cell in executed.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    noisy = {o.text for cell in cells for o in cell.outputs if o.output_type == "stream" and o.name == "stderr"}
    assert not noisy


@pytest.mark.parametrize("exercise", ["conv_block", "upsampling_block", "unet_model"])
def test_the_checks_pass_with_all_points(executed, exercise):
    (cell,) = [cell for cell in executed.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == exercise]
    assert "All tests passed!" in printed(cell.outputs)
    result = cell.outputs[-1]
    assert result.output_type == "execute_result"
    assert result.data["text/plain"] == "10.0"
    assert f"{exercise}: 10 of 10 points" in result.data["text/html"]


def test_the_visible_check_prints_the_rows_to_the_character(executed):
    text = printed(outputs_of(executed, 'Exercise("conv_block"'))
    assert text.startswith("Block 1:\n['InputLayer', [(None, 96, 128, 3)], 0]\n")
    assert "['MaxPooling2D', (None, 48, 64, 1024), 0, (2, 2)]\nAll tests passed!\n" in text


def test_training_reports_validation_and_mean_iou(executed):
    text = printed(outputs_of(executed, "= training.fit("))
    assert "epochs: 1" in text
    assert "Training on" in text and "1 epochs take about" in text
    (line,) = [output.data["text/plain"] for output in outputs_of(executed, "= training.fit(") if "data" in output]
    trained, validated = line.split("validation:")
    for measure in ("accuracy", "loss", "mean IoU"):
        assert re.search(rf"\b{measure} \d", trained) and re.search(rf"\b{measure} \d", validated), measure


def test_pairs_are_split_into_training_and_validation(executed):
    text = printed(outputs_of(executed, "VAL_SUBSPLITS = 5"))
    assert "6 pairs to train on, 1 held out" in text


# From words of a cell to words of the description of the picture that it shows.
PICTURES = {
    "transposed_convolution_steps([[1, 2]": "A transposed convolution",
    "draw_network(unet)": "35 layers, 8,640,471 parameters",
    "display([sample_image, sample_mask])": "true mask",
    "hover_mask(": "",
    "\ngrowing_prediction\n": "Animation",
    "learning_curves(model_history)": "mean IoU",
    "def show_predictions": "The predicted mask",
    "confusion_picture(confusion": "road",
    "ablation_panels(": "U-Net",
}


@pytest.mark.parametrize("words", PICTURES)
def test_pictures_were_drawn_and_say_in_words_what_they_show(executed, words):
    cells = [c for c in executed.cells if c.cell_type == "code" and words in f"\n{c.source}\n"]
    assert cells
    for cell in cells:
        shown = [output.data for output in cell.outputs if "text/html" in output.get("data", {})]
        assert shown, cell.source
        for data in shown:
            assert "<svg" in data["text/html"] or "<img" in data["text/html"]
            assert PICTURES[words] in data["text/plain"]


def test_the_class_table_names_classes(executed):
    outputs = outputs_of(executed, "metrics.class_table")
    (table,) = [output for output in outputs if output.output_type == "execute_result"]
    assert "road" in table.data["text/html"] and "IoU" in table.data["text/html"]


@pytest.mark.skipif(not (SHARED / "carla").is_dir(), reason="there are no real frames here")
def test_every_cell_runs_on_real_frames(downloaded, source_notebook, release_notebook, tmp_path, monkeypatch):
    folder = tmp_path / "unet"
    shutil.copytree(downloaded, folder, ignore=shutil.ignore_patterns("data"))
    for kind in ("CameraRGB", "CameraMask"):
        (folder / "data" / kind).mkdir(parents=True)
        for path in sorted((SHARED / "carla" / kind).iterdir())[:SCENES]:
            shutil.copy(path, folder / "data" / kind)
    monkeypatch.setenv("UNET_EPOCHS", "1")
    real = execute(solved_notebook(source_notebook, release_notebook), folder)
    assert f"{SCENES} pairs. The first three" in printed(outputs_of(real, "carla.find_pairs("))
    outputs = outputs_of(real, "metrics.class_table")
    assert "road" in next(output for output in outputs if output.output_type == "execute_result").data["text/html"]


def test_without_a_data_folder_scenes_are_drawn(downloaded, release_notebook, tmp_path):
    folder = tmp_path / "unet"
    shutil.copytree(downloaded, folder, ignore=shutil.ignore_patterns("data"))
    cells = [c for c in release_notebook.cells if c.cell_type == "code"][:2]
    executed = execute(nbformat.v4.new_notebook(cells=cells, metadata=release_notebook.metadata), folder)
    assert "100 pairs. The first three" in printed(executed.cells[1].outputs)
    assert len(list((folder / "data" / "CameraRGB").iterdir())) == 100


def test_without_pictures_in_it_one_message_says_what_to_do(downloaded, release_notebook, tmp_path):
    folder = tmp_path / "unet"
    shutil.copytree(downloaded, folder, ignore=shutil.ignore_patterns("data"))
    (folder / "data").mkdir()
    notebook = nbformat.v4.new_notebook(
        cells=[c for c in release_notebook.cells if c.cell_type == "code"][:2], metadata=release_notebook.metadata
    )
    (error,) = [o for o in execute(notebook, folder, allow_errors=True).cells[1].outputs if o.output_type == "error"]
    assert error.ename == "DataError"
    assert len(error.traceback) == 1, "one message and no wall of traceback"
    for words in ("CameraRGB", "does not exist", "driving_scenes.py data --count 100"):
        assert words in error.traceback[0]


def test_the_release_as_it_comes_says_not_attempted_yet(downloaded, release_notebook):
    with_checks = [
        c for c in release_notebook.cells if c.cell_type == "code" and "not-graded" not in c.metadata.get("tags", [])
    ]
    notebook = nbformat.v4.new_notebook(cells=with_checks, metadata=release_notebook.metadata)
    for cell in execute(notebook, downloaded).cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            assert "not attempted yet" in printed(cell.outputs)
            assert cell.outputs[-1].data["text/plain"] == "0.0"


def write(notebook, folder):
    nbformat.write(notebook, folder / NOTEBOOK)
    return folder


def test_nbgrader_validate_passes_a_right_solution(downloaded, source_notebook, release_notebook):
    write(solved_notebook(source_notebook, release_notebook), downloaded)
    shutil.copy(COURSE / "nbgrader_config.py", downloaded)
    result = run("nbgrader", "validate", NOTEBOOK, folder=downloaded)
    assert "Success! Your notebook passes all the tests." in result.stdout


def test_nbgrader_validate_says_what_is_wrong_with_nothing_but_the_downloaded_folder(
    downloaded, source_notebook, release_notebook, tmp_path
):
    folder = tmp_path / "unet"
    shutil.copytree(downloaded, folder, ignore=shutil.ignore_patterns("data", "nbgrader_config.py"))
    notebook = solved_notebook(source_notebook, release_notebook)
    cell = graded_cells(notebook)["UNQ_C2"]
    cell.source = cell.source.replace("strides=2", "strides=2, activation='relu'")
    write(notebook, folder)
    # The limit of half a minute a cell is not what is tried here, and a busy machine exceeds it.
    result = run("nbgrader", "validate", NOTEBOOK, "--Execute.timeout=180", folder=folder, check=False)
    assert "layer 2 (Conv2DTranspose), activation: 'relu' instead of 'linear'" in result.stdout.replace("\n", " ")
