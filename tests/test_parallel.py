"""A class at once: the same gradebook as one after the other, whatever happens to a worker, a machine, the command."""

import io
import logging
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path

import nbformat
import pytest
from conftest import COURSE, NOTEBOOK, copy_course, run, submit

from keras_autograder.authoring import graded_cells, solved_notebook
from keras_autograder.demonstration import submissions_of
from keras_autograder.demonstration.classroom import submitted_notebook
from keras_autograder.judge import TranscriptCache
from keras_autograder.pool.grading import ClassGrading, Interrupted
from keras_autograder.pool.progress import Progress
from keras_autograder.pool.workers import LOST_TWICE, LocalWorkers
from keras_autograder.report import marks_of, read_marks
from keras_autograder.runner import Assignment, Graded, Submission
from keras_autograder.runner.judges import share_transcripts

slow = pytest.mark.slow
pytestmark = pytest.mark.xdist_group("parallel")

SUBMISSIONS = submissions_of(COURSE, "unet")
CLASS = ("demo-right", "demo-padding", "demo-no-skip-connections", "demo-blank", "demo-syntax-error")


@pytest.fixture
def class_of(tmp_path, source_notebook, release_notebook):
    """A course with submissions of the demonstration class: ``class_of(name of a folder, students)``."""

    def make(name, students=CLASS):
        course = copy_course(tmp_path / name)
        for one in SUBMISSIONS:
            if one.student in students:
                submit(course, one.student, submitted_notebook(one, source_notebook, release_notebook))
        run("nbgrader", "generate_assignment", "unet", "--force", folder=course)
        return course

    return make


def autograde(course, *arguments, check=True):
    # Hidden checks draw from a secret, and each course has its own.
    return run("nbgrader", "autograde", "unet", *arguments, folder=course, check=check, KERAS_AUTOGRADER_SECRET="one")


QUERY = """
SELECT student.id, notebook.name, base_cell.name, grade.auto_score, grade.manual_score, grade.needs_manual_grade,
       grade.extra_credit
FROM grade
JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
JOIN notebook ON submitted_notebook.notebook_id = notebook.id
JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
JOIN student ON submitted_assignment.student_id = student.id
JOIN base_cell ON grade.cell_id = base_cell.id
ORDER BY grade.rowid
"""


def gradebook(course):
    with sqlite3.connect(course / "gradebook.db") as database:
        return database.execute(QUERY).fetchall()


def outputs(course, student):
    """What a graded notebook shows, without what is never the same twice."""
    notebook = nbformat.read(course / "autograded" / student / "unet" / NOTEBOOK, as_version=4)
    text = str([cell.get("outputs") for cell in notebook.cells])
    return re.sub(r"0x[0-9a-f]+|ipykernel_\d+|/tmp/\S+", "", text)


@slow
def test_many_workers_fill_the_gradebook_as_one_does(class_of):
    serial, parallel = class_of("serial"), class_of("parallel")
    # One that is no notebook, and one that ends its kernel.
    for course in (serial, parallel):
        folder = course / "submitted" / "broken" / "unet"
        folder.mkdir(parents=True)
        (folder / NOTEBOOK).write_text("<<<<<<< HEAD")
        path = course / "submitted" / "demo-right" / "unet" / NOTEBOOK
        notebook = nbformat.read(path, as_version=4)
        graded_cells(notebook)["UNQ_C2"].source += "\n\nimport os; os._exit(1)"
        (course / "submitted" / "ends-its-kernel" / "unet").mkdir(parents=True)
        nbformat.write(notebook, course / "submitted" / "ends-its-kernel" / "unet" / NOTEBOOK)
    autograde(serial, "--ClassGrading.workers=1")
    result = autograde(parallel, "--ClassGrading.workers=3")
    assert "7 of 7 graded" in result.stderr
    assert gradebook(serial) == gradebook(parallel)
    assert len(gradebook(serial)) == 7 * 3
    for student in (*CLASS, "ends-its-kernel"):
        assert outputs(serial, student) == outputs(parallel, student), student
    for one in read_marks(parallel, "unet"):
        assert not one.needs_manual_grade


