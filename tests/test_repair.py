"""Whatever happened to a notebook on its way, it is graded, or gets 0 points with a reason, and so are the others."""

import copy
import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from conftest import COURSE, NOTEBOOK, SHARED, copy_course, run, submit
from evidence.faults import (
    EXERCISES,
    FAULTS,
    FILE_FAULTS,
    MARKERS,
    SIZE_LIMIT,
    answer,
    check,
    last_attempt_at_the_end,
    last_attempt_below,
    marker_cut_off,
    notebook_of_somebody_else,
    place,
    split_in_the_body,
    split_in_three,
    split_within_a_call,
    strip_everything,
    tags_stripped,
)
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook

from keras_autograder.authoring import graded_cells, solved_notebook
from keras_autograder.intake import (
    PLATFORM_FILE_NAMES,
    STUDENT_FOLDERS,
    Limits,
    UnreadableNotebook,
    read_notebook,
    repair,
    take_in,
)
from keras_autograder.intake.cell_code import read_code
from keras_autograder.nbgrader_hooks.released_text import plan_of
from keras_autograder.report import as_table, read_marks


def by_student(fault):
    return fault.student


@pytest.fixture(scope="module")
def solved(source_notebook, release_notebook):
    return solved_notebook(source_notebook, release_notebook)


@pytest.fixture(scope="module")
def plan(source_notebook):
    return plan_of(source_notebook)


# --- the repair itself


@pytest.mark.parametrize("fault", FAULTS, ids=by_student)
def test_repair(fault, solved, source_notebook, plan):
    submitted = fault.change(copy.deepcopy(solved))
    before = copy.deepcopy(submitted)
    repaired = repair(submitted, plan)
    assert submitted == before
    nbformat.validate(repaired.notebook)
    assert repaired.notebook.nbformat_minor == 5
    sentences = [note.sentence for note in repaired.notes]
    assert any(fault.says in sentence for sentence in sentences) if fault.says else not sentences, sentences
    assert_one_cell_for_each_exercise(repaired.notebook, source_notebook)
    assert_code_survived(submitted, repaired.notebook, source_notebook)
    again = repair(repaired.notebook, plan)
    assert again.notebook == repaired.notebook


def assert_one_cell_for_each_exercise(notebook, source):
    found = [cell.metadata.nbgrader for cell in notebook.cells if "nbgrader" in cell.metadata]
    wanted = {cell.metadata.nbgrader.grade_id: cell for cell in source.cells if "nbgrader" in cell.metadata}
    assert sorted(one.grade_id for one in found) == sorted(wanted)
    for one in found:
        assert one == {**one, **wanted[one.grade_id].metadata.nbgrader}
    for name in EXERCISES:
        assert place(notebook, f"{name}-code") < place(notebook, name)
        assert check(notebook, name).cell_type == answer(notebook, name).cell_type == "code"
        assert "not-graded" not in check(notebook, name).metadata.get("tags", [])
        visible = re.sub(r"### BEGIN HIDDEN.*### END HIDDEN TESTS\n", "", check(source, name).source, flags=re.DOTALL)
        assert check(notebook, name).source == visible
    assert [place(notebook, name) for name in EXERCISES] == sorted(place(notebook, name) for name in EXERCISES)


def assert_code_survived(submitted, repaired, source):
    """Every line of the student's is there, in the same number at least; only the author's own text may go."""
    provided = "\n".join(cell.source for cell in source.cells)
    lines = [line.strip() for cell in submitted.cells for line in cell.source.splitlines()]
    kept = [line.strip() for cell in repaired.cells for line in cell.source.splitlines()]
    for line in set(lines):
        assert line in provided or kept.count(line) >= lines.count(line) or line in {"10", ""}, line


@pytest.mark.parametrize("name", ["release", "solved"])
def test_what_needs_nothing_comes_out_unchanged(name, release_notebook, solved, plan):
    notebook = {"release": release_notebook, "solved": solved}[name]
    repaired = repair(notebook, plan)
    assert repaired.notebook == notebook and repaired.notes == []


@pytest.mark.parametrize("change", [tags_stripped, notebook_of_somebody_else, strip_everything])
def test_cells_that_train_are_not_run(change, solved, plan):
    for cell in repair(change(copy.deepcopy(solved)), plan).notebook.cells:
        is_tagged = "not-graded" in cell.metadata.get("tags", [])
        assert is_tagged or ".fit(" not in cell.source
        assert not is_tagged or not any(f"def {name}" in cell.source for name in EXERCISES)


