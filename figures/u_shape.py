"""The plan of a U of blocks: encoder blocks down the left side, the decoder as their mirror image up the right."""

from dataclasses import dataclass

from figures import style
from figures.shapes import label

STRIP = 17  # the pooling or transposed convolution at the foot of a block
BODY = 57
MARGIN = 6


@dataclass(frozen=True)
class UShape:
    """Where blocks stand, in points.

    Attributes:
        first_top: upper edge of the first blocks.
        block_width: width of a block.
        gap: between a block and the one below.
        indent: how far each deeper level moves inwards.
    """

    first_top: float
    block_width: float
    gap: float
    indent: float

    def bottom(self, level):
        """Return the lower edge of the blocks of a level, which counts from 0 at the top."""
        return self.first_top - STRIP - BODY - level * (STRIP + BODY + self.gap)

    def left_of_encoder(self, level):
        """Return the left edge of an encoder block."""
        return MARGIN + level * self.indent

    def left_of_decoder(self, level):
        """Return the left edge of a decoder block."""
        return style.SHEET_WIDTH - self.left_of_encoder(level) - self.block_width


def draw_lines(sheet, centre, top, lines):
    """Write the lines of a block, evenly spread; the first is its name and stands in bold."""
    step = BODY / (len(lines) + 0.3)
    for number, text in enumerate(lines):
        y = top - step * (number + 0.65)
        label(sheet, centre, y, text, fontweight="bold" if number == 0 else "normal")
