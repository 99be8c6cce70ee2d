"""Running submissions: whatever happens to the student's kernel, every check cell gets a result with a reason."""

import copy

import nbformat
import pytest
from conftest import COURSE
from traitlets.config import Config

from keras_autograder.authoring import graded_cells, solved_notebook
from keras_autograder.report import marks_of
from keras_autograder.runner import Assignment, Submission, course_secret, grade_notebook
from keras_autograder.runner.notebook_runner import NotebookRunner


@pytest.fixture
def settings():
    config = Config()
    config.JudgedExecute.skip_cells_with_tag = "not-graded"
    config.JudgedExecute.secret = "a secret for tests"
    config.JudgedExecute.timeout = 60
    return config


@pytest.fixture
def grade(source_notebook, release_notebook, settings, tmp_path):
    """Grade the solved notebook after an edit of it, in a kernel of its own: ``grade(edit) -> (marks, notebook)``."""
    import shutil

    folder = tmp_path / "submission"
    shutil.copytree(
        COURSE / "release" / "unet", folder, ignore=shutil.ignore_patterns("data", "__pycache__", "*.ipynb")
    )

    def grade(edit):
        notebook = copy.deepcopy(solved_notebook(source_notebook, release_notebook))
        edit(notebook, graded_cells(notebook))
        assignment = Assignment.from_source(source_notebook, COURSE / "source" / "unet")
        executed = grade_notebook(notebook, assignment, folder, settings)
        return {mark.name: mark for mark in marks_of(executed)}, executed

    return grade


def points(marks):
    return tuple(mark.points for mark in marks.values())


def append(marker, code):
    def edit(notebook, cells):
        cells[marker].source += "\n\n" + code

    return edit


def replace(marker, old, new):
    def edit(notebook, cells):
        assert old in cells[marker].source
        cells[marker].source = cells[marker].source.replace(old, new)

    return edit


# A thread that sends outputs as fast as it can, as if they were asked for.
FLOOD = """
import threading
def flood(kernel=get_ipython().kernel, parent=get_ipython().kernel.get_parent()):
    while True:
        kernel.session.send(kernel.iopub_socket, "stream", {"name": "stdout", "text": "x" * 100}, parent=parent)
threading.Thread(target=flood, daemon=True).start()
"""

