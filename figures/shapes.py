"""Boxes, arrows, labels and grids of numbers: the parts of which the diagrams are made."""

from matplotlib.patches import FancyArrowPatch, Rectangle

from figures.style import BLACK, SMALL, WHITE, tint

LINE_STEP = 14


def label(axes, x, y, text, **options):
    """Write text, of one line or more, with its middle at height y.

    Each line is placed by its baseline: placed by its outline, a line with a "g" would stand
    higher than a line without one.
    """
    settings = {"ha": "center", "fontsize": SMALL, "color": BLACK, "zorder": 5} | options
    half_capital = 0.36 * settings["fontsize"]
    lines = text.split("\n")
    for number, line in enumerate(lines):
        middle = y + LINE_STEP * ((len(lines) - 1) / 2 - number)
        axes.text(x, middle - half_capital, line, va="baseline", **settings)


def box(axes, left, bottom, width, height, colour, text="", dashed=False, **text_options):
    """Draw a pale box with a border of the full colour and a text in its middle."""
    axes.add_patch(
        Rectangle(
            (left, bottom),
            width,
            height,
            facecolor=WHITE if dashed else tint(colour),
            edgecolor=colour,
            linewidth=1.4,
            linestyle=(0, (4, 2)) if dashed else "solid",
            zorder=2,
        )
    )
    if text:
        label(axes, left + width / 2, bottom + height / 2, text, **text_options)


def arrow(axes, start, end, colour=BLACK, width=1.4, **options):
    """Draw a straight arrow from start to end, both given as (x, y)."""
    settings = {"arrowstyle": "-|>", "mutation_scale": 10, "shrinkA": 0, "shrinkB": 0, "zorder": 3}
    axes.add_patch(FancyArrowPatch(start, end, color=colour, linewidth=width, **(settings | options)))


def bent_arrow(axes, points, colour=BLACK, width=1.4, linestyle="solid"):
    """Draw an arrow that runs through all the points, with its head at the last one."""
    across = [point[0] for point in points[:-1]]
    upward = [point[1] for point in points[:-1]]
    axes.plot(across, upward, color=colour, linewidth=width, linestyle=linestyle, solid_capstyle="butt", zorder=3)
    arrow(axes, points[-2], points[-1], colour, width, linestyle=linestyle)


def number_grid(axes, left, top, numbers, cell, colours=None, texts=None, bold=None):
    """Draw a two-dimensional array as a grid of cells with its numbers in them.

    ``colours`` and ``bold`` give the face colour and the weight of each cell; ``texts`` replaces
    the numbers, for cells that stay empty.
    """
    rows, columns = len(numbers), len(numbers[0])
    for row in range(rows):
        for column in range(columns):
            x = left + column * cell
            y = top - (row + 1) * cell
            face = WHITE if colours is None else colours[row][column]
            axes.add_patch(Rectangle((x, y), cell, cell, facecolor=face, edgecolor=BLACK, linewidth=0.8, zorder=2))
            text = str(numbers[row][column]) if texts is None else texts[row][column]
            weight = "bold" if bold is not None and bold[row][column] else "normal"
            label(axes, x + cell / 2, y + cell / 2, text, fontweight=weight)
