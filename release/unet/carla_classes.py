"""The 23 classes of CARLA, in its own colours, or so that colour-blind readers can tell them apart.

No 23 colours stay apart for everybody. In the palette "colour-blind" the eight classes that cover most of the real
set have plain colours that do; every other class has one of five further colours and stripes on it, so that no two
classes share both.
"""

import numpy as np

from segmentation.classes import ClassTable, Palette

CLASS_NAMES = (
    "unlabeled", "building", "fence", "other", "pedestrian", "pole", "road line", "road", "sidewalk",
    "vegetation", "vehicle", "wall", "traffic sign", "sky", "ground", "bridge", "rail track",
    "guard rail", "traffic light", "static", "dynamic", "water", "terrain",
)  # fmt: skip
N_CLASSES = 23
# The colours that CARLA itself paints its tags in, so that masks look like those in its documentation.
PALETTE = np.array(
    [
        (0, 0, 0), (70, 70, 70), (100, 40, 40), (55, 90, 80), (220, 20, 60), (153, 153, 153),
        (157, 234, 50), (128, 64, 128), (244, 35, 232), (107, 142, 35), (0, 0, 142), (102, 102, 156),
        (220, 220, 0), (70, 130, 180), (81, 0, 81), (150, 100, 100), (230, 150, 140), (180, 165, 180),
        (250, 170, 30), (110, 190, 160), (170, 120, 50), (45, 60, 150), (145, 170, 100),
    ],
    dtype=np.uint8,
)  # fmt: skip

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


def _colour_blind() -> Palette:
    looks = {name: (colour, "") for name, colour in FREQUENT_COLOURS.items()}
    for colour, names in STRIPED_COLOURS.items():
        looks |= {name: (colour, stripe) for stripe, name in zip(STRIPES, names, strict=True)}
    colours, stripes = zip(*(looks[name] for name in CLASS_NAMES))
    return Palette(np.array(colours, np.uint8), stripes)


CLASSES = ClassTable(
    CLASS_NAMES,
    {"carla": Palette(PALETTE, ("",) * N_CLASSES), "colour-blind": _colour_blind()},
)
