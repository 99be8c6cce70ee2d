"""What the tests share: the course's files, a copy of it to grade in, and the author's solution as functions."""

import functools
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import pytest
from evidence.tally import Tally
from web_server import Server

# Before anything imports TensorFlow: its messages would stand between a test's own lines.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

COURSE = Path(__file__).resolve().parent.parent
SHARED = COURSE.parent / "shared"
NOTEBOOK = "Image_segmentation_Unet.ipynb"

for folder in (COURSE, COURSE / "source" / "unet"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
# Behind the others: what both assignments have under one name is the first one's here.
sys.path.append(str(COURSE / "source" / "unet_vgg16"))


def pytest_configure(config):
    config.pluginmanager.register(Tally())


@pytest.fixture(scope="session")
def course() -> Path:
    """The course as it stands in the repository. Tests read it and change nothing."""
    return COURSE


@pytest.fixture(scope="session")
def source_notebook():
    return nbformat.read(COURSE / "source" / "unet" / NOTEBOOK, as_version=4)


@pytest.fixture(scope="session")
def release_notebook():
    return nbformat.read(COURSE / "release" / "unet" / NOTEBOOK, as_version=4)


@pytest.fixture(scope="session")
def solution(source_notebook) -> dict[str, str]:
    """The author's solution: the code of each graded cell by its marker."""
    from keras_autograder.authoring import graded_cells, solution_of

    return {marker: solution_of(cell) for marker, cell in graded_cells(source_notebook).items()}


@pytest.fixture(scope="session")
def functions(solution):
    """Make the three functions from the author's solution, after edits: ``functions([(old, new), ...])``."""
    return functools.partial(functions_after, "\n\n".join(solution.values()))


def functions_after(code, edits=()) -> dict:
    """What a solution defines after edits ``[(old, new), ...]``."""
    from benchmarks.author_network import functions_from

    for old, new in edits:
        assert old in code, f"the solution does not contain {old!r}"
        code = code.replace(old, new)
    return functions_from(code)


@pytest.fixture
def server(monkeypatch):
    """A web server that serves what is put into its `files`, and breaks off when told in its `breaks`."""
    from segmentation import download

    monkeypatch.setattr(download, "PAUSE_SECONDS", 0)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


# What IPython puts among a notebook's variables.
KEPT = ("In", "Out", "get_ipython", "exit", "quit", "open", "name")


def copy_course(folder: Path) -> Path:
    """A course of its own in ``folder``: nothing that is graded there touches the repository."""
    for name in ("source", "release", "keras_checks", "segmentation"):
        shutil.copytree(COURSE / name, folder / name, ignore=shutil.ignore_patterns("data", "__pycache__", ".ipynb*"))
    for name in ("nbgrader_config.py", "test_utils.py", "outputs.py"):
        shutil.copy(COURSE / name, folder / name)
    return folder


def run(*command: str, folder: Path, check: bool = True, **environment: str) -> subprocess.CompletedProcess:
    """Run one of the installed commands as a person would type it."""
    program = shutil.which(command[0], path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    result = subprocess.run(
        [program, *command[1:]],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(COURSE)} | environment,
        capture_output=True,
        text=True,
        timeout=1500,
    )
    assert not check or result.returncode == 0, f"{' '.join(command)} ended with:\n{result.stdout}\n{result.stderr}"
    return result


def submit(course: Path, student: str, notebook) -> None:
    """Put a notebook where nbgrader looks for a student's submission."""
    folder = course / "submitted" / student / "unet"
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / NOTEBOOK)


def outputs_of(notebook, words):
    """The outputs of the one code cell that holds these words."""
    (cell,) = [cell for cell in notebook.cells if cell.cell_type == "code" and words in cell.source]
    return cell.outputs


def printed(outputs):
    """What outputs have put on a stream."""
    return "".join(output.text for output in outputs if output.output_type == "stream")


class SharedKernelGrader:
    """Grades notebooks of one assignment as ``nbgrader autograde`` does, with one kernel for all of a test run.

    Starting a kernel takes longer than grading in it. The functions of one notebook are forgotten before the next.
    """

    def __init__(self, assignment: str, folder: Path):
        from jupyter_client.manager import AsyncKernelManager
        from jupyter_core.utils import run_sync
        from traitlets.config import Config

        from keras_autograder.authoring import graded_cells, solved_notebook
        from keras_autograder.runner import Assignment

        released = COURSE / "release" / assignment
        shutil.copytree(released, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("data"))
        self._folder = folder
        (path,) = released.glob("*.ipynb")
        authors = COURSE / "source" / assignment
        source = nbformat.read(authors / path.name, as_version=4)
        self._assignment = Assignment.from_source(source, authors)
        self._solved = solved_notebook(source, nbformat.read(path, as_version=4))
        self.solution = {marker: cell.source for marker, cell in graded_cells(self._solved).items()}
        self._config = Config()
        self._config.JudgedExecute.skip_cells_with_tag = "not-graded"
        self._config.JudgedExecute.secret = "a secret for tests"
        self._manager = AsyncKernelManager()
        run_sync(self._manager.start_kernel)(cwd=str(folder))

    def grade(self, notebook) -> list:
        """Grade a notebook: a list of ExerciseMark."""
        from keras_autograder.report import marks_of
        from keras_autograder.runner import grade_notebook

        notebook = nbformat.from_dict(notebook)
        # Not %reset, which looks through all of TensorFlow for garbage.
        forget = "for name in [name for name in globals() if name[0] != '_' and name not in KEPT]: del globals()[name]"
        notebook.cells.insert(0, nbformat.v4.new_code_cell(forget.replace("KEPT", repr(KEPT))))
        arguments = notebook, self._assignment, self._folder, self._config, self._manager
        return marks_of(grade_notebook(*arguments, modules=self._folder))

    def grade_cells(self, cells: dict[str, str]) -> list:
        """Grade code for graded cells, by their markers; cells that are not given hold the author's solution."""
        import copy

        from keras_autograder.authoring import graded_cells

        notebook = copy.deepcopy(self._solved)
        for marker, code in cells.items():
            graded_cells(notebook)[marker].source = code
        return self.grade(notebook)

    def close(self) -> None:
        """End the kernel."""
        from jupyter_core.utils import run_sync

        run_sync(self._manager.shutdown_kernel)(now=True)


@pytest.fixture(scope="session")
def unet_grader(tmp_path_factory):
    grader = SharedKernelGrader("unet", tmp_path_factory.mktemp("submission"))
    yield grader
    grader.close()


@pytest.fixture(scope="session")
def vgg16_grader(tmp_path_factory):
    grader = SharedKernelGrader("unet_vgg16", tmp_path_factory.mktemp("submission"))
    yield grader
    grader.close()


@pytest.fixture(scope="session")
def grade_in_shared_kernel(unet_grader):
    """Grade notebooks of the assignment ``unet``: ``grade_in_shared_kernel(notebook) -> [ExerciseMark, ...]``."""
    return unet_grader.grade


@pytest.fixture(scope="session")
def grade_cells(unet_grader):
    """Grade code for cells of the assignment ``unet``: ``grade_cells({"UNQ_C1": "..."}) -> [ExerciseMark, ...]``."""
    return unet_grader.grade_cells
