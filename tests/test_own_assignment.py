"""An assignment of one's own: the command that begins it, and the page that leads from an empty folder to marks."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import nbformat
import pytest
from conftest import COURSE
from nbgrader.apps import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader

from keras_autograder.authoring import NewAssignmentRefused, new_assignment
from keras_autograder.authoring.expected_rows import ExpectationFailed, expected_rows
from keras_autograder.check import check_notebook
from keras_autograder.commands.command_line import main
from keras_checks import ExpectedSummary, compare, summary

PAGE = COURSE / "docs" / "write-your-own-assignment.md"
KIT = "/path/to/the/kit"
# What the environment of the tests stands for.
INSTALLING = ("python3 -m venv .venv", ". .venv/bin/activate", f"pip install {KIT}")


@dataclass(frozen=True)
class Block:
    """A fenced block of the page.

    Attributes:
        language: str, what its info string begins with.
        place: tuple of str, the rest of the info string: a file, and for a notebook the cell.
        text: str.
        line: int, where it begins on the page.
    """

    language: str
    place: tuple[str, ...]
    text: str
    line: int


def blocks_of(page: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    found = re.finditer(r"^```(\w+)([^\n]*)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return [Block(one[1], tuple(one[2].split()), one[3], page[: one.start()].count("\n") + 1) for one in found]


class Reader:
    """Does what the page says, in a folder that is empty at first.

    Args:
        folder: Path.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.printed = ""

    def follow(self, block: Block) -> None:
        """Type a block's commands, compare what they print, or write a file or a cell."""
        {"bash": self._type, "text": self._compare, "python": self._write}[block.language](block)

    def _type(self, block: Block) -> None:
        typed = [line.replace(KIT, str(COURSE)) for line in block.text.splitlines() if line not in INSTALLING]
        environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        environment.pop("PYTHONPATH", None)
        # A change of folder holds for the blocks that follow.
        script = "\n".join(["set -e", *typed, "pwd > /dev/fd/3"])
        reading, writing = os.pipe()
        with os.fdopen(reading) as answer:
            done = subprocess.run(
                ["bash", "-c", f"exec 3>&{writing}\n{script}"],
                cwd=self.folder,
                env=environment,
                pass_fds=[writing],
                capture_output=True,
                text=True,
                timeout=600,
            )
            os.close(writing)
            self.folder = Path(answer.read().strip() or self.folder)
        assert done.returncode == 0, f"{PAGE.name}, line {block.line}:\n{done.stdout}\n{done.stderr}"
        self.printed = done.stdout

    def _compare(self, block: Block) -> None:
        printed = self.printed.splitlines()
        position = 0
        for line in block.text.splitlines():
            if line == "...":
                continue
            assert line in printed[position:], f"{PAGE.name}, after line {block.line}: {line!r} not in\n{self.printed}"
            position = printed.index(line, position) + 1

    def _write(self, block: Block) -> None:
        name, *cell = block.place
        path = self.folder / name
        if not cell:
            path.write_text(block.text)
            return
        notebook = nbformat.read(path, as_version=4)
        self._cell(notebook, *cell).source = block.text.rstrip("\n")
        nbformat.write(notebook, path)

    @staticmethod
    def _cell(notebook, name):
        for cell in notebook.cells:
            if name in (cell.id, cell.metadata.get("nbgrader", {}).get("grade_id")):
                return cell
        # As JupyterLab's panel Create Assignment makes it.
        is_answer = name.endswith("-code")
        kind = {"solution": is_answer, "grade": not is_answer, "locked": not is_answer, "task": False}
        points = {} if is_answer else {"points": 10}
        metadata = {"nbgrader": {"grade_id": name, "schema_version": 3, **kind, **points}}
        notebook.cells.append(nbformat.v4.new_code_cell(metadata=metadata))
        return notebook.cells[-1]


@pytest.mark.slow
def test_whoever_follows_the_page_has_a_graded_assignment(tmp_path):
    page = PAGE.read_text()
    assert all(line in page.splitlines() for line in INSTALLING)
    reader = Reader(tmp_path)
    for block in blocks_of(page):
        reader.follow(block)
    feedback = (reader.folder / "feedback" / "wrong" / "tiny" / "tiny.html").read_text()
    assert "every pixel gets its scores" in feedback and "expected_tiny" not in feedback
    assert (reader.folder / "release" / "another" / "segmentation" / "classes.py").exists()


