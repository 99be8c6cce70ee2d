"""Tables for notebooks and feedback pages."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

__all__ = ["html_table"]


def html_table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table that reads well in a notebook, light or dark, and in nbgrader's feedback pages.

    Args:
        caption: str, what the table says.
        columns: sequence of str, the headings.
        rows: iterable of sequences of str, plain text; a line break starts a new line in its cell.

    Returns:
        str, HTML.
    """
    # Feedback pages bring no style for tables, so the table brings its own.
    cell = (
        "text-align: left; vertical-align: top; padding: 3px 14px 3px 0; border-bottom: 1px solid rgba(128,128,128,.35)"
    )

    def shown(text: str) -> str:
        return html.escape(text).replace("\n", "<br>")

    head = "".join(f'<th scope="col" style="{cell}">{shown(name)}</th>' for name in columns)
    widths = ["white-space: nowrap"] + ["white-space: normal; max-width: 34em"] * (len(columns) - 1)
    body = "".join(
        "<tr>"
        + "".join(f'<td style="{cell}; {width}">{shown(text)}</td>' for text, width in zip(row, widths))
        + "</tr>"
        for row in rows
    )
    return (
        '<table style="border-collapse: collapse; margin-left: 0">'
        f'<caption style="text-align: left; font-weight: bold; color: inherit">{shown(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
