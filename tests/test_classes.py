"""The classes of any set of pictures: what a table refuses, and how masks and legends are painted from it."""

import re

import numpy as np
import pytest

from segmentation.classes import ClassTable, Palette, legend_handles, paint

COLOURS = np.array([(250, 250, 250), (200, 30, 30), (0, 0, 90)], np.uint8)
PLAIN, STRIPED = Palette(COLOURS, ("", "", "")), Palette(COLOURS[::-1], ("", "/", "-"))
PETS = ClassTable(("pet", "background", "border"), {"plain": PLAIN, "striped": STRIPED})


def test_a_table_counts_its_classes():
    assert len(PETS) == PETS.n_classes == 3


def test_the_first_palette_is_taken_where_none_is_named():
    assert PETS.palette() is PETS.palette("plain") is PLAIN and PETS.palette("striped") is STRIPED
    assert np.array_equal(paint(np.array([[0, 2]]), PETS), [[COLOURS[0], COLOURS[2]]])


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: Palette(COLOURS / 255, ("", "", "")), "must be a uint8 array"),
        (lambda: Palette(COLOURS[:, :2], ("", "", "")), "red, green and blue"),
        (lambda: Palette(COLOURS, ("", "")), "3 colours need as many stripes"),
        (lambda: Palette(COLOURS, ("", "", "x")), "each one of '', '/'"),
        (lambda: ClassTable((), {"plain": PLAIN}), "at least one class"),
        (lambda: ClassTable(("pet",), {}), "one palette"),
        (lambda: ClassTable(("pet", "background"), {"plain": PLAIN}), "'plain' has 3 colours, but there are 2 classes"),
        (lambda: PETS.palette("grey"), "palette must be one of 'plain', 'striped', not 'grey'"),
        (lambda: paint(np.array([[0, 3]]), PETS), "the mask holds 3: class ids are whole numbers from 0 to 2"),
        (lambda: paint(np.array([[-1, 0]]), PETS), "the mask holds -1"),
        (lambda: legend_handles([0, 7, 8], PETS), "the legend holds 7, 8: class ids are whole numbers from 0 to 2"),
    ],
)
def test_refused(make, expected):
    with pytest.raises(ValueError, match=re.escape(expected)):
        make()


def test_stripes_are_painted_and_in_the_legend():
    painted = paint(np.array([[0, 1, 2]]), PETS, "striped", scale=16)
    is_striped = [len(np.unique(painted[:, 16 * k : 16 * k + 16].reshape(-1, 3), axis=0)) == 2 for k in range(3)]
    assert is_striped == [False, True, True]
    assert [handle.get_hatch() for handle in legend_handles([2, 0, 1, 1], PETS, "striped")] == ["", "//", "--"]
    assert [handle.get_label() for handle in legend_handles([2, 0], PETS)] == ["0 pet", "2 border"]
