"""The second assignment's notebook as a student runs it: every cell, on a few drawn pets, without a network."""

import copy
import shutil

import nbformat
import pytest
from conftest import COURSE, outputs_of, printed
from nbclient import NotebookClient

from keras_autograder.authoring import solved_notebook

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("vgg16 notebook")]
NOTEBOOK = "Pet_segmentation_Unet_VGG16.ipynb"


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """The solved notebook in the release folder alone, run from the first cell to the last."""
    import pet_pictures

    folder = tmp_path_factory.mktemp("download") / "unet_vgg16"
    shutil.copytree(COURSE / "release" / "unet_vgg16", folder, ignore=shutil.ignore_patterns("data", "__pycache__"))
    source, release = [
        nbformat.read(COURSE / side / "unet_vgg16" / NOTEBOOK, as_version=4) for side in ("source", "release")
    ]
    # The set that the notebook would draw, and smaller.
    pet_pictures.write_pets(folder / "data" / "drawn_pets_200", 10)
    notebook = copy.deepcopy(solved_notebook(source, release))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNET_EPOCHS", "1")
        patch.setenv("UNET_SIZE", "32")
        patch.setenv("UNET_DEPTHS", "1 3")
        patch.setenv("VGG16_WEIGHTS_MIRROR", "http://127.0.0.1:9")
        patch.setenv("KERAS_HOME", str(folder / "keras"))
        patch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
        client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(folder)}})
        return client.execute()


def test_every_cell_was_run_and_nothing_went_to_stderr(executed):
    cells = [cell for cell in executed.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    noisy = {o.text for cell in cells for o in cell.outputs if o.output_type == "stream" and o.name == "stderr"}
    assert not noisy


@pytest.mark.parametrize("exercise", ["encoder_VGG16", "unet"])
def test_the_checks_pass_with_all_points(executed, exercise):
    (cell,) = [cell for cell in executed.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == exercise]
    assert "All tests passed!" in printed(cell.outputs)
    assert cell.outputs[-1].data["text/plain"] == "10.0"
    assert f"{exercise}: 10 of 10 points" in cell.outputs[-1].data["text/html"]


def test_missing_weights_are_told_once(executed):
    text = "".join(printed(cell.outputs) for cell in executed.cells if cell.cell_type == "code")
    assert text.count("VGG16 has no ImageNet weights here") == 1


def test_the_encoder_is_frozen_and_the_decoder_is_not(executed):
    assert "learnt: 6,825,475, frozen: 14,718,016" in printed(outputs_of(executed, "non_trainable_weights"))


def test_training_reports_validation_and_mean_iou(executed):
    lines = [output.data["text/plain"] for output in outputs_of(executed, "model_history = ") if "data" in output]
    assert len(lines) == 1 and lines[0].count("mean IoU") == 2 and "validation:" in lines[0]
    depths = printed(outputs_of(executed, "for depth in DEPTHS"))
    assert "depth 1\n" in depths and "depth 3\n" in depths and depths.count("mean IoU 0.") == 2


PICTURES = {
    "draw_panels(sample_image": "A frame and its true mask: ",
    "learning_curves(model_history)": "mean IoU",
    "model.predict(preprocess": "The predicted mask",
    "draw_network(model": "44 layers, 21,543,491 parameters",
}


@pytest.mark.parametrize("words", PICTURES)
def test_pictures_were_drawn_and_say_in_words_what_they_show(executed, words):
    shown = [output.data for output in outputs_of(executed, words) if "text/html" in output.get("data", {})]
    assert shown and all(PICTURES[words] in data["text/plain"] for data in shown)