def test_the_last_attempt_is_in_the_graded_cell(solved, plan):
    for change in (last_attempt_below, last_attempt_at_the_end):
        notebook = repair(change(copy.deepcopy(solved)), plan).notebook
        assert "padding='same'" in answer(notebook, "conv_block").source


def test_joined_pieces_are_the_function_again(solved, plan):
    for change in (split_in_the_body, split_within_a_call, split_in_three, marker_cut_off):
        notebook = repair(change(copy.deepcopy(solved)), plan).notebook
        for name in EXERCISES:
            lines = [line for line in answer(notebook, name).source.splitlines() if line.strip()]
            assert lines == [line for line in answer(solved, name).source.splitlines() if line.strip()]


HOSTILE_CELLS = {
    "brackets": "(" * 100_000,
    "signs": "-" * 190_000 + "1",
    "attributes": "a" + ".b" * 90_000,
    "sum": "x = " + "+".join(["1"] * 90_000),
    "calls": "a" + "()" * 90_000,
    "magics": "!a\n" * 60_000,
    "questions": "a?\n" * 60_000,
    "null": "x\0y",
    "long": "x = 1\n" * 100_000,
}


@pytest.mark.parametrize("text", HOSTILE_CELLS.values(), ids=HOSTILE_CELLS)
def test_no_cell_stops_the_reading_of_code(text):
    begin = time.monotonic()
    assert read_code(text).functions == frozenset()
    assert read_code(f"def conv_block():\n    pass\n{text}").functions <= {"conv_block"}
    assert time.monotonic() - begin < 10


# --- files