@pytest.mark.slow
def test_the_example_is_released_and_graded_as_it_is(tmp_path, monkeypatch, capsys):
    new_assignment(tmp_path, "example")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.environ["PATH"])
    config = PyFileConfigLoader("nbgrader_config.py", path=str(tmp_path)).load_config()
    released = NbGraderAPI(config=config).generate_assignment("example")
    assert released["success"], released
    release, source = tmp_path / "release" / "example", tmp_path / "source" / "example"
    files = {"example.ipynb", "outputs_example.py", "requirements.txt"}
    assert {path.name for path in release.iterdir()} == {"keras_checks", *files}
    assert not any(path.is_symlink() for path in release.rglob("*"))
    text = (release / "example.ipynb").read_text()
    assert "HIDDEN TESTS" not in text and "Dense(32" not in text and "Dense(None" in text

    for folder, points in ((release, 0), (source, 10)):
        verdict = check_notebook(folder / "example.ipynb", tmp_path, "example", config)
        assert (verdict.points, verdict.out_of) == (points, 10), verdict.as_text()
    assert main(["expected", "example", "classifier((28, 28, 1), 10)"]) == 0
    assert capsys.readouterr().out.strip() in (source / "outputs_example.py").read_text()
    for expression, words in (("Dense(3)(Input((4,)))", "make a model of it"), ("classifier(1)", "TypeError")):
        assert main(["expected", "example", expression]) == 2
        assert words in capsys.readouterr().err


