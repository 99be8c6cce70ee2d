"""The ways in which sets name the classes in their masks, and how each becomes the course's class ids."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from carla_classes import CLASS_NAMES, PALETTE
from segmentation.errors import shorten

# The semantic tags of CARLA 0.9.14 and later, in the order of their values, and the course's class for each: CARLA,
# Docs/ref_sensors.md, semantic segmentation camera. The pages of 0.9.14 itself still show the older table, which
# the simulator no longer writes: https://github.com/carla-simulator/carla/issues/6902
# The course has one class for all vehicles, and none for riders, who are people.
CARLA_0_9_14 = (
    "unlabeled", "road", "sidewalk", "building", "wall", "fence", "pole", "traffic light", "traffic sign",
    "vegetation", "terrain", "sky", "pedestrian", "pedestrian", "vehicle", "vehicle", "vehicle", "vehicle",
    "vehicle", "vehicle", "static", "dynamic", "other", "water", "road line", "ground", "bridge", "rail track",
    "guard rail",
)  # fmt: skip

# What CARLA's CityScapes palette paints beside the course's own colours: CARLA before 0.9.10 (fence, other),
# the Lyft-Udacity challenge (other, vehicle), and CARLA from 0.9.14 on (fence, terrain, rider and vehicles).
# LibCarla/source/carla/image/CityScapesPalette.h and the sensors reference of CARLA. No two versions give one
# colour to two classes.
OTHER_COLOURS = {
    (190, 153, 153): "fence", (250, 170, 160): "other", (72, 0, 90): "other", (0, 0, 255): "vehicle",
    (152, 251, 152): "terrain", (255, 0, 0): "pedestrian", (0, 0, 70): "vehicle", (0, 60, 100): "vehicle",
    (0, 80, 100): "vehicle", (0, 0, 230): "vehicle", (119, 11, 32): "vehicle",
}  # fmt: skip

TABLES = ("course", "carla-0.9.14", "palette")

UNKNOWN = 255


class Translation:
    """From the masks of one table to the course's class ids.

    Args:
        table: str, one of TABLES.
    """

    def __init__(self, table: str) -> None:
        self.is_painted = table == "palette"
        if self.is_painted:
            self.class_ids = colour_table_of_carla()
        else:
            self.class_ids = _id_table(CLASS_NAMES if table == "course" else CARLA_0_9_14)

    def __call__(self, mask: Image.Image) -> tuple[np.ndarray | None, str | None]:
        """Translate a mask.

        Args:
            mask: PIL.Image.Image.

        Returns:
            (class ids as uint8 (height, width), None), or (None, str that names what is unknown).
        """
        values = packed_colours(mask) if self.is_painted else tags_of(mask)
        class_ids = self.class_ids[values]
        wrong = class_ids == UNKNOWN
        if not wrong.any():
            return class_ids, None
        unknown, counts = np.unique(values[wrong], return_counts=True)
        common = unknown[np.argsort(-counts, kind="stable")].tolist()
        if self.is_painted:
            common = [(value >> 16, value >> 8 & 255, value & 255) for value in common]
        noun = ("colour" if self.is_painted else "id") + ("" if len(common) == 1 else "s")
        listed = shorten(common, 3)
        return None, f"holds {len(common):,} unknown {noun} in {wrong.sum():,} of {wrong.size:,} pixels: {listed}"


def packed_colours(mask: Image.Image) -> np.ndarray:
    """Return the colour of each pixel as one number, uint32 (height, width): red, green, blue from high to low."""
    rgb = np.asarray(mask.convert("RGB")).astype(np.uint32)
    return rgb[..., 0] << 16 | rgb[..., 1] << 8 | rgb[..., 2]


def tags_of(mask: Image.Image) -> np.ndarray:
    """Return the tag of each pixel: the red channel, or the index of a file with a palette of its own."""
    return np.asarray(mask if mask.mode in ("P", "L") else mask.convert("RGB").getchannel("R"))


def colour_table_of_carla() -> np.ndarray:
    """Return the class id for each of the 2**24 colours, UNKNOWN where CARLA has no such colour."""
    table = np.full(1 << 24, UNKNOWN, np.uint8)
    colours = {tuple(colour): class_id for class_id, colour in enumerate(PALETTE.tolist())}
    colours |= {colour: _class_id(name) for colour, name in OTHER_COLOURS.items()}
    for (red, green, blue), class_id in colours.items():
        table[red << 16 | green << 8 | blue] = class_id
    return table


def _id_table(classes: Sequence[str]) -> np.ndarray:
    table = np.full(256, UNKNOWN, np.uint8)
    table[: len(classes)] = [_class_id(name) for name in classes]
    return table


def _class_id(name: str) -> int:
    return CLASS_NAMES.index(name)
