"""Draw a learner's own network as a U and mark the layers in which it is not the expected one.

    from keras_checks import compare, draw, summary

    draw(compare(summary(my_model), expected_rows), title="My U-Net")

``draw`` returns an SVG image as a string that can stand in any HTML page. The encoder goes down on the left, the
bottleneck is at the bottom, the decoder goes up on the right, and skip connections are the horizontal lines between
them. A network that has no such form is drawn as rows of layers instead, and each layer says which ones feed it.

What is wrong has a thick border, a cross with a letter, words in the box, and a sentence beside the same letter under
the picture; missing layers stand as dashed boxes where they belong.
"""

from __future__ import annotations

import html
import itertools
import math
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from keras_checks.comparison import Comparison, Difference, Layer

__all__ = ["draw"]

MOST_LAYERS = 120
MOST_MISSING = 40
MOST_SOURCES = 12
MOST_EDGES = 400
MOST_CAPTIONS = 20

# Sizes in pixels.
WIDEST, NARROWEST = 900, 560
MARGIN = 10
ROW_GAP, COLUMN_GAP = 18, 10
LINE = 14
SMALLEST_BOX, WIDEST_BOX = 88, 128
FONT = 11
LIST_FONT = 13
MOST_ROWS = 45

# The palette of Okabe and Ito (2008), which people of all kinds of colour vision can tell apart: the full colours for
# lines and signs, light tints of them behind dark text.
INK, LINE_COLOUR, GHOST_COLOUR = "#1a1a1a", "#4d4d4d", "#707070"
VERMILION, BLUE = "#D55E00", "#0072B2"
TINTS = (
    ("Transpose", "#CCECE3"),
    ("UpSampling", "#CCECE3"),
    ("Conv", "#DDF0FB"),
    ("Pooling", "#FAE7C2"),
    ("Dropout", "#FCF8D0"),
    ("Concatenate", "#F5E2EC"),
)
OTHER_TINT = "#EFEFEF"

SHORT_NAMES = {
    "InputLayer": "Input",
    "Conv2DTranspose": "Conv2DT",
    "MaxPooling2D": "MaxPool",
    "AveragePooling2D": "AvgPool",
    "GlobalAveragePooling2D": "GlobalAvg",
    "GlobalMaxPooling2D": "GlobalMax",
    "Concatenate": "Concat",
    "BatchNormalization": "BatchNorm",
    "SeparableConv2D": "SepConv2D",
    "DepthwiseConv2D": "DWConv2D",
    "UpSampling2D": "UpSample",
}


def draw(comparison: Comparison, title: str = "", reveal_expected: bool = True) -> str:
    """Draw the learner's network of a comparison, with its differences marked.

    Args:
        comparison: Comparison, what ``compare`` found.
        title: str, the heading; "Your network" if empty.
        reveal_expected: bool, whether the captions may say what was expected, and not only what was found.

    Returns:
        str, an ``<svg>`` element that needs nothing from outside and has no ids, so that several can stand on one page.
        Whatever is in the comparison, no error is raised: a network that cannot be drawn becomes a line that says so.
    """
    heading = _clean(title, 120) or "Your network"
    try:
        picture = _Picture(comparison, heading, reveal_expected)
        return picture.svg()
    except Exception:  # the network is a stranger's; that it cannot be drawn must not cost anybody the check's result
        note = "This network could not be drawn."
        body = [
            _background(NARROWEST, 64),
            _text(MARGIN, 24, heading, 14, bold=True),
            _text(MARGIN, 48, note, LIST_FONT),
        ]
        return _document(NARROWEST, 64, heading, note, body)


# ------------------------------------------------------------------------------------------------------------------
# The network as nodes and edges
# ------------------------------------------------------------------------------------------------------------------


@dataclass
class _Node:
    """A box of the picture: a layer of the learner's, or a missing one.

    Attributes:
        layer: Layer.
        kind: str, its class, cleaned.
        number: int, its row in the learner's summary; None where it has none.
        sources: list of int, positions of the nodes that feed it; None where unknown.
        missing: bool, whether the learner has no such layer.
        step: int, how often the layer halves the size; negative where it doubles it.
        before, depth: int, how often the size was halved before and after the layer.
        deepest: int, the greatest depth on any way to the layer.
        letter, caption: str, the mark and what stands in the box; empty for a layer that is right.
        outputs: list of int, which of the returned tensors it is, from 1.
    """

    layer: Layer
    kind: str
    number: int | None = None
    sources: list[int] | None = None
    missing: bool = False
    step: int = 0
    before: int = 0
    depth: int = 0
    deepest: int = 0
    letter: str = ""
    caption: str = ""
    outputs: list[int] = field(default_factory=list)

    lines: list[str] = field(default_factory=list)
    column: int = 0
    row: int = 0
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0

    @property
    def level(self) -> int:
        # A layer that changes the size stands between two levels, under the upper one.
        return min(self.before, self.depth)

    @property
    def is_decoder(self) -> bool:
        return self.deepest > self.depth

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def centre(self) -> float:
        return self.x + self.width / 2

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def name(self) -> str:
        return f"layer {self.number} ({self.kind})" if self.number is not None else self.kind


@dataclass
class _Edge:
    """An arrow: ``style`` is "plain", "wrong" (marked) or "missing"; ``slot`` is the input it is, from 1, or 0."""

    source: _Node
    target: _Node
    style: str = "plain"
    slot: int = 0
    label: str = ""