# (edit, points, fragment of the reason): the kernel, its output and its time are the student's to misuse
FAULTS = {
    "the kernel dies in the second cell": (append("UNQ_C2", "import os; os._exit(1)"), (10, 0, 0), "the kernel died"),
    "the kernel dies when the function is called": (
        replace("UNQ_C2", "    return conv", "    import os; os._exit(1)"), (10, 0, 0), "the kernel died"),
    "the process is killed": (
        append("UNQ_C2", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"), (10, 0, 0), "the kernel died"),
    "a crash in native code": (append("UNQ_C2", "import ctypes; ctypes.string_at(0)"), (10, 0, 0), "the kernel died"),
    "an endless loop in a cell": (append("UNQ_C2", "while True: pass"), (10, 10, 10), None),
    "an endless loop that cannot be interrupted": (
        append("UNQ_C2", "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"),
        (10, 0, 0), "did not stop when it was interrupted"),
    "an endless loop in the function": (
        replace("UNQ_C2", "    return conv", "    while True: pass"), (10, 0, 0), "did not end within"),
    "a call of exit": (append("UNQ_C2", "exit()"), (10, 10, 10), None),
    "an error in another cell": (append("UNQ_C1", "1 / 0"), (10, 10, 10), None),
    "a hundred megabytes of output": (
        append("UNQ_C2", "for _ in range(100): print('x' * 1_000_000)"), (10, 10, 10), None),
    "a function that prints without end": (
        replace("UNQ_C2", "    return conv", "    print('x' * 10_000_000)\n    return conv"), (10, 10, 10), None),
    "messages without a head": (
        append("UNQ_C2", "import json\njson.dumps = lambda *a, **k: '{}'"), (10, 0, 0), "messages that cannot be read"),
    "messages that are no JSON": (
        append("UNQ_C2", "import json\njson.dumps = lambda *a, **k: '['"), (10, 0, 0), "messages that cannot be read"),
    "messages that go wrong when the function is called": (
        replace("UNQ_C2", "    return conv", "    import json; json.dumps = lambda *a, **k: '{}'\n    return conv"),
        (10, 0, 0), "cannot be read"),
    "messages without end": (append("UNQ_C2", FLOOD), (10, 10, 10), None),
    "messages without end in a function that does not end": (
        replace("UNQ_C2", "    return conv", FLOOD.replace("\n", "\n    ") + "\n    while True: pass"),
        (10, 0, 0), "did not end within"),
    "text that no file can hold": (append("UNQ_C2", "print('\\ud800 and on')"), (10, 10, 10), None),
    "an error that no file can hold": (
        replace("UNQ_C2", "    return conv", "    raise ValueError('\\ud800')"), (10, 0, 10), "ValueError"),
    "an output that is none": (
        append("UNQ_C2", "k = get_ipython().kernel\nk.session.send(k.iopub_socket, 'display_data', "
               "{'data': [1], 'metadata': 3}, parent=k.get_parent())"), (10, 10, 10), None),
    "names shadowed": (
        append("UNQ_C2", "json = exec = print = list = dict = str = sum = len = type = 0"), (10, 10, 10), None),
    "hundred thousand layers": (
        replace("UNQ_C2", "    return conv", "    for _ in range(3000): conv = conv * 1\n    return conv"),
        (10, 0, 10), "more than 2000 layers"),
    "a default that names a global of a provided cell": (
        replace("UNQ_C3", "input_size=(96, 128, 3)", "input_size=(img_height, img_width, num_channels)"),
        (10, 10, 10), None),
    "a default that needs the data": (
        replace("UNQ_C3", "n_classes=23", "n_classes=23 + 0 * len(image_list)"), (10, 10, 10), None),
}  # fmt: skip


def dask_workers():
    from distributed import LocalCluster

    from keras_autograder.pool.cluster import DaskWorkers

    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    return DaskWorkers(cluster.scheduler_address), cluster.close


def local_workers():
    from keras_autograder.pool.workers import LocalWorkers

    return LocalWorkers(2, is_warm=True), lambda: None


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(local_workers, id="on this machine", marks=pytest.mark.suite("faults")),
        pytest.param(dask_workers, id="on a Dask cluster"),
    ],
)
def graded_faults(request, source_notebook, release_notebook):
    """What the workers of a class make of all faults: from the name to the marks and the notebook."""
    workers, end = request.param()
    settings = {
        "JudgedExecute": {"secret": "a secret", "timeout": 20, "grace": 2.0, "maximum_output": 100_000},
        "Execute": {"skip_cells_with_tag": "not-graded"},
    }
    release = COURSE / "release" / "unet"
    course_files = {str(path.relative_to(release)): path.read_bytes() for path in release.rglob("*.py")}
    futures = {}
    for name, (edit, _, _) in FAULTS.items():
        notebook = copy.deepcopy(solved_notebook(source_notebook, release_notebook))
        edit(notebook, graded_cells(notebook))
        assignment = Assignment.from_source(source_notebook, COURSE / "source" / "unet")
        submission = Submission(name, nbformat.writes(notebook), {}, course_files, assignment, settings)
        futures[name] = workers.submit(submission)
    yield {name: nbformat.reads(future.result(timeout=600).notebook, as_version=4) for name, future in futures.items()}
    workers.close()
    end()


@pytest.mark.slow
@pytest.mark.xdist_group("faults of kernels")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_ends_in_a_grade_with_a_reason(graded_faults, fault):
    _, expected, reason = FAULTS[fault]
    executed = graded_faults[fault]
    marks = {mark.name: mark for mark in marks_of(executed)}
    assert points(marks) == expected
    losses = [loss for mark in marks.values() for loss in mark.losses]
    assert reason is None or any(reason in loss for loss in losses), losses
    nbformat.validate(executed)
    nbformat.writes(executed).encode("utf-8")
    assert sum(len(str(cell.get("outputs", ""))) for cell in executed.cells) < 1_000_000


@pytest.mark.slow
def test_check_cells_of_the_submission_are_not_run(grade):
    def edit(notebook, cells):
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade"):
                cell.source = "10.0"
        cells["UNQ_C1"].source = "def conv_block(*args, **kwargs):\n    return None, None"

    marks, _ = grade(edit)
    assert points(marks) == (0, 10, 10)


