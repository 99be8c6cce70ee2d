"""Points by rubric: what a mistake costs, what an error costs, and what is said about blanks."""

import ast
import re
import subprocess
import sys
import warnings

import pytest
from conftest import COURSE

from keras_checks import SCORE_MIME_TYPE, Criterion, Exercise, ExerciseNotPassed, Rejected, comparator, with_globals

ROWS = [
    ["InputLayer", [(None, 8, 8, 3)], 0],
    ["Conv2D", (None, 8, 8, 4), 112, "same", "relu", "HeNormal"],
    ["Conv2D", (None, 8, 8, 4), 148, "same", "relu", "HeNormal"],
    ["Dropout", (None, 8, 8, 4), 0, 0.1],
]


def rows(*changes):
    """The right rows with changes: (row, column, value), or (row, None, None) for a row that is missing."""
    changed = [list(row) for row in ROWS]
    for row, column, value in changes:
        if column is not None:
            changed[row][column] = value
    missing = {row for row, column, _ in changes if column is None}
    return [row for number, row in enumerate(changed) if number not in missing]


def rubric(function_name="block"):
    return Exercise(
        function_name,
        [
            Criterion(2, "the layers", "layer", "*"),
            Criterion(1, "padding", "padding"),
            Criterion(1, "activation", "activation"),
            Criterion(3, "dropout", "Dropout"),
            Criterion(3, "the last convolution", 2),
        ],
    )


CASES = {
    "all right": ([rows()], 10, set()),
    "one argument costs its criterion": ([rows((1, 3, "valid"))], 9, {"padding"}),
    "the same mistake twice costs once": ([rows((1, 3, "valid")), rows((1, 3, "valid"))], 9, {"padding"}),
    "a place is more specific than an argument": ([rows((2, 3, "valid"))], 7, {"the last convolution"}),
    "a class is more specific than an argument": ([rows((3, 3, 0.5))], 7, {"dropout"}),
    "what nobody names goes to the criterion with the star": ([rows((1, 5, "Zeros"))], 8, {"the layers"}),
    "a mistake that only one of two checks sees": ([rows(), rows((1, 4, "tanh"))], 9, {"activation"}),
    "a missing layer costs no criterion that others show": ([rows((3, None, None))], 7, {"dropout"}),
    "without any layer nothing can be judged": (
        [rows((1, None, None), (2, None, None), (3, None, None))],
        0,
        {"the layers", "padding", "activation", "dropout", "the last convolution"},
    ),
}


@pytest.mark.parametrize(("networks", "points", "lost"), CASES.values(), ids=CASES.keys())
def test_points(networks, points, lost):
    exercise = rubric()
    for network in networks:
        with exercise.check("a network"):
            comparator(network, ROWS)
    score = exercise.score()
    assert {result.sentence for result in score.results if result.earned < result.points} == lost
    assert score == points
    assert score.out_of == 10


def test_an_error_costs_the_criterion_that_the_check_names():
    exercise = rubric()
    with exercise.check("a network"):
        comparator(ROWS, ROWS)
    with exercise.check("with dropout", tests="Dropout"):
        raise ZeroDivisionError("division by zero")
    assert exercise.score() == 7


def test_an_error_that_a_difference_explains_costs_nothing_more():
    exercise = rubric()
    with exercise.check("a network"):
        comparator(rows((1, 3, "valid")), ROWS)
    with exercise.check("a large network"):
        raise ValueError("the sizes do not fit")
    assert exercise.score() == 9


def test_an_error_that_nothing_explains_costs_the_criterion_with_the_star():
    exercise = rubric()
    with exercise.check("a network"):
        comparator(ROWS, ROWS)
    with exercise.check("a large network"):
        raise ValueError("too large")
    assert exercise.score() == 8


def test_errors_only_earn_nothing(capsys):
    exercise = rubric()
    with exercise.check("a network", tests="padding"):
        block  # noqa: B018, F821 (the learner's function, which is not there)
    score = exercise.score()
    assert score == 0
    assert "block is not defined: run its cell" in score.headline
    assert "a network: block is not defined" in capsys.readouterr().out


