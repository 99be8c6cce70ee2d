"""``draw``: the picture of a comparison, as an SVG image."""

from __future__ import annotations

import itertools
import math
import textwrap

from keras_checks.comparison import Comparison
from keras_checks.nouns import counted
from keras_checks.picture import svg
from keras_checks.picture.facts import clean
from keras_checks.picture.graph import DrawnNetwork
from keras_checks.picture.labels import size
from keras_checks.picture.layout import MARGIN, NARROWEST, Layout
from keras_checks.picture.nodes import Edge, Node
from keras_checks.picture.routes import Router

__all__ = ["draw"]

LIST_FONT = 13
GHOST_COLOUR, BLUE = "#707070", "#0072B2"
# Light tints of the palette of Okabe and Ito (2008), behind dark text.
TINTS = (
    ("Transpose", "#CCECE3"),
    ("UpSampling", "#CCECE3"),
    ("Conv", "#DDF0FB"),
    ("Pooling", "#FAE7C2"),
    ("Dropout", "#FCF8D0"),
    ("Concatenate", "#F5E2EC"),
)
OTHER_TINT = "#EFEFEF"
# (colour, width, dashes) of an arrow, and the order in which they are drawn: marked ones last, on top.
STYLES = {
    "missing": (GHOST_COLOUR, 1.2, "3 3"),
    "plain": (svg.LINE_COLOUR, 1.5, ""),
    "wrong": (svg.VERMILION, 3, "7 4"),
}


def draw(comparison: Comparison, title: str = "", reveal_expected: bool = True, subtitle: str = "") -> str:
    """Draw the learner's network of a comparison, with its differences marked.

    Args:
        comparison: Comparison, what ``compare`` found.
        title: str, the heading; "Your network" if empty.
        reveal_expected: bool, whether the captions may say what was expected, and not only what was found.
        subtitle: str, what to say under the heading; the number of differences if empty.

    Returns:
        str, an ``<svg>`` element that needs nothing from outside and has no ids, so that several can stand on one page.
        Whatever is in the comparison, no error is raised: a network that cannot be drawn becomes a line that says so.
    """
    heading = clean(title, 120) or "Your network"
    try:
        return _Drawing(DrawnNetwork(comparison, reveal_expected), heading, clean(subtitle, 120)).image()
    except Exception:  # the network is a stranger's; that it cannot be drawn must not cost anybody the check's result
        note = "This network could not be drawn."
        body = [
            svg.background(NARROWEST, 64),
            svg.text(MARGIN, 24, heading, 14, bold=True),
            svg.text(MARGIN, 48, note, LIST_FONT),
        ]
        return svg.document(NARROWEST, 64, heading, note, body)


