"""The classes of a set of pictures: their names, and the palettes that masks are painted in.

Not everybody can tell many colours apart. A palette may give a class stripes besides its colour, so that no two classes
share both. Thin things are too narrow for stripes: legends and names on the pictures remain necessary.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .errors import shorten

if TYPE_CHECKING:
    from matplotlib.patches import Patch

STRIPE_PERIOD = 8
STRIPES = ("", "/", "\\", "-")


@dataclass(frozen=True, eq=False)
class Palette:
    """How each class is painted.

    Attributes:
        colours: numpy.ndarray of uint8, (n_classes, 3): red, green, blue.
        stripes: tuple of n_classes str, the direction of the stripes as in matplotlib's hatches: "/", "\\\\", "-", or
            "" for none.

    Raises:
        ValueError: the colours have another form, or do not each have one of the known stripes.
    """

    colours: np.ndarray
    stripes: tuple[str, ...]

    def __post_init__(self) -> None:
        colours = self.colours
        if not isinstance(colours, np.ndarray) or colours.dtype != np.uint8 or colours.shape[1:] != (3,):
            raise ValueError("the colours of a palette must be a uint8 array, a row of red, green and blue per class")
        if len(self.stripes) != len(colours) or not set(self.stripes) <= set(STRIPES):
            known = ", ".join(map(repr, STRIPES))
            raise ValueError(f"{len(colours)} colours need as many stripes, each one of {known}, not {self.stripes!r}")


@dataclass(frozen=True, eq=False)
class ClassTable:
    """The classes that a mask may hold, by their ids from 0 on.

    Attributes:
        names: tuple of str, entry k for class k.
        palettes: mapping from a palette's name to a Palette; the first one is used where none is named.

    Raises:
        ValueError: there is no class or no palette, or a palette does not have one colour for each class.
    """

    names: tuple[str, ...]
    palettes: Mapping[str, Palette]

    def __post_init__(self) -> None:
        if not self.names or not self.palettes:
            raise ValueError("a class table needs at least one class and one palette")
        for name, palette in self.palettes.items():
            if len(palette.colours) != len(self.names):
                raise ValueError(
                    f"the palette {name!r} has {len(palette.colours)} colours, but there are {len(self.names)} classes"
                )

    @property
    def n_classes(self) -> int:
        """The number of classes: int, 1 or more."""
        return len(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def palette(self, name: str | None = None) -> Palette:
        """Return a palette.

        Args:
            name: str, or None for the first one.

        Returns:
            Palette.

        Raises:
            ValueError: there is no such palette.
        """
        if name is None:
            return next(iter(self.palettes.values()))
        if name not in self.palettes:
            raise ValueError(f"palette must be one of {', '.join(map(repr, self.palettes))}, not {name!r}")
        return self.palettes[name]

    def check_ids(self, class_ids: np.ndarray, what: str) -> None:
        """Make sure that all values are ids of classes.

        Args:
            class_ids: array of any shape.
            what: str, what an error message calls them.

        Raises:
            ValueError: there are values that are not ids.
        """
        unknown = [value for value in np.unique(class_ids).tolist() if value not in range(len(self))]
        if unknown:
            raise ValueError(
                f"{what} holds {shorten(unknown, 5)}: class ids are whole numbers from 0 to {len(self) - 1}"
            )


def _stripe_colour(colour: np.ndarray) -> tuple[int, int, int]:
    """Return black or white, whichever stands out more (relative luminance by Rec. 709)."""
    return (0, 0, 0) if np.dot(colour, (0.2126, 0.7152, 0.0722)) > 110 else (255, 255, 255)


def paint(class_ids: np.ndarray, classes: ClassTable, palette: str | None = None, scale: int = 1) -> np.ndarray:
    """Paint a mask.

    Args:
        class_ids: integer array of shape (height, width).
        classes: ClassTable.
        palette: str, the name of one of its palettes, or None for the first.
        scale: integer from 1, how many pixels wide and high each pixel of the mask becomes. Stripes are 2 pixels
            wide and 8 apart: at a scale of 1 they would be wider than most things.

    Returns:
        uint8 array of shape (scale * height, scale * width, 3).

    Raises:
        ValueError: there is no such palette, or a value is not the id of a class.
    """
    chosen = classes.palette(palette)
    classes.check_ids(class_ids, "the mask")
    large = np.repeat(np.repeat(class_ids, scale, axis=0), scale, axis=1)
    painted = chosen.colours[large]
    rows, columns = np.ogrid[: large.shape[0], : large.shape[1]]
    positions = {"/": rows + columns, "\\": rows - columns, "-": rows + 0 * columns}
    for class_id in np.unique(class_ids):
        if chosen.stripes[class_id]:
            on_stripe = positions[chosen.stripes[class_id]] % STRIPE_PERIOD < 2
            painted[on_stripe & (large == class_id)] = _stripe_colour(chosen.colours[class_id])
    return painted


def legend_handles(class_ids: np.ndarray, classes: ClassTable, palette: str | None = None) -> list["Patch"]:
    """Return one patch for each class, for `legend(handles=...)`.

    Args:
        class_ids: class ids of any shape; repeated ids count once.
        classes: ClassTable.
        palette: str, the name of one of its palettes, or None for the first.

    Returns:
        list of matplotlib.patches.Patch: ordered by class id, labelled like "7 road".

    Raises:
        ValueError: there is no such palette, or a value is not the id of a class.
    """
    from matplotlib.patches import Patch

    chosen = classes.palette(palette)
    classes.check_ids(class_ids, "the legend")
    return [
        Patch(
            facecolor=chosen.colours[k] / 255,
            # matplotlib draws hatches in the colour of the edge; twice the letter is twice as dense.
            edgecolor=np.divide(_stripe_colour(chosen.colours[k]), 255) if chosen.stripes[k] else "black",
            hatch=2 * chosen.stripes[k],
            linewidth=0.5,
            label=f"{k} {classes.names[k]}",
        )
        for k in np.unique(np.asarray(class_ids)).astype(int).tolist()
    ]
