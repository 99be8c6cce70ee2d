"""Marks as a table for the terminal."""

import os
import textwrap
from collections.abc import Sequence
from pathlib import Path

from keras_autograder.report.marks import StudentMarks

_INDENT = " " * 4


def as_table(marks: Sequence[StudentMarks], width: int = 118, with_usage: bool = False) -> str:
    """A line of points for every student, and under it why points were lost and where the feedback lies.

    Args:
        marks: sequence of StudentMarks.
        width: int, in characters; a reason is cut to one line of it.
        with_usage: bool, whether to say what each submission's kernel used.

    Returns:
        str.
    """
    if not marks:
        return "Nobody has been graded yet."
    names = [exercise.name for exercise in max(marks, key=lambda one: len(one.exercises)).exercises]
    first = max(len("student"), *(len(one.student) for one in marks))
    lines = [f"{'student':<{first}}  " + "  ".join([*names, "total"])]
    lines.append("-" * len(lines[0]))
    for one in marks:
        points = {exercise.name: f"{exercise.points:g}/{exercise.out_of:g}" for exercise in one.exercises}
        cells = [f"{points.get(name, '-'):>{len(name)}}" for name in names]
        lines.append(f"{one.student:<{first}}  " + "  ".join([*cells, f"{one.points:g}/{one.out_of:g}"]))
        if one.needs_manual_grade:
            lines.append(f"{_INDENT}a cell must be graded by hand: open formgrader")
        remarks = [f"{exercise.name} {loss}" for exercise in one.exercises for loss in exercise.losses]
        remarks += [f"repaired: {sentence}" for sentence in one.repairs]
        if with_usage and one.usage:
            remarks.append(
                "used {:.1f} GB of memory, {:.0f} s of processor time in {:.0f} s".format(
                    one.usage["peak_memory_bytes"] / 1e9, one.usage["cpu_seconds"], one.usage["wall_seconds"]
                )
            )
        lines += [_INDENT + textwrap.shorten(line, width - len(_INDENT), placeholder=" ...") for line in remarks]
        if one.feedback:
            lines.append(f"{_INDENT}{os.path.relpath(one.feedback, Path.cwd())}")
    mean = sum(one.points for one in marks) / len(marks)
    lines.append(f"\n{len(marks)} graded, {mean:.1f} of {marks[0].out_of:g} points on average")
    return "\n".join(lines)