class _Network:
    """What is to be drawn of a comparison, as plain data that can be trusted.

    Attributes:
        nodes: list of _Node in the order of the data's flow, missing layers among them.
        edges: list of _Edge.
        captions: list of (letter, sentence), as many as are shown.
        marks: int, the number of letters.
        notes: list of str, what was left out.
        count: int, the number of differences.
        total: int, the number of the learner's layers.
    """

    def __init__(self, comparison: Comparison, reveal_expected: bool):
        self.reveal = reveal_expected
        self.differences = list(comparison.differences)
        self.count = len(self.differences)
        self.total = len(comparison.found)
        self.notes: list[str] = []
        self.captions: list[tuple[str, str]] = []
        self.layers = [_node(layer) for layer in comparison.found[:MOST_LAYERS]]
        if self.total > MOST_LAYERS:
            self.notes.append(f"Only the first {MOST_LAYERS} of {self.total} layers are drawn.")
        for node in self.layers:
            self._read_sources(node)
        self.of_number = {node.number: node for node in reversed(self.layers) if node.number is not None}
        self._read_outputs(comparison.found_outputs)
        self.missing = self._read_missing(comparison.expected)
        self.nodes = self._in_order()
        self._mark()
        self._find_depths()
        self.edges = self._real_edges()
        self.edges += self._missing_edges(comparison)
        if len(self.edges) > MOST_EDGES:
            self.edges = self.edges[:MOST_EDGES]
            self._note_connections()

    def _read_sources(self, node: _Node) -> None:
        given = node.layer.sources
        if type(given) not in (list, tuple):
            node.sources = None
            return
        known = [source for source in given[:MOST_SOURCES] if type(source) is int and 0 <= source < len(self.layers)]
        if len(known) < len(given):
            self._note_connections()
        node.sources = known

    def _note_connections(self) -> None:
        note = "Some connections are not drawn."
        if note not in self.notes:
            self.notes.append(note)

    def _read_outputs(self, outputs) -> None:
        for index, position in enumerate((outputs or [])[:MOST_SOURCES], start=1):
            if type(position) is int and 0 <= position < len(self.layers):
                self.layers[position].outputs.append(index)

    def _read_missing(self, expected: Sequence[Layer]) -> list[tuple[_Node | None, _Node, Difference]]:
        """Missing layers with the node after which each belongs; None for the start."""
        gaps = [difference for difference in self.differences if difference.is_missing_layer]
        if len(gaps) > MOST_MISSING:
            self.notes.append(f"Only the first {MOST_MISSING} of {len(gaps)} missing layers are drawn.")
        found = []
        for difference in gaps[:MOST_MISSING]:
            position = difference.position
            known = type(position) is int and 0 <= position < len(expected)
            layer = expected[position] if known else Layer(difference.kind, None)
            node = _node(layer)
            node.kind, node.number, node.missing = _clean(difference.kind, 60), None, True
            found.append((self._named_in(difference.where), node, difference))
        return found

    def _named_in(self, where: str) -> _Node | None:
        number = re.search(r"layer (\d{1,6})\b", where)
        if number:
            return self.of_number.get(int(number[1]))
        if "operation" in where:
            return next((node for node in reversed(self.layers) if where.endswith(f"operation {node.kind}")), None)
        return None

    def _in_order(self) -> list[_Node]:
        after: dict[int, list[_Node]] = {}
        for anchor, node, difference in self.missing:
            # What belongs behind the part that is drawn would stand in a wrong place at the start.
            if anchor is not None or "start" in difference.where:
                after.setdefault(id(anchor), []).append(node)
        inputs = itertools.takewhile(lambda node: node.kind == "InputLayer", self.layers)
        first = len(list(inputs))
        order = [] if first else after.get(id(None), [])
        for index, node in enumerate(self.layers, start=1):
            order = [*order, node, *after.get(id(node), [])]
            if index == first:
                order += after.get(id(None), [])
        return order

    # Marks

    def _mark(self) -> None:
        letters = _letters()
        anchor_of = {id(difference): anchor for anchor, _, difference in self.missing}
        node_of = {id(difference): node for _, node, difference in self.missing}
        groups: dict[object, list[Difference]] = {}
        for difference in self.differences:
            if difference.is_missing_layer:
                groups.setdefault(("gap", difference.where), []).append(difference)
            else:
                groups.setdefault(("layer", difference.number, difference.number or difference.where), []).append(
                    difference
                )
        self.marks = len(groups)
        for group in groups.values():
            letter = next(letters)
            has_caption = len(self.captions) < MOST_CAPTIONS
            first = group[0]
            if first.is_missing_layer:
                for difference in group:
                    if id(difference) in node_of:
                        node_of[id(difference)].letter = letter if difference is first else " "
                if has_caption:
                    self.captions.append((letter, self._gap_sentence(group, anchor_of.get(id(first)))))
                continue
            for node in self._marked_nodes(first):
                node.letter = node.letter or letter
                node.caption = node.caption or _short_caption(group)
            if has_caption:
                self.captions.append((letter, _sentence(group[:8], self.reveal)))

    def _marked_nodes(self, difference: Difference) -> list[_Node]:
        if difference.attribute == "outputs":
            return [node for node in self.layers if node.outputs]
        if difference.number is not None:
            node = self.of_number.get(difference.number)
            return [node] if node else []
        return [node for node in self.layers if node.number is None and difference.where.endswith(f" {node.kind}")][:1]

    def _gap_sentence(self, group: list[Difference], anchor: _Node | None) -> str:
        where = anchor.name if anchor else ""
        where = f"after {where}" if where else _clean(group[0].where, 120)
        kinds = [_clean(difference.kind, 40) for difference in group]
        if len(kinds) == 1:
            return f"{where}: {kinds[0]} missing"
        named = ", ".join(kinds[:MOST_MISSING])
        return f"{where}: {len(kinds)} layers missing ({named})"

    # Depth

    def _find_depths(self) -> None:
        position_of = {id(node): position for position, node in enumerate(self.layers)}
        distance: list[int] = []
        main: list[int | None] = []
        gap: list[_Node] = []
        previous: _Node | None = None
        self._input_depths()
        for node in self.nodes:
            if node.missing:
                feeding = gap[-1] if gap else previous
                self._set_depth(node, feeding, [feeding] if feeding else [])
                gap.append(node)
                continue
            position = position_of[id(node)]
            # Only what comes before counts: hostile wiring may go in circles.
            sources = [source for source in node.sources or [] if source < position]
            if node.sources is None and position and node.kind != "InputLayer":
                sources = [position - 1]
            best = max(sources, key=lambda source: distance[source], default=None)
            distance.append(1 + max((distance[source] for source in sources), default=-1))
            main.append(best)
            feeding = None if best is None else self.layers[best]
            # A layer after a gap stands where it would stand without the gap, so that a U with one missing pooling
            # layer is still a U.
            if gap and feeding is previous:
                feeding = gap[-1]
            self._set_depth(node, feeding, [feeding, *(self.layers[source] for source in sources)] if feeding else [])
            previous, gap = node, []
        self._move_inputs_to_consumers(main)
        highest = min((min(node.before, node.depth) for node in self.nodes), default=0)
        for node in self.nodes:
            node.before -= highest
            node.depth -= highest
            node.deepest -= highest

    def _input_depths(self) -> None:
        heights = {id(node): _height(node.layer) for node in self.layers if node.kind == "InputLayer"}
        greatest = max((height for height in heights.values() if height), default=None)
        for node in self.layers:
            height = heights.get(id(node))
            node.depth = node.before = round(math.log2(greatest / height)) if height and greatest else 0

    def _set_depth(self, node: _Node, feeding: _Node | None, all_feeding: list[_Node]) -> None:
        node.step = _halvings(node.layer, feeding.layer if feeding else None)
        if feeding is not None:
            node.before = feeding.depth
            node.depth = node.before + node.step
        node.deepest = max([node.before, node.depth, *(other.deepest for other in all_feeding)])

    def _move_inputs_to_consumers(self, main: list[int | None]) -> None:
        """An input of unknown size belongs to the level of the layer that joins it to something else."""
        for position, node in enumerate(self.layers):
            if node.kind != "InputLayer" or _height(node.layer):
                continue
            for other, source in zip(self.layers, main):
                if position in (other.sources or []) and source is not None and source != position:
                    node.before = node.depth = node.deepest = other.before
                    break

    # Edges

    def _real_edges(self) -> list[_Edge]:
        gaps = self._beyond_gaps()
        wrong = {
            id(self.of_number.get(difference.number)): difference
            for difference in self.differences
            if difference.attribute == "inputs"
        }
        edges = []
        for position, node in enumerate(self.layers):
            if node.sources is None:
                if position and node.kind != "InputLayer":
                    edges.append(_Edge(self.layers[position - 1], node))
                continue
            difference = wrong.get(id(node))
            wrong_slots = _wrong_slots(difference, node, self.layers) if difference else set()
            for slot, source in enumerate(node.sources, start=1):
                edge = _Edge(self.layers[source], node)
                if slot in wrong_slots:
                    edge.style = "wrong"
                    edge.slot = slot if len(node.sources) > 1 else 0
                    which = f"input {slot}: " if edge.slot else "from "
                    edge.label = f"✗{node.letter} {which}{_short(edge.source)}"
                elif (id(edge.source), id(node)) in gaps:
                    edge.style = "wrong"
                    edge.label = f"✗{gaps[id(edge.source), id(node)].letter} passes over what is missing"
                edges.append(edge)
        return edges

    def _beyond_gaps(self) -> dict[tuple[int, int], _Node]:
        """The first missing layer of each gap by the ids of the nodes before and behind it."""
        gaps: dict[tuple[int, int], _Node] = {}
        before, first = None, None
        for node in self.nodes:
            if node.missing:
                first = first or node
            else:
                if before and first:
                    gaps[id(before), id(node)] = first
                before, first = node, None
        return gaps

    def _missing_edges(self, comparison: Comparison) -> list[_Edge]:
        if not self.missing:
            return []
        known = all(type(layer.sources) is list for layer in comparison.expected)
        if self.reveal and known and len(comparison.expected) <= MOST_LAYERS:
            return self._expected_edges(comparison)
        return [
            _Edge(one, other, "missing")
            for one, other in itertools.pairwise(self.nodes)
            if one.missing or other.missing
        ]

    def _expected_edges(self, comparison: Comparison) -> list[_Edge]:
        """How the missing layers belong to the others: it shows where a skip connection is to go."""
        expected_at = {id(layer): position for position, layer in enumerate(comparison.expected)}
        found_at = {id(node.layer): node for node in self.layers}
        node_at = {
            expected_at.get(id(expected)): found_at[id(found)]
            for expected, found in comparison.pairs
            if id(found) in found_at
        }
        for difference in self.differences:
            if difference.number in self.of_number and difference.position is not None:
                node_at.setdefault(difference.position, self.of_number[difference.number])
        node_at.update({difference.position: node for _, node, difference in self.missing})
        drawn = {id(node) for node in self.nodes}
        edges = []
        for position, layer in enumerate(comparison.expected):
            target = node_at.get(position)
            for source in layer.sources:
                feeding = node_at.get(source)
                if target and feeding and (target.missing or feeding.missing) and {id(target), id(feeding)} <= drawn:
                    edges.append(_Edge(feeding, target, "missing"))
        return edges


