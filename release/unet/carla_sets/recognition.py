"""Which table of class ids a set's masks follow, recognised from the masks themselves."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from carla_classes import N_CLASSES
from data_check import read_png
from segmentation.errors import DataError

from .class_tables import CARLA_0_9_14, UNKNOWN, colour_table_of_carla, packed_colours, tags_of

SAMPLE = 40

ROAD_IN_COURSE, ROAD_IN_CARLA_0_9_14 = 7, 1


def recognise_table(mask_paths: Sequence[str | Path]) -> str:
    """Recognise how a set's masks name their classes, from up to 40 masks spread over it.

    Masks with colours are painted. Else the ids decide: in a driving scene the road takes most of the lower
    half, and it has id 7 in the course's table and 1 in that of CARLA 0.9.14; ids above 22 are of the latter.

    Args:
        mask_paths: list of str or paths.

    Returns:
        str: "course", which the Lyft-Udacity masks share, "carla-0.9.14" or "palette".

    Raises:
        DataError: the masks could be of either table, or of none.
    """
    step = max(1, len(mask_paths) // SAMPLE)
    kinds: Counter[bool] = Counter()
    lower, highest_ids = np.zeros(256, np.int64), []
    n_unknown_colours = n_pixels = 0
    colour_table = None
    for path in mask_paths[::step]:
        mask, _, problem = read_png(path)
        if problem:
            continue
        if mask.mode == "P":
            # An index may be a class id with display colours, or mean nothing by itself: the colours decide.
            painted = True
        else:
            red, green, blue = mask.convert("RGB").split()
            painted = bool(green.getbbox() or blue.getbbox()) and not (
                red.tobytes() == green.tobytes() == blue.tobytes()
            )
        kinds[painted] += 1
        if painted:
            colour_table = colour_table_of_carla() if colour_table is None else colour_table
            colours = packed_colours(mask)
            n_unknown_colours += np.count_nonzero(colour_table[colours] == UNKNOWN)
            n_pixels += colours.size
        else:
            tags = tags_of(mask)
            highest_ids.append(int(tags.max()))
            lower += np.bincount(tags[tags.shape[0] // 2 :].ravel(), minlength=256)
    choices = "  --table course | carla-0.9.14 | palette"
    if not kinds:
        raise DataError("None of the masks can be read. Copy or download the set again.")
    if len(kinds) == 2:
        raise DataError(
            f"Of {kinds.total()} masks {kinds[True]} are painted and {kinds[False]} hold class ids.\n"
            f"Import each kind separately, or say how to read all of them:\n{choices}"
        )
    if kinds[True]:
        if n_unknown_colours > 0.01 * n_pixels:
            raise DataError(
                f"The masks hold colours, and {100 * n_unknown_colours / n_pixels:.0f} % of the pixels have a colour "
                "that is not in CARLA's palette. If the red channel holds class ids (instance masks use green and blue "
                f"for the object), say which table they are from:\n{choices}"
            )
        return "palette"
    shares = lower / lower.sum()
    course, newer = shares[ROAD_IN_COURSE], shares[ROAD_IN_CARLA_0_9_14]
    # The median, since a few masks may be faulty.
    usual_highest = sorted(highest_ids)[len(highest_ids) // 2]
    if course >= 0.15 and course > 4 * newer and usual_highest < N_CLASSES:
        return "course"
    if newer >= 0.15 and newer > 4 * course and usual_highest < len(CARLA_0_9_14):
        return "carla-0.9.14"
    raise DataError(
        f"Cannot tell what the ids mean: they go up to {max(highest_ids)}, and in the lower half of the masks, "
        f"where the road is, {100 * course:.0f} % of the pixels have id 7 (road in the course's table) and "
        f"{100 * newer:.0f} % id 1 (road in CARLA 0.9.14 and later).\nSay which table they are from:\n{choices}"
    )
