"""Releasing a solution as the blank that was written beside it."""

import nbformat
import pytest

from keras_autograder.authoring import solution_of
from keras_autograder.nbgrader_hooks.clear_solutions import ClearSolutionsToBlanks

SOLUTION = """\
def double(x):
    ### START CODE HERE
    ### BEGIN SOLUTION
    # twice as much
    y = 2 * x
    ### BLANK
    # # twice as much
    # y = None  # fill in
    #
    # y = y
    ### END SOLUTION
    ### END CODE HERE
    return y
"""
BLANK = """\
def double(x):
    ### START CODE HERE
    # twice as much
    y = None  # fill in

    y = y
    ### END CODE HERE
    return y
"""
WITHOUT_BLANK = "### BEGIN SOLUTION\ny = 1\n### END SOLUTION"


def solution_cell(code):
    metadata = {"nbgrader": {"grade": False, "solution": True, "locked": False, "grade_id": "a", "schema_version": 3}}
    return nbformat.v4.new_code_cell(code, metadata=metadata)


def released(code):
    notebook = nbformat.v4.new_notebook(cells=[solution_cell(code)])
    notebook, _ = ClearSolutionsToBlanks().preprocess(notebook, {})
    return notebook.cells[0].source


def test_the_blank_takes_the_place_of_the_solution():
    assert released(SOLUTION) == BLANK


def test_the_solution_without_its_blank_is_what_a_student_hands_in():
    code = solution_of(solution_cell(SOLUTION))
    assert "BLANK" not in code and "None" not in code and "SOLUTION" not in code
    namespace = {}
    exec(code, namespace)
    assert namespace["double"](3) == 6


def test_a_region_without_a_blank_gets_the_stock_stub():
    assert released(WITHOUT_BLANK) == "# YOUR CODE HERE\nraise NotImplementedError()"


def test_both_kinds_of_region_in_one_cell():
    code = released(f"{SOLUTION}\n{WITHOUT_BLANK}")
    assert code.startswith(BLANK.rstrip()) and code.endswith("raise NotImplementedError()")


def test_a_cell_without_regions_is_cleared_as_a_whole():
    assert released("y = 1") == "# YOUR CODE HERE\nraise NotImplementedError()"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("### BEGIN SOLUTION\ny = 1\n### BLANK\ny = None\n### END SOLUTION", "must be commented out"),
        ("### BEGIN SOLUTION\ny = 1\n### BLANK\n# y = (\n### END SOLUTION", "would not be valid Python, line 1"),
        ("### BEGIN SOLUTION\ny = 1\n### BLANK\n# y = None", "no end solution statement"),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### BLANK\n# y = None\n### END SOLUTION", "nested begin solution"),
    ],
    ids=["not commented out", "no Python", "no end", "nested"],
)
def test_a_mistake_in_the_source_stops_the_release(code, words):
    with pytest.raises(RuntimeError, match=words):
        released(code)


def released_cell(cell):
    return ClearSolutionsToBlanks().preprocess_cell(cell, {"language": "python"}, 0)[0].source


def test_an_optional_exercise_is_blanked_though_nbgrader_does_not_know_it():
    cell = nbformat.v4.new_code_cell(SOLUTION, metadata={"tags": ["not-graded"]})
    assert released_cell(cell) == BLANK


@pytest.mark.parametrize("tags", [[], ["other"]])
def test_a_solution_in_any_other_cell_is_refused(tags):
    with pytest.raises(RuntimeError, match="non-solution cell"):
        released_cell(nbformat.v4.new_code_cell(SOLUTION, metadata={"tags": tags}))
