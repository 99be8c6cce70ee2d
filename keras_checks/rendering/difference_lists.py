"""Differences as text and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from keras_checks.differences import Difference, by_cause
from keras_checks.nouns import counted
from keras_checks.rendering.tables import html_table

__all__ = ["as_html", "as_text"]


class _Entry(NamedTuple):
    """What is said of a difference, or of several with one cause."""

    subject: str
    place: str
    attribute: str
    expected: str
    found: str
    hint: str


def as_text(differences: Sequence[Difference]) -> str:
    """Differences in plain lines.

    Args:
        differences: sequence of Difference.

    Returns:
        str, several lines.
    """
    if not differences:
        return "no differences"
    lines = [f"{counted(len(differences), 'difference')} between your network and the expected one:"]
    for one in _entries(differences):
        lines += [
            f"  {one.subject}",
            f"      expected: {one.expected}",
            f"      found:    {one.found}",
            f"      hint:     {one.hint}",
        ]
    return "\n".join(lines)


def as_html(differences: Sequence[Difference]) -> str:
    """Differences as an HTML table.

    Args:
        differences: sequence of Difference.

    Returns:
        str, HTML.
    """
    if not differences:
        return "<p>No differences.</p>"
    caption = f"\u2717 {counted(len(differences), 'difference')} between your network and the expected one"
    rows = [(one.place, one.attribute, one.expected, one.found, one.hint) for one in _entries(differences)]
    return html_table(caption, ("Where", "What", "Expected", "Found", "Hint"), rows)


def _entries(differences: Sequence[Difference]) -> Iterator[_Entry]:
    for group in by_cause(differences):
        first = group[0]
        if len(group) > 1:
            subject = f"{first.where}: {len(group)} layers missing"
            kinds = ", ".join(one.kind for one in group)
            hint = "They are not connected to what the model returns: is the result of every step used by the next one?"
            yield _Entry(subject, subject, first.attribute, kinds, first.found, hint)
        else:
            place = first.subject if first.is_missing_layer else first.where
            yield _Entry(first.subject, place, first.attribute, first.expected, first.found, first.hint)