BLANKS = {
    "a positional None": "def block(inputs):\n    return int(None)\n",
    "a name that is None": "def block(inputs):\n    conv = None\n    return conv(inputs)\n",
    "a blank in a function that it calls": (
        "def inner(inputs):\n    return int(None)\n\ndef block(inputs):\n    return inner(inputs)\n"
    ),
}


@pytest.fixture
def define(tmp_path, monkeypatch):
    """Define the learner's functions in this module's globals, from a file, as a notebook's cell would."""

    def define(code):
        path = tmp_path / f"cell_{len(list(tmp_path.iterdir()))}.py"
        path.write_text(code)
        namespace = {}
        exec(compile(code, str(path), "exec"), namespace)
        for name in ("block", "inner"):
            if name in namespace:
                monkeypatch.setitem(globals(), name, namespace[name])

    return define


@pytest.mark.parametrize("code", BLANKS.values(), ids=BLANKS.keys())
def test_blanks_are_not_attempted_yet(define, capsys, code):
    define(code)
    exercise = rubric()
    with exercise.check("a network"):
        block(3)  # noqa: F821
    score = exercise.score()
    assert score == 0
    assert score.headline.startswith("not attempted yet")
    assert "not attempted yet: there are blanks (None) left in line 2" in capsys.readouterr().out


def test_a_finished_function_that_fails_is_not_called_unattempted(define, capsys):
    define("def block(inputs):\n    conv = print\n    return conv.nothing\n")
    exercise = rubric()
    with exercise.check("a network"):
        block(3)  # noqa: F821
    assert "not attempted" not in exercise.score().as_text()
    assert "AttributeError in block, line 3" in capsys.readouterr().out


def test_known_errors_of_keras_come_with_a_hint(capsys):
    exercise = rubric()
    with exercise.check("a network"):
        raise ValueError("A `Concatenate` layer requires inputs with matching shapes except for the axis.")
    assert "The tensors to be joined differ in size" in capsys.readouterr().out


def test_an_exercise_has_hints_of_its_own_for_errors(capsys):
    hints = {"cannot unpack": "two things come back", "out of range": "there are five levels"}
    for message, hint in [
        ("cannot unpack a Tensor", "two things come back"),
        ("out of range", "there are five levels"),
    ]:
        one = Exercise("f", [Criterion(1, "all", "*")], error_hints=hints)
        with one.check("a"):
            raise ValueError(message)
        assert capsys.readouterr().out.endswith(f"{message} {hint}\n")
    with rubric().check("a"):
        raise ValueError("out of range")
    assert capsys.readouterr().out.endswith("out of range\n")


def test_what_a_check_rejects_is_told_in_its_own_words(capsys):
    one = rubric()
    with one.check("the size", tests="padding"):
        raise Rejected("the picture comes out smaller than it went in")
    with one.check("another"):
        pass
    score = one.score()
    assert score == 9
    assert [str(reason) for result in score.results for reason in result.reasons] == [
        "the picture comes out smaller than it went in"
    ]
    assert capsys.readouterr().out == "the size: the picture comes out smaller than it went in\n"


def test_a_class_and_an_argument_say_more_than_a_place():
    one = Exercise(
        "f", [Criterion(1, "the last", 2), Criterion(2, "its padding", "Conv2D.padding"), Criterion(1, "*", "*")]
    )
    with one.check("a"):
        comparator(rows((2, 3, "valid")), ROWS)
    assert one.score() == 2


def test_nothing_reaches_stderr(capfd):
    exercise = rubric()
    for hidden in (False, True):
        with exercise.check("a network", hidden=hidden):
            print("a warning of a library", file=sys.stderr)
            warnings.warn("an old argument", stacklevel=1)
            comparator(ROWS, ROWS)
    shown = capfd.readouterr()
    assert shown.err == ""
    assert shown.out.count("a warning of a library") == 1, "the visible check shows it, the hidden one does not"