@pytest.mark.parametrize("fault", FILE_FAULTS, ids=by_student)
def test_taking_in_a_submission(fault, tmp_path, solved, source_notebook, plan):
    other = tmp_path / "submitted" / "nothing-wrong" / "unet"
    folder = tmp_path / "submitted" / fault.student / "unet"
    other.mkdir(parents=True)
    folder.mkdir(parents=True)
    nbformat.write(solved, other / NOTEBOOK)
    (tmp_path / "gradebook.db").write_text("secret")
    fault.write(folder, nbformat.writes(solved))
    before = fingerprint(tmp_path / "submitted")
    reserved = {Path("test_utils.py"), Path("images/segmentation.png")}
    limits = Limits(notebook_size=SIZE_LIMIT, file_size=SIZE_LIMIT)
    taken_in = take_in(folder, tmp_path / "clean", {"Image_segmentation_Unet": plan}, reserved, limits=limits)
    assert fingerprint(tmp_path / "submitted") == before
    copied = [path for path in (tmp_path / "clean").rglob("*") if not path.is_dir()]
    assert all(path.is_file() and not path.is_symlink() and path.stat().st_size <= SIZE_LIMIT for path in copied)
    assert "secret" not in [path.read_text() for path in copied]
    notebook = nbformat.read(tmp_path / "clean" / NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert taken_in["Image_segmentation_Unet"].notebook.cells == notebook.cells
    repaired = repair(notebook, plan)
    sentences = [note.sentence for note in (*taken_in["Image_segmentation_Unet"].notes, *repaired.notes)]
    assert any(fault.says in sentence for sentence in sentences) if fault.says else not sentences, sentences
    assert_one_cell_for_each_exercise(repaired.notebook, source_notebook)
    for name, points in zip(EXERCISES, fault.points):
        assert (f"def {name}(" in answer(repaired.notebook, name).source) == bool(points)


def fingerprint(folder):
    """Everything in a folder: names, contents, times of the last change."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() and not path.is_symlink() else ""
        found[str(path)] = (status.st_mode, status.st_mtime_ns, status.st_ino, content)
    return found


def test_a_notebook_that_cannot_be_read_says_why(tmp_path):
    with pytest.raises(UnreadableNotebook, match="no such file"):
        read_notebook(tmp_path / "missing.ipynb")
    (tmp_path / "folder.ipynb").mkdir()
    with pytest.raises(UnreadableNotebook, match="not a file"):
        read_notebook(tmp_path / "folder.ipynb")


# --- file names of learning platforms

PLATFORM_NAMES = {
    "Doe Jane_1234_assignsubmission_file_Unet.ipynb": ("Doe Jane_1234", "Unet.ipynb"),
    "Doe Jane_1234_assignsubmission_file/Unet.ipynb": ("Doe Jane_1234", "Unet.ipynb"),
    "Unet-9/O'Neil-Müller Anne_7_assignsubmission_file_/My work.ipynb": ("O'Neil-Müller Anne_7", "My work.ipynb"),
    "doejane_1234_56789_Image_segmentation_Unet-1.ipynb": ("doejane_1234", "Image_segmentation_Unet-1.ipynb"),
    "submissions/doejane_LATE_1234_56789_Unet.ipynb": ("doejane_LATE_1234", "Unet.ipynb"),
    "doejane_12_34_unet/roe_1_2_Unet.ipynb": ("doejane_12", "unet/roe_1_2_Unet.ipynb"),
    "Assignment 1_jdoe_attempt_2026-11-02-09-30-00_Unet.ipynb": ("jdoe", "Unet.ipynb"),
    "1234-5678 - Jane Doe - Nov 2, 2026 930 AM - Unet.ipynb": ("1234-5678 - Jane Doe", "Unet.ipynb"),
    "Download Nov 3, 2026 1000 AM/12-34 - Jane Doe - Nov 2, 2026 930 AM/Unet.ipynb": ("12-34 - Jane Doe", "Unet.ipynb"),
}


@pytest.mark.parametrize(("path", "wanted"), PLATFORM_NAMES.items(), ids=PLATFORM_NAMES)
def test_names_of_learning_platforms(path, wanted):
    found = re.match(PLATFORM_FILE_NAMES, f"/home/x_1_2_y/downloaded/unet/extracted/{path}")
    assert (found["student_id"], found["file_id"]) == wanted


def test_a_folder_for_each_student():
    found = re.match(STUDENT_FOLDERS, "/course/downloaded/unet/extracted/jane/unet/Unet (1).ipynb")
    assert (found["student_id"], found["file_id"]) == ("jane", "unet/Unet (1).ipynb")


# --- real nbgrader runs

CONFIGURATION = f"""
# Small limits, so that what is too large need not be large.
c.SubmissionExporter.notebook_size_limit = {SIZE_LIMIT}
c.SubmissionExporter.file_size_limit = {SIZE_LIMIT}
"""
# Every third fault of a notebook goes through nbgrader, and every fault of a file. The others take the same way through
# the judge in one kernel that they share, which takes a third of the time.
THROUGH_NBGRADER = FAULTS[::3]
IN_A_SHARED_KERNEL = [fault for fault in FAULTS if fault not in THROUGH_NBGRADER]


@pytest.mark.slow
@pytest.mark.suite("faults")
@pytest.mark.parametrize("fault", IN_A_SHARED_KERNEL, ids=by_student)
def test_points_of_a_repaired_notebook(fault, solved, plan, grade_in_shared_kernel):
    repaired = repair(fault.change(copy.deepcopy(solved)), plan)
    marks = grade_in_shared_kernel(repaired.notebook)
    assert tuple(mark.points for mark in marks) == fault.points, [mark.losses for mark in marks]


# Tests that look at one class stay together when tests run on several processes.
GRADED = pytest.mark.xdist_group("repair")


def course_with_repair(folder):
    course = copy_course(folder)
    with open(course / "nbgrader_config.py", "a") as config:
        config.write(CONFIGURATION)
    run("nbgrader", "generate_assignment", "unet", "--force", folder=course)
    return course


def folder_of(course, student):
    folder = course / "submitted" / student / "unet"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(scope="module")
def graded(tmp_path_factory, solved):
    """A class in which everybody's submission has another fault, graded in one run."""
    course = course_with_repair(tmp_path_factory.mktemp("faults"))
    for fault in THROUGH_NBGRADER:
        nbformat.write(fault.change(copy.deepcopy(solved)), folder_of(course, fault.student) / NOTEBOOK)
    for fault in FILE_FAULTS:
        fault.write(folder_of(course, fault.student), nbformat.writes(solved))
    before = fingerprint(course / "submitted")
    result = run("nbgrader", "autograde", "unet", folder=course)
    run("nbgrader", "generate_feedback", "unet", folder=course)
    assert fingerprint(course / "submitted") == before
    return course, {one.student: one for one in read_marks(course, "unet")}, result.stderr


@pytest.mark.slow
@pytest.mark.suite("faults")
@pytest.mark.parametrize("fault", [*THROUGH_NBGRADER, *FILE_FAULTS], ids=by_student)
@GRADED
def test_everybody_is_graded_with_a_reason(graded, fault):
    course, marks, _ = graded
    one = marks[fault.student]
    notebook = nbformat.read(course / "autograded" / fault.student / "unet" / NOTEBOOK, as_version=4)
    repairs = notebook.metadata.get("keras_autograder", {}).get("repairs", [])
    top = notebook.cells[0].source if repairs else ""
    assert tuple(exercise.points for exercise in one.exercises) == fault.points, top
    assert not one.needs_manual_grade
    assert one.feedback is not None
    assert fault.says in top if fault.says else not top
    assert all(repair["sentence"] in top for repair in repairs)


@pytest.mark.slow
@GRADED
def test_feedback_says_what_was_repaired(graded):
    _, marks, _ = graded
    (fault,) = [fault for fault in FILE_FAULTS if fault.student == "conflict-in-a-cell"]
    assert fault.says in marks[fault.student].feedback.read_text()


@pytest.mark.slow
@GRADED
def test_nobody_is_graded_who_is_not_there(graded):
    _, marks, _ = graded
    assert marks.keys() == {fault.student for fault in (*THROUGH_NBGRADER, *FILE_FAULTS)}


@pytest.mark.slow
@GRADED
def test_nothing_from_outside_is_copied(graded):
    course, _, _ = graded
    for path in (course / "autograded").rglob("*"):
        assert not path.is_symlink() and (path.is_dir() or path.stat().st_size < SIZE_LIMIT), path
    assert not (course / "autograded" / "link-to-a-secret" / "unet" / "loot.db").exists()


@pytest.mark.slow
@GRADED
def test_who_is_graded_is_not_graded_again(graded):
    course, _, _ = graded
    before = fingerprint(course / "autograded")
    run("nbgrader", "autograde", "unet", folder=course)
    assert fingerprint(course / "autograded") == before


@pytest.mark.slow
@pytest.mark.suite("faults")
def test_a_class_graded_by_a_grader_that_was_killed(tmp_path, solved):
    course = course_with_repair(tmp_path)
    students = ["anna", "bert", "carl"]
    for student in students:
        submit(course, student, solved)
    command = [sys.executable, "-m", "nbgrader", "autograde", "unet"]
    grader = subprocess.Popen(
        command, cwd=course, env=os.environ | {"PYTHONPATH": str(COURSE)}, stderr=subprocess.DEVNULL
    )
    second = course / "autograded" / "bert" / "unet" / NOTEBOOK
    while not second.exists():
        assert grader.poll() is None
        time.sleep(0.05)
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    first = fingerprint(course / "autograded" / "anna")
    result = run("nbgrader", "autograde", "unet", folder=course)
    assert "The grading of bert was interrupted" in result.stderr
    assert fingerprint(course / "autograded" / "anna") == first
    marks = read_marks(course, "unet")
    assert {one.student: one.points for one in marks} == dict.fromkeys(students, 30), as_table(marks)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        assert len(gradebook.assignment_submissions("unet")) == len(students)


@pytest.mark.slow
@pytest.mark.suite("faults")
def test_downloads_of_learning_platforms_are_collected_and_graded(tmp_path, solved):
    course = course_with_repair(tmp_path)
    archive = course / "downloaded" / "unet" / "archive"
    names = ["Doe Jane_12_assignsubmission_file_Unet.ipynb", "roe_LATE_34_56_Image_segmentation_Unet-2.ipynb"]
    for name in names:
        archive.mkdir(parents=True, exist_ok=True)
        nbformat.write(solved, archive / name)
    run("nbgrader", "zip_collect", "unet", folder=course)
    # nbgrader itself stops where nobody at all has a notebook at the top of the folder; here both have one.
    run("nbgrader", "autograde", "unet", folder=course)
    marks = {one.student: one.points for one in read_marks(course, "unet")}
    assert marks == {"Doe Jane_12": 30, "roe_LATE_34": 30}


@pytest.mark.skipif(not (SHARED / "seeds").is_dir(), reason="the solved notebooks (../shared/seeds) are not here")
def test_functions_of_the_public_course_are_found(solved, plan):
    for path in sorted((SHARED / "seeds").glob("*.txt")):
        blocks = re.findall(r"```python\n(.*?)```", path.read_text(), re.DOTALL)
        notebook = new_notebook(cells=[new_code_cell(block) for block in blocks])
        repaired = repair(notebook, plan).notebook
        for name in EXERCISES:
            if any(f"def {name}(" in block for block in blocks):
                assert f"def {name}(" in "".join(cell.source for cell in graded_cells_of(repaired))


def graded_cells_of(notebook):
    return [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]


def test_markers_are_those_of_the_assignment(source_notebook):
    assert list(graded_cells(source_notebook)) == list(MARKERS.values())