def _node(layer: Layer) -> _Node:
    number = layer.number if type(layer.number) is int else None
    return _Node(layer, _clean(layer.kind, 60) or "?", number)


def _wrong_slots(difference: Difference, node: _Node, layers: list[_Node]) -> set[int]:
    """Which inputs of a layer are not the expected ones, from 1; all of them where that cannot be told."""
    every = set(range(1, len(node.sources) + 1))
    found, expected = difference.found.split(" and "), difference.expected.split(" and ")
    if len(found) == len(expected) == len(every):
        slots = {slot for slot, (one, other) in enumerate(zip(found, expected), start=1) if one != other}
    else:
        slots = {slot for slot, source in enumerate(node.sources, start=1) if layers[source].name not in expected}
    return slots or every


def _short_caption(group: list[Difference]) -> str:
    first = group[0]
    if len(group) > 1:
        return ", ".join(dict.fromkeys(_clean(difference.attribute, 40) for difference in group))
    if first.attribute == "layer":
        return "extra layer" if first.found.startswith(("an extra", "a extra")) else "wrong layer"
    if first.attribute == "inputs":
        return "wrong input"
    if first.attribute == "outputs":
        return "wrong output"
    return f"{_clean(first.attribute, 40)}: {_clean(first.found, 60)}"


