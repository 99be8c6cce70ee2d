"""Plain nbgrader commands grade whole classes: the demonstration class, and solved notebooks of the public course."""

import re
import shutil

import nbformat
import pytest
from conftest import COURSE, NOTEBOOK, SHARED, copy_course, run, submit
from nbgrader.api import Gradebook

from keras_autograder.authoring import graded_cells, solved_notebook
from keras_autograder.demonstration import NotADemonstration, set_up_class, submissions_of
from keras_autograder.report import as_table, read_marks

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grading")]
SUBMISSIONS = submissions_of(COURSE, "unet")
EXERCISES = {"unet": ["conv_block", "upsampling_block", "unet_model"], "unet_vgg16": ["encoder_VGG16", "unet"]}
CLASS = [(assignment, submission) for assignment in EXERCISES for submission in submissions_of(COURSE, assignment)]


@pytest.fixture(scope="module")
def graded_class(tmp_path_factory):
    """The demonstration classes of both assignments, graded one after the other as `make grade` does it."""
    course = copy_course(tmp_path_factory.mktemp("demonstration"))
    for assignment in EXERCISES:
        run("python", "-m", "keras_autograder", "release", assignment, folder=course)
        run("python", "-m", "keras_autograder", "demonstration", assignment, folder=course)
        run("nbgrader", "autograde", assignment, folder=course)
        run("nbgrader", "generate_feedback", assignment, folder=course)
    return course


@pytest.fixture(scope="module")
def marks(graded_class):
    return {one.student: one for one in read_marks(graded_class, "unet")}


def test_the_demonstration_class_is_large_enough(marks):
    assert len(marks) == len(SUBMISSIONS) >= 12


@pytest.mark.parametrize(
    ("assignment", "submission"), CLASS, ids=[f"{assignment} {one.student}" for assignment, one in CLASS]
)
def test_points_of_the_demonstration_class(graded_class, assignment, submission):
    (one,) = [one for one in read_marks(graded_class, assignment) if one.student == submission.student]
    assert [exercise.name for exercise in one.exercises] == EXERCISES[assignment]
    assert tuple(exercise.points for exercise in one.exercises) == submission.points
    assert {exercise.out_of for exercise in one.exercises} == {10}
    assert not one.needs_manual_grade
    for exercise in one.exercises:
        assert bool(exercise.losses) == (exercise.points < exercise.out_of)


REASONS = {
    "demo-padding": "layer 2 (Conv2D), padding: 'valid' instead of 'same'",
    "demo-no-skip-connections": "Concatenate missing",
    "demo-skip-after-pooling": "layer 23 (Concatenate): fed by layer 22 (Conv2DTranspose) and layer 10 (MaxPooling2D)",
    "demo-blank": "not attempted yet",
    "demo-syntax-error": "SyntaxError: '(' was never closed (line 38 of its cell)",
    "demo-classes-fixed": "layer 35 (Conv2D), filters: 23",
}


@pytest.mark.parametrize(("student", "reason"), REASONS.items(), ids=REASONS)
def test_the_reason_for_a_loss_is_one_line(marks, student, reason):
    losses = [loss for exercise in marks[student].exercises for loss in exercise.losses]
    assert any(reason in loss for loss in losses), losses
    assert not any("\n" in loss for loss in losses)


def test_the_table_shows_everybody(graded_class, marks):
    table = as_table(list(marks.values()))
    for submission in SUBMISSIONS:
        cells = [submission.student, *(f"{earned:g}/10" for earned in submission.points)]
        assert any(line.split()[:4] == cells for line in table.splitlines()), cells
        assert f"{submission.student}/unet/{NOTEBOOK.replace('.ipynb', '.html')}" in table
    printed = run("python", "-m", "keras_autograder", "report", "unet", folder=graded_class).stdout
    assert "demo-right " in printed and "30/30" in printed


def test_feedback_is_a_page_without_hidden_tests(graded_class, marks):
    for one in marks.values():
        page = one.feedback.read_text()
        assert f"Score: {one.points}" in page
        for secret in ("HIDDEN TESTS", "expected_conv_block", "expected_unet_model"):
            assert secret not in page, one.student
    assert "Pass padding=" in marks["demo-padding"].feedback.read_text()


