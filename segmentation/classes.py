"""Two ways to paint the 23 classes: in CARLA's own colours, or so that colour-blind readers can tell them apart.

No 23 colours stay apart for everybody. In the palette "colour-blind" the eight classes that cover most of the real
set have plain colours that do; every other class has one of five further colours and stripes on it, so that no two
classes share both. Thin things are too narrow for stripes: the legend and the names on the pictures stay necessary.
"""

import numpy as np

import carla

PALETTES = ("carla", "colour-blind")

# These eight cover 97 % of the 100 frames that were counted. Their colours were searched for: the smallest distance
# between any two (CIE 1976, in CIELAB) is 34 for normal sight and for each kind of dichromacy, as simulated by
# Machado, Oliveira and Fernandes (2009); in CARLA's palette it is 8.
FREQUENT_COLOURS = {
    "road": (57, 47, 87),
    "sky": (71, 187, 251),
    "vegetation": (33, 113, 44),
    "building": (54, 0, 0),
    "terrain": (168, 167, 47),
    "sidewalk": (211, 126, 153),
    "wall": (131, 89, 255),
    "road line": (252, 255, 233),
}
# One row a colour, as far as possible from all colours above; one column a direction of the stripes.
STRIPES = ("/", "\\", "-")
STRIPED_COLOURS = {
    (210, 0, 165): ("vehicle", "pedestrian", "bridge"),
    (165, 255, 0): ("traffic sign", "traffic light", "rail track"),
    (0, 255, 135): ("pole", "water", "dynamic"),
    (105, 0, 165): ("guard rail", "other", "unlabeled"),
    (135, 75, 90): ("fence", "static", "ground"),
}
STRIPE_PERIOD = 8


def _colour_blind():
    """Return the colours as (23, 3) uint8 and the stripes as a list of 23 strings, "" for none."""
    colours, stripes = np.zeros((carla.N_CLASSES, 3), np.uint8), [""] * carla.N_CLASSES
    for name, colour in FREQUENT_COLOURS.items():
        colours[carla.CLASS_NAMES.index(name)] = colour
    for colour, names in STRIPED_COLOURS.items():
        for stripe, name in zip(STRIPES, names, strict=True):
            colours[carla.CLASS_NAMES.index(name)] = colour
            stripes[carla.CLASS_NAMES.index(name)] = stripe
    return colours, stripes


def colours_and_stripes(palette):
    """Return how each class is painted.

    Arguments:
        palette: "carla" or "colour-blind".

    Returns:
        (colours, stripes): uint8 array of shape (23, 3), and a list of 23 strings that tell the direction of the
        stripes as matplotlib's hatches do: "/", "\\\\", "-", or "" for none.

    Raises:
        ValueError: there is no such palette.
    """
    if palette == "carla":
        return carla.PALETTE, [""] * carla.N_CLASSES
    if palette == "colour-blind":
        return _colour_blind()
    raise ValueError(f"palette is one of {' and '.join(map(repr, PALETTES))}, not {palette!r}")


def _stripe_colour(colour):
    """Return black or white, whichever stands out more (relative luminance by Rec. 709)."""
    return (0, 0, 0) if np.dot(colour, (0.2126, 0.7152, 0.0722)) > 110 else (255, 255, 255)


def paint(class_ids, palette="carla", scale=1):
    """Paint a mask.

    Arguments:
        class_ids: integer array of shape (height, width), ids from 0 to 22.
        palette: "carla" or "colour-blind".
        scale: integer from 1, how many pixels wide and high each pixel of the mask becomes. Stripes are 2 pixels
            wide and 8 apart: at a scale of 1 they would be wider than most things.

    Returns:
        uint8 array of shape (scale * height, scale * width, 3).

    Raises:
        ValueError: there is no such palette.
    """
    colours, stripes = colours_and_stripes(palette)
    large = np.repeat(np.repeat(class_ids, scale, axis=0), scale, axis=1)
    painted = colours[large]
    rows, columns = np.ogrid[: large.shape[0], : large.shape[1]]
    positions = {"/": rows + columns, "\\": rows - columns, "-": rows + 0 * columns}
    for class_id in np.unique(class_ids):
        if stripes[class_id]:
            on_stripe = positions[stripes[class_id]] % STRIPE_PERIOD < 2
            painted[on_stripe & (large == class_id)] = _stripe_colour(colours[class_id])
    return painted


def legend_handles(class_ids, palette="carla", class_names=carla.CLASS_NAMES):
    """Return one patch for each class, for `legend(handles=...)`.

    Arguments:
        class_ids: class ids of any shape, integers from 0 to 22; repeated ids count once.
        palette: "carla" or "colour-blind".
        class_names: sequence of str, entry k for class k.

    Returns:
        list of matplotlib.patches.Patch: ordered by class id, labelled like "7 road".

    Raises:
        ValueError: there is no such palette, or an id is not an integer from 0 to 22.
    """
    from matplotlib.patches import Patch

    colours, stripes = colours_and_stripes(palette)
    unique_ids = np.unique(np.asarray(class_ids))
    unknown = [value for value in unique_ids.tolist() if value not in range(carla.N_CLASSES)]
    if unknown:
        raise ValueError(f"class ids are integers from 0 to 22, but these are not: {carla.shorten(unknown, 5)}")
    return [
        Patch(
            facecolor=colours[k] / 255,
            # matplotlib draws hatches in the colour of the edge; twice the letter is twice as dense.
            edgecolor=np.divide(_stripe_colour(colours[k]), 255) if stripes[k] else "black",
            hatch=2 * stripes[k],
            linewidth=0.5,
            label=f"{k} {class_names[k]}",
        )
        for k in unique_ids.astype(int).tolist()
    ]