def contents(folder: Path) -> dict:
    """Every file of a folder, and what is in it."""
    assert not any(path.is_symlink() for path in folder.rglob("*"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_empty_folder_becomes_a_course(tmp_path):
    lines = new_assignment(tmp_path, "first_network")
    made = contents(tmp_path)
    names = ("first_network.ipynb", "outputs_first_network.py", "requirements.txt")
    assert made.keys() == {"nbgrader_config.py", ".gitignore", *(f"source/first_network/{name}" for name in names)}
    assert lines == [f"made {line.split()[1]}" for line in lines]
    assert {line.split()[1] for line in lines} == made.keys()


def test_nothing_of_this_course_is_in_a_new_one(tmp_path):
    new_assignment(tmp_path, "first_network")
    for name, content in contents(tmp_path).items():
        assert not re.search(r"u-?net|vgg|carla|conv_block|\bpets?\b|driving", content.decode(), re.IGNORECASE), name


def test_students_install_the_versions_that_the_assignment_was_made_with(tmp_path):
    new_assignment(tmp_path, "first")
    pins = (tmp_path / "source" / "first" / "requirements.txt").read_text().splitlines()[1:]
    assert [pin.split("==")[0] for pin in pins] == ["tensorflow", "keras", "numpy", "jupyterlab", "ipykernel"]
    assert pins == [f"{name}=={version(name)}" for name in (pin.split("==")[0] for pin in pins)]


def test_a_second_run_changes_nothing_and_says_so(tmp_path):
    new_assignment(tmp_path, "first")
    before = contents(tmp_path)
    lines = new_assignment(tmp_path, "first")
    assert contents(tmp_path) == before
    assert lines and all(re.fullmatch(r"left \S+", line) for line in lines)


def test_what_is_missing_is_made_and_what_differs_is_named(tmp_path):
    new_assignment(tmp_path, "first")
    (tmp_path / "source" / "first" / "outputs_first.py").unlink()
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    lines = new_assignment(tmp_path, "first")
    assert [line for line in lines if line.startswith("made")] == ["made source/first/outputs_first.py"]
    remarks = {line.split()[1].rstrip(","): line for line in lines if "which" in line}
    assert remarks.keys() == {"nbgrader_config.py"}
    assert "configure(c, Path(__file__).resolve().parent)" in remarks["nbgrader_config.py"]
    assert (tmp_path / "nbgrader_config.py").read_text() == "c = get_config()\n"


def test_two_assignments_share_a_course(tmp_path):
    new_assignment(tmp_path, "first")
    before = contents(tmp_path)
    new_assignment(tmp_path, "second")
    after = contents(tmp_path)
    assert before.items() <= after.items()
    assert all(name.startswith("source/second/") for name in after.keys() - before.keys())


@pytest.mark.parametrize("name", ["tiny-2", "2tiny", "../tiny", "a b", "", "class", ".", "größer"])
def test_a_name_that_is_none_is_refused_in_one_line(tmp_path, monkeypatch, capsys, name):
    monkeypatch.chdir(tmp_path)
    assert main(["new", name]) == 2
    told = capsys.readouterr()
    assert not told.out and len(told.err.splitlines()) == 1
    assert repr(name) in told.err and "first_network" in told.err
    assert not list(tmp_path.iterdir())


def test_another_assignment_is_not_mixed_with_a_new_one(tmp_path):
    folder = tmp_path / "source" / "unet"
    folder.mkdir(parents=True)
    (folder / "Image_segmentation_Unet.ipynb").write_text("{}")
    with pytest.raises(NewAssignmentRefused, match=r"an assignment already, with Image_segmentation_Unet\.ipynb"):
        new_assignment(tmp_path, "unet")
    assert contents(tmp_path).keys() == {"source/unet/Image_segmentation_Unet.ipynb"}


@pytest.mark.parametrize("folder", ["course", "2027: 'Deep' \"Learning\""])
def test_the_configuration_is_a_short_file_with_all_of_the_kits_settings(tmp_path, monkeypatch, folder):
    monkeypatch.setenv("PATH", os.environ["PATH"])
    course = tmp_path / folder
    course.mkdir()
    new_assignment(course, "first")
    assert len((course / "nbgrader_config.py").read_text().splitlines()) < 30
    ours, kits = (PyFileConfigLoader("nbgrader_config.py", path=str(path)).load_config() for path in (course, COURSE))
    assert ours.CourseDirectory.root == str(course)
    assert re.fullmatch(r"\w+", ours.CourseDirectory.course_id)
    assert (course / ".course_secret").read_text().strip() == ours.JudgedExecute.secret
    assert ours.CourseDirectory.ignore == kits.CourseDirectory.ignore
    for step in ("GenerateAssignment", "Autograde", "GenerateFeedback", "KernelManager", "FileNameCollectorPlugin"):
        assert ours[step] == kits[step]
    assert ours.Execute == kits.Execute


def conv_net(**last):
    """Two branches of a picture, joined; the arguments of its last layer may be chosen."""
    import keras

    inputs = keras.Input((16, 16, 3))
    left = keras.layers.Conv2D(4, 5, strides=2, activation="relu")(inputs)
    right = keras.layers.Conv2D(4, 5, strides=2, kernel_regularizer="l2")(inputs)
    joined = keras.layers.Dropout(0.2)(keras.layers.Concatenate()([right, left]))
    return keras.Model(inputs, [keras.layers.Dense(**{"units": 3, "activation": "softmax"} | last)(joined), left])


@pytest.mark.parametrize(
    ("last", "attribute"),
    [({}, None), ({"units": 4}, "units"), ({"activation": "relu"}, "activation"), ({"use_bias": False}, "use_bias")],
)
def test_printed_rows_are_those_of_the_network_and_of_no_other(last, attribute):
    expected = eval(expected_rows(conv_net()), {"ExpectedSummary": ExpectedSummary})
    assert [one.attribute for one in compare(summary(conv_net(**last)), expected).differences] == (
        [attribute] if attribute else []
    )


def refused():
    """What rows cannot describe, and what is said about it."""
    import keras

    inputs = keras.Input((8, 8, 3))
    convolution = keras.layers.Conv2D(2, 3)
    inner = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3)])
    return [
        (convolution(inputs), "make a model of it"),
        (keras.Model(inputs, inner(inputs)), "models used as layers"),
        (keras.Model(inputs, convolution(inputs) + 1.0), "operations that are not layers"),
        (keras.Model(inputs, keras.layers.ReLU()(keras.layers.Conv2D(2, 3)(inputs))), "as that layer's argument"),
        (3, "takes a Keras model"),
    ]


@pytest.mark.parametrize("number", range(5))
def test_what_rows_cannot_describe_is_refused(number):
    model, words = refused()[number]
    with pytest.raises(ExpectationFailed, match=words):
        expected_rows(model)