@slow
def test_ctrl_c_keeps_what_is_graded_and_the_next_run_goes_on(class_of):
    course = class_of("course", [one.student for one in SUBMISSIONS])
    temporary = tempfile.mkdtemp(prefix="ctrl-c-", dir="/tmp")
    command = subprocess.Popen(
        [Path(sys.executable).parent / "nbgrader", "autograde", "unet", "--ClassGrading.workers=2"],
        cwd=course,
        env=os.environ | {"PYTHONPATH": str(COURSE), "TMPDIR": temporary},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    said = []
    for line in command.stderr:
        said.append(line)
        if "Writing" in line and len([one for one in said if "Writing" in one]) == 4:
            # As a terminal does it: everybody in the group hears of it.
            os.killpg(command.pid, signal.SIGINT)
    assert command.wait() == 1
    assert said[-1].startswith("Stopped. What was graded is kept"), "".join(said[-20:])
    assert not any("Traceback" in line for line in said)
    graded = sorted(path.parent.parent.name for path in course.glob(f"autograded/*/unet/{NOTEBOOK}"))
    assert 2 <= len(graded) < len(SUBMISSIONS)
    for student in graded:
        notebook = nbformat.read(course / "autograded" / student / "unet" / NOTEBOOK, as_version=4)
        assert all(mark.out_of == 10 for mark in marks_of(notebook))
    before = {student: (course / "autograded" / student / "unet" / NOTEBOOK).stat().st_mtime_ns for student in graded}
    wait_until(lambda: not os.listdir(temporary))
    os.rmdir(temporary)
    autograde(course)
    for student, when in before.items():
        assert (course / "autograded" / student / "unet" / NOTEBOOK).stat().st_mtime_ns == when
    assert_marks_of_the_demonstration(course)


def assert_marks_of_the_demonstration(course):
    marks = {one.student: one.exercises for one in read_marks(course, "unet")}
    for one in SUBMISSIONS:
        exercises = marks[one.student]
        losses = [loss for exercise in exercises for loss in exercise.losses]
        assert tuple(exercise.points for exercise in exercises) == one.points, (one.student, losses)
    assert len(marks) == len(SUBMISSIONS)


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@slow
def test_a_script_without_a_main_grades_its_class_once(class_of):
    course = class_of("course", CLASS[:3])
    (course / "grade.py").write_text(
        """
import nbgrader.api
from nbgrader.apps import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader

config = PyFileConfigLoader("nbgrader_config.py").load_config()
config.ClassGrading.workers = 2
create_engine = nbgrader.api.create_engine
print(NbGraderAPI(config=config).autograde("unet", "*")["success"], flush=True)
# Whoever goes on, such as formgrader, finds everything as it was.
print(nbgrader.api.create_engine is create_engine, flush=True)
"""
    )
    assert run("python", "grade.py", folder=course).stdout.splitlines() == ["True", "True"]
    assert [one.points for one in read_marks(course, "unet")] == [28, 29, 30]


class Deadly(Mapping):
    """Files that end the process that wants to write them."""

    def __getitem__(self, name):
        raise KeyError(name)

    def __len__(self):
        return 1

    def __iter__(self):
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def submission(source_notebook, release_notebook):
    """Make a right submission: ``submission(name, files)``."""
    release = COURSE / "release" / "unet"
    course_files = {str(path.relative_to(release)): path.read_bytes() for path in release.rglob("*.py")}
    settings = {"JudgedExecute": {"secret": "one"}, "Execute": {"skip_cells_with_tag": "not-graded"}}
    text = nbformat.writes(solved_notebook(source_notebook, release_notebook))

    def make(name, files):
        return Submission(name, text, files, course_files, Assignment.from_source(source_notebook), settings)

    return make


def points(graded):
    return [mark.points for mark in marks_of(nbformat.reads(graded.notebook, as_version=4))]


@slow
def test_one_that_ends_its_worker_twice_gets_a_grade_that_says_so_and_takes_nobody_with_it(submission):
    workers = LocalWorkers(2, is_warm=True)
    try:
        futures = [workers.submit(submission(f"s{number}", Deadly() if number == 1 else {})) for number in range(4)]
        graded = [future.result(timeout=300) for future in futures]
    finally:
        workers.close()
    assert [points(one) for one in graded] == [[10, 10, 10], [0, 0, 0], [10, 10, 10], [10, 10, 10]]
    assert LOST_TWICE in graded[1].notebook and LOST_TWICE in graded[1].messages[0][1]


def test_a_temporary_folder_that_is_too_deep_for_sockets_is_told(tmp_path, monkeypatch):
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    with pytest.raises(SystemExit, match=r"too long for sockets.*Set TMPDIR=/tmp"):
        LocalWorkers(2, is_warm=False)
    assert not list(deep.iterdir())


def test_workers_remember_together(tmp_path):
    one, other = TranscriptCache(folder=tmp_path), TranscriptCache(folder=tmp_path)
    key = TranscriptCache.digest_after(b"", "said")
    assert other.get(key) is None
    one.put(key, "answered: ü")
    assert other.get(key) == one.get(key) == "answered: ü"
    assert [path.name for path in tmp_path.iterdir()] == [key.hex()]
    share_transcripts(None)


class Slow:
    """Workers that end nothing before they are told to."""

    count = 2

    def __init__(self):
        self.futures = {}
        self.closed = False

    def submit(self, submission):
        self.futures[submission] = Future()
        return self.futures[submission]

    def close(self):
        self.closed = True


@pytest.fixture
def grading(monkeypatch):
    """Make a grading with slow workers: ``grading(prepare, keys) -> (ClassGrading, workers)``."""
    workers = Slow()
    monkeypatch.setattr("keras_autograder.pool.workers.LocalWorkers", lambda count, is_warm: workers)

    def make(prepare, count):
        one = ClassGrading(prepare, range(count), workers=2)
        one.start()
        return one, workers

    return make


def test_no_more_of_a_class_is_held_than_the_workers_can_do_with(grading):
    prepared = []
    one, workers = grading(lambda key: prepared.append(key) or f"s{key}", 1000)
    one.prefetch()
    assert prepared == [0, 1, 2, 3, 4]
    # Those behind a slow one are graded meanwhile, and not all of them.
    for number in range(1, 1000):
        if f"s{number}" in workers.futures:
            workers.futures[f"s{number}"].set_result(Graded(str(number)))
            one.prefetch()
    assert prepared == list(range(24))
    workers.futures["s0"].set_result(Graded("0"))
    assert [one.collect(number).notebook for number in range(24)] == [str(number) for number in range(24)]
    assert prepared == list(range(29))


def test_an_error_comes_when_it_is_its_turn(grading):
    def prepare(key):
        if key == 1:
            raise ValueError("cannot be read")
        return key

    one, workers = grading(prepare, 3)
    one.prefetch()
    workers.futures[0].set_result(Graded("0"))
    assert one.collect(0) == Graded("0")
    with pytest.raises(ValueError, match="cannot be read"):
        one.collect(1)
    workers.futures[2].set_result(Graded("2"))
    assert one.collect(2) == Graded("2")


def test_results_that_nobody_collects_are_in_nobodys_way(grading):
    one, workers = grading(lambda key: key, 100)
    one.prefetch()
    for number in range(99):
        if number in workers.futures:
            workers.futures[number].set_result(Graded(str(number)))
            one.prefetch()
    assert max(workers.futures) == 23
    assert one.collect(23) == Graded("23")
    assert max(workers.futures) == 28


def test_whoever_stops_it_leaves_no_worker_behind(grading):
    one, workers = grading(lambda key: key, 3)
    one.prefetch()
    one._stop()
    with pytest.raises(Interrupted, match="goes on with the rest"):
        one.collect(0)
    assert workers.closed


@pytest.mark.parametrize(("workers", "keys", "is_parallel"), [(1, 9, False), (2, 9, True), (2, 1, False)])
def test_one_worker_or_one_submission_is_no_class(workers, keys, is_parallel):
    assert ClassGrading(None, range(keys), workers=workers).is_parallel is is_parallel


def test_progress_in_a_terminal():
    from rich.console import Console

    shown = io.StringIO()
    log = logging.Logger("a log", logging.INFO)
    handler = logging.StreamHandler(shown)
    log.addHandler(handler)
    progress = Progress(20, log, Console(file=shown, force_terminal=True, width=120))
    for name in ("anna", "ben", "cleo"):
        progress.begun(name)
    log.info("a step")
    log.warning("a warning [not markup]")
    progress.done("anna")
    progress.close()
    log.info("a step after it")
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.getvalue())
    assert "1/20" in text and "/min" in text and "ben, cleo" in text
    assert "a warning [not markup]" in text and "a step after it" in text and "a step\n" not in text


