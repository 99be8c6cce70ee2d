"""The autograder against many mistakes and many right answers, each through the path of ``nbgrader autograde``.

The cases stand in ``evidence/mutants.py`` and ``evidence/equivalents.py``; adding one is one entry. Both lists go
through ``evidence/stock.py`` as well, checks of the public course's kind, so that a run can say what those would do.
"""

import functools
import itertools
from collections import Counter

import pytest
from evidence import stock, vgg16_equivalents, vgg16_mutants
from evidence.equivalents import EQUIVALENTS
from evidence.mutants import EXERCISES, MUTANTS


def test_the_lists_are_long_enough_and_names_unique():
    assert len(MUTANTS) >= 80
    assert len(EQUIVALENTS) >= 40
    assert len(vgg16_mutants.MUTANTS) >= 25
    assert len(vgg16_equivalents.EQUIVALENTS) >= 10
    for entries in (MUTANTS, EQUIVALENTS, vgg16_mutants.MUTANTS, vgg16_equivalents.EQUIVALENTS):
        assert [name for name, count in Counter(entry.name for entry in entries).items() if count > 1] == []


def test_mutants_are_spread_over_all_exercises():
    assert min(Counter(mutant.cell for mutant in MUTANTS)[cell] for cell in EXERCISES) >= 20


def test_stock_accepts_the_authors_solution(solution):
    assert stock.points(solution) == (10, 10, 10)


# To save time, a mistake in conv_block and one in upsampling_block share a notebook: no check calls both functions but
# that of unet_model, which is right there and must earn all of its points.
_BY_CELL = [[mutant for mutant in MUTANTS if mutant.cell == cell] for cell in EXERCISES]
NOTEBOOKS = [
    *(tuple(filter(None, pair)) for pair in itertools.zip_longest(_BY_CELL[0], _BY_CELL[1])),
    *((mutant,) for mutant in _BY_CELL[2]),
]


@pytest.fixture(scope="session")
def points_and_losses(solution, grade_cells):
    """What a mutant earns in each exercise, and why: ``points_and_losses(mutant) -> (dict, list)``."""

    @functools.cache
    def graded(notebook: tuple):
        cells = {mutant.cell: mutant.written(solution)[mutant.cell] for mutant in notebook}
        return dict(zip(EXERCISES, grade_cells(solution | cells)))

    def found(mutant):
        notebook = next(notebook for notebook in NOTEBOOKS if mutant in notebook)
        marks = graded(notebook)
        shared = {other.cell for other in notebook if other is not mutant}
        return {cell: mark.points for cell, mark in marks.items() if cell not in shared}, marks[mutant.cell].losses

    return found


# (whether the exercise with the mistake loses its points, whether others do): what stock checks make of a mistake
STOCK = {
    (True, False): "noticed, for all 10 points of the exercise",
    (True, True): "noticed, for all points of other exercises too",
    (False, True): "charged to exercises that are right, and not to the one that is wrong",
    (False, False): "not noticed",
}


@pytest.mark.slow
@pytest.mark.suite("mutants")
@pytest.mark.parametrize(
    "mutant",
    [
        pytest.param(mutant, id=mutant.name, marks=pytest.mark.xdist_group(f"notebook {number}"))
        for number, notebook in enumerate(NOTEBOOKS)
        for mutant in notebook
    ],
)
def test_a_mistake_costs_its_own_points_and_is_named(mutant, solution, points_and_losses, record_property):
    earned = dict(zip(EXERCISES, stock.points(mutant.written(solution))))
    is_noticed = not earned.pop(mutant.cell)
    is_spread = not all(earned.values())
    record_property("stock", STOCK[is_noticed, is_spread])

    points, losses = points_and_losses(mutant)
    assert points.pop(mutant.cell) == mutant.points, losses
    assert set(points.values()) == {10}
    assert any(mutant.reason in loss for loss in losses), losses


@pytest.mark.slow
@pytest.mark.suite("equivalents")
@pytest.mark.parametrize("equivalent", EQUIVALENTS, ids=lambda equivalent: equivalent.name)
def test_a_right_answer_earns_full_marks(equivalent, solution, grade_cells, record_property):
    cells = equivalent.written(solution)
    assert cells != solution
    record_property("stock", "full marks" if stock.points(cells) == (10, 10, 10) else "less than full marks")
    marks = grade_cells(cells)
    assert tuple(mark.points for mark in marks) == (10, 10, 10), [mark.losses for mark in marks]


# In the assignment unet_vgg16, a mistake in one exercise shares a notebook with one in the other: what either costs
# must be the same with the other there.
VGG16_NOTEBOOKS = list(
    itertools.zip_longest(
        *([mutant for mutant in vgg16_mutants.MUTANTS if mutant.cell == cell] for cell in vgg16_mutants.EXERCISES)
    )
)


@pytest.fixture(scope="session")
def vgg16_marks(vgg16_grader):
    """What a mutant of the assignment ``unet_vgg16`` earns: ``vgg16_marks(mutant) -> {marker: ExerciseMark}``."""

    @functools.cache
    def graded(notebook: tuple):
        solution = vgg16_grader.solution
        cells = {mutant.cell: mutant.written(solution)[mutant.cell] for mutant in filter(None, notebook)}
        return dict(zip(vgg16_mutants.EXERCISES, vgg16_grader.grade_cells(cells)))

    return lambda mutant: graded(next(notebook for notebook in VGG16_NOTEBOOKS if mutant in notebook))


@pytest.mark.slow
@pytest.mark.suite("mutants")
@pytest.mark.parametrize(
    "mutant",
    [
        pytest.param(mutant, id=mutant.name, marks=pytest.mark.xdist_group("vgg16"))
        for notebook in VGG16_NOTEBOOKS
        for mutant in filter(None, notebook)
    ],
)
def test_a_mistake_with_vgg16_costs_its_own_points_and_is_named(mutant, vgg16_marks):
    marks = vgg16_marks(mutant)
    losses = marks[mutant.cell].losses
    assert marks[mutant.cell].points == mutant.points, losses
    assert any(mutant.reason in loss for loss in losses), losses


@pytest.mark.slow
@pytest.mark.xdist_group("vgg16")
@pytest.mark.suite("equivalents")
@pytest.mark.parametrize("equivalent", vgg16_equivalents.EQUIVALENTS, ids=lambda equivalent: equivalent.name)
def test_a_right_answer_with_vgg16_earns_full_marks(equivalent, vgg16_grader):
    cells = equivalent.written(vgg16_grader.solution)
    assert cells != vgg16_grader.solution
    marks = vgg16_grader.grade_cells(cells)
    assert tuple(mark.points for mark in marks) == (10, 10), [mark.losses for mark in marks]


@pytest.mark.xdist_group("groups")
def test_groups_of_tests_stay_together(request):
    # A pytest that pytest-xdist does not know yet drops its groups silently, and every fixture is made twice.
    if hasattr(request.config, "workerinput"):
        assert request.node.nodeid.endswith("@groups")
