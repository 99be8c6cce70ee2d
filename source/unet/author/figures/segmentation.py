"""The same street as an image, with object detection, and with semantic segmentation."""

# The multiplication sign in the labels is meant, it is no mistyped x.

import numpy as np
from matplotlib.patches import Rectangle

from figures import style
from figures.shapes import label

from . import scene

FILE_NAME = "segmentation.png"
ALT_TEXT = (
    "One drawn street scene in three panels: the image itself, object detection with one box around "
    "the vehicle and one around the pedestrian, and semantic segmentation in which every pixel has "
    "the colour of its class (sky, building, vegetation, road, road line, sidewalk, vehicle or "
    "pedestrian). The boxes also hold pixels that are not part of the object; the segmentation "
    "follows its exact outline."
)

HEIGHT = 440
PANEL_WIDTH = 252
PANEL_HEIGHT = PANEL_WIDTH * scene.HEIGHT / scene.WIDTH
LEFT = 5
RIGHT = style.SHEET_WIDTH - PANEL_WIDTH - 5
TOP_ROW = 228
BOTTOM_ROW = 8

# Where the name of a class stands on the mask, in pixels of the scene.
NAME_PLACES = {
    "Sky": (74, 14),
    "Building": (18, 34),
    "Vegetation": (84, 40),
    "Road": (45, 86),
    "Sidewalk": (18, 82),
    "Vehicle": (87, 65),
}


def draw():
    """Draw the three panels and the key of the classes."""
    figure, sheet = style.new_sheet(HEIGHT)
    labels = scene.label_map()

    picture = titled_panel(figure, sheet, LEFT, TOP_ROW, "1  Image")
    scene.draw_picture(picture)

    detection = titled_panel(figure, sheet, RIGHT, TOP_ROW, "2  Object detection: a box each")
    scene.draw_picture(detection)
    for class_name in ("Vehicle", "Pedestrian"):
        draw_detection(detection, scene.bounding_box(labels, class_name), class_name)

    mask = titled_panel(figure, sheet, LEFT, BOTTOM_ROW, "3  Segmentation: a class for each pixel")
    scene.set_up(mask)
    mask.imshow(
        scene.colour_labels(labels),
        extent=(0, scene.WIDTH, scene.HEIGHT, 0),
        interpolation="nearest",
        aspect="auto",
    )
    draw_names(mask)

    draw_key(sheet, labels)
    return figure


def titled_panel(figure, sheet, left, bottom, title):
    """Add a panel with its title above it."""
    label(sheet, left, bottom + PANEL_HEIGHT + 11, title, ha="left", fontsize=11, fontweight="bold")
    return style.add_panel(figure, left, bottom, PANEL_WIDTH, PANEL_HEIGHT)


def draw_detection(axes, corners, class_name):
    """Draw one detected box with its name on a tag above it."""
    left, top, right, bottom = corners
    # One pixel outside the box itself, so that the thick line does not cover the object.
    left, top, right, bottom = left - 1, top - 1, right + 1, bottom + 1
    axes.add_patch(Rectangle((left, top), right - left, bottom - top, fill=False, edgecolor=style.BLACK, linewidth=3.6))
    axes.add_patch(
        Rectangle((left, top), right - left, bottom - top, fill=False, edgecolor=style.YELLOW, linewidth=1.8)
    )
    tag = {"facecolor": style.YELLOW, "edgecolor": style.BLACK, "linewidth": 0.8, "pad": 2}
    axes.text(left + 0.6, top - 4.5, class_name, va="center", bbox=tag)


def draw_names(axes):
    """Write the names of the classes on the mask, and lead lines to the two small regions."""
    paper = {"facecolor": style.WHITE, "edgecolor": "none", "alpha": 0.85, "pad": 1.5}
    for class_name, (x, y) in NAME_PLACES.items():
        axes.text(x, y, class_name, ha="center", va="center", bbox=paper)
    line = {"arrowstyle": "-", "color": style.BLACK, "linewidth": 1.2, "shrinkB": 0}
    for class_name, place, target in (
        ("Pedestrian", (46, 59), (25, 62)),
        ("Road line", (88, 88), (70.5, 88)),
    ):
        axes.annotate(class_name, target, place, ha="center", va="center", bbox=paper, arrowprops=line)


def draw_key(sheet, labels):
    """List the classes with their colours, and say what the two kinds of answer hold."""
    top = BOTTOM_ROW + PANEL_HEIGHT
    label(sheet, RIGHT, top + 11, "Classes in panel 3", ha="left", fontsize=11, fontweight="bold")
    for number, (class_name, colour) in enumerate(scene.CLASS_COLOURS.items()):
        column, row = divmod(number, 4)
        x = RIGHT + column * 126
        y = top - 20 - row * 20
        sheet.add_patch(Rectangle((x, y), 22, 15, facecolor=colour, edgecolor=style.BLACK, linewidth=0.8))
        label(sheet, x + 29, y + 7, class_name, ha="left")

    others = {name: share_of_other_pixels(labels, name) for name in ("Vehicle", "Pedestrian")}
    text = (
        f"A box also holds pixels of other things:\n"
        f"{others['Vehicle']:.0f} % of the vehicle's box,\n"
        f"{others['Pedestrian']:.0f} % of the pedestrian's box.\n"
        f"In the mask each of the\n"
        f"{scene.HEIGHT} × {scene.WIDTH} = {labels.size:,} pixels has\n"
        f"exactly one class."
    )
    label(sheet, RIGHT, BOTTOM_ROW + 40, text, ha="left")


def share_of_other_pixels(labels, class_name):
    """Return how many per cent of the pixels in the box of a class are not of that class."""
    left, top, right, bottom = scene.bounding_box(labels, class_name)
    inside = labels[top:bottom, left:right]
    return 100 * np.mean(inside != scene.CLASS_NAMES.index(class_name))
