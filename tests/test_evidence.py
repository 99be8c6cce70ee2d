"""The autograder against many mistakes and many right answers, each through the path of ``nbgrader autograde``.

The cases stand in ``evidence/mutants.py`` and ``evidence/equivalents.py``; adding one is one entry. Both lists go
through ``evidence/stock.py`` as well, checks of the public course's kind, so that a run can say what those would do.
"""

import functools
import itertools
from collections import Counter

import pytest
from evidence import stock
from evidence.equivalents import EQUIVALENTS
from evidence.mutants import EXERCISES, MUTANTS


def cases(entries):
    """Parameters for pytest: what the autograder is known to judge unfairly is expected to fail, with the reason."""
    return [
        pytest.param(
            entry, id=entry.name, marks=[pytest.mark.xfail(reason=entry.unfair, strict=True)] if entry.unfair else []
        )
        for entry in entries
    ]


class Tally:
    """Counts for the end of a run: a plugin of pytest's that prints a line for each suite that was run."""

    def __init__(self):
        self.mutants = Counter()
        self.equivalents = Counter()

    def pytest_terminal_summary(self, terminalreporter):
        """Print the counts; pytest calls this at the end."""
        lines = []
        if self.mutants["run"]:
            stock_did = (
                "{noticed} noticed, each for all 10 points, {spread} of them at the cost of other exercises too; "
                "{elsewhere} seen only in exercises that are right"
            )
            line = f"mutants: {{fair}} of {{run}} judged fairly (stock comparator: {stock_did})"
            lines.append(line.format_map(self.mutants))
        if self.equivalents["run"]:
            line = "equivalents: {full} of {run} with full marks (stock comparator: {stock})"
            lines.append(line.format_map(self.equivalents))
        if lines:
            terminalreporter.section("evidence")
            terminalreporter.write_line("\n".join(lines))


@pytest.fixture(scope="session")
def tally(request):
    """The counts of this run."""
    tally = Tally()
    request.config.pluginmanager.register(tally)
    return tally


def test_the_lists_are_long_enough_and_names_unique():
    assert len(MUTANTS) >= 80
    assert len(EQUIVALENTS) >= 40
    for entries in (MUTANTS, EQUIVALENTS):
        assert [name for name, count in Counter(entry.name for entry in entries).items() if count > 1] == []


def test_mutants_are_spread_over_all_exercises():
    assert min(Counter(mutant.cell for mutant in MUTANTS)[cell] for cell in EXERCISES) >= 20


def test_stock_accepts_the_authors_solution(solution):
    assert stock.points(solution) == (10, 10, 10)


@pytest.fixture(scope="session")
def points_and_losses(solution, grade_cells):
    """What a mutant earns in each exercise, and why: ``points_and_losses(mutant) -> (dict, list)``.

    To save time, a mistake in ``conv_block`` and one in ``upsampling_block`` share a notebook: no check calls both
    functions but that of ``unet_model``, which is right there and must earn all of its points.
    """
    by_cell = [[mutant for mutant in MUTANTS if mutant.cell == cell] for cell in EXERCISES]
    notebooks = [*itertools.zip_longest(by_cell[0], by_cell[1]), *((mutant,) for mutant in by_cell[2])]
    notebook_of = {mutant.name: notebook for notebook in notebooks for mutant in notebook if mutant}

    @functools.cache
    def graded(notebook: tuple):
        cells = {mutant.cell: mutant.written(solution)[mutant.cell] for mutant in notebook if mutant}
        return dict(zip(EXERCISES, grade_cells(solution | cells)))

    def found(mutant):
        notebook = notebook_of[mutant.name]
        marks = graded(tuple(notebook))
        shared = {other.cell for other in notebook if other and other is not mutant}
        return {cell: mark.points for cell, mark in marks.items() if cell not in shared}, marks[mutant.cell].losses

    return found


@pytest.mark.slow
@pytest.mark.parametrize("mutant", cases(MUTANTS))
def test_a_mistake_costs_its_own_points_and_is_named(mutant, solution, points_and_losses, tally):
    earned = dict(zip(EXERCISES, stock.points(mutant.written(solution))))
    noticed = not earned.pop(mutant.cell)
    spread = not all(earned.values())
    tally.mutants.update(run=1, noticed=noticed, spread=noticed and spread, elsewhere=spread and not noticed, fair=0)

    points, losses = points_and_losses(mutant)
    assert points.pop(mutant.cell) == mutant.points, losses
    assert set(points.values()) == {10}
    assert any(mutant.reason in loss for loss in losses), losses
    tally.mutants["fair"] += 1


@pytest.mark.slow
@pytest.mark.parametrize("equivalent", cases(EQUIVALENTS))
def test_a_right_answer_earns_full_marks(equivalent, solution, grade_cells, tally):
    cells = equivalent.written(solution)
    assert cells != solution
    tally.equivalents.update(run=1, stock=stock.points(cells) == (10, 10, 10), full=0)

    marks = grade_cells(cells)
    assert tuple(mark.points for mark in marks) == (10, 10, 10), [mark.losses for mark in marks]
    tally.equivalents["full"] += 1
