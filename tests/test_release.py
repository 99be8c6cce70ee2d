"""The release: what is committed is what nbgrader makes of the source, and making it loses nothing."""

import json

import nbformat
import pytest
from conftest import COURSE, NOTEBOOK, copy_course, run

from keras_autograder.authoring import WorkInProgress, build_release, graded_cells, refresh_release

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("release")]


@pytest.fixture(scope="module")
def course_copy(tmp_path_factory):
    return copy_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def built(course_copy, tmp_path_factory):
    return build_release(course_copy, "unet", tmp_path_factory.mktemp("built"))


def test_the_committed_release_is_up_to_date(built):
    committed = COURSE / "release" / "unet"
    fresh = {path.relative_to(built): path.read_bytes() for path in built.rglob("*") if path.is_file()}
    stale = [str(path) for path, content in fresh.items() if (committed / path).read_bytes() != content]
    assert not stale, "run: python -m keras_autograder release unet"
    for package in ("keras_checks", "segmentation"):
        modules = {path.relative_to(committed) for path in (committed / package).rglob("*.py")}
        assert modules <= fresh.keys(), "run: python -m keras_autograder release unet"


def test_the_release_holds_everything_that_the_notebook_needs(built):
    assert {path.name for path in built.iterdir()} == {
        NOTEBOOK,
        "images",
        "ablation.py",
        "carla.py",
        "carla_classes.py",
        "carla_sets",
        "data_check.py",
        "data_sets.py",
        "driving_scenes.py",
        "keras_checks",
        "outputs.py",
        "practice_scenes",
        "requirements.txt",
        "segmentation",
        "test_utils.py",
        "transposed_convolution.py",
    }
    for package in ("keras_checks", "segmentation"):
        modules = {path.relative_to(COURSE) for path in (COURSE / package).rglob("*.py")}
        assert {path.relative_to(built) for path in (built / package).rglob("*.py")} == modules
    assert not any(path.is_symlink() for path in built.rglob("*"))


def test_a_data_set_beside_the_source_is_not_released(course_copy, tmp_path):
    scene = course_copy / "source" / "unet" / "data" / "CameraRGB" / "000001.png"
    scene.parent.mkdir(parents=True)
    scene.write_bytes(b"")
    assert not (build_release(course_copy, "unet", tmp_path) / "data").exists()


def test_students_get_nothing_of_the_authors_own_files(built):
    own = {path.relative_to(COURSE) for path in (COURSE / "source" / "unet" / "author").rglob("*.py")}
    assert {path.name for path in own} >= {"demonstration_class.py", "conv_block.py"}
    assert not (built / "author").exists()
    assert not any(path.name == "demonstration_class.py" for path in built.rglob("*"))
    for path in own:
        text = (COURSE / path).read_bytes()
        assert text not in {released.read_bytes() for released in built.rglob("*.py")}, path


@pytest.fixture
def worked_in(course_copy, request):
    """The release folder with the marks of somebody who works in it, put right again afterwards."""
    folder = course_copy / "release" / "unet"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    yield folder
    for path, content in before.items():
        path.write_bytes(content)


def test_refreshing_keeps_data_and_replaces_what_is_stale(course_copy, worked_in, tmp_path):
    (worked_in / "data").mkdir()
    (worked_in / "data" / "mine.png").write_bytes(b"mine")
    (worked_in / "outputs.py").write_text("old")
    (worked_in / "notes.py").write_text("mine")
    (worked_in / "keras_checks" / "of_an_older_kit.py").write_text("old")
    changed = refresh_release(course_copy, "unet", tmp_path)
    assert changed == [worked_in / "outputs.py", worked_in / "keras_checks" / "of_an_older_kit.py"]
    assert not changed[1].exists() and (worked_in / "notes.py").read_text() == "mine"
    assert (worked_in / "outputs.py").read_text() == (COURSE / "outputs.py").read_text()
    assert (worked_in / "data" / "mine.png").read_bytes() == b"mine"
    assert not list(worked_in.rglob("*.partial"))


def _solve(notebook):
    graded_cells(notebook)["UNQ_C1"].source += "\n# my own"


def _execute(notebook):
    next(cell for cell in notebook.cells if cell.cell_type == "code").execution_count = 1


@pytest.mark.parametrize("work", [_solve, _execute], ids=["a graded cell was edited", "a cell was run"])
def test_refreshing_leaves_somebodys_work(course_copy, worked_in, tmp_path, work):
    notebook = nbformat.read(worked_in / NOTEBOOK, as_version=4)
    work(notebook)
    nbformat.write(notebook, worked_in / NOTEBOOK)
    before = (worked_in / NOTEBOOK).read_bytes()
    with pytest.raises(WorkInProgress, match="somebody's work"):
        refresh_release(course_copy, "unet", tmp_path)
    assert (worked_in / NOTEBOOK).read_bytes() == before


def test_an_old_release_is_replaced(course_copy, worked_in, tmp_path):
    notebook = json.loads((worked_in / NOTEBOOK).read_text())
    notebook["cells"][0]["source"] = "# An older title"
    (worked_in / NOTEBOOK).write_text(json.dumps(notebook))
    assert refresh_release(course_copy, "unet", tmp_path) == [worked_in / NOTEBOOK]


def test_an_import_that_students_could_not_make_stops_the_release(course_copy, tmp_path):
    (path,) = (course_copy / "source" / "unet").glob("*.ipynb")
    before = path.read_bytes()
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("import modul_with_a_typo"))
    nbformat.write(notebook, path)
    try:
        ours = run("python", "-m", "keras_autograder", "release", "unet", folder=course_copy, check=False)
        elsewhere = f"--CourseDirectory.release_directory={tmp_path}"
        nbgraders = run("nbgrader", "generate_assignment", "unet", elsewhere, folder=course_copy, check=False)
    finally:
        path.write_bytes(before)
    sentence = f"source/unet/{NOTEBOOK} imports modul_with_a_typo, and students could not"
    assert ours.returncode == 1 and len(ours.stderr.splitlines()) == 1 and ours.stderr.startswith(sentence)
    assert nbgraders.returncode != 0 and sentence in nbgraders.stderr


def test_a_command_outside_the_course_says_where_to_run_it(tmp_path):
    result = run("python", "-m", "keras_autograder", "release", "unet", folder=tmp_path, check=False)
    assert result.returncode == 2
    assert "Run the command in the course's folder" in result.stderr
    assert "Traceback" not in result.stderr
