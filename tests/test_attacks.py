"""Submissions that set out to deceive: one class of them, graded by plain `nbgrader autograde`.

No point is gained, no secret is read, nothing is left behind, and the batch goes on to the last one. What the sandbox
itself refuses is tested in ``test_sandbox.py``; here an attack goes the whole way, from a notebook to the gradebook.
"""

import glob
import os

import nbformat
import pytest
from conftest import NOTEBOOK, copy_course, run, submit
from evidence.attacks import GAIN, NOTEBOOK_TRICKS, READ, printed, student_of, written

from keras_autograder.authoring import solved_notebook
from keras_autograder.report import read_marks

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("attacks")]

WITH_MARKUP = ("a name with markup", "an error with markup")
SECRET = "a-secret-of-the-grading-machine"


def shared_memory() -> set[str]:
    """What lies in the machine's shared memory, but for the locks of graders that tests beside these have killed."""
    return {path for path in glob.glob("/dev/shm/*") if not os.path.basename(path).startswith("sem.mp-")}


@pytest.fixture(scope="module")
def attacked(tmp_path_factory, source_notebook, release_notebook):
    """The class of attackers, graded; one honest student comes last."""
    course = copy_course(tmp_path_factory.mktemp("attacked"))
    solved = solved_notebook(source_notebook, release_notebook)
    for name, notebook in written(course, solved).items():
        submit(course, student_of(name), notebook)
    submit(course, "zz-honest", solved)
    # Tests beside these leave their own things in the machine's temporary folder while they run.
    temporary = course / "tmp"
    temporary.mkdir()
    before = shared_memory()
    run("nbgrader", "generate_assignment", "unet", "--force", folder=course)
    # Some attacks keep their kernel busy until it is given up: here that need not take as long as in a class.
    limits = ("--JudgedExecute.timeout=10", "--JudgedExecute.grace=2")
    run("nbgrader", "autograde", "unet", *limits, folder=course, COURSE_SECRET=SECRET, TMPDIR=str(temporary))
    run("nbgrader", "generate_feedback", "unet", folder=course)
    left = [*os.listdir(temporary), *(shared_memory() - before)]
    return course, {one.student: one for one in read_marks(course, "unet")}, left


def test_there_are_enough_attacks():
    assert len(GAIN) + len(NOTEBOOK_TRICKS) + len(READ) >= 50


@pytest.mark.suite("attacks")
@pytest.mark.parametrize("name", [*GAIN, *NOTEBOOK_TRICKS])
def test_no_point_is_gained(attacked, name):
    _, marks, _ = attacked
    one = marks[student_of(name)]
    assert one.points == 0
    assert one.out_of == 30
    assert all(exercise.losses for exercise in one.exercises)


@pytest.mark.suite("attacks")
@pytest.mark.parametrize("name", READ)
def test_no_secret_is_read(attacked, name):
    course, marks, _ = attacked
    one = marks[student_of(name)]
    text = (course / "autograded" / student_of(name) / "unet" / NOTEBOOK).read_text()
    shown = printed(nbformat.reads(text, as_version=4))
    assert "nothing" in shown and "LOOT" not in shown
    assert SECRET not in text
    assert one.points == 30, "an attack that finds nothing is no reason to lose points"


def test_the_honest_student_after_them_gets_all_points(attacked):
    _, marks, _ = attacked
    assert marks["zz-honest"].points == 30


def test_nothing_is_left_behind(attacked):
    _, _, left = attacked
    assert not left
    assert not os.path.exists("/tmp/planted-by-a-submission")


def test_feedback_carries_no_script(attacked):
    course, _, _ = attacked
    for name in WITH_MARKUP:
        page = (course / "feedback" / student_of(name) / "unet" / NOTEBOOK.replace("ipynb", "html")).read_text()
        # The student's own source is shown, escaped; a script that runs would stand there as it is.
        assert "<script>alert(1)" not in page and "<script>alert(2)" not in page
