"""Elements of an SVG image, each complete in itself, without ids and without anything from outside."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

__all__ = [
    "FONT",
    "LINE_COLOUR",
    "VERMILION",
    "Point",
    "arrow",
    "background",
    "badge",
    "box",
    "document",
    "fitting",
    "text",
    "text_width",
]

Point = tuple[float, float]

FONT = 11  # pixels

INK, LINE_COLOUR = "#1a1a1a", "#4d4d4d"
# Of the palette of Okabe and Ito (2008), which people of all kinds of colour vision can tell apart.
VERMILION = "#D55E00"


def document(width: float, height: float, title: str, description: str, body: Sequence[str]) -> str:
    """The image.

    Args:
        width, height: float, in pixels.
        title, description: str, what a screen reader says.
        body: sequence of str, elements.

    Returns:
        str, an ``<svg>`` element.
    """
    # Styles of the page around must not reach the text, so the element brings its own.
    style = f"max-width:100%;height:auto;font-family:Arial,Helvetica,'Liberation Sans',sans-serif;font-size:{FONT}px"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" style="{style}">'
        f"<title>{_escape(title)}</title><desc>{_escape(description)}</desc>{''.join(body)}</svg>"
    )


def background(width: float, height: float) -> str:
    """A white ground, so that the image can be read on a dark page."""
    return f'<rect width="{width}" height="{height}" rx="6" fill="#FFFFFF"/>'


def text(
    x: float, y: float, words: str, size: int, bold: bool = False, anchor: str = "start", halo: bool = False
) -> str:
    """A line of text.

    Args:
        x, y: float, where it stands, in pixels.
        words: str.
        size: int, of the font, in pixels.
        bold: bool.
        anchor: str, "start", "middle" or "end", the part of it that stands at ``x``.
        halo: bool, whether it is to stay readable where it lies on a line.

    Returns:
        str, an element.
    """
    outline = ' stroke="#FFFFFF" stroke-width="4" stroke-linejoin="round" paint-order="stroke"' if halo else ""
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text{outline} x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{INK}" text-anchor="{anchor}"{weight}>'
        f"{_escape(words)}</text>"
    )


def box(
    x: float, y: float, width: float, height: float, fill: str, stroke: str, stroke_width: float, dashes: str
) -> str:
    """A box with a border."""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="4" '
        f'fill="{fill}" stroke="{stroke}" stroke-width="{stroke_width:g}"{_dashes(dashes)}/>'
    )


def tip(words: str) -> str:
    """What the pointer shows on the element around."""
    return f"<title>{_escape(words)}</title>"


def arrow(points: Sequence[Point], colour: str, width: float, dashes: str) -> list[str]:
    """A line with a head; drawn without a marker, which would need an id.

    Args:
        points: sequence of Point, the corners of the line, in pixels; at least two.
        colour: str.
        width: float, in pixels.
        dashes: str, as SVG writes them; empty for a full line.

    Returns:
        list of str, elements.
    """
    (x0, y0), (x1, y1) = points[-2:]
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    head = min(5 + 1.2 * width, max(length + 2, 7.0))
    bx, by = x1 - ux * head, y1 - uy * head
    half = head / 2
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in [*points[:-1], (bx, by)])
    corners = f"{x1:.1f},{y1:.1f} {bx - uy * half:.1f},{by + ux * half:.1f} {bx + uy * half:.1f},{by - ux * half:.1f}"
    return [
        f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="{width}"{_dashes(dashes)}/>',
        f'<polygon points="{corners}" fill="{colour}"/>',
    ]


def badge(x: float, y: float, letter: str) -> list[str]:
    """A cross and a letter in a small frame."""
    width = 20 + 8 * len(letter)
    cross = f"M{x + 5:.1f} {y + 5:.1f}l7 7m0 -7l-7 7"
    return [
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width}" height="17" rx="4" fill="#FFFFFF" stroke="{VERMILION}" '
        'stroke-width="1.5"/>',
        f'<path d="{cross}" stroke="{VERMILION}" stroke-width="2.5" fill="none"/>',
        text(x + 15, y + 13, letter, FONT + 1, bold=True),
    ]


def text_width(words: str, size: float, bold: bool = False) -> float:
    """About how wide a text in Arial is, in pixels: nothing here can measure it."""
    width = 0.0
    for character in words:
        if character in "ijlIftr.,:;'|!()[] /":
            width += 0.31
        elif character in "mwMW@%…→←✗":
            width += 0.9
        elif character.isupper() or ord(character) > 0x2000:
            width += 0.7
        else:
            width += 0.55
    return width * size * (1.07 if bold else 1)


def fitting(candidates: Sequence[str], room: float, bold: bool = False, size: int = FONT) -> str:
    """The first text that fits, or the last one cut.

    Args:
        candidates: sequence of str, the longest first; at least one.
        room: float, in pixels.
        bold: bool.
        size: int, of the font, in pixels.

    Returns:
        str.
    """
    for words in candidates:
        if text_width(words, size, bold) <= room:
            return words
    words = candidates[-1]
    while len(words) > 1 and text_width(words + "…", size, bold) > room:
        words = words[:-1]
    return words + "…"


def _escape(words: str) -> str:
    return html.escape(words, quote=True)


def _dashes(dashes: str) -> str:
    return f' stroke-dasharray="{dashes}"' if dashes else ""