def test_progress_where_there_is_no_terminal(capsys):
    progress = Progress(3, logging.Logger("a log"))
    for name in ("anna", "ben", "cleo"):
        progress.begun(name)
        progress.done(name)
    progress.close()
    first, last = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"1 of 3 graded, \d+/min, .* left; the latest is anna", first)
    assert last.startswith("3 of 3 graded")


@pytest.fixture
def dask(tmp_path):
    """A Dask scheduler and workers as processes of their own: ``dask(count) -> (address, [worker, ...])``."""
    started = []
    environment = os.environ | {"PYTHONPATH": f"{COURSE}{os.pathsep}{COURSE / 'tests'}"}

    def start(*command):
        program = [Path(sys.executable).parent / "dask", *command, "--no-dashboard"]
        with open(tmp_path / f"dask-{len(started)}.log", "w") as log:
            started.append(
                subprocess.Popen(program, env=environment, stdout=log, stderr=log, start_new_session=True, cwd=tmp_path)
            )
        return started[-1]

    def make(count, *options):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        start("scheduler", "--host", "127.0.0.1", "--port", address.rpartition(":")[2])
        workers = [start("worker", address, "--nthreads", "1", *options) for _ in range(count)]
        from distributed import Client

        with Client(address, timeout=60) as client:
            if count:
                client.wait_for_workers(count, timeout=60)
        return address, workers

    yield make
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@slow
def test_a_machine_that_disappears_has_its_submissions_graded_elsewhere(class_of, dask):
    course = class_of("course", [one.student for one in SUBMISSIONS])
    address, workers = dask(2, "--no-nanny")
    command = subprocess.Popen(
        [Path(sys.executable).parent / "nbgrader", "autograde", "unet", f"--ClassGrading.scheduler={address}"],
        cwd=course,
        env=os.environ | {"PYTHONPATH": str(COURSE)},
        stderr=subprocess.PIPE,
        text=True,
    )
    said = []
    for line in command.stderr:
        said.append(line)
        if "Writing" in line and workers[0].poll() is None:
            os.killpg(workers[0].pid, signal.SIGKILL)
            workers[0].wait()
    assert command.wait() == 0, "".join(said[-30:])
    assert_marks_of_the_demonstration(course)


