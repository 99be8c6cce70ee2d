"""Contracts with nbgrader and its like: each test fails when an upstream changes what a hook relies on.

The hooks, their reasons and these tests are listed in ``keras_autograder.nbgrader_hooks``.
"""

import logging
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import nbgrader.api
import pytest
from conftest import COURSE
from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearOutput, ClearSolutions, Execute, NbGraderPreprocessor
from traitlets.config import Config

from keras_autograder.authoring.solution_regions import BEGIN_SOLUTION, END_SOLUTION
from keras_autograder.configuration import configure
from keras_autograder.nbgrader_hooks.alembic_on_path import put_programs_on_path
from keras_autograder.nbgrader_hooks.clear_solutions import ClearSolutionsToBlanks
from keras_autograder.nbgrader_hooks.course_directory import course_directory_of
from keras_autograder.nbgrader_hooks.gradebook_engine import keep_engine
from keras_autograder.nbgrader_hooks.judged_execute import JudgedExecute
from keras_autograder.nbgrader_hooks.released_modules import BringSharedModules
from keras_autograder.nbgrader_hooks.repair_notebook import RepairNotebook
from keras_autograder.nbgrader_hooks.staged_course import StagedCourse
from keras_autograder.nbgrader_hooks.submission_exporter import SubmissionExporter
from keras_autograder.nbgrader_hooks.waiting_submissions import list_waiting

put_programs_on_path()

TEXT = "### BEGIN SOLUTION\nx = 1\n### BLANK\n# x = None\n### END SOLUTION"


# --- a course of one cell, and nbgrader's own converters, which note what they do


def solution_cell(source):
    metadata = {"grade": False, "solution": True, "locked": False, "grade_id": "answer", "schema_version": 3}
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": metadata})


def configuration_of(course):
    config = Config()
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.assignment_id = "ps1"
    return config


@pytest.fixture(scope="module")
def released_course(tmp_path_factory):
    """A course with one assignment, which is released, and one submission."""
    course = tmp_path_factory.mktemp("course")
    (course / "source" / "ps1").mkdir(parents=True)
    notebook = nbformat.v4.new_notebook(cells=[solution_cell(TEXT)])
    nbformat.write(notebook, course / "source" / "ps1" / "p1.ipynb")
    (course / "source" / "ps1" / "data.txt").write_text("the course's")
    convert(GenerateAssignment, configuration_of(course))
    submitted = course / "submitted" / "anna" / "ps1"
    submitted.mkdir(parents=True)
    shutil.copy(course / "release" / "ps1" / "p1.ipynb", submitted / "p1.ipynb")
    (submitted / "timestamp.txt").write_text("2026-11-02 09:30:00 UTC")
    return course


@pytest.fixture
def config(released_course, tmp_path):
    """The configuration of a copy of it, in ``tmp_path``."""
    shutil.copytree(released_course, tmp_path, dirs_exist_ok=True)
    return configuration_of(tmp_path)


def convert(kind, config):
    converter = kind(coursedir=CourseDirectory(config=config), config=config)
    converter.start()
    return converter


class NotingExporter(NotebookExporter):
    """An exporter that notes when it is made and what it is asked for."""

    def __init__(self, config=None, **kw):
        super().__init__(config=config, **kw)
        self.parent.done.append("exporter")

    def from_filename(self, filename, resources=None, **kw):
        root = self.parent.coursedir.root
        steps = [type(step).__name__ for step in self._preprocessors]
        self.parent.done.append((os.path.relpath(filename, root), resources["nbgrader"]["student"], steps))
        return super().from_filename(filename, resources=resources, **kw)


class NotingAutograde(Autograde):
    """nbgrader's converter, which notes the order of its steps."""

    def __init__(self, **kw):
        self.done = []
        super().__init__(**kw)
        self.exporter_class = NotingExporter
        self.pre_convert_hook = lambda **names: self.done.append(("hook", names))

    def init_notebooks(self):
        self.done.append("init_notebooks")
        super().init_notebooks()

    def init_destination(self, assignment_id, student_id):
        self.done.append("init_destination")
        return super().init_destination(assignment_id, student_id)

    def init_assignment(self, assignment_id, student_id):
        self.done.append("init_assignment")
        super().init_assignment(assignment_id, student_id)


# --- submission_exporter


def test_nbgrader_makes_its_exporter_after_its_list_and_calls_its_hook_before_it_reads_a_submission(config, tmp_path):
    config.Autograde.sanitize_preprocessors = [ClearOutput]
    config.Autograde.autograde_preprocessors = []
    done = convert(NotingAutograde, config).done
    notebook = str(tmp_path / "submitted" / "anna" / "ps1" / "p1.ipynb")
    assert done == [
        "init_notebooks",
        "exporter",
        "init_destination",
        ("hook", {"assignment": "ps1", "student": "*", "notebooks": [notebook]}),
        "init_assignment",
        # Twice: to sanitise what was submitted, and to run what came of it.
        (os.path.join("submitted", "anna", "ps1", "p1.ipynb"), "anna", ["ClearOutput"]),
        (os.path.join("autograded", "anna", "ps1", "p1.ipynb"), "anna", []),
    ]