def test_blanks_show_no_traceback_in_the_check_cells(graded_class):
    path = graded_class / "autograded" / "demo-blank" / "unet" / NOTEBOOK
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.metadata.get("nbgrader", {}).get("grade")]
    for cell in cells:
        kinds = {output.output_type for output in cell.outputs}
        assert kinds == {"stream", "execute_result"}
        assert any("is not attempted yet" in output.get("text", "") for output in cell.outputs)


def test_cells_that_train_were_not_run(graded_class):
    path = graded_class / "autograded" / "demo-right" / "unet" / NOTEBOOK
    tagged = [c for c in nbformat.read(path, as_version=4).cells if "not-graded" in c.metadata.get("tags", [])]
    assert tagged and not any(cell.outputs or cell.execution_count for cell in tagged)


@pytest.fixture
def after_the_demonstration(graded_class, tmp_path):
    """A course whose demonstration class has been graded, to go on with."""
    shutil.copytree(graded_class, tmp_path / "course", symlinks=True)
    return tmp_path / "course"


def test_setting_the_class_up_again_forgets_its_old_marks(after_the_demonstration):
    course = after_the_demonstration
    set_up_class(course, "unet")
    submitted = {path.parent.name for path in (course / "submitted").glob("*/unet")}
    assert submitted == {one.student for one in SUBMISSIONS}
    assert not [path for step in ("autograded", "feedback") for path in (course / step).glob("*/unet")]
    assert read_marks(course, "unet") == []
    # Another assignment's marks are its own.
    assert len(read_marks(course, "unet_vgg16")) == len(submissions_of(course, "unet_vgg16"))
    set_up_class(course, "unet_vgg16")
    assert read_marks(course, "unet_vgg16") == []
    assert not list((course / "autograded").iterdir()) and not list((course / "feedback").iterdir())


def test_a_real_class_is_not_mixed_with_the_demonstration(after_the_demonstration, release_notebook):
    course = after_the_demonstration
    submit(course, "demo-s1024", release_notebook)
    with pytest.raises(NotADemonstration, match="demo-s1024"):
        set_up_class(course, "unet")
    assert [path.parent.name for path in (course / "submitted").glob("*/unet")] == ["demo-s1024"]
    assert read_marks(course, "unet") == []


def test_nobody_graded_yet(tmp_path):
    assert as_table(read_marks(tmp_path, "unet")) == "Nobody has been graded yet."


def functions_of(document: str) -> dict[str, str]:
    """The three graded functions of a document of the public course, by name."""
    blocks = re.findall(r"```python\n(.*?)```", document, re.DOTALL)
    return {name: block for block in blocks for name in EXERCISES["unet"] if f"def {name}(" in block}


SOLVED = ["000", "001", "003"]


@pytest.mark.skipif(not (SHARED / "seeds").is_dir(), reason="the solved notebooks (../shared/seeds) are not here")
def test_solved_notebooks_of_the_public_course_earn_all_points(tmp_path, source_notebook, release_notebook):
    course = copy_course(tmp_path)
    for name in SOLVED:
        (path,) = (SHARED / "seeds").glob(f"{name}_*.txt")
        functions = functions_of(path.read_text())
        assert list(functions) == EXERCISES["unet"]
        notebook = solved_notebook(source_notebook, release_notebook)
        for cell, function in zip(graded_cells(notebook).values(), EXERCISES["unet"]):
            cell.source = functions[function]
        submit(course, f"seed-{name}", notebook)
    run("nbgrader", "generate_assignment", "unet", "--force", folder=course)
    run("nbgrader", "autograde", "unet", folder=course)
    marks = read_marks(course, "unet")
    assert {one.student: one.points for one in marks} == {f"seed-{name}": 30 for name in SOLVED}, as_table(marks)


def test_the_repository_is_left_alone(graded_class):
    with Gradebook(f"sqlite:///{graded_class / 'gradebook.db'}") as gradebook:
        assert {student.id for student in gradebook.students} == {submission.student for _, submission in CLASS}
    assert graded_class != COURSE
