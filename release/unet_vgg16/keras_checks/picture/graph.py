"""What is to be drawn of a comparison: boxes, arrows and notes, as plain data that can be trusted."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from keras_checks.comparison import Comparison
from keras_checks.differences import Change, Difference
from keras_checks.layers import Layer, LayerReference
from keras_checks.picture.depth import find_depths
from keras_checks.picture.difference_marks import Marks
from keras_checks.picture.facts import clean
from keras_checks.picture.labels import short_name
from keras_checks.picture.limits import MOST_EDGES, MOST_LAYERS, MOST_MISSING, MOST_SOURCES
from keras_checks.picture.nodes import Edge, Node, node_of

__all__ = ["DrawnNetwork"]


class _Gap(NamedTuple):
    """A missing layer and the one that it belongs behind; None for the start, and where that one is not drawn."""

    after: Node | None
    node: Node
    difference: Difference


class DrawnNetwork:
    """What is to be drawn of a comparison.

    Args:
        comparison: Comparison.
        reveal_expected: bool, whether the picture may show what was expected, and not only what was found.

    Attributes:
        nodes: list of Node in the order of the data's flow, missing layers among them.
        layers: list of Node, the learner's layers that are drawn, in the comparison's order.
        edges: list of Edge.
        marks: Marks, which letters stand for what.
        notes: list of str, what was left out.
        count: int, the number of differences.
        total: int, the number of the learner's layers.
    """

    def __init__(self, comparison: Comparison, reveal_expected: bool):
        self._comparison = comparison
        self._reveal = reveal_expected
        self._differences = list(comparison.differences)
        self.count = len(self._differences)
        self.total = len(comparison.found)
        self.notes: list[str] = []
        self.layers = [node_of(layer) for layer in comparison.found[:MOST_LAYERS]]
        if self.total > MOST_LAYERS:
            self.notes.append(f"Only the first {MOST_LAYERS} of {self.total} layers are drawn.")
        for node in self.layers:
            self._read_sources(node)
        self._read_outputs(comparison.found_outputs)
        self._gaps = self._read_gaps(comparison.expected)
        self.nodes = self._in_order()
        self._gap_of = {id(gap.difference): gap for gap in self._gaps}
        self.marks = Marks(self._differences, self._marked_nodes, self._node_at, reveal_expected)
        find_depths(self.nodes, self.layers)
        self.edges = [*self._real_edges(), *self._missing_edges()]
        if len(self.edges) > MOST_EDGES:
            self.edges = self.edges[:MOST_EDGES]
            self._note_connections()

    def _read_sources(self, node: Node) -> None:
        given = node.layer.sources
        if type(given) not in (list, tuple) or given is None:
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

    def _read_outputs(self, outputs: Sequence[int] | None) -> None:
        for index, position in enumerate((outputs or [])[:MOST_SOURCES], start=1):
            if type(position) is int and 0 <= position < len(self.layers):
                self.layers[position].outputs.append(index)

    def _node_at(self, reference: LayerReference | None) -> Node | None:
        position = reference.position if reference else None
        return self.layers[position] if type(position) is int and 0 <= position < len(self.layers) else None

    def _marked_nodes(self, difference: Difference) -> list[Node]:
        if difference.change is Change.MISSING:
            gap = self._gap_of.get(id(difference))
            return [gap.node] if gap else []
        if difference.layer is None:
            return [node for node in self.layers if node.outputs]
        node = self._node_at(difference.layer)
        return [node] if node else []

    def _read_gaps(self, expected: Sequence[Layer]) -> list[_Gap]:
        missing = [difference for difference in self._differences if difference.change is Change.MISSING]
        if len(missing) > MOST_MISSING:
            self.notes.append(f"Only the first {MOST_MISSING} of {len(missing)} missing layers are drawn.")
        gaps = []
        for difference in missing[:MOST_MISSING]:
            position = difference.position
            known = type(position) is int and 0 <= position < len(expected)
            node = node_of(expected[position] if known and position is not None else Layer(difference.kind, None))
            node.kind, node.number, node.missing = clean(difference.kind, 60), None, True
            gaps.append(_Gap(self._node_at(difference.after), node, difference))
        return gaps

    def _in_order(self) -> list[Node]:
        at_start = [gap.node for gap in self._gaps if gap.difference.after is None]
        after: dict[int, list[Node]] = {}
        for gap in self._gaps:
            # What belongs behind the part that is drawn would stand in a wrong place at the start.
            if gap.after is not None:
                after.setdefault(id(gap.after), []).append(gap.node)
        inputs = itertools.takewhile(lambda node: node.kind == "InputLayer", self.layers)
        first = len(list(inputs))
        order = [] if first else at_start
        for index, node in enumerate(self.layers, start=1):
            order = [*order, node, *after.get(id(node), [])]
            if index == first:
                order += at_start
        return order

    def _real_edges(self) -> list[Edge]:
        beyond_gaps = self._beyond_gaps()
        rewired = {
            id(self._node_at(difference.layer)): difference
            for difference in self._differences
            if difference.change is Change.INPUTS
        }
        edges = []
        for position, node in enumerate(self.layers):
            if node.sources is None:
                if position and node.kind != "InputLayer":
                    edges.append(Edge(self.layers[position - 1], node))
                continue
            difference = rewired.get(id(node))
            wrong_slots = _wrong_slots(difference, node.sources) if difference else set()
            for slot, source in enumerate(node.sources, start=1):
                edge = Edge(self.layers[source], node)
                mark = ""
                if slot in wrong_slots:
                    mark = f"✗{node.letter}"
                    edge.slot = slot if len(node.sources) > 1 else 0
                    which = f"input {slot}: " if edge.slot else "from "
                    what = f"{which}{short_name(edge.source)}"
                elif (id(edge.source), id(node)) in beyond_gaps:
                    mark = f"✗{beyond_gaps[id(edge.source), id(node)].letter}"
                    what = "passes over what is missing"
                if mark:
                    edge.style = "wrong"
                    edge.labels = [f"{mark} {what}", mark]
                edges.append(edge)
        return edges

    def _beyond_gaps(self) -> dict[tuple[int, int], Node]:
        """The first missing layer of each gap by the ids of the nodes before and behind it."""
        gaps: dict[tuple[int, int], Node] = {}
        before: Node | None = None
        first: Node | None = None
        for node in self.nodes:
            if node.missing:
                first = first or node
            else:
                if before and first:
                    gaps[id(before), id(node)] = first
                before, first = node, None
        return gaps

    def _missing_edges(self) -> list[Edge]:
        if not self._gaps:
            return []
        known = all(type(layer.sources) is list for layer in self._comparison.expected)
        if self._reveal and known and len(self._comparison.expected) <= MOST_LAYERS:
            return self._expected_edges()
        return [
            Edge(one, other, "missing") for one, other in itertools.pairwise(self.nodes) if one.missing or other.missing
        ]

    def _expected_edges(self) -> list[Edge]:
        """How the missing layers belong to the others: it shows where a skip connection is to go."""
        expected_at = {id(layer): position for position, layer in enumerate(self._comparison.expected)}
        found_at = {id(node.layer): node for node in self.layers}
        node_at: dict[int | None, Node] = {
            expected_at.get(id(expected)): found_at[id(found)]
            for expected, found in self._comparison.pairs
            if id(found) in found_at
        }
        for difference in self._differences:
            node = self._node_at(difference.layer)
            if node is not None and difference.position is not None:
                node_at.setdefault(difference.position, node)
        node_at.update({gap.difference.position: gap.node for gap in self._gaps})
        drawn = {id(node) for node in self.nodes}
        edges = []
        for position, layer in enumerate(self._comparison.expected):
            target = node_at.get(position)
            for source in layer.sources or ():
                feeding = node_at.get(source)
                if target and feeding and (target.missing or feeding.missing) and {id(target), id(feeding)} <= drawn:
                    edges.append(Edge(feeding, target, "missing"))
        return edges


def _wrong_slots(difference: Difference, sources: list[int]) -> set[int]:
    """Which inputs of a layer are not the expected ones, from 1; all of them where that cannot be told."""
    every = set(range(1, len(sources) + 1))
    found, expected = difference.found_sources, difference.expected_sources
    if len(found) == len(expected) == len(every):
        slots = {slot for slot, (one, other) in enumerate(zip(found, expected), start=1) if one != other}
    else:
        wanted = {source.position for source in expected if source}
        slots = {slot for slot, source in enumerate(sources, start=1) if source not in wanted}
    return slots or every