@pytest.mark.parametrize(("error", "is_passed_on"), [(SystemExit, True), (ValueError, False)])
def test_nbgrader_lets_a_hook_end_the_run_with_a_system_exit_alone(config, error, is_passed_on):
    def hook(**names):
        raise error("no more")

    converter = Autograde(coursedir=CourseDirectory(config=config), config=config)
    converter.pre_convert_hook = hook
    if is_passed_on:
        with pytest.raises(SystemExit, match="no more"):
            converter.run_pre_convert_hook()
    else:
        converter.run_pre_convert_hook()


class Kept(NbGraderPreprocessor):
    """Keeps the resources that nbconvert hands to a step."""

    found: dict = {}  # noqa: RUF012

    def preprocess(self, nb, resources):
        type(self).found = resources
        return nb, resources


def test_what_an_exporter_is_told_reaches_the_steps():
    exporter = NotebookExporter()
    exporter.register_preprocessor(Kept)
    exporter.from_notebook_node(nbformat.v4.new_notebook(), resources={"keras_autograder": {"graded": "a result"}})
    assert Kept.found["keras_autograder"] == {"graded": "a result"}


# --- staged_course, waiting_submissions


def test_a_converter_takes_its_folders_from_its_course_directory_each_time(config, tmp_path):
    converter = Autograde(coursedir=CourseDirectory(config=config), config=config)
    other = CourseDirectory(config=config)
    other.submitted_directory = str(tmp_path / "elsewhere")
    converter.coursedir = other
    assert converter._format_source("ps1", "anna") == str(tmp_path / "elsewhere" / "anna" / "ps1")


def test_nbgrader_finds_clean_copies_in_the_list_and_the_time_of_submission_in_them(config, tmp_path):
    (tmp_path / "submitted" / "bert" / "ps1").mkdir(parents=True)
    converter = Autograde(coursedir=CourseDirectory(config=config), config=config)
    converter.init_notebooks()
    assert [Path(folder).parent.name for folder in converter.assignments] == ["anna"]
    staged = StagedCourse(converter.coursedir)
    waiting = list_waiting(converter, staged)
    assert [one.student for one in waiting] == ["anna", "bert"]
    for one in waiting:
        assert converter._format_source("ps1", one.student) == str(one.clean)
        assert converter.assignments[str(one.clean)] == [str(one.clean / "p1.ipynb")]
        names = converter.init_single_notebook_resources(str(one.clean / "p1.ipynb"))["nbgrader"]
        assert (names["student"], names["notebook"]) == (one.student, "p1")
    times = [converter.coursedir.get_existing_timestamp(str(one.clean)) for one in waiting]
    assert str(times[0]).startswith("2026-11-02 09:30") and times[1] is None


@pytest.mark.parametrize(("hour", "is_graded"), [("10", True), ("08", False)])
def test_nbgrader_decides_by_the_timestamp_before_its_hook_whether_a_submission_is_newer(config, hour, is_graded):
    config.Autograde.autograde_preprocessors = []
    root = Path(convert(NotingAutograde, config).coursedir.root)
    path = root / "submitted" / "anna" / "ps1" / "timestamp.txt"
    path.write_text(path.read_text().replace("09:30", f"{hour}:30"))
    done = convert(NotingAutograde, config).done
    assert ("init_assignment" in done) is is_graded


# --- sanitizer, repair_notebook, course_directory


def test_the_sanitising_steps_are_run_in_their_order_with_the_converter_above_them(config):
    exporter = NotebookExporter(parent=Autograde(coursedir=CourseDirectory(config=config), config=config))
    for step in (RepairNotebook, ClearOutput):
        exporter.register_preprocessor(step)
    assert [type(step) for step in exporter._preprocessors][-2:] == [RepairNotebook, ClearOutput]
    assert all(step.enabled for step in exporter._preprocessors[-2:])
    assert course_directory_of(exporter._preprocessors[-1]) is exporter.parent.coursedir


def test_an_exporter_can_be_made_without_any_steps():
    exporter = NotebookExporter(preprocessors=[], default_preprocessors=[], optimistic_validation=True)
    assert exporter._preprocessors == [] and exporter.optimistic_validation


# --- clear_solutions, shared_modules


def test_clear_solutions_decides_in_one_method_what_stands_in_a_regions_place():
    asked = []

    class Noting(ClearSolutions):
        def _replace_solution_region(self, cell, language):
            asked.append(language)
            return super()._replace_solution_region(cell, language)

    Noting().preprocess_cell(solution_cell("x = 1"), {"language": "python"}, 0)
    assert asked == ["python"]
    stock = ClearSolutions()
    assert (stock.begin_solution_delimeter, stock.end_solution_delimeter) == (BEGIN_SOLUTION, END_SOLUTION)
    cell, _ = ClearSolutionsToBlanks().preprocess_cell(solution_cell(TEXT), {"language": "python"}, 0)
    assert cell.source == "x = None"


