"""Errors about files on disk, and long lists shortened for a message."""

from collections.abc import Sequence


class DataError(Exception):
    """Something is wrong with the files on disk; the message says what it is and what to do.

    A notebook shows the message alone. Anywhere else it is an exception like any other.
    """

    def _render_traceback_(self) -> list[str]:
        # IPython calls this in place of drawing the traceback, and wants a list of lines.
        return [f"{type(self).__name__}: {self}"]


def shorten(values: Sequence[object], limit: int) -> str:
    """Return the first `limit` values as text, and how many more there are.

    Args:
        values: sequence of anything that has a str.
        limit: int, 1 or more.

    Returns:
        str, such as "1, 2 and 3 more".
    """
    more = f" and {len(values) - limit:,} more" if len(values) > limit else ""
    return ", ".join(map(str, values[:limit])) + more
