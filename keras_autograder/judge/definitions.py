"""What a check cell needs of the check cells before it, so that it can be run without them."""

import ast
import builtins
from collections.abc import Iterable, Sequence


def definitions_for(source: str, earlier: Sequence[str], given: Iterable[str] = ()) -> str | None:
    """The imports and definitions of earlier cells that a cell needs, itself or through them.

    A cell that needs nothing else of the cells before it comes to the same result whatever these came to. Only names
    are looked at: what a cell changes in a module that it has imported does not count.

    Args:
        source: str, the cell.
        earlier: sequence of str, the cells before it, in their order.
        given: iterable of str, names that are there without any cell.

    Returns:
        str, code to run in the place of the earlier cells; None if the cell may need something that they compute.
    """
    try:
        cells = [ast.parse(cell) for cell in earlier]
        wanted = _wanted(ast.parse(source))
    except SyntaxError:
        # A magic, for instance.
        return None
    statements = [statement for cell in cells for statement in cell.body]
    bound = [_bound(statement) for statement in statements]
    needed: set[int] = set()
    seen = {*given, *dir(builtins)}
    while wanted := wanted - seen:
        seen |= wanted
        for number, names in enumerate(bound):
            if names & wanted and number not in needed:
                if not isinstance(statements[number], (ast.Import, ast.ImportFrom, ast.FunctionDef)):
                    return None
                needed.add(number)
        for number in needed:
            wanted = wanted | _read(statements[number])
    return "\n".join(ast.unparse(statements[number]) for number in sorted(needed))


def _wanted(cell: ast.Module) -> set[str]:
    """The names that a cell reads before it binds them itself."""
    bound = set().union(*map(_bound, cell.body))
    wanted: set[str] = set()

    def visit(statements: list[ast.stmt], known: set[str]) -> None:
        for statement in statements:
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                # Its body runs later, when the whole cell's names may be there.
                wanted.update(_read(statement) - bound)
                known |= {statement.name}
                continue
            bodies = [getattr(statement, name, []) for name in ("body", "orelse", "finalbody")]
            handlers = [handler.body for handler in getattr(statement, "handlers", [])]
            head = [
                node for node in ast.iter_child_nodes(statement) if not isinstance(node, (ast.stmt, ast.excepthandler))
            ]
            for node in head:
                wanted.update(_read(node) - known)
            if isinstance(statement, ast.AugAssign):
                wanted.update({node.id for node in ast.walk(statement.target) if isinstance(node, ast.Name)} - known)
            known |= _bound(statement) if not any(bodies) else set().union(*map(_bound_by_expression, head))
            for body in [*bodies, *handlers]:
                visit(body, known)

    visit(cell.body, set())
    return wanted


def _bound_by_expression(node: ast.AST) -> set[str]:
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)}


def _bound(statement: ast.stmt) -> set[str]:
    """The names that a statement may bind in the module, and those of objects that it may change."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {(name.asname or name.name).partition(".")[0] for name in statement.names}
    names = _bound_by_expression(statement)
    for node in ast.walk(statement):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= _bound(node)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            names |= set(node.names)
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            names |= _read(node)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
    return names


def _read(tree: ast.AST) -> set[str]:
    """All names that are read anywhere in it and are not among those that it binds itself."""
    read: set[str] = set()
    stored: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else stored).add(node.id)
        elif isinstance(node, ast.arg):
            stored.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            stored.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            stored |= _bound(node)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            stored.add(node.name)
    return read - stored
