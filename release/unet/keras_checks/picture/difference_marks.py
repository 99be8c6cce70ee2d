"""The letters that stand beside what is wrong, and what is said under the picture beside the same letters."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

from keras_checks.differences import Change, Difference
from keras_checks.layers import LayerReference
from keras_checks.picture.facts import clean
from keras_checks.picture.limits import MOST_CAPTIONS, MOST_MISSING
from keras_checks.picture.nodes import Node

__all__ = ["Marks"]


class Marks:
    """Gives each wrong layer and each gap a letter, and notes what to say of it.

    Args:
        differences: sequence of Difference.
        nodes_of: function from a Difference to the Nodes that it is marked on.
        node_at: function from a LayerReference to the Node that is drawn for it; None where there is none.
        reveal_expected: bool, whether the captions may say what was expected.

    Attributes:
        captions: list of (letter, sentence), as many as are shown.
        count: int, the number of letters.
    """

    def __init__(
        self,
        differences: Sequence[Difference],
        nodes_of: Callable[[Difference], Sequence[Node]],
        node_at: Callable[[LayerReference | None], Node | None],
        reveal_expected: bool,
    ):
        self.captions: list[tuple[str, str]] = []
        self._node_at = node_at
        groups: dict[object, list[Difference]] = {}
        for difference in differences:
            groups.setdefault(_place(difference), []).append(difference)
        self.count = len(groups)
        for letter, group in zip(_letters(), groups.values()):
            if group[0].change is Change.MISSING:
                for difference in group:
                    for node in nodes_of(difference):
                        node.letter = letter if difference is group[0] else " "
                sentence = self._gap_sentence(group)
            else:
                for node in nodes_of(group[0]):
                    node.letter = node.letter or letter
                    node.captions = node.captions or _box_captions(group)
                sentence = _sentence(group[:8], reveal_expected)
            if len(self.captions) < MOST_CAPTIONS:
                self.captions.append((letter, sentence))

    def _gap_sentence(self, group: list[Difference]) -> str:
        anchor = self._node_at(group[0].after)
        where = f"after {anchor.name}" if anchor else clean(group[0].where, 120)
        kinds = [clean(difference.kind, 40) for difference in group]
        if len(kinds) == 1:
            return f"{where}: {kinds[0]} missing"
        named = ", ".join(kinds[:MOST_MISSING])
        return f"{where}: {len(kinds)} layers missing ({named})"


def _place(difference: Difference) -> tuple[object, ...]:
    """Equal for what is marked with one letter."""
    reference = difference.after if difference.change is Change.MISSING else difference.layer
    place = (reference.position, reference.number) if reference else ()
    return (difference.change is Change.MISSING, *place)


def _box_captions(group: list[Difference]) -> list[str]:
    """What to write in the box of a wrong layer, the longest first."""
    first = group[0]
    if len(group) > 1:
        attributes = list(dict.fromkeys(clean(difference.attribute, 40) for difference in group))
        named = ", ".join(attributes)
        return [named, f"{len(attributes)} differences"] if len(attributes) > 1 else [named]
    match first.change:
        case Change.EXTRA:
            return ["extra layer"]
        case Change.REPLACED:
            return ["wrong layer"]
        case Change.INPUTS:
            return ["wrong input"]
        case Change.OUTPUTS | Change.NO_MODEL:
            return ["wrong output"]
    attribute = clean(first.attribute, 40)
    return [f"{attribute}: {clean(repr(first.found_value), 60)}", attribute]


def _sentence(group: list[Difference], reveal_expected: bool) -> str:
    """What is wrong with one layer, its name said once."""
    sentences = (one.sentence(reveal_expected, name_layer=index == 0) for index, one in enumerate(group))
    return "; ".join(clean(sentence, 400) for sentence in sentences)


def _letters() -> Iterator[str]:
    """A, B, ..., Z, AA, AB, ...: letters, so that nobody takes a mark for the number of a layer."""
    for length in itertools.count(1):
        for letters in itertools.product("ABCDEFGHIJKLMNOPQRSTUVWXYZ", repeat=length):
            yield "".join(letters)
