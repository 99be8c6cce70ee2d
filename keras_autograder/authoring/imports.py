"""Which modules a piece of code imports, read from its text: a module or a notebook's cell, magics included."""

import ast
import re
from collections.abc import Iterator

# Such as "%matplotlib inline", "!pip install ..." and "keras?". The indentation stays: a block may hold nothing else.
_MAGIC = re.compile(r"^([ \t]*)(?:[%!].*|[\w.]+\?{1,2}|\?{1,2}[\w.]+)[ \t]*$", re.MULTILINE)


def imported_modules(code: str, only_needed: bool = False) -> set[str]:
    """The modules that a text imports.

    Args:
        code: str, a module or a notebook's cell.
        only_needed: bool, whether to leave out what may be missing: imports within functions, which may never be
            called, and those whose failure is handled.

    Returns:
        set of str, the first parts of the modules' names. Relative imports are left out. Of a text that is not Python,
            only the lines that are imports count.
    """
    plain = [line for line in code.splitlines() if line.startswith(("import ", "from "))]
    tree = _parsed(code) or _parsed(_MAGIC.sub(r"\1pass", code)) or _parsed("\n".join(plain))
    if tree is None:
        return set()
    nodes = _needed(tree) if only_needed else ast.walk(tree)
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.add(node.module.partition(".")[0])
    return names


def _parsed(code: str) -> ast.Module | None:
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError):
        return None


def _needed(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run whenever the text does, and whose failure is not handled."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.Try | ast.If):
            yield child
            yield from _needed(child)