def _sentence(group: list[Difference], reveal_expected: bool) -> str:
    """What is wrong with one layer, its name said once."""
    first, *others = (_clean(difference.sentence(reveal_expected), 400) for difference in group)
    name = f"{_clean(group[0].where, 100)}, "
    return "; ".join([first, *(other.removeprefix(name) for other in others)])


def _letters() -> Iterable[str]:
    """A, B, ..., Z, AA, AB, ...: letters, so that nobody takes a mark for the number of a layer."""
    for length in itertools.count(1):
        for letters in itertools.product("ABCDEFGHIJKLMNOPQRSTUVWXYZ", repeat=length):
            yield "".join(letters)


# ------------------------------------------------------------------------------------------------------------------
# What is known of a layer
# ------------------------------------------------------------------------------------------------------------------


def _clean(text, length: int) -> str:
    """A stranger's text, cut and without characters that could not be seen or would turn the line round."""
    if not isinstance(text, str):
        return ""
    text = str.__getitem__(text, slice(0, length + 1))
    text = "".join(character if character.isprintable() else " " for character in text).strip()
    return text if len(text) <= length else text[: length - 1] + "…"


def _argument(layer: Layer, name: str):
    return layer.arguments.get(name) if type(layer.arguments) is dict else None


def _factor(value) -> int | None:
    """Strides or a pool's size as one number."""
    if type(value) in (tuple, list) and value:
        value = value[0]
    return value if type(value) is int and 0 < value < 10**6 else None


def _dimensions(layer: Layer) -> tuple | None:
    """The output shape without the batch, an unknown size as None; None where the shape itself is unknown."""
    shape = layer.shape
    if type(shape) is list and len(shape) == 1:
        shape = shape[0]
    if type(shape) not in (tuple, list) or not 2 <= len(shape) <= 6:
        return None
    if not all(size is None or (type(size) is int and 0 < size < 10**9) for size in shape[1:]):
        return None
    return tuple(shape[1:])


def _height(layer: Layer) -> int | None:
    dimensions = _dimensions(layer)
    return dimensions[0] if dimensions and len(dimensions) == 3 else None


def _halvings(layer: Layer, feeding: Layer | None) -> int:
    """How often a layer halves the size; negative where it doubles it."""
    kind = layer.kind if isinstance(layer.kind, str) else ""
    factor, sign = None, 1
    if "Global" in kind or kind == "InputLayer":
        return 0
    if "Pooling" in kind:
        factor = _factor(_argument(layer, "strides")) or _factor(_argument(layer, "pool_size"))
    elif "Transpose" in kind:
        factor, sign = _factor(_argument(layer, "strides")), -1
    elif kind.startswith("UpSampling"):
        factor, sign = _factor(_argument(layer, "size")), -1
    elif "Conv" in kind:
        factor = _factor(_argument(layer, "strides"))
    if factor is not None:
        return sign * min(round(math.log2(factor)), 6)
    before, after = (_height(feeding) if feeding else None), _height(layer)
    # Convolutions without padding and the like take a few pixels away; rounding passes over them.
    if before and after:
        return max(-6, min(round(math.log2(before / after)), 6))
    if "Pooling" in kind:
        return 1
    return -1 if "Transpose" in kind or kind.startswith("UpSampling") else 0


def _size(node: _Node, times: str = "×") -> str:
    """The output's size for people to read, by the level where the numbers are open."""
    dimensions = _dimensions(node.layer)
    if not dimensions:
        return ""
    if len(dimensions) != 3:
        return times.join("?" if size is None else str(size) for size in dimensions)
    parts = 2 ** min(node.depth, 12)
    height, width = (str(size or (name if parts == 1 else f"{name}/{parts}")) for name, size in zip("HW", dimensions))
    return times.join((height, width, str(dimensions[2] or "?")))


