"""The ways of the arrows between the boxes."""

from __future__ import annotations

from keras_checks.picture.layout import ROW_GAP, Layout
from keras_checks.picture.nodes import Edge, Node
from keras_checks.picture.svg import Point

__all__ = ["Router"]


class Router:
    """Finds the corners of one arrow after the other.

    Args:
        layout: Layout.
    """

    def __init__(self, layout: Layout):
        self._layout = layout
        self._bends = 0
        edges = layout.network.edges
        self._feeds_own_row = {id(edge.source) for edge in edges if edge.source.row == edge.target.row}

    def corners(self, edge: Edge) -> list[Point]:
        """The corners of an arrow, in pixels.

        Args:
            edge: Edge.

        Returns:
            list of Point, from the source to the target; empty where it is not drawn.
        """
        source, target = edge.source, edge.target
        return self._in_u(source, target) if self._layout.is_u else self._in_rows(source, target)

    def _in_u(self, source: Node, target: Node) -> list[Point]:
        """Straight or with one corner where nothing is in the way."""
        if source is target:
            return []
        is_free = self._layout.is_free
        between = range(source.column + 1, target.column)
        low, high = sorted((source.row, target.row))
        if source.column == target.column and is_free([source.column], range(low + 1, high)):
            down = target.row > source.row
            return [
                (source.centre, source.bottom if down else source.y),
                (target.centre, target.y if down else target.bottom),
            ]
        if source.column < target.column and is_free(between, [source.row]):
            if source.row == target.row:
                return [(source.right, source.middle), (target.x, target.middle)]
            # Where a skip connection leaves as well, the two lines must not lie on each other.
            y = source.middle + (7 if id(source) in self._feeds_own_row else 0)
            if target.row > source.row and is_free([target.column], range(low, high)):
                return [(source.right, y), (target.centre, y), (target.centre, target.y)]
            turns_up = target.row < source.row and not between
            if turns_up and source.is_decoder and is_free([source.column], range(low, high)):
                return [(source.centre, source.y), (source.centre, target.middle), (target.x, target.middle)]
            if turns_up and is_free([target.column], range(low + 1, high + 1)):
                return [(source.right, y), (target.centre, y), (target.centre, target.bottom)]
        return self._round_about(source, target)

    def _round_about(self, source: Node, target: Node) -> list[Point]:
        """Along the gaps between rows and columns, where no box stands."""
        self._bends += 1
        gutter = self._layout.gutter
        shift = 3 * (self._bends % 3 - 1)
        above = target.row > source.row
        channel = target.y - ROW_GAP / 2 if above else target.bottom + ROW_GAP / 2
        channel += shift
        leave = source.middle + (7 if above else -7)
        if source.column == target.column:
            # On the outer side of the U: on the inner one skip connections begin and end.
            side, way = (source.right, 1) if source.is_decoder else (source.x, -1)
            out = side + way * (gutter + shift / 3)
            return [(side, leave), (out, leave), (out, target.middle), (side, target.middle)]
        forward = source.column < target.column
        start, out = (source.right, source.right + gutter) if forward else (source.x, source.x - gutter)
        # Beside the middle, where the arrow of the layer before or after is.
        arrive = target.x + target.width * (0.36 if forward else 0.64) + shift
        end = target.y if above else target.bottom
        return [(start, leave), (out, leave), (out, channel), (arrive, channel), (arrive, end)]

    def _in_rows(self, source: Node, target: Node) -> list[Point]:
        """Only from box to box: where a layer is fed by others, its box says so in words."""
        if (source.row, source.column) == (target.row, target.column):
            return []
        if source.row == target.row and source.column + 1 == target.column:
            return [(source.right, source.middle), (target.x, target.middle)]
        starts_next_row = source.row + 1 == target.row and target.column == 0
        if not (starts_next_row and self._layout.is_free([source.column + 1], [source.row])):
            return []
        channel = target.y - ROW_GAP / 2 - 2
        return [
            (source.centre, source.bottom),
            (source.centre, channel),
            (target.centre, channel),
            (target.centre, target.y),
        ]
