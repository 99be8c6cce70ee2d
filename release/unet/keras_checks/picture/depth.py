"""On which level of a U each layer stands: how often the size was halved on the way to it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from keras_checks.picture.facts import halvings, height
from keras_checks.picture.nodes import Node

__all__ = ["find_depths"]


def find_depths(nodes: Sequence[Node], layers: Sequence[Node]) -> None:
    """Set the step, the depths and the deepest level of every node.

    Args:
        nodes: sequence of Node in the order of the data's flow, missing layers among them.
        layers: sequence of Node, those that are not missing, in the order that their sources count in.
    """
    position_of = {id(node): position for position, node in enumerate(layers)}
    distance: list[int] = []
    main: list[int | None] = []
    gap: list[Node] = []
    previous: Node | None = None
    _set_input_depths(layers)
    for node in nodes:
        if node.missing:
            feeding = gap[-1] if gap else previous
            _set_depth(node, feeding, [feeding] if feeding else [])
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
        feeding = None if best is None else layers[best]
        # A layer after a gap stands where it would stand without the gap, so that a U with one missing pooling
        # layer is still a U.
        if gap and feeding is previous:
            feeding = gap[-1]
        _set_depth(node, feeding, [feeding, *(layers[source] for source in sources)] if feeding else [])
        previous, gap = node, []
    _move_inputs_to_consumers(layers, main)
    highest = min((min(node.before, node.depth) for node in nodes), default=0)
    for node in nodes:
        node.before -= highest
        node.depth -= highest
        node.deepest -= highest


def _set_input_depths(layers: Sequence[Node]) -> None:
    heights = {id(node): height(node.layer) for node in layers if node.kind == "InputLayer"}
    greatest = max((known for known in heights.values() if known), default=None)
    for node in layers:
        own = heights.get(id(node))
        node.depth = node.before = round(math.log2(greatest / own)) if own and greatest else 0


def _set_depth(node: Node, feeding: Node | None, all_feeding: Sequence[Node]) -> None:
    node.step = halvings(node.layer, feeding.layer if feeding else None)
    if feeding is not None:
        node.before = feeding.depth
        node.depth = node.before + node.step
    node.deepest = max([node.before, node.depth, *(other.deepest for other in all_feeding)])


def _move_inputs_to_consumers(layers: Sequence[Node], main: Sequence[int | None]) -> None:
    """An input of unknown size belongs to the level of the layer that joins it to something else."""
    for position, node in enumerate(layers):
        if node.kind != "InputLayer" or height(node.layer):
            continue
        for other, source in zip(layers, main):
            if position in (other.sources or []) and source is not None and source != position:
                node.before = node.depth = node.deepest = other.before
                break