class _Drawing:
    def __init__(self, network: DrawnNetwork, heading: str, subtitle: str):
        self.network = network
        self.heading = heading
        self.subtitle = subtitle
        self.layout = Layout(network)
        self.bottom = self.layout.bottom

    def image(self) -> str:
        width = self.layout.width
        body = [*self._headings(), *self._sides(), *self._arrows()]
        for node in self.network.nodes:
            body += self._box(node)
        captions, height = self._captions()
        body += captions
        return svg.document(width, height, self.heading, self._description(), [svg.background(width, height), *body])

    def _headings(self) -> list[str]:
        room = self.layout.width - 2 * MARGIN
        words = self.subtitle
        if not words and self.network.count:
            words = f"{counted(self.network.count, 'difference')} from the expected network, marked with ✗"
        return [
            svg.text(MARGIN, 24, svg.fitting([self.heading], room, True, 15), 15, bold=True),
            svg.text(MARGIN, 45, words or "✓ no differences", LIST_FONT),
        ]

    def _sides(self) -> list[str]:
        """The names of the parts of a U."""
        if not self.layout.has_both_sides:
            return []

        def name(node: Node, y: float, words: str) -> str:
            return svg.text(node.centre, y, words, 12, anchor="middle", halo=True)

        nodes, levels = self.network.nodes, self.layout.levels
        encoder = min(nodes, key=lambda node: (node.column, node.row))
        decoder = max(nodes, key=lambda node: (node.column, -node.row))
        drawn = [name(encoder, encoder.y - 15, "encoder ↓"), name(decoder, decoder.y - 15, "decoder ↑")]
        deepest = [node for node in nodes if not node.is_decoder and node.level == levels[-1]]
        if deepest and levels[-1]:
            lowest = max(deepest, key=lambda node: node.row)
            drawn.append(name(lowest, lowest.bottom + 17, "bottleneck"))
            self.bottom = max(self.bottom, lowest.bottom + 20)
        return drawn

    def _arrows(self) -> list[str]:
        drawn: list[str] = []
        router = Router(self.layout)
        order = list(STYLES)
        for edge in sorted(self.network.edges, key=lambda edge: order.index(edge.style)):
            points = router.corners(edge)
            if points:
                drawn += self._arrow(edge, points)
        return drawn

    def _arrow(self, edge: Edge, points: list[svg.Point]) -> list[str]:
        colour, width, dashes = STYLES[edge.style]
        is_skip = self.layout.is_u and edge.target.column - edge.source.column > 1
        if is_skip and edge.style == "plain":
            colour, width = BLUE, 2
        drawn = svg.arrow(points, colour, width, dashes)
        starts, ends = max(itertools.pairwise(points), key=lambda pair: abs(pair[0][0] - pair[1][0]))
        room = abs(starts[0] - ends[0]) - 14
        bold = edge.style == "wrong"
        labels = edge.labels
        if is_skip and not labels:
            labels = ["missing" if edge.style == "missing" else size(edge.source)]
        fitting = [words for words in labels if words and svg.text_width(words, svg.FONT, bold) <= room]
        if fitting:
            middle = (starts[0] + ends[0]) / 2
            drawn.append(svg.text(middle, starts[1] - 5, fitting[0], svg.FONT, bold, "middle", halo=True))
        elif edge.slot:
            y = ends[1] + (12 if starts[1] > ends[1] else -5)
            drawn.append(svg.text(ends[0] + 5, y, f"input {edge.slot}", svg.FONT, True, halo=True))
        return drawn

    def _box(self, node: Node) -> list[str]:
        fill = "#FFFFFF" if node.missing else next((tint for word, tint in TINTS if word in node.kind), OTHER_TINT)
        border, width, dashes = svg.LINE_COLOUR, 1.0, ""
        if node.missing:
            border, width, dashes = svg.VERMILION, 2.5, "6 4"
        elif node.letter:
            border, width = svg.VERMILION, 3.5
        output = size(node, " × ")
        # The pointer shows what the box has no room for.
        tip = f"missing: {node.kind}" if node.missing else f"{node.name}{f', output {output}' if output else ''}"
        drawn = ["<g>" + svg.tip(tip), svg.box(node.x, node.y, node.width, node.height, fill, border, width, dashes)]
        emphasised = {len(node.lines) - 1} if node.captions or node.missing else set()
        for index, line in enumerate(node.lines):
            y = node.y + 16 + 14 * index
            drawn.append(svg.text(node.centre, y, line, svg.FONT, bold=index in emphasised, anchor="middle"))
        if node.letter.strip():
            drawn += svg.badge(node.x - 9, node.y - 11, node.letter)
        return [*drawn, "</g>"]

    def _captions(self) -> tuple[list[str], float]:
        """What is said under the network, and where the picture ends."""
        drawn: list[str] = []
        y = self.bottom + 30
        marks = self.network.marks
        left = MARGIN + 40
        characters = int((self.layout.width - left - MARGIN) / (LIST_FONT * 0.5))
        for letter, sentence in marks.captions:
            drawn += svg.badge(MARGIN, y - 13, letter)
            for line in textwrap.wrap(sentence, characters)[:4]:
                drawn.append(svg.text(left, y, line, LIST_FONT))
                y += 18
            y += 5
        notes = list(self.network.notes)
        more = marks.count - len(marks.captions)
        if more > 0:
            notes.insert(0, f"… and {more} more marks.")
        for note in notes:
            drawn.append(svg.text(MARGIN, y, note, LIST_FONT, bold=True))
            y += 20
        return drawn, math.ceil(y - 8)

    def _description(self) -> str:
        network, marks = self.network, self.network.marks
        drawn = f"A network of {counted(network.total, 'layer')}"
        if self.layout.is_u:
            drawn += f" on {counted(len(self.layout.levels), 'level')} of size"
            if self.layout.has_both_sides:
                drawn += ", drawn as a U with the encoder on the left and the decoder on the right"
        else:
            drawn += ", drawn in rows from left to right"
        if not marks.captions:
            return f"{drawn}. {self.subtitle or 'No differences are marked'}."
        sentences = [sentence for _, sentence in marks.captions]
        more = f"; and {marks.count - 5} more" if marks.count > 5 else ""
        return f"{drawn}. Marked as wrong: {'; '.join(sentences[:5])}{more}."