def _names(node: _Node) -> list[str]:
    """What to write on a layer's box, the longest first."""
    number = "" if node.number is None else f"{node.number} "
    detail = _detail(node)
    short = SHORT_NAMES.get(node.kind, node.kind)
    names = [f"{number}{node.kind} {detail}", f"{number}{short} {detail}", f"{number}{node.kind}", f"{number}{short}"]
    return list(dict.fromkeys(name.strip() for name in names)) if detail else [names[2], names[3]]


def _detail(node: _Node) -> str:
    layer = node.layer
    if ("Pooling" in node.kind and "Global" not in node.kind) or node.kind.startswith("UpSampling"):
        value = _argument(layer, "size" if node.kind.startswith("UpSampling") else "pool_size")
        both = value if type(value) in (tuple, list) and len(value) == 2 else (value, value)
        return "×".join(map(str, both)) if all(type(size) is int and 0 < size < 10**4 for size in both) else ""
    if "Dropout" in node.kind:
        rate = _argument(layer, "rate")
        return f"{rate:.3g}" if type(rate) in (int, float) and abs(rate) < 1000 else ""
    if node.kind == "Activation":
        return _clean(_argument(layer, "activation"), 20)
    if "Conv" in node.kind or node.kind in ("Concatenate", "Dense"):
        filters = _argument(layer, "filters") or _argument(layer, "units")
        dimensions = _dimensions(layer)
        channels = filters if type(filters) is int else dimensions[-1] if dimensions else None
        return str(channels) if channels and 0 < channels < 10**7 else ""
    return ""


def _short(node: _Node) -> str:
    short = SHORT_NAMES.get(node.kind, node.kind)
    return f"{node.number} {short}" if node.number is not None else short


# ------------------------------------------------------------------------------------------------------------------
# Where everything stands
# ------------------------------------------------------------------------------------------------------------------


