"""The rules of the house: which package may import which, how long a file may be, and who may know an assignment."""

import ast
import re
import tokenize
from pathlib import Path

import pytest
from conftest import COURSE

LONGEST_FILE = 400

# Which packages each may import. Only the top (commands, configuration, check) may import all of them.
GRADER = "keras_autograder"
ARROWS = {
    "keras_checks": set(),
    "segmentation": set(),
    "keras_autograder.sandbox": set(),
    "keras_autograder.judge": {"keras_checks"},
    "keras_autograder.intake": {"keras_autograder.metadata"},
    "keras_autograder.runner": {
        "keras_checks",
        "keras_autograder.judge",
        "keras_autograder.metadata",
        "keras_autograder.sandbox",
    },
    "keras_autograder.pool": {"keras_autograder.runner", "keras_autograder.sandbox"},
    "keras_autograder.authoring": {"keras_checks"},
    "keras_autograder.report": {"keras_checks", "keras_autograder.metadata"},
    "keras_autograder.demonstration": {"keras_autograder.authoring"},
    "keras_autograder.nbgrader_hooks": {
        "keras_autograder.authoring",
        "keras_autograder.intake",
        "keras_autograder.metadata",
        "keras_autograder.pool",
        "keras_autograder.runner",
        "keras_autograder.sandbox",
    },
}

# What a library calls is documented by the library.
CALLED_BY_LIBRARIES = re.compile(r"on_\w+|compute_output_spec|build|count_params|get_config|emit")

# Words that only an assignment may say.
ASSIGNMENTS_WORDS = re.compile(
    r"u-?net|vgg|carla|conv_block|upsampling_block|encoder_block|decoder_block|skip_connection|next_layer|"
    r"contractive|expansive|n_filters|dropout_prob|\bpets?\b|driving|\bscenes?\b",
    re.IGNORECASE,
)


def product_files(*packages: str) -> list[Path]:
    files = [path for package in packages for path in sorted((COURSE / package).rglob("*.py"))]
    assert files
    return files


def module_of(path: Path) -> str:
    parts = path.relative_to(COURSE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_by(path: Path, at_import_only: bool = False) -> set[str]:
    """The modules that a file imports, by their whole names; ``from package import module`` as both."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {node for part in ast.walk(tree) if isinstance(part, ast.FunctionDef) for node in ast.walk(part)}
    package = module_of(path).split(".") if path.name == "__init__.py" else module_of(path).split(".")[:-1]
    names = set()
    for node in ast.walk(tree):
        if at_import_only and node in inside:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*base, *([node.module] if node.module else [])])
            modules = {f"{base}.{alias.name}" for alias in node.names}
            # A module that imports its neighbour from their package needs the neighbour, not the package.
            names |= modules if base == ".".join(package) else {base, *modules}
    return names


def room_of(module: str, rooms) -> str | None:
    """The package of ``ARROWS``, or the module at the top of the grader's package, that a module lies in."""
    for room in rooms:
        if module == room or module.startswith(f"{room}."):
            return room
    if module.startswith(f"{GRADER}."):
        return ".".join(module.split(".")[:2])
    return None


@pytest.mark.parametrize("room", ARROWS)
def test_arrows_between_packages_run_one_way(room):
    wrong = []
    for path in product_files(room.replace(".", "/")):
        for name in imported_by(path):
            target = room_of(name, ARROWS)
            is_light_hook = room == GRADER and name.startswith("keras_autograder.nbgrader_hooks.")
            if target and target != room and target not in ARROWS[room] and not is_light_hook:
                wrong.append(f"{path.relative_to(COURSE)} imports {name}")
    assert not wrong


def test_no_module_is_imported_in_a_circle():
    files = {module_of(path): path for path in product_files("keras_checks", "keras_autograder", "segmentation")}
    imports = {
        name: {other for other in imported_by(path, at_import_only=True) if other in files and other != name}
        for name, path in files.items()
    }
    done, under_way = set(), []

    def visit(name: str) -> None:
        assert name not in under_way, " -> ".join([*under_way[under_way.index(name) :], name])
        if name in done:
            return
        under_way.append(name)
        for other in sorted(imports[name]):
            visit(other)
        under_way.pop()
        done.add(name)

    for name in sorted(files):
        visit(name)


@pytest.mark.parametrize(
    "path",
    [*product_files("keras_checks", "keras_autograder", "segmentation", "source"), *sorted(COURSE.glob("*.py"))],
    ids=lambda path: str(path.relative_to(COURSE)),
)
def test_no_file_is_long(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("package", ["keras_checks", "keras_autograder"])
def test_the_kit_says_no_word_of_any_assignment(package):
    said = [
        f"{path.relative_to(COURSE)}:{number}: {line.strip()}"
        for path in product_files(package)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if ASSIGNMENTS_WORDS.search(line)
    ]
    assert not said


def test_the_search_for_words_of_an_assignment_finds_them():
    lines = ["import driving_scenes", 'default="unet"', "the VGG16 encoder", "n_filters: int", "# a U-Net"]
    assert all(ASSIGNMENTS_WORDS.search(line) for line in lines)
    assert not any(ASSIGNMENTS_WORDS.search(line) for line in ["encoder", "Conv2D filters", "petty", "a skip"])


def test_the_source_holds_no_links():
    assert not [path for path in (COURSE / "source").rglob("*") if path.is_symlink()]


@pytest.mark.parametrize("package", ["keras_checks", "keras_autograder", "segmentation"])
def test_docstrings_name_arguments_in_one_way(package):
    wrong = []
    for path in product_files(package):
        with tokenize.open(path) as file:
            tree = ast.parse(file.read())
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                text = ast.get_docstring(node) or ""
                if re.search(r"^\s*(Arguments|Parameters):\s*$", text, re.MULTILINE):
                    wrong.append(f"{path.relative_to(COURSE)}: {getattr(node, 'name', 'module')}")
    assert not wrong


@pytest.mark.parametrize("package", ["keras_checks", "keras_autograder", "segmentation"])
def test_everything_public_has_a_docstring(package):
    missing = []
    for path in product_files(package):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            bodies = [node] if isinstance(node, (ast.Module, ast.ClassDef)) else []
            for body in bodies:
                if isinstance(body, ast.ClassDef) and body.name.startswith("_"):
                    continue
                for child in body.body:
                    is_public = isinstance(
                        child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
                    ) and not child.name.startswith("_")
                    if is_public and not CALLED_BY_LIBRARIES.fullmatch(child.name) and not ast.get_docstring(child):
                        missing.append(f"{path.relative_to(COURSE)}: {child.name}")
    assert not missing


def test_no_two_files_of_the_kit_bear_one_name():
    paths = product_files("keras_checks", "keras_autograder", "segmentation")
    names: dict[str, list[str]] = {}
    for path in paths:
        # A command bears the name that is typed, whatever room does its work.
        if path.name not in {"__init__.py", "__main__.py"} and path.parent.name != "commands":
            names.setdefault(path.name, []).append(str(path.relative_to(COURSE)))
    assert not {name: places for name, places in names.items() if len(places) > 1}


def test_no_two_classes_of_the_kit_bear_one_name():
    places: dict[str, list[str]] = {}
    for path in product_files("keras_checks", "keras_autograder", "segmentation"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name.lstrip("_"), []).append(str(path.relative_to(COURSE)))
    assert not {name: where for name, where in places.items() if len(where) > 1}
