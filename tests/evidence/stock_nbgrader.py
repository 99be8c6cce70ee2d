"""What stock nbgrader makes of the attacks and the faults: each is graded by it, one at a time, and counted.

    make evidence-stock

The course is this one with the comparator of ``stock.py`` in its check cells and nothing of ``keras_autograder`` in the
grading: no repair, no judge, no sandbox. THE ATTACKS REALLY RUN, with all rights of whoever starts this. They are not
malicious beyond what ``attacks.py`` shows, but run it on a machine that nobody minds.
"""

import copy
import functools
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from conftest import COURSE, NOTEBOOK, copy_course, run, submit

from evidence import stock
from evidence.attacks import GAIN, NOTEBOOK_TRICKS, READ, printed, student_of, written
from evidence.faults import FAULTS, FILE_FAULTS
from keras_autograder.authoring import solved_notebook
from keras_autograder.report import read_marks

CONFIG = """\
import os, sys
from pathlib import Path
sys.path.append({course!r})
from nbgrader.preprocessors import *
from keras_autograder.nbgrader_hooks.clear_solutions import ClearSolutionsToBlanks

os.environ["PATH"] = f"{{Path(sys.executable).parent}}{{os.pathsep}}{{os.environ['PATH']}}"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
c = get_config()
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.GenerateAssignment.preprocessors = [
    IncludeHeaderFooter, InstantiateTests, LockCells, ClearSolutionsToBlanks, ClearOutput, CheckCellMetadata,
    ComputeChecksums, SaveCells, ClearHiddenTests, ClearMarkScheme, ComputeChecksums, CheckCellMetadata,
]
# The one setting that a course with training cells needs of stock nbgrader.
c.Execute.skip_cells_with_tag = "not-graded"
c.Execute.timeout = 20
"""
CHECKS = {
    "conv_block": """
inputs = Input((96, 128, 3))
model1 = tf.keras.Model(inputs, conv_block(inputs, 32))
comparator(summary(model1), outputs.conv_block_output1)

inputs = Input((96, 128, 3))
model2 = tf.keras.Model(inputs, conv_block(inputs, 32 * 32, dropout_prob=0.1, max_pooling=True))
comparator(summary(model2), outputs.conv_block_output2)
""",
    "upsampling_block": """
expansive, contractive = Input((12, 16, 256)), Input((24, 32, 128))
model1 = tf.keras.Model([expansive, contractive], upsampling_block(expansive, contractive, 32))
comparator(summary(model1), outputs.upsampling_block_output)
""",
    "unet_model": """
comparator(summary(unet_model((96, 128, 3))), outputs.unet_model_output)
""",
}
CHECK_HEAD = """\
import tensorflow as tf
from tensorflow.keras.layers import Input

import outputs
from test_utils import comparator, summary
"""
STOCK_NAMES = """

summary = rows_of


def comparator(learner, instructor):
    compare(learner, instructor)
    print("All tests passed!")
"""
SECONDS = 180


def with_stock_checks(notebook):
    """A notebook of the course, with the stock comparator in its check cells."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source = CHECK_HEAD + CHECKS[cell.metadata.nbgrader.grade_id]
    return notebook


def stock_course(folder: Path) -> Path:
    """The course as stock nbgrader would have it."""
    course = copy_course(folder)
    (course / "nbgrader_config.py").write_text(CONFIG.format(course=str(COURSE)))
    path = course / "source" / "unet" / NOTEBOOK
    nbformat.write(with_stock_checks(nbformat.read(path, as_version=4)), path)
    utilities = course / "source" / "unet" / "test_utils.py"
    utilities.unlink()
    utilities.write_text(Path(stock.__file__).read_text() + STOCK_NAMES)
    (course / ".course_secret").write_text("secret")
    run("nbgrader", "generate_assignment", "unet", "--force", folder=course)
    return course


def grade(course: Path, student: str):
    """One student's marks, or None where there are none."""
    try:
        run("timeout", "-s", "KILL", str(SECONDS), *_AUTOGRADE, f"--student={student}", folder=course, check=False)
        marks = [one for one in read_marks(course, "unet") if one.student == student]
    except Exception as error:
        print(f"{student}: {error!r}"[:200])
        return None
    return marks[0] if marks else None


_AUTOGRADE = (str(Path(sys.executable).parent / "nbgrader"), "autograde", "unet")


def attack_holds(course: Path, name: str) -> bool:
    """Whether an attack gains nothing and reads nothing."""
    marks = grade(course, student_of(name))
    if name not in READ:
        return marks is None or marks.points == 0
    path = course / "autograded" / student_of(name) / "unet" / NOTEBOOK
    return not path.exists() or "LOOT" not in printed(nbformat.read(path, as_version=4))


def fault_holds(course: Path, fault) -> bool:
    """Whether a submission gets the points that it must, without anybody's help."""
    marks = grade(course, fault.student)
    if marks is None or marks.needs_manual_grade:
        return False
    return tuple(exercise.points for exercise in marks.exercises) == fault.points


def count(cases: list, hand_in, holds, workers: int = 2) -> dict[str, bool]:
    """Grade cases in as many courses as there are workers: {name of a case: whether it holds}."""

    def share(number: int) -> dict[str, bool]:
        with tempfile.TemporaryDirectory(prefix="stock-") as folder:
            course = stock_course(Path(folder))
            found = {}
            for case in cases[number::workers]:
                hand_in(course, case)
                found[getattr(case, "student", case)] = held = holds(course, case)
                print(f"{'held' if held else 'FAILED':8}{getattr(case, 'student', case)}", flush=True)
            return found

    with ThreadPoolExecutor(workers) as pool:
        return {name: held for found in pool.map(share, range(workers)) for name, held in found.items()}


def main() -> None:
    """Grade everything, print each case and the counts."""
    source = nbformat.read(COURSE / "source" / "unet" / NOTEBOOK, as_version=4)
    release = nbformat.read(COURSE / "release" / "unet" / NOTEBOOK, as_version=4)

    ours = solved_notebook(source, release)
    solved = with_stock_checks(ours)

    @functools.cache
    def attacks_on(course: Path) -> dict:
        return written(course, solved)

    def hand_in_attack(course: Path, name: str) -> None:
        submit(course, student_of(name), attacks_on(course)[name])

    def hand_in_fault(course: Path, fault) -> None:
        if fault in FILE_FAULTS:
            folder = course / "submitted" / fault.student / "unet"
            folder.mkdir(parents=True)
            fault.write(folder, nbformat.writes(solved))
            return
        try:
            changed = fault.change(copy.deepcopy(solved))
        except ValueError:
            # What is done to the text of a check cell is done to this course's; nbgrader puts its own in again.
            changed = fault.change(copy.deepcopy(ours))
        submit(course, fault.student, changed)

    suites = sys.argv[1:] or ["attacks", "faults"]
    if "attacks" in suites:
        attacks = count([*GAIN, *NOTEBOOK_TRICKS, *READ], hand_in_attack, attack_holds)
        Path("/tmp/planted-by-a-submission").unlink(missing_ok=True)
        print(f"stock nbgrader, attacks: {sum(attacks.values())} of {len(attacks)} gain no point and read no secret")
    if "faults" in suites:
        faults = count([*FAULTS, *FILE_FAULTS], hand_in_fault, fault_holds)
        print(f"stock nbgrader, faults: {sum(faults.values())} of {len(faults)} end in the right grade")


if __name__ == "__main__":
    os.environ["KERAS_AUTOGRADER_SECRET"] = "secret"
    main()