class _Picture:
    """The drawing of one network.

    Args:
        comparison: Comparison.
        heading: str, clean.
        reveal_expected: bool, see ``draw``.
    """

    def __init__(self, comparison: Comparison, heading: str, reveal_expected: bool):
        self.network = _Network(comparison, reveal_expected)
        self.heading = heading
        self.nodes = self.network.nodes
        self.width = NARROWEST
        self.top = 64.0
        self.bottom = self.top
        self.levels = sorted({node.level for node in self.nodes})
        self.columns = self._columns()
        self.is_u = self._is_u()
        if self.is_u:
            self._place_as_u()
        else:
            self._place_in_rows()
        self.cells = {(node.column, node.row): node for node in self.nodes}
        self.bends = 0
        self.feeds_own_row = {id(edge.source) for edge in self.network.edges if edge.source.row == edge.target.row}

    # A U

    def _columns(self) -> list[tuple[bool, int]]:
        """(is decoder, level) of each column from left to right."""
        stacks = {(node.is_decoder, node.level) for node in self.nodes}
        encoder = sorted(level for is_decoder, level in stacks if not is_decoder)
        decoder = sorted((level for is_decoder, level in stacks if is_decoder), reverse=True)
        return [(False, level) for level in encoder] + [(True, level) for level in decoder]

    def _is_u(self) -> bool:
        changes_size = any(node.step for node in self.nodes)
        # What goes down again after it went up is a chain of several U's.
        second_descents = sum(node.step > 0 and node.is_decoder for node in self.nodes)
        widest = (WIDEST - 2 * MARGIN - SMALLEST_BOX) / (0.6 * SMALLEST_BOX)
        return changes_size and second_descents < 2 and len(self.columns) <= widest + 1 and self._stack_u() <= MOST_ROWS

    def _stack_u(self) -> int:
        """Give every node its row and column, and return the number of rows."""
        # Beside the pooling layer of one level, in the next column, the level below begins, if columns do not overlap.
        wide_enough = len(self.columns) * (SMALLEST_BOX + COLUMN_GAP) - COLUMN_GAP <= WIDEST - 2 * MARGIN
        first, last = 0, 0
        for level in self.levels:
            here = [node for node in self.nodes if node.level == level]
            stacks = {
                (is_decoder, is_between): [
                    node for node in here if node.is_decoder == is_decoder and bool(node.step) == is_between
                ]
                for is_decoder in (False, True)
                for is_between in (False, True)
            }
            body = max(len(stacks[False, False]), len(stacks[True, False]), 1)
            between = max(len(stacks[False, True]), len(stacks[True, True]))
            # The encoder's last layer and the decoder's first stand in one row: the skip connection is a straight line.
            for (is_decoder, is_between), stack in stacks.items():
                for index, node in enumerate(stack):
                    from_end = len(stack) - 1 - index
                    if is_between:
                        node.row = first + body + (from_end if is_decoder else index)
                    else:
                        node.row = first + body - 1 - (index if is_decoder else from_end)
                    node.column = self.columns.index((is_decoder, level))
                    last = max(last, node.row)
            first += body + (0 if wide_enough else between)
        return last + 1

    def _place_as_u(self) -> None:
        rows = self._stack_u()
        room = WIDEST - 2 * MARGIN
        count = len(self.columns)
        box = max(SMALLEST_BOX, min(WIDEST_BOX, (room - (count - 1) * COLUMN_GAP) / count))
        step = box + COLUMN_GAP if count < 6 else (room - box) / (count - 1)
        if count <= 5:
            step = min(max(step, box + 40), (room - box) / max(count - 1, 1))
        used = box + (count - 1) * step
        self.width = max(NARROWEST, math.ceil(used + 2 * MARGIN))
        left = (self.width - used) / 2
        for node in self.nodes:
            node.x, node.width = left + node.column * step, box
            self._write_box(node)
        self.gutter = max(5.0, min((step - box) / 2, 14.0))
        if self._has_both_sides():
            self.top += 22  # the words encoder and decoder stand above the columns
        self._place_rows(rows)

    def _has_both_sides(self) -> bool:
        """Whether encoder and decoder are words for it: upsampling_block alone has but inputs on the left."""
        sides = {node.is_decoder for node in self.nodes if node.step}
        return self.is_u and sides == {False, True}

    def _place_rows(self, rows: int) -> None:
        y = self.top
        for row in range(rows):
            here = [node for node in self.nodes if node.row == row]
            height = max((node.height for node in here), default=24)
            for node in here:
                node.y = y + (height - node.height) / 2
            y += height + ROW_GAP
        self.bottom = y - ROW_GAP

    # Rows of layers

    def _place_in_rows(self) -> None:
        box = 112
        per_row = 7
        step = box + 16
        used = min(per_row, max(len(self.nodes), 1)) * step - 16
        self.width = max(NARROWEST, used + 2 * MARGIN)
        previous = None
        for index, node in enumerate(self.nodes):
            node.row, node.column = divmod(index, per_row)
            node.x, node.width = MARGIN + node.column * step, box
            feeding = [self.network.layers[source] for source in node.sources or []]
            told = feeding and feeding != [previous] and not node.missing
            self._write_box(node, "from " + ", ".join(map(_short, feeding)) if told else "")
            previous = node
        self.gutter = 8.0
        self._place_rows(len(self.nodes) // per_row + 1 if len(self.nodes) % per_row else len(self.nodes) // per_row)

    def _write_box(self, node: _Node, origin: str = "") -> None:
        room = node.width - 4
        if node.missing:
            node.lines = ["missing:", _fitting([node.kind, SHORT_NAMES.get(node.kind, node.kind)], room, bold=True)]
        else:
            node.lines = [_fitting(_names(node), room)]
            if node.kind == "InputLayer" and _size(node):
                node.lines.append(_fitting([_size(node)], room))
            if origin:
                node.lines.append(_fitting([origin, re.sub(r"(\d+) [^,]+", r"\1", origin)], room))
            if node.outputs:
                several = sum(len(other.outputs) for other in self.network.layers) > 1
                which = " " + " and ".join(map(str, node.outputs[:4])) if several else ""
                node.lines.append(f"→ output{which}")
            if node.caption:
                attribute = node.caption.split(":")[0]
                count = f"{node.caption.count(',') + 1} differences"
                shorter = [count] if ":" not in node.caption and "," in node.caption else [attribute]
                node.lines.append(_fitting([node.caption, *shorter], room, bold=True))
        node.height = 10 + LINE * len(node.lines)

    # Arrows

    def _edges(self) -> list[str]:
        drawn: list[str] = []
        # Marked lines last, so that they lie on top.
        order = {"missing": 0, "plain": 1, "wrong": 2}
        for edge in sorted(self.network.edges, key=lambda edge: order[edge.style]):
            points = self._route(edge) if self.is_u else self._route_in_rows(edge)
            if points:
                drawn += self._arrow(edge, points)
        return drawn

    def _is_free(self, columns: Iterable[int], rows: Iterable[int]) -> bool:
        rows = list(rows)
        return not any((column, row) in self.cells for column in columns for row in rows)

    def _route(self, edge: _Edge) -> list[tuple[float, float]]:
        """The corners of an arrow in a U: straight or with one corner where nothing is in the way."""
        source, target = edge.source, edge.target
        if source is target:
            return []
        between = range(source.column + 1, target.column)
        low, high = sorted((source.row, target.row))
        if source.column == target.column and self._is_free([source.column], range(low + 1, high)):
            down = target.row > source.row
            return [
                (source.centre, source.y + source.height if down else source.y),
                (target.centre, target.y if down else target.y + target.height),
            ]
        if source.column < target.column and self._is_free(between, [source.row]):
            if source.row == target.row:
                return [(source.right, source.middle), (target.x, target.middle)]
            # Where a skip connection leaves as well, the two lines must not lie on each other.
            y = source.middle + (7 if id(source) in self.feeds_own_row else 0)
            if target.row > source.row and self._is_free([target.column], range(low, high)):
                return [(source.right, y), (target.centre, y), (target.centre, target.y)]
            turns_up = target.row < source.row and not between
            if turns_up and source.is_decoder and self._is_free([source.column], range(low, high)):
                return [(source.centre, source.y), (source.centre, target.middle), (target.x, target.middle)]
            if turns_up and self._is_free([target.column], range(low + 1, high + 1)):
                return [(source.right, y), (target.centre, y), (target.centre, target.y + target.height)]
        return self._route_round(source, target)

    def _route_round(self, source: _Node, target: _Node) -> list[tuple[float, float]]:
        """Along the gaps between rows and columns, where no box stands."""
        self.bends += 1
        shift = 3 * (self.bends % 3 - 1)
        above = target.row > source.row
        channel = target.y - ROW_GAP / 2 if above else target.y + target.height + ROW_GAP / 2
        channel += shift
        out = source.right + self.gutter
        leave = source.middle + (7 if above else -7)
        if source.column == target.column:
            # On the outer side of the U: on the inner one skip connections begin and end.
            side, way = (source.right, 1) if source.is_decoder else (source.x, -1)
            out = side + way * (self.gutter + shift / 3)
            return [(side, leave), (out, leave), (out, target.middle), (side, target.middle)]
        forward = source.column < target.column
        start, out = (source.right, out) if forward else (source.x, source.x - self.gutter)
        # Beside the middle, where the arrow of the layer before or after is.
        arrive = target.x + target.width * (0.36 if forward else 0.64) + shift
        end = target.y if above else target.y + target.height
        return [(start, leave), (out, leave), (out, channel), (arrive, channel), (arrive, end)]

    def _route_in_rows(self, edge: _Edge) -> list[tuple[float, float]]:
        """Only from box to box: where a layer is fed by others, its box says so in words."""
        source, target = edge.source, edge.target
        position = (source.row, source.column), (target.row, target.column)
        if position[0] == position[1]:
            return []
        if source.row == target.row and source.column + 1 == target.column:
            return [(source.right, source.middle), (target.x, target.middle)]
        is_next = (
            source.row + 1 == target.row and target.column == 0 and self._is_free([source.column + 1], [source.row])
        )
        if not is_next:
            return []
        channel = target.y - ROW_GAP / 2 - 2
        bottom = source.y + source.height
        return [(source.centre, bottom), (source.centre, channel), (target.centre, channel), (target.centre, target.y)]

    def _arrow(self, edge: _Edge, points: list[tuple[float, float]]) -> list[str]:
        colour, width, dashes = {
            "plain": (LINE_COLOUR, 1.5, ""),
            "wrong": (VERMILION, 3, "7 4"),
            "missing": (GHOST_COLOUR, 1.2, "3 3"),
        }[edge.style]
        is_skip = self.is_u and edge.target.column - edge.source.column > 1
        if is_skip and edge.style == "plain":
            colour, width = BLUE, 2
        drawn = _arrow(points, colour, width, dashes)
        starts, ends = max(itertools.pairwise(points), key=lambda pair: abs(pair[0][0] - pair[1][0]))
        room = abs(starts[0] - ends[0]) - 14
        bold = edge.style == "wrong"
        label = edge.label
        if is_skip and not label:
            label = "missing" if edge.style == "missing" else _size(edge.source)
        fitting = [text for text in (label, label.split(" ")[0]) if text and _text_width(text, FONT, bold) <= room]
        if fitting:
            drawn.append(_halo((starts[0] + ends[0]) / 2, starts[1] - 5, fitting[0], FONT, bold))
        elif edge.slot:
            y = ends[1] + (12 if starts[1] > ends[1] else -5)
            drawn.append(_halo(ends[0] + 5, y, f"input {edge.slot}", FONT, True, "start"))
        return drawn

    # The whole

    def svg(self) -> str:
        """The picture as an ``<svg>`` element."""
        body = [*self._headings(), *self._edges()]
        for node in self.nodes:
            body += self._box(node)
        captions, height = self._captions()
        body += captions
        return _document(
            self.width, height, self.heading, self._description(), [_background(self.width, height), *body]
        )

    def _headings(self) -> list[str]:
        count = self.network.count
        drawn = [_text(MARGIN, 24, _fitting([self.heading], self.width - 2 * MARGIN, True, 15), 15, bold=True)]
        if count:
            words = f"{count} difference{'' if count == 1 else 's'} from the expected network, marked with ✗"
        else:
            words = "✓ no differences"
        drawn.append(_text(MARGIN, 45, words, LIST_FONT))
        if self._has_both_sides():
            encoder = min((node for node in self.nodes), key=lambda node: (node.column, node.row))
            decoder = max((node for node in self.nodes), key=lambda node: (node.column, -node.row))
            drawn.append(_halo(encoder.centre, encoder.y - 15, "encoder ↓", 12, False))
            drawn.append(_halo(decoder.centre, decoder.y - 15, "decoder ↑", 12, False))
            deepest = [node for node in self.nodes if not node.is_decoder and node.level == self.levels[-1]]
            if deepest and self.levels[-1]:
                lowest = max(deepest, key=lambda node: node.row)
                drawn.append(_halo(lowest.centre, lowest.y + lowest.height + 17, "bottleneck", 12, False))
                self.bottom = max(self.bottom, lowest.y + lowest.height + 20)
        return drawn

    def _box(self, node: _Node) -> list[str]:
        fill = "#FFFFFF" if node.missing else next((tint for word, tint in TINTS if word in node.kind), OTHER_TINT)
        border, width, dashes = LINE_COLOUR, 1, ""
        if node.missing:
            border, width, dashes = VERMILION, 2.5, "6 4"
        elif node.letter:
            border, width = VERMILION, 3.5
        size = _size(node, " × ")
        # The pointer shows what the box has no room for.
        tip = f"missing: {node.kind}" if node.missing else f"{node.name}{f', output {size}' if size else ''}"
        drawn = [
            f"<g><title>{_escape(tip)}</title>",
            f'<rect x="{node.x:.1f}" y="{node.y:.1f}" width="{node.width:.1f}" height="{node.height:.1f}" rx="4" '
            f'fill="{fill}" stroke="{border}" stroke-width="{width}"{_dashes(dashes)}/>',
        ]
        emphasised = {len(node.lines) - 1} if node.caption or node.missing else set()
        for index, line in enumerate(node.lines):
            y = node.y + 16 + LINE * index
            drawn.append(_text(node.centre, y, line, FONT, bold=index in emphasised, anchor="middle"))
        if node.letter.strip():
            drawn += _badge(node.x - 9, node.y - 11, node.letter)
        return [*drawn, "</g>"]

    def _captions(self) -> tuple[list[str], float]:
        drawn: list[str] = []
        y = self.bottom + 30
        shown = self.network.captions
        left = MARGIN + 40
        characters = int((self.width - left - MARGIN) / (LIST_FONT * 0.5))
        for letter, sentence in shown:
            drawn += _badge(MARGIN, y - 13, letter)
            for line in textwrap.wrap(sentence, characters)[:4]:
                drawn.append(_text(left, y, line, LIST_FONT))
                y += 18
            y += 5
        notes = list(self.network.notes)
        more = self.network.marks - len(shown)
        if more > 0:
            notes.insert(0, f"… and {more} more marks.")
        for note in notes:
            drawn.append(_text(MARGIN, y, note, LIST_FONT, bold=True))
            y += 20
        return drawn, math.ceil(y - 8)

    def _description(self) -> str:
        network = self.network
        drawn = f"A network of {network.total} layer{'' if network.total == 1 else 's'}"
        if self.is_u:
            drawn += f" on {len(self.levels)} level{'' if len(self.levels) == 1 else 's'} of size"
            if self._has_both_sides():
                drawn += ", drawn as a U with the encoder on the left and the decoder on the right"
        else:
            drawn += ", drawn in rows from left to right"
        if not network.captions:
            return f"{drawn}. No differences are marked."
        sentences = [sentence for _, sentence in network.captions]
        more = f"; and {network.marks - 5} more" if network.marks > 5 else ""
        return f"{drawn}. Marked as wrong: {'; '.join(sentences[:5])}{more}."


# ------------------------------------------------------------------------------------------------------------------
# SVG
# ------------------------------------------------------------------------------------------------------------------


def _document(width: float, height: float, title: str, description: str, body: list[str]) -> str:
    # Styles of the page around must not reach the text, so the element brings its own.
    style = f"max-width:100%;height:auto;font-family:Arial,Helvetica,'Liberation Sans',sans-serif;font-size:{FONT}px"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" style="{style}">'
        f"<title>{_escape(title)}</title><desc>{_escape(description)}</desc>{''.join(body)}</svg>"
    )


