"""The wheel: what is in it, what it asks for, and a course that is made and graded with nothing but it."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import nbformat
import pytest
from conftest import COURSE
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from keras_autograder.authoring import graded_cells

PACKAGES = ("keras_autograder", "keras_checks", "segmentation")
PROJECT = tomllib.loads((COURSE / "pyproject.toml").read_text())["project"]
ASSIGNMENTS = sorted(path.parent.name for path in (COURSE / "source").glob("*/*.ipynb"))
slow = pytest.mark.slow
pytestmark = pytest.mark.xdist_group("wheel")


def pins(*files: Path) -> dict[str, str]:
    """The version of each package that requirements files pin."""
    lines = [line for file in files for line in file.read_text().splitlines() if line and line[0] not in "#-"]
    pairs = [line.split("==") for line in lines]
    return {canonicalize_name(name): version for name, version in pairs}


def asked_for() -> list[Requirement]:
    """What pyproject.toml asks for, in the extras too."""
    lines = [*PROJECT["dependencies"], *(line for extra in PROJECT["optional-dependencies"].values() for line in extra)]
    return [one for one in map(Requirement, lines) if one.name != PROJECT["name"]]


@pytest.mark.parametrize("requirement", asked_for(), ids=str)
def test_a_dependency_is_a_range_around_the_version_that_is_tested(requirement):
    assert sorted(one.operator for one in requirement.specifier) == ["<", ">="]
    pinned = pins(COURSE / "requirements.txt", COURSE / "constraints.txt")[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(pinned)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_students_install_the_versions_of_this_course(assignment):
    students = pins(COURSE / "source" / assignment / "requirements.txt")
    assert students.items() <= pins(COURSE / "requirements.txt").items()
    assert {"tensorflow", "jupyterlab", "ipykernel"} <= students.keys()


def run(*command: str | Path, folder: Path, **environment: str) -> str:
    """Run a command without this test's paths to modules; what it prints on stdout."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env=inherited | environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built of a copy: what a build leaves behind would be packed into the next wheel."""
    copy = tmp_path_factory.mktemp("project")
    for name in PACKAGES:
        shutil.copytree(COURSE / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(COURSE / name, copy)
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", "dist")
    run(sys.executable, "-m", "pip", "wheel", *options, ".", folder=copy)
    (path,) = (copy / "dist").glob("*.whl")
    return path


@slow
def test_the_wheel_holds_the_three_packages_and_a_command(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        (points,) = [name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt")]
        (metadata,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        commands, about = archive.read(points).decode(), archive.read(metadata).decode()
    # All of it is Python: no package reads a file of another kind.
    assert names == {
        path.relative_to(COURSE).as_posix()
        for package in PACKAGES
        for path in (COURSE / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert all(name.endswith((".py", "/py.typed")) for name in names)
    assert "keras-autograder = keras_autograder.commands.command_line:main" in commands
    assert f"Name: {PROJECT['name']}\nVersion: {PROJECT['version']}\n" in about


@pytest.fixture(scope="module")
def scripts(wheel, tmp_path_factory) -> Path:
    """The programs of an environment that holds the wheel, and sees the big libraries of this one but not its links."""
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment, with_pip=False)
    scripts = Path(sysconfig.get_path("scripts", "venv", {"base": str(environment)}))
    modules = Path(sysconfig.get_path("purelib", "venv", {"base": str(environment), "platbase": str(environment)}))
    options = ("--no-deps", "--no-index", "--quiet")
    python = scripts / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", *options, wheel, folder=environment)
    # Lines in the .pth files of a folder that comes in through a .pth file are not read: no editable install does.
    (modules / "shared.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return scripts


@slow
def test_all_modules_come_from_the_wheel(scripts, tmp_path):
    code = f"import {', '.join(PACKAGES)}\nprint({', '.join(f'{name}.__file__' for name in PACKAGES)}, sep='\\n')"
    for path in run(scripts / "python", "-c", code, folder=tmp_path).splitlines():
        assert Path(path).is_relative_to(scripts.parent), path
    nothing_else = "import importlib.util as u; print(u.find_spec('benchmarks'), u.find_spec('outputs'))"
    assert run(scripts / "python", "-c", nothing_else, folder=tmp_path).split() == ["None", "None"]


@pytest.fixture(scope="module")
def graded(scripts, tmp_path_factory) -> tuple[Path, str]:
    """A course made in an empty folder, with a right, a wrong and an empty answer graded; and what the report says."""
    course = tmp_path_factory.mktemp("course")

    def type_in(program: str, *arguments: str) -> str:
        # nbgrader's own commands lie where the big libraries do; its alembic is looked for on the PATH.
        path = os.pathsep.join([str(scripts), os.environ["PATH"], str(Path(sys.executable).parent)])
        return run(scripts / program, *arguments, folder=course, PATH=path)

    type_in("keras-autograder", "new", "first_network")
    with (course / "nbgrader_config.py").open("a") as settings:
        # A submission sees its grader's Python environment, and this one is spread over two.
        settings.write(f"\nc.SandboxProvisioner.readable = [{sysconfig.get_path('purelib')!r}]\n")
    type_in("keras-autograder", "release", "first_network")
    source = nbformat.read(course / "source" / "first_network" / "first_network.ipynb", as_version=4)
    # Beside the wheel's packages lies what a student may import as well.
    source.cells.append(nbformat.v4.new_code_cell("import segmentation.classes\nprint(segmentation.__file__)"))
    wrong = nbformat.from_dict(source)
    answer = graded_cells(wrong)["UNQ_C1"]
    answer.source = answer.source.replace("Dense(n_classes", "Dense(10")
    empty = nbformat.read(course / "release" / "first_network" / "first_network.ipynb", as_version=4)
    for student, notebook in {"right": source, "wrong": wrong, "empty": empty}.items():
        folder = course / "submitted" / student / "first_network"
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / "first_network.ipynb")
    type_in("python", "-m", "nbgrader", "autograde", "first_network")
    return course, type_in("keras-autograder", "report", "first_network")


@slow
def test_a_course_in_an_empty_folder_is_graded(graded):
    _, report = graded
    points = {line.split()[0]: line.split()[-1] for line in report.splitlines() if re.search(r"\d/10$", line)}
    assert points == {"right": "10/10", "wrong": "7/10", "empty": "0/10"}, report
    assert "layer 4 (Dense), " in report


@slow
def test_students_get_the_wheels_modules(graded, scripts):
    course, _ = graded
    released = course / "release" / "first_network" / "keras_checks"
    names = {path.relative_to(COURSE / "keras_checks") for path in (COURSE / "keras_checks").rglob("*.py")}
    assert {path.relative_to(released) for path in released.rglob("*.py")} == names
    for name in names:
        assert (released / name).read_bytes() == (COURSE / "keras_checks" / name).read_bytes()


@slow
def test_a_kernel_that_starts_warm_finds_what_is_installed(graded, scripts):
    course, _ = graded
    path = course / "autograded" / "right" / "first_network" / "first_network.ipynb"
    (output,) = nbformat.read(path, as_version=4).cells[-1].outputs
    assert output.output_type == "stream", output
    assert Path(output.text.strip()).is_relative_to(scripts.parent)