def test_what_a_step_puts_into_a_release_stays_there(config, tmp_path):
    class Adding(NbGraderPreprocessor):
        def preprocess(self, nb, resources):
            released = tmp_path / "release" / resources["nbgrader"]["assignment"]
            assert (released / "data.txt").is_file(), "files are copied before the first notebook"
            (released / "added.txt").write_text("more")
            return nb, resources

    config.GenerateAssignment.preprocessors = [*GenerateAssignment.preprocessors.default(), Adding]
    config.GenerateAssignment.force = True
    convert(GenerateAssignment, config)
    assert sorted(path.name for path in (tmp_path / "release" / "ps1").iterdir()) == [
        "added.txt",
        "data.txt",
        "p1.ipynb",
    ]


# --- configuration: the lists of steps that it repeats


def replaced(steps, **names):
    return [names.get(step.__name__, step) for step in steps]


def test_the_lists_of_steps_are_nbgraders_own_with_ours_in_place_or_at_an_end(tmp_path):
    config = Config()
    configure(config, tmp_path)
    assert config.GenerateAssignment.preprocessors == [
        *replaced(GenerateAssignment.preprocessors.default(), ClearSolutions=ClearSolutionsToBlanks),
        BringSharedModules,
    ]
    assert config.Autograde.sanitize_preprocessors == [RepairNotebook, *Autograde.sanitize_preprocessors.default()]
    assert config.Autograde.autograde_preprocessors == replaced(
        Autograde.autograde_preprocessors.default(), Execute=JudgedExecute
    )
    assert config.GenerateFeedback.preprocessors[1:] == GenerateFeedback.preprocessors.default()
    assert issubclass(JudgedExecute, Execute)


# --- gradebook_engine, alembic_on_path, schema_formats


def test_gradebooks_look_their_engine_up_where_it_is_replaced(config, tmp_path):
    address = f"sqlite:///{tmp_path / 'gradebook.db'}"
    create = nbgrader.api.create_engine
    undo = keep_engine()
    try:
        engines = []
        for _ in range(2):
            with nbgrader.api.Gradebook(address) as gradebook:
                engines.append(gradebook.engine)
                assert [one.name for one in gradebook.assignments] == ["ps1"]
        assert engines[0] is engines[1]
    finally:
        undo()
    assert nbgrader.api.create_engine is create
    with nbgrader.api.Gradebook(address) as gradebook:
        assert gradebook.engine is not engines[0]


@pytest.mark.slow
def test_nbgrader_runs_alembic_by_its_name(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="alembic"):
        nbgrader.api.get_alembic_version()
    put_programs_on_path()
    assert re.fullmatch(r"\w+", nbgrader.api.get_alembic_version())
    before = os.environ["PATH"]
    put_programs_on_path()
    assert os.environ["PATH"] == before


IMPORTS = "import sys; {first}; import jsonschema; print(sys.modules.get('rfc3987_syntax') is not None)"


@pytest.mark.slow
@pytest.mark.parametrize(("first", "is_imported"), [("pass", True), ("import keras_autograder", False)])
def test_jsonschema_imports_its_slow_format_unless_it_is_told_that_there_is_none(first, is_imported):
    pytest.importorskip("rfc3987_syntax")
    command = [sys.executable, "-c", IMPORTS.format(first=first)]
    result = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(COURSE)}, capture_output=True, text=True)
    assert result.stdout.strip() == str(is_imported), result.stderr


# --- the room itself


def test_every_hook_says_why_it_is_there_and_is_in_the_list():
    import keras_autograder.nbgrader_hooks as hooks

    listed = set(re.findall(r"^\| `(\w+)` \|", hooks.__doc__, re.MULTILINE))
    folder = Path(hooks.__file__).parent
    is_hook = {path.stem: path.read_text().startswith('"""Hook: ') for path in folder.glob("[a-z]*.py")}
    assert listed == {name for name, found in is_hook.items() if found}
    tests = set(re.findall(r"`(test_\w+)`", hooks.__doc__))
    here = Path(__file__)
    written = here.read_text() + here.with_name("test_execution.py").read_text()
    assert tests and all(f"def {name}(" in written for name in tests)


@pytest.mark.parametrize(("section", "is_told"), [("SandboxedKernelManager", True), ("SandboxProvisioner", False)])
def test_limits_under_their_former_name_are_not_lost_in_silence(section, is_told, caplog):
    log = logging.getLogger("former settings")
    exporter = SubmissionExporter(config=Config({section: {"memory_bytes": 2**30}}), log=log)
    with caplog.at_level(logging.WARNING, logger=log.name):
        exporter._execution_settings()
    assert ("SandboxProvisioner" in caplog.text) == is_told
