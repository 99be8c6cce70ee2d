"""What the code of a cell defines and uses, read without running it.

Students' cells hold magics, shell lines and mistakes. What Jupyter would understand is understood here; of what nobody
can parse, the ``def`` lines still count. (IPython's own transformation of magics takes minutes for a cell of many of
them, which somebody could send on purpose: here every line is looked at once.)
"""

import ast
import functools
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

# Longer cells hold data, not functions; the parser would need seconds for them.
_LONGEST_CELL = 200_000
_CELL_MAGIC = re.compile(r"\s*%%(\w+)[^\n]*(?:\n|$)")
# Of other cell magics the lines below go to a file, another program or another namespace.
_MAGICS_THAT_RUN_HERE = {"time", "capture", "prun"}
_MAGIC_LINE = re.compile(r"^([ \t]*)(?:[%!?][^\n]*|[^\n'\"#]*\?[ \t]*)$", re.MULTILINE)
_MAGIC_VALUE = re.compile(r"^([ \t]*[\w, \t]+=[ \t]*)[%!][^\n]*$", re.MULTILINE)
_DEF_LINE = re.compile(r"^(?:async[ \t]+)?def[ \t]+(\w+)[ \t]*\(", re.MULTILINE)
_DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
# The parser gives up in several ways on what a hostile cell may hold.
_PARSER_ERRORS = (SyntaxError, ValueError, MemoryError, RecursionError)


@dataclass(frozen=True)
class Code:
    """What a cell's text means to Python.

    Attributes:
        functions: frozenset of str, the functions and classes that it defines at its top level.
        bindings: frozenset of str, all names that it binds at its top level: functions, imports, variables.
        uses: frozenset of str, the names that it reads, in functions too.
        methods: frozenset of str, what it calls on objects: ``fit`` of ``model.fit(...)``.
        parses: bool, whether it is valid Python as Jupyter takes it.
        is_run: bool, whether running the cell runs this code: not so under ``%%writefile`` and the like.
        is_empty: bool, whether there are no statements, only comments at most.
    """

    functions: frozenset[str] = frozenset()
    bindings: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()
    methods: frozenset[str] = frozenset()
    parses: bool = True
    is_run: bool = True
    is_empty: bool = False


@functools.lru_cache(maxsize=4096)
def read_code(source: str) -> Code:
    """Read a cell's text.

    Args:
        source: str, the source of a code cell.

    Returns:
        Code. Nothing that a cell can hold raises an error.
    """
    magic = _CELL_MAGIC.match(source)
    is_run = magic is None or magic[1] in _MAGICS_THAT_RUN_HERE
    text = without_cell_magic(source)
    try:
        tree = _parse(text)
        walked = list(ast.walk(tree))
        statements = list(_top_level(tree.body))
    except _PARSER_ERRORS:
        names = frozenset(_DEF_LINE.findall(textwrap.dedent(text)))
        return Code(functions=names, bindings=names, parses=False, is_run=is_run)
    functions = {
        one.name for one in statements if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    return Code(
        functions=frozenset(functions),
        bindings=frozenset(functions.union(*map(_bound_names, statements))),
        uses=frozenset(one.id for one in walked if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)),
        methods=frozenset(
            one.func.attr for one in walked if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute)
        ),
        is_run=is_run,
        is_empty=not statements,
    )


def without_cell_magic(source: str) -> str:
    """The text below a first line such as ``%%time`` or ``%%writefile answer.py``; other text as it is.

    Args:
        source: str, the source of a code cell.

    Returns:
        str.
    """
    magic = _CELL_MAGIC.match(source)
    return source[magic.end() :] if magic else source


def normalised(source: str) -> str:
    """Text without what editors and formatters change: comments on lines of their own, blank lines and spaces.

    Args:
        source: str, the source of a cell.

    Returns:
        str, equal for two cells that say the same.
    """
    lines = ("".join(line.split()).replace('"', "'") for line in source.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("#"))


def _parse(text: str) -> ast.Module:
    if len(text) > _LONGEST_CELL:
        raise ValueError("too long")
    # Jupyter takes a cell that is indented as a whole.
    text = textwrap.dedent(text)
    try:
        return ast.parse(text)
    except SyntaxError:
        return ast.parse(_MAGIC_VALUE.sub(r"\1None", _MAGIC_LINE.sub(r"\1pass", text)))


def _top_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """All statements that run in the notebook's own namespace: those within ``if`` and ``with``, none in functions."""
    for statement in body:
        yield statement
        if isinstance(statement, _DEFINITIONS):
            continue
        for name in ("body", "orelse", "finalbody"):
            yield from _top_level(getattr(statement, name, []))
        for handler in getattr(statement, "handlers", []):
            yield from _top_level(handler.body)


def _bound_names(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in statement.names}
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    return {one.id for target in targets if target is not None for one in ast.walk(target) if isinstance(one, ast.Name)}