def test_settings_have_the_names_of_nbgraders_step():
    config = Config()
    config.NotebookClient.iopub_timeout = 5
    config.ExecutePreprocessor.iopub_timeout = 6
    config.ExecutePreprocessor.timeout = 70
    config.Execute.timeout = 80
    config.Execute.skip_cells_with_tag = "not-graded"
    config.JudgedExecute.grace = 3
    runner = NotebookRunner(nbformat.v4.new_notebook(), Assignment({}, ()), config=config)
    assert (runner.iopub_timeout, runner.timeout, runner.skip_cells_with_tag, runner.grace) == (6, 80, "not-graded", 3)


def test_defaults_are_those_of_nbgraders_step():
    from keras_autograder.nbgrader_hooks.judged_execute import JudgedExecute

    theirs = JudgedExecute.class_traits(config=True)
    ours = NotebookRunner.class_traits(config=True)
    # Cells are timed here, and kernels are made here.
    not_used = {"interrupt_on_timeout", "error_on_timeout", "kernel_manager_class"}
    shared = (theirs.keys() & ours.keys()) - not_used
    assert {name: ours[name].default() for name in shared} == {name: theirs[name].default() for name in shared}
    assert {"timeout", "skip_cells_with_tag", "startup_timeout", "extra_arguments"} <= shared


def test_what_is_used_of_nbclient_is_public_and_there():
    from nbclient import NotebookClient

    for name in ("create_kernel_manager", "process_message", "setup_kernel", "async_execute_cell"):
        assert callable(getattr(NotebookClient, name))
    assert {"timeout_func", "on_cell_executed"} <= set(NotebookClient.class_trait_names())
    assert hasattr(NotebookClient(nbformat.v4.new_notebook()), "task_poll_for_reply")


def test_data_for_cells_that_need_some_is_the_assignments(source_notebook):
    folder = COURSE / "source" / "unet"
    assert "write_scenes" in Assignment.from_source(source_notebook, folder).tiny_data
    assert Assignment.from_source(source_notebook).tiny_data == ""


def test_the_secret_of_a_course_is_made_once_and_is_private(tmp_path, monkeypatch):
    monkeypatch.delenv("KERAS_AUTOGRADER_SECRET", raising=False)
    secret = course_secret(tmp_path)
    assert len(secret) == 32 and course_secret(tmp_path) == secret
    assert (tmp_path / ".course_secret").stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("KERAS_AUTOGRADER_SECRET", "given")
    assert course_secret(tmp_path) == "given"


@pytest.mark.slow
def test_limits_are_settings(grade, settings):
    settings.SandboxProvisioner.wall_seconds = 20
    settings.JudgedExecute.timeout = 120
    marks, _ = grade(append("UNQ_C2", "import time; time.sleep(100)"))
    assert points(marks) == (10, 0, 0)
    assert any("It ran for more than 20 s" in loss for loss in marks["unet_model"].losses), marks


@pytest.mark.slow
def test_what_was_used_is_noted_for_the_instructor(grade):
    _, executed = grade(append("UNQ_C2", "kept = bytearray(300_000_000)"))
    usage = executed.metadata.keras_autograder["usage"]
    assert usage["wall_seconds"] > usage["cpu_seconds"] / 4 > 0
    assert usage["peak_memory_bytes"] > 300_000_000


@pytest.mark.slow
def test_where_the_fork_server_fails_kernels_start_anew(grade, monkeypatch):
    from keras_autograder.sandbox.fork_server.client import ForkServer, ForkServerFailed

    def fail(*arguments):
        raise ForkServerFailed("no forks here")

    monkeypatch.setattr(ForkServer, "_start", fail)
    marks, _ = grade(lambda notebook, cells: None)
    assert points(marks) == (10, 10, 10)


@pytest.mark.slow
def test_a_kernel_that_cannot_start_is_no_reason_for_0_points(grade, monkeypatch):
    from keras_autograder.sandbox.provisioner import SandboxProvisioner

    async def fail(self, *arguments, **more):
        raise OSError("no processes left")

    monkeypatch.setattr(SandboxProvisioner, "launch_kernel", fail)
    with pytest.raises(OSError, match="no processes left"):
        grade(lambda notebook, cells: None)
