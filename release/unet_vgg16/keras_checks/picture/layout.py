"""Where everything stands: as a U where the network is one, or in rows."""

from __future__ import annotations

import math
from collections.abc import Iterable

from keras_checks.picture.graph import DrawnNetwork
from keras_checks.picture.labels import SHORT_KINDS, names, short_name, size
from keras_checks.picture.limits import MOST_ROWS
from keras_checks.picture.nodes import Node
from keras_checks.picture.svg import fitting

__all__ = ["MARGIN", "NARROWEST", "ROW_GAP", "Layout"]

# Sizes in pixels.
WIDEST, NARROWEST = 900, 560
MARGIN = 10
ROW_GAP, COLUMN_GAP = 18, 10
LINE = 14
SMALLEST_BOX, WIDEST_BOX = 88, 128
ROW_BOX, ROW_LENGTH = 112, 7


class Layout:
    """The places of a network's boxes.

    Args:
        network: DrawnNetwork; its nodes get their places and the lines that stand in them.

    Attributes:
        network: DrawnNetwork.
        nodes: list of Node, those of the network.
        is_u: bool, whether it is drawn as a U.
        levels: list of int, the levels of the U, from the top.
        width: int, of the picture, in pixels.
        top, bottom: float, where the boxes begin and end, in pixels.
        gutter: float, how far beside a box an arrow may run, in pixels.
    """

    def __init__(self, network: DrawnNetwork):
        self.network = network
        self.nodes = network.nodes
        self.width = NARROWEST
        self.top = 64.0
        self.bottom = self.top
        self.gutter = 8.0
        self.levels = sorted({node.level for node in self.nodes})
        self._columns = self._find_columns()
        self.is_u = self._find_whether_u()
        if self.is_u:
            self._place_as_u()
        else:
            self._place_in_rows()
        self._cells = {(node.column, node.row) for node in self.nodes}

    @property
    def has_both_sides(self) -> bool:
        """Whether encoder and decoder are words for it: what only enlarges has but inputs on the left."""
        sides = {node.is_decoder for node in self.nodes if node.step}
        return self.is_u and sides == {False, True}

    def is_free(self, columns: Iterable[int], rows: Iterable[int]) -> bool:
        """Whether no box stands in any of these cells of the grid."""
        rows = list(rows)
        return not any((column, row) in self._cells for column in columns for row in rows)

    # A U

    def _find_columns(self) -> list[tuple[bool, int]]:
        """(is decoder, level) of each column from left to right."""
        stacks = {(node.is_decoder, node.level) for node in self.nodes}
        encoder = sorted(level for is_decoder, level in stacks if not is_decoder)
        decoder = sorted((level for is_decoder, level in stacks if is_decoder), reverse=True)
        return [(False, level) for level in encoder] + [(True, level) for level in decoder]

    def _find_whether_u(self) -> bool:
        changes_size = any(node.step for node in self.nodes)
        # What goes down again after it went up is a chain of several U's.
        second_descents = sum(node.step > 0 and node.is_decoder for node in self.nodes)
        widest = (WIDEST - 2 * MARGIN - SMALLEST_BOX) / (0.6 * SMALLEST_BOX)
        fits = len(self._columns) <= widest + 1
        return changes_size and second_descents < 2 and fits and self._stack_u() <= MOST_ROWS

    def _stack_u(self) -> int:
        """Give every node its row and column, and return the number of rows."""
        # Beside the pooling layer of one level, in the next column, the level below begins, if columns do not overlap.
        wide_enough = len(self._columns) * (SMALLEST_BOX + COLUMN_GAP) - COLUMN_GAP <= WIDEST - 2 * MARGIN
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
                    node.column = self._columns.index((is_decoder, level))
                    last = max(last, node.row)
            first += body + (0 if wide_enough else between)
        return last + 1

    def _place_as_u(self) -> None:
        rows = self._stack_u()
        room = WIDEST - 2 * MARGIN
        count = len(self._columns)
        box = max(SMALLEST_BOX, min(WIDEST_BOX, (room - (count - 1) * COLUMN_GAP) / count))
        step = box + COLUMN_GAP if count < 6 else (room - box) / (count - 1)
        if count <= 5:
            step = min(max(step, box + 40), (room - box) / max(count - 1, 1))
        used = box + (count - 1) * step
        self.width = max(NARROWEST, math.ceil(used + 2 * MARGIN))
        left = (self.width - used) / 2
        for node in self.nodes:
            node.x, node.width = left + node.column * step, box
            self._write_box(node, [])
        self.gutter = max(5.0, min((step - box) / 2, 14.0))
        if self.has_both_sides:
            self.top += 22  # the words encoder and decoder stand above the columns
        self._place_rows(rows)

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
        step = ROW_BOX + 16
        used = min(ROW_LENGTH, max(len(self.nodes), 1)) * step - 16
        self.width = max(NARROWEST, used + 2 * MARGIN)
        previous = None
        for index, node in enumerate(self.nodes):
            node.row, node.column = divmod(index, ROW_LENGTH)
            node.x, node.width = MARGIN + node.column * step, ROW_BOX
            feeding = [self.network.layers[source] for source in node.sources or []]
            is_told = feeding and feeding != [previous] and not node.missing
            self._write_box(node, feeding if is_told else [])
            previous = node
        self._place_rows(math.ceil(len(self.nodes) / ROW_LENGTH))

    # What stands in a box

    def _write_box(self, node: Node, feeding: list[Node]) -> None:
        """Write the lines of a box; ``feeding``: the layers that feed it, where no arrow shows them."""
        room = node.width - 4
        if node.missing:
            node.lines = ["missing:", fitting([node.kind, SHORT_KINDS.get(node.kind, node.kind)], room, bold=True)]
        else:
            node.lines = [fitting(names(node), room)]
            if node.kind == "InputLayer" and size(node):
                node.lines.append(fitting([size(node)], room))
            if feeding:
                origins = ", ".join(map(short_name, feeding))
                numbers = ", ".join(short_name(one) if one.number is None else str(one.number) for one in feeding)
                node.lines.append(fitting([f"from {origins}", f"from {numbers}"], room))
            if node.outputs:
                several = sum(len(other.outputs) for other in self.network.layers) > 1
                which = " " + " and ".join(map(str, node.outputs[:4])) if several else ""
                node.lines.append(f"→ output{which}")
            if node.captions:
                node.lines.append(fitting(node.captions, room, bold=True))
        node.height = 10 + LINE * len(node.lines)
