"""Blanks that a learner has not filled in yet."""

from __future__ import annotations

import ast
import inspect
import textwrap
import types

__all__ = ["blank_lines_in", "blank_lines_of"]


def blank_lines_in(lines: list[str], first: int) -> list[int]:
    """The lines of a cell on which a blank is left: ``x = None``, or None as a positional argument.

    A variable that is set to None and gets its value further down, in the same run of statements, is no blank.

    Args:
        lines: list of str, the text of one function.
        first: int, the line of the cell on which it begins.

    Returns:
        list of int; empty as well where the text is no Python.
    """
    try:
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (SyntaxError, ValueError, RecursionError):
        return []
    started = _started_with_none(tree)
    blank = set()
    for node in ast.walk(tree):
        values: list[ast.expr] = []
        if isinstance(node, ast.Assign) and node not in started:
            values = [node.value]
        elif isinstance(node, ast.Call):
            values = node.args
        blank |= {value.lineno for value in values if isinstance(value, ast.Constant) and value.value is None}
    return sorted(first - 1 + line for line in blank)


def blank_lines_of(code: types.CodeType) -> list[int]:
    """The same for a function that is defined in this process; empty where its text cannot be had.

    Args:
        code: types.CodeType, the code of the function.

    Returns:
        list of int.
    """
    try:
        return blank_lines_in(*inspect.getsourcelines(code))
    except (OSError, TypeError):
        return []


def _started_with_none(tree: ast.AST) -> set[ast.Assign]:
    """Assignments to names that a later statement beside them assigns to again."""
    started = set()
    bodies = (getattr(node, part, None) for node in ast.walk(tree) for part in ("body", "orelse", "finalbody"))
    for body in bodies:
        later: set[str] = set()
        for statement in reversed(body if isinstance(body, list) else []):
            stored = {
                node.id
                for node in ast.walk(statement)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            }
            if isinstance(statement, ast.Assign) and stored and stored <= later:
                started.add(statement)
            later |= stored
    return started
