"""A street as a driver sees it, made of polygons, as a picture and as a segmentation mask.

The scene is 128 pixels wide and 96 pixels high, like the images that the network gets.  x runs to
the right and y runs down, as in an image.  Parts that come later lie in front of earlier ones.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import Polygon
from matplotlib.path import Path

from figures import style

WIDTH = 128
HEIGHT = 96

CLASS_COLOURS = {
    "Sky": style.SKY_BLUE,
    "Building": style.ORANGE,
    "Vegetation": style.GREEN,
    "Road": style.GREY,
    "Road line": style.YELLOW,
    "Sidewalk": style.PURPLE,
    "Vehicle": style.BLUE,
    "Pedestrian": style.VERMILION,
}
CLASS_NAMES = tuple(CLASS_COLOURS)


@dataclass(frozen=True)
class Part:
    """One object of the scene.

    ``details`` are (outline, colour) pairs for the picture only, such as windows: they lie inside
    the object and so belong to its class.
    """

    class_name: str
    outline: tuple
    colour: str
    details: tuple = ()


def rectangle(left, top, right, bottom):
    """Return the corners of a rectangle."""
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def circle(centre_x, centre_y, radius):
    """Return points on a circle."""
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return tuple((centre_x + radius * np.cos(a), centre_y + radius * np.sin(a)) for a in angles)


def treetops(left, right, top, bump, base):
    """Return a bushy outline: round bumps along the top and the given points along the base."""
    across = np.linspace(left, right, 60)
    upper = top - bump * np.abs(np.sin((across - left) / (right - left) * np.pi * 3.5))
    return tuple(zip(across, upper, strict=True)) + base


def facade(left, right, top_left, top_right, base_left, base_right, columns, rows):
    """Return the windows of a wall that runs away from the driver, as details."""
    windows = []
    for column in range(columns):
        for row in range(rows):
            corners = []
            for across, down in ((0.2, 0.2), (0.8, 0.2), (0.8, 0.75), (0.2, 0.75)):
                horizontal = (column + across) / columns
                vertical = (row + down) / (rows + 0.6)  # leave some plain wall at the foot
                upper = top_left + (top_right - top_left) * horizontal
                lower = base_left + (base_right - base_left) * horizontal
                corners.append((left + (right - left) * horizontal, upper + (lower - upper) * vertical))
            windows.append((tuple(corners), "#5B6B7A"))
    return tuple(windows)


def road_line(near_edge, far_edge):
    """Return one dash of the line in the middle of the road; it widens towards the driver."""
    corners = []
    for y, side in ((far_edge, -1), (far_edge, 1), (near_edge, 1), (near_edge, -1)):
        distance = (y - 46) / 50
        corners.append((64 + 8 * distance + side * (0.2 + 1.6 * distance), y))
    return tuple(corners)


CAR = (
    (76, 71), (75, 70), (75, 61), (78.5, 59), (80.5, 52.5), (82, 51.5), (92, 51.5), (93.5, 52.5), (95.5, 59),
    (99, 61), (99, 70), (98, 71), (98, 74), (94, 74), (94, 71.5), (80, 71.5), (80, 74), (76, 74),
)  # fmt: skip

PERSON = (
    (22, 54.4), (21, 53.4), (20.6, 52), (21, 50.6), (22, 49.7), (23, 49.4), (24, 49.7), (25, 50.6),
    (25.4, 52), (25, 53.4), (24, 54.4), (26, 55.2), (27.4, 57), (28.4, 65), (27, 65.4), (25.8, 60),
    (25.6, 65.5), (28, 76.5), (25.6, 77), (23.2, 68), (20.8, 77), (18.4, 76.5), (20.4, 65.5),
    (20.2, 60), (19, 65.4), (17.6, 65), (18.6, 57), (20, 55.2),
)  # fmt: skip

PARTS = (
    Part("Sky", rectangle(0, 0, 128, 60), "#CFE6F5", (
        (treetops(44, 72, 14, 3, ((72, 15), (44, 15))), "#F4F9FC"),
        (treetops(86, 112, 9, 2.5, ((112, 10), (86, 10))), "#F4F9FC"),
    )),
    Part("Vegetation", treetops(36, 72, 38, 6, ((72, 47), (57, 47), (36, 56))), "#6F9A5B"),
    Part("Vegetation", treetops(66, 112, 36, 7, ((112, 63), (71, 47), (66, 47))), "#5E8A4E"),
    Part("Building", ((22, 21), (40, 28), (40, 53.2), (22, 60.7)), "#C9A98A",
         facade(22, 40, 21, 28, 60.7, 53.2, 3, 4)),
    Part("Building", ((0, 2), (22, 11), (22, 60.7), (0, 70)), "#B58C72",
         facade(0, 22, 2, 11, 70, 60.7, 3, 5)),
    Part("Building", ((106, 19), (128, 9), (128, 68), (106, 59.5)), "#BFB2A3",
         facade(106, 128, 19, 9, 59.5, 68, 3, 5)),
    Part("Sidewalk", ((57, 46), (60, 46), (4, 96), (0, 96), (0, 70)), "#C8C4BC"),
    Part("Sidewalk", ((68, 46), (71, 46), (128, 68), (128, 87.7)), "#C8C4BC"),
    Part("Road", ((60, 46), (68, 46), (128, 87.7), (128, 96), (4, 96)), "#6D7075"),
    Part("Road line", road_line(52, 49), "#F5F5F0"),
    Part("Road line", road_line(61, 56), "#F5F5F0"),
    Part("Road line", road_line(75, 66), "#F5F5F0"),
    Part("Road line", road_line(96, 83), "#F5F5F0"),
    Part("Vegetation", rectangle(112.4, 46, 115, 71), "#6B4F3A"),
    Part("Vegetation", circle(113.7, 37, 11.5), "#47753C"),
    Part("Vehicle", CAR, "#A93A34", (
        (((80.3, 58.8), (81.9, 53.3), (92.1, 53.3), (93.7, 58.8)), "#BFD4DF"),
        (rectangle(75.8, 62, 79.5, 64.5), "#F2C14E"),
        (rectangle(94.5, 62, 98.2, 64.5), "#F2C14E"),
        (rectangle(83.5, 65, 90.5, 67.5), "#F5F5F0"),
        (rectangle(75.6, 69, 98.4, 71), "#3B3B3B"),
        (rectangle(76.2, 71, 79.8, 74), "#222222"),
        (rectangle(94.2, 71, 97.8, 74), "#222222"),
    )),
    Part("Pedestrian", PERSON, "#2F5D8C", (
        (circle(23, 52, 2.1), "#D9A982"),
        (((20.4, 65.5), (25.6, 65.5), (27.8, 76.4), (25.7, 76.8), (23.2, 67), (20.7, 76.8), (18.6, 76.4)),
         "#2B2B33"),
    )),
)  # fmt: skip


def set_up(axes):
    """Give the axes the coordinates of the scene, with y running down."""
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(HEIGHT, 0)


def draw_picture(axes):
    """Draw the scene as a camera would see it."""
    set_up(axes)
    for part in PARTS:
        axes.add_patch(Polygon(part.outline, facecolor=part.colour, linewidth=0))
        for outline, colour in part.details:
            axes.add_patch(Polygon(outline, facecolor=colour, linewidth=0))


def label_map():
    """Return an array (96, 128) with the number of the class at the centre of every pixel."""
    x, y = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    centres = np.column_stack([x.ravel(), y.ravel()])
    labels = np.zeros(WIDTH * HEIGHT, dtype=int)
    for part in PARTS:
        labels[Path(part.outline).contains_points(centres)] = CLASS_NAMES.index(part.class_name)
    return labels.reshape(HEIGHT, WIDTH)


def colour_labels(labels):
    """Turn an array of class numbers into an array of red, green and blue values."""
    palette = np.array([to_rgb(colour) for colour in CLASS_COLOURS.values()])
    return palette[labels]


def bounding_box(labels, class_name):
    """Return the box (left, top, right, bottom) that just holds all the pixels of one class."""
    rows, columns = np.nonzero(labels == CLASS_NAMES.index(class_name))
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
