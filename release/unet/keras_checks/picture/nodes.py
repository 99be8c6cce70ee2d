"""The boxes and arrows of a picture, as data."""

from __future__ import annotations

from dataclasses import dataclass, field

from keras_checks.layers import Layer
from keras_checks.picture.facts import clean

__all__ = ["Edge", "Node", "node_of"]


@dataclass
class Node:
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
        letter: str, the mark; empty for a layer that is right.
        captions: list of str, what to write in the box of a layer that is wrong, the longest first.
        outputs: list of int, which of the returned tensors it is, from 1.
        lines: list of str, what stands in the box.
        column, row: int, its place in the grid.
        x, y, width, height: float, the box, in pixels.
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
    captions: list[str] = field(default_factory=list)
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
        """The level of the U."""
        # A layer that changes the size stands between two levels, under the upper one.
        return min(self.before, self.depth)

    @property
    def is_decoder(self) -> bool:
        """Whether the size was smaller before."""
        return self.deepest > self.depth

    @property
    def middle(self) -> float:
        """Half way down the box."""
        return self.y + self.height / 2

    @property
    def centre(self) -> float:
        """Half way across the box."""
        return self.x + self.width / 2

    @property
    def right(self) -> float:
        """The right edge of the box."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge of the box."""
        return self.y + self.height

    @property
    def name(self) -> str:
        """The layer for people to read, by its number in the printed summary."""
        return f"layer {self.number} ({self.kind})" if self.number is not None else self.kind


@dataclass
class Edge:
    """An arrow.

    Attributes:
        source, target: Node.
        style: str, "plain", "wrong" (marked) or "missing".
        slot: int, which input of the target it is, from 1; 0 where that goes without saying.
        labels: list of str, what to write on it, the longest first.
    """

    source: Node
    target: Node
    style: str = "plain"
    slot: int = 0
    labels: list[str] = field(default_factory=list)


def node_of(layer: Layer) -> Node:
    """The box of a layer, without its place.

    Args:
        layer: Layer.

    Returns:
        Node.
    """
    number = layer.number if type(layer.number) is int else None
    return Node(layer, clean(layer.kind, 60) or "?", number)