def _escape(text: str) -> str:
    return html.escape(text, quote=True)


def _background(width: float, height: float) -> str:
    return f'<rect width="{width}" height="{height}" rx="6" fill="#FFFFFF"/>'


def _text(x: float, y: float, text: str, size: int, bold: bool = False, anchor: str = "start") -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{INK}" text-anchor="{anchor}"{weight}>'
        f"{_escape(text)}</text>"
    )


def _halo(x: float, y: float, text: str, size: int, bold: bool, anchor: str = "middle") -> str:
    """Text that stays readable where it lies on a line."""
    halo = ' stroke="#FFFFFF" stroke-width="4" stroke-linejoin="round" paint-order="stroke" '
    return _text(x, y, text, size, bold, anchor).replace("<text ", f"<text{halo}", 1)


def _dashes(dashes: str) -> str:
    return f' stroke-dasharray="{dashes}"' if dashes else ""


def _arrow(points: list[tuple[float, float]], colour: str, width: float, dashes: str) -> list[str]:
    """A line with a head; drawn without a marker, which would need an id."""
    (x0, y0), (x1, y1) = points[-2:]
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    head = min(5 + 1.2 * width, max(length + 2, 7.0))
    bx, by = x1 - ux * head, y1 - uy * head
    half = head / 2
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in [*points[:-1], (bx, by)])
    tip = f"{x1:.1f},{y1:.1f} {bx - uy * half:.1f},{by + ux * half:.1f} {bx + uy * half:.1f},{by - ux * half:.1f}"
    return [
        f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="{width}"{_dashes(dashes)}/>',
        f'<polygon points="{tip}" fill="{colour}"/>',
    ]