def test_hidden_checks_print_nothing_and_keep_their_expectations(capsys):
    exercise = rubric()
    with exercise.check("a network", hidden=True):
        print("printed by the learner's function")
        comparator(rows((1, 3, "valid")), ROWS)
    assert capsys.readouterr().out == ""
    text = exercise.score().as_text()
    assert "layer 2 (Conv2D), padding: 'valid'" in text
    assert "instead of" not in text


def test_a_time_out_is_not_swallowed():
    exercise = rubric()
    with pytest.raises(KeyboardInterrupt), exercise.check("a network"):
        raise KeyboardInterrupt


def test_score_shows_itself_as_a_number_a_page_and_a_record():
    exercise = rubric()
    with exercise.check("<network>"):
        comparator(rows((1, 3, "<valid>")), ROWS)
    bundle = exercise.score()._repr_mimebundle_()
    assert float(bundle["text/plain"]) == 9
    assert "&lt;valid&gt;" in bundle["text/html"] and "<valid>" not in bundle["text/html"]
    assert "\u2717 failed" in bundle["text/html"], "a result is told by a word, not by a colour"
    record = bundle[SCORE_MIME_TYPE]
    assert (record["function"], record["points"], record["out_of"]) == ("block", 9.0, 10.0)
    assert [criterion["earned"] for criterion in record["criteria"]] == [2, 0, 1, 3, 3]


def test_nbgrader_validate_is_told_by_an_error(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    exercise = rubric()
    with exercise.check("a network"):
        comparator(rows((1, 3, "valid")), ROWS)
    with pytest.raises(ExerciseNotPassed) as error:
        exercise.score()
    lines = error.value._render_traceback_()
    assert any("padding: 'valid' instead of 'same'" in line for line in lines)
    assert max(map(len, lines)) <= 86, "nbgrader cuts longer lines"


@pytest.mark.parametrize("stars", [0, 2])
def test_a_rubric_has_one_criterion_for_the_rest(stars):
    with pytest.raises(ValueError, match=r'one criterion with "\*"'):
        Exercise("block", [Criterion(1, "a", "padding"), *[Criterion(1, "b", "*")] * stars])


def test_a_check_names_a_criterion_that_exists():
    with pytest.raises(ValueError, match="no criterion of block names 'stride'"), rubric().check("x", tests="stride"):
        pass


def test_with_globals_rebinds_a_copy_only():
    namespace = {"helper": lambda: "own"}
    exec("def function(a, b=2, *, c=3):\n    return helper(), a, b, c\n", namespace)
    copy = with_globals(namespace["function"], helper=lambda: "given")
    assert copy(1) == ("given", 1, 2, 3)
    assert namespace["function"](1) == ("own", 1, 2, 3)
    assert with_globals(len) is len


def test_an_exercise_has_hints_of_its_own_for_differences():
    for hidden in (False, True):
        one = Exercise("f", [Criterion(1, "all", "*")], hints={"Conv2D.padding": "every pixel counts"})
        with one.check("a", hidden=hidden):
            comparator(rows((1, 3, "valid")), ROWS)
        assert [reason.hint for result in one.score().results for reason in result.reasons] == ["every pixel counts"]


MODULES = sorted((COURSE / "keras_checks").rglob("*.py"))


def test_the_package_imports_nothing_else_of_the_project():
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            roots = {name.partition(".")[0] for name in names}
            assert roots <= {"keras_checks", "IPython", *sys.stdlib_module_names}, path


def test_importing_the_package_brings_no_library_along():
    code = "import sys, keras_checks; print({name.partition('.')[0] for name in sys.modules} & {'keras', 'tensorflow'})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=COURSE)
    assert done.stdout == "set()\n"


# Words of the assignments: what is true of one of them is said by its own file.
_WORDS = (
    "n_filters|n_classes|n_depth|dropout_prob|max_pooling|conv_block|unet|U-Net|VGG|next_layer|skip_connection|cblock"
    "|contractive|expansive|2x2|logits"
)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(COURSE).as_posix())
def test_the_package_knows_no_assignment(path):
    assert re.findall(_WORDS, path.read_text(), re.IGNORECASE) == []