@slow
def test_one_that_takes_two_machines_with_it_is_given_up(submission, dask):
    from keras_autograder.pool.cluster import LOST_TWICE, DaskWorkers

    address, _ = dask(2, "--nworkers", "1")
    workers = DaskWorkers(address)
    try:
        futures = [workers.submit(submission(f"s{number}", Deadly() if number == 1 else {})) for number in range(3)]
        graded = [future.result(timeout=300) for future in futures]
    finally:
        workers.close()
    assert [points(one) for one in graded] == [[10, 10, 10], [0, 0, 0], [10, 10, 10]]
    assert LOST_TWICE in graded[1].notebook


@slow
def test_a_cluster_that_cannot_grade_is_refused_before_anything_is_done(class_of, dask):
    course = class_of("course", CLASS[:2])
    nowhere = autograde(course, "--ClassGrading.scheduler=tcp://127.0.0.1:9", check=False)
    assert nowhere.returncode == 1
    assert nowhere.stderr.splitlines()[-1].startswith("There is no Dask scheduler at tcp://127.0.0.1:9")
    address, _ = dask(0)
    empty = autograde(course, f"--ClassGrading.scheduler={address}", check=False)
    assert empty.returncode == 1 and "has no workers" in empty.stderr.splitlines()[-1]
    assert not (course / "autograded").exists()


def postgres_programs():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if Path("/usr/lib/postgresql").is_dir() else []
    program = shutil.which("initdb")
    return found[-1] if found else Path(program).parent if program else None


@pytest.fixture
def postgres(tmp_path):
    """The address of an empty database on a server of its own, that is stopped after the test."""
    programs = postgres_programs()
    # The server does not run as root.
    user = {"user": "nobody"} if os.getuid() == 0 else {}
    folder = Path("/tmp") / f"postgres-{os.getpid()}"
    folder.mkdir()
    if user:
        shutil.chown(folder, "nobody")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"
    quiet = {"stdout": subprocess.DEVNULL, "check": True, "cwd": folder, **user}
    subprocess.run([programs / "initdb", "-D", data, "-U", "grader", "--auth=trust", "--no-sync"], **quiet)
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    subprocess.run([programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"], **quiet)
    subprocess.run([programs / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "grader", "grades"], **quiet)
    yield f"postgresql+psycopg://grader@127.0.0.1:{port}/grades"
    subprocess.run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **quiet)
    shutil.rmtree(folder)


@slow
@pytest.mark.skipif(postgres_programs() is None, reason="no PostgreSQL server here (Debian's package: postgresql)")
def test_a_gradebook_in_postgresql(class_of, postgres):
    course = class_of("course")
    with open(course / "nbgrader_config.py", "a") as config:
        config.write(f"\nc.CourseDirectory.db_url = {postgres!r}\n")
    (course / "gradebook.db").unlink()
    run("nbgrader", "generate_assignment", "unet", "--force", folder=course)
    result = autograde(course, "--ClassGrading.workers=2")
    assert "5 of 5 graded" in result.stderr
    assert not (course / "gradebook.db").exists()
    from nbgrader.api import Gradebook

    with Gradebook(postgres) as gradebook:
        scores = {one.student.id: one.score for one in gradebook.assignment_submissions("unet")}
    assert scores == {one.student: sum(one.points) for one in SUBMISSIONS if one.student in CLASS}