def _badge(x: float, y: float, letter: str) -> list[str]:
    """A cross and a letter in a small frame."""
    width = 20 + 8 * len(letter)
    cross = f"M{x + 5:.1f} {y + 5:.1f}l7 7m0 -7l-7 7"
    return [
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width}" height="17" rx="4" fill="#FFFFFF" stroke="{VERMILION}" '
        'stroke-width="1.5"/>',
        f'<path d="{cross}" stroke="{VERMILION}" stroke-width="2.5" fill="none"/>',
        _text(x + 15, y + 13, letter, FONT + 1, bold=True),
    ]


def _text_width(text: str, size: float, bold: bool = False) -> float:
    """About how wide a text in Arial is: nothing here can measure it."""
    width = 0.0
    for character in text:
        if character in "ijlIftr.,:;'|!()[] /":
            width += 0.31
        elif character in "mwMW@%…→←✗":
            width += 0.9
        elif character.isupper() or ord(character) > 0x2000:
            width += 0.7
        else:
            width += 0.55
    return width * size * (1.07 if bold else 1)


def _fitting(candidates: Sequence[str], room: float, bold: bool = False, size: int = FONT) -> str:
    """The first text that fits, or the last one cut."""
    for text in candidates:
        if _text_width(text, size, bold) <= room:
            return text
    text = candidates[-1]
    while len(text) > 1 and _text_width(text + "…", size, bold) > room:
        text = text[:-1]
    return text + "…"
