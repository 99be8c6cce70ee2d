"""How nbgrader releases, grades and reports this course. Run its commands in this folder."""

import os
import sys
from pathlib import Path

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

course = Path(__file__).resolve().parent
# nbgrader may run in an environment in which the course's own package is not installed.
if str(course) not in sys.path:
    sys.path.append(str(course))

from nbconvert.preprocessors import ClearMetadataPreprocessor, CSSHTMLHeaderPreprocessor  # noqa: E402

from keras_autograder.authoring import ClearSolutionsToBlanks  # noqa: E402
from keras_autograder.execution import JudgedExecute, course_secret  # noqa: E402
from keras_autograder.parallel import ParallelExporter  # noqa: E402
from keras_autograder.repair import PLATFORM_FILE_NAMES, RepairNotebook  # noqa: E402

# nbgrader looks for alembic, which sets up the gradebook, on the PATH: there it is only in an activated environment.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
# TensorFlow's messages about the machine help no grader, and nbgrader gives 0 points to a test cell that shows any.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

c = get_config()  # noqa: F821 (nbgrader provides it)

c.CourseDirectory.root = str(course)
c.CourseDirectory.course_id = "unet"
# A data set beside the source notebook is the instructor's own: it goes to no student and into no submission's folder.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", ".pytest_cache", "data"]

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
]

# Whatever students hand in, and however it is named, becomes a notebook that can be graded, or a grade with a reason.
# A class is graded on all processors: ClassGrading.workers says on how many, ClassGrading.scheduler on which cluster.
c.Autograde.exporter_class = ParallelExporter
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

# Hidden checks are public with this repository, the numbers that they draw from the secret are not.
c.JudgedExecute.secret = course_secret(course)

# Cells that load data, train and draw are not run while grading: no mark depends on them.
c.Execute.skip_cells_with_tag = "not-graded"
# Kernels listen on local ports: encrypt what they say, so that other users of the machine cannot read or forge it.
c.KernelManager.transport_encryption = "auto"
# Seconds for one cell. The longest check takes a few.
c.Execute.timeout = 120

# Students get their feedback without the source of the hidden tests.
c.GenerateFeedback.preprocessors = [ClearHiddenTests, GetGrades, CSSHTMLHeaderPreprocessor]
