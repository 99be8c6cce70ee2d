"""What every course of this kit sets in nbgrader; its ``nbgrader_config.py`` calls this and adds what is its own."""

import os
from pathlib import Path

from nbconvert.preprocessors import ClearMetadataPreprocessor, CSSHTMLHeaderPreprocessor
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ComputeChecksums,
    DeduplicateIds,
    GetGrades,
    IgnorePattern,
    IncludeHeaderFooter,
    InstantiateTests,
    LimitOutput,
    LockCells,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
    SaveCells,
)
from traitlets.config import Config

from keras_autograder.authoring.shared_modules import AUTHOR_FOLDER
from keras_autograder.intake import PLATFORM_FILE_NAMES
from keras_autograder.nbgrader_hooks.alembic_on_path import put_programs_on_path
from keras_autograder.nbgrader_hooks.clear_solutions import ClearSolutionsToBlanks
from keras_autograder.nbgrader_hooks.judged_execute import JudgedExecute
from keras_autograder.nbgrader_hooks.released_modules import BringSharedModules
from keras_autograder.nbgrader_hooks.repair_notebook import RepairNotebook
from keras_autograder.nbgrader_hooks.submission_exporter import SubmissionExporter
from keras_autograder.runner import course_secret

# What lies beside a source notebook and goes to no student: what tools leave behind, and
# the author's own files.
IGNORED_FILES = (".ipynb_checkpoints", "*.pyc", "__pycache__", ".pytest_cache", AUTHOR_FOLDER)


def configure(c: Config, course: Path) -> None:
    """Have nbgrader release, grade and report a course with the steps of this kit.

    Args:
        c: traitlets Config, as ``get_config()`` gives it in ``nbgrader_config.py``. What is set in it later wins.
        course: Path, the folder of ``nbgrader_config.py``, where nbgrader's commands are run.
    """
    put_programs_on_path()
    # TensorFlow's messages about the machine help no grader, and nbgrader gives 0 points to a test cell that shows any.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

    c.CourseDirectory.root = str(course)
    c.CourseDirectory.ignore = [*IGNORED_FILES]

    # nbgrader's own list, with the authors' blanks instead of one stub for all solutions.
    c.GenerateAssignment.preprocessors = [
        IncludeHeaderFooter,
        InstantiateTests,
        LockCells,
        ClearSolutionsToBlanks,
        ClearOutput,
        CheckCellMetadata,
        ComputeChecksums,
        SaveCells,
        ClearHiddenTests,
        ClearMarkScheme,
        ComputeChecksums,
        CheckCellMetadata,
        BringSharedModules,
    ]

    # Whatever students hand in, and however it is named, becomes a notebook that can be graded, or a grade with a
    # reason. A class is graded on all processors: ClassGrading.workers says on how many, ClassGrading.scheduler on
    # which cluster.
    c.Autograde.exporter_class = SubmissionExporter
    c.Autograde.sanitize_preprocessors = [
        RepairNotebook,
        ClearOutput,
        DeduplicateIds,
        OverwriteKernelspec,
        OverwriteCells,
        CheckCellMetadata,
    ]
    # nbgrader zip_collect: file names as Moodle, Canvas, Blackboard and Brightspace give them.
    c.FileNameCollectorPlugin.named_regexp = PLATFORM_FILE_NAMES

    # nbgrader's own list, with check cells run by the judge instead of in the student's kernel.
    c.Autograde.autograde_preprocessors = [
        JudgedExecute,
        IgnorePattern,
        ClearMetadataPreprocessor,
        LimitOutput,
        SaveAutoGrades,
        AssignLatePenalties,
        CheckCellMetadata,
    ]

    # Students may know the hidden checks, but not the numbers that these draw from the secret.
    c.JudgedExecute.secret = course_secret(course)

    # Cells that load data, train and draw are not run while grading: no mark depends on them.
    c.Execute.skip_cells_with_tag = "not-graded"
    # Kernels listen on local ports: encrypted, nobody else on the machine can read or forge their messages.
    c.KernelManager.transport_encryption = "auto"

    # Students get their feedback without the source of the hidden tests.
    c.GenerateFeedback.preprocessors = [ClearHiddenTests, GetGrades, CSSHTMLHeaderPreprocessor]
