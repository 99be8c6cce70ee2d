"""What an assignment imports and does not hold: found, brought along, and named where students could not import it."""

import nbformat
import pytest

from keras_autograder.authoring.imports import imported_modules
from keras_autograder.authoring.shared_modules import shared_modules, unavailable_imports

HIDDEN = "### BEGIN HIDDEN TESTS\nimport answers\n### END HIDDEN TESTS\n"


@pytest.fixture
def course(tmp_path):
    """A course with one assignment; its notebook's cells come from ``course("...", ...)``, which gives its folder."""
    folder = tmp_path / "source" / "first"
    folder.mkdir(parents=True)

    def make(*cells):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        nbformat.write(notebook, folder / "first.ipynb")
        return tmp_path

    return make


def places(course, **options):
    return {place.as_posix() for place in shared_modules(course, "first", **options)}


def test_modules_come_from_the_top_of_the_course_and_from_the_kit_with_what_they_import(course):
    folder = course("import tools\nimport numpy")
    (folder / "tools.py").write_text("from more import thing\nimport own\n")
    (folder / "more").mkdir()
    (folder / "more" / "__init__.py").write_text("from keras_checks import summary\n")
    (folder / "more" / ".ipynb_checkpoints").mkdir()
    (folder / "more" / ".ipynb_checkpoints" / "thing-checkpoint.py").write_text("")
    (folder / "source" / "first" / "own.py").write_text("")
    found = places(folder)
    assert {"tools.py", "more/__init__.py", "keras_checks/__init__.py"} <= found
    assert not any(name.startswith(("own", "numpy", "segmentation", "more/.")) for name in found)


def test_what_only_hidden_tests_import_goes_to_no_student(course):
    folder = course(f"import tools\n{HIDDEN}import tools")
    for name in ("tools", "answers"):
        (folder / f"{name}.py").write_text("")
    assert places(folder) == {"tools.py", "answers.py"}
    assert places(folder, for_students=True) == {"tools.py"}


def test_the_authors_own_files_and_data_are_not_looked_through(course):
    folder = course("import numpy")
    for name in ("author", "data", ".ipynb_checkpoints"):
        (folder / "source" / "first" / name).mkdir()
        (folder / "source" / "first" / name / "module.py").write_text("import tools\nimport nowhere\n")
    (folder / "tools.py").write_text("")
    assert places(folder) == set()
    assert unavailable_imports(folder, "first") == []


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import nowhere.at_all\nfrom outputs_frist import rows", ["nowhere", "outputs_frist"]),
        ("import keras_autograder.report", ["keras_autograder"]),
        ("import author.figures", ["author"]),
        ("import data", ["data"]),
        ("with open('x') as file:\n    import nowhere", ["nowhere"]),
        ("import os, numpy.linalg\nimport tensorflow as tf\nfrom keras_checks import summary\nimport helper", []),
        ("try:\n    import nowhere\nexcept ImportError:\n    pass", []),
        ("def fetch():\n    import nowhere", []),
        ("if in_colab:\n    import nowhere", []),
        (HIDDEN, []),
    ],
)
def test_imports_that_would_fail_for_students_are_named(course, monkeypatch, code, names):
    folder = course(code)
    monkeypatch.syspath_prepend(folder)
    (folder / "source" / "first" / "helper.py").write_text("")
    (folder / "data").mkdir()
    assert [name for _, name in unavailable_imports(folder, "first")] == names
    assert {path.as_posix() for path, _ in unavailable_imports(folder, "first")} <= {"source/first/first.ipynb"}


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import a.b, c\nfrom d.e import f\nfrom . import g\nfrom .h import i", {"a", "c", "d"}),
        ("%matplotlib inline\n!ls\nkeras?\n?keras\nif x:\n    %time y\nimport a", {"a"}),
        ("%%time\nimport a", {"a"}),
        ("%%bash\nfor x in y", set()),
        ("from a import (\n    b,\n    # why?\n)", {"a"}),
        ("x = !ls\nimport a", {"a"}),
        ("def f(\nimport a", {"a"}),
    ],
)
def test_imports_are_read_from_the_text(code, names):
    assert imported_modules(code) == names
