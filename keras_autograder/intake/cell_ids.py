"""Cell ids as nbformat 4.5 expects them: short, plain, and none of them twice."""

import re
from collections.abc import Container
from typing import Any

_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def usable_id(preferred: Any, otherwise: str, taken: Container[str]) -> str:
    """An id for a cell: its own, if it has one that can stay.

    Args:
        preferred: what the cell has for an id; may be anything.
        otherwise: str, an id to take instead. Where it is taken, it gets a number.
        taken: container of str, the ids of other cells.

    Returns:
        str.
    """
    if isinstance(preferred, str) and _CELL_ID.fullmatch(preferred) and preferred not in taken:
        return preferred
    name, number = otherwise, 1
    while name in taken:
        number += 1
        name = f"{otherwise[:56]}-{number}"
    return name
