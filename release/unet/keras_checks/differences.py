"""One thing in which a network is not the expected one, as data; and the sentences that are made of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from keras_checks.layers import LayerReference
from keras_checks.nouns import with_article

__all__ = ["Change", "Difference", "by_cause"]

_NO_LAYER = "no such layer"


class Change(StrEnum):
    """In what way a network differs from the expected one."""

    MISSING = "missing"  # a layer that it should have
    EXTRA = "extra"  # a layer that it should not have
    REPLACED = "replaced"  # a layer of another class
    ARGUMENT = "argument"  # another argument of a layer
    DERIVED = "derived"  # another shape or number of weights, which no known argument explains
    INPUTS = "inputs"  # a layer that is fed by others, or in another order
    OUTPUTS = "outputs"  # other tensors that are returned, or in another order
    NO_MODEL = "no model"  # a tensor in the place of a model


@dataclass(frozen=True)
class Difference:
    """One thing in which the learner's network is not the expected one.

    Attributes:
        change: Change, in what way.
        attribute: str, the Keras argument that differs, or ``layer`` (missing, extra or of another class),
            ``inputs`` (fed by another layer), ``outputs`` (another tensor returned), ``shape``, ``parameters``.
        kind: str, the class of the layer, the expected one where there is a choice; ``Model`` for what is returned.
        layer: LayerReference, the learner's layer; None where there is no such layer, and for what is returned.
        position: int, the position of the layer in the expected network, from 0; None for an extra layer.
        expected_value, found_value: the values of an argument, a shape or a number of weights; else None.
        after: LayerReference, the learner's layer behind which a missing one belongs; None for the start.
        expected_sources: tuple of LayerReference, the learner's layers that should feed the layer or be returned, in
            order; None in it for a layer that the learner's network does not have.
        found_sources: tuple of LayerReference, those that do; None in it for one that the expected network does not
            have.
        block: str, the name of the model that the layer stands in, where that model is used as a layer; else None.
        hint: str, the likely cause and what to do.
    """

    change: Change
    attribute: str
    kind: str
    layer: LayerReference | None = None
    position: int | None = None
    expected_value: Any = None
    found_value: Any = None
    after: LayerReference | None = None
    expected_sources: tuple[LayerReference | None, ...] = ()
    found_sources: tuple[LayerReference | None, ...] = ()
    block: str | None = None
    hint: str = ""

    @property
    def number(self) -> int | None:
        """The row of the learner's summary, from 1; None where the learner has no such layer."""
        return self.layer.number if self.layer else None

    @property
    def is_missing_layer(self) -> bool:
        """Whether the learner has no such layer."""
        return self.change is Change.MISSING

    @property
    def is_in_argument(self) -> bool:
        """Whether a layer is there and one of its values differs."""
        return self.change in (Change.ARGUMENT, Change.DERIVED)

    # For people to read

    @property
    def where(self) -> str:
        """The layer, by its number in the learner's printed summary."""
        if self.change is Change.MISSING:
            return f"after {self.after}" if self.after else "at the start"
        return str(self.layer) if self.layer else "what is returned"

    @property
    def expected(self) -> str:
        """What should be there."""
        match self.change:
            case Change.MISSING:
                return f"{with_article(self.kind)} here"
            case Change.EXTRA:
                return _NO_LAYER
            case Change.REPLACED:
                return self.kind
            case Change.INPUTS | Change.OUTPUTS:
                return self._sources_in_words(self.expected_sources)
            case Change.NO_MODEL:
                return "a model"
        return repr(self.expected_value)

    @property
    def found(self) -> str:
        """What is there."""
        match self.change:
            case Change.MISSING:
                return _NO_LAYER
            case Change.EXTRA:
                return f"an extra {self.kind}"
            case Change.REPLACED:
                return self.layer.kind if self.layer else ""
            case Change.INPUTS | Change.OUTPUTS:
                return self._sources_in_words(self.found_sources)
            case Change.NO_MODEL:
                return "a tensor"
        return repr(self.found_value)

    @property
    def subject(self) -> str:
        """The layer, and the argument where the difference is in one."""
        if self.is_missing_layer:
            return f"{self.where}: {self.kind} missing"
        return f"{self.where}, {self.attribute}" if self.is_in_argument else self.where

    def sentence(self, reveal_expected: bool = True, name_layer: bool = True) -> str:
        """The difference in one line.

        Args:
            reveal_expected: bool, whether the expected value may be said.
            name_layer: bool, whether to say whose argument it is; all but differences in arguments say so anyway.

        Returns:
            str.
        """
        if self.is_missing_layer:
            return self.subject
        if self.change is Change.EXTRA:
            return f"{self.where}: {self.found}"
        subject = self.attribute if self.is_in_argument and not name_layer else self.subject
        verb = "fed by " if self.change is Change.INPUTS else ""
        expected = f" instead of {self.expected}" if reveal_expected else ""
        return f"{subject}: {verb}{self.found}{expected}"

    def _sources_in_words(self, sources: Sequence[LayerReference | None]) -> str:
        unknown = "a layer that is not expected" if self.change is Change.INPUTS else "nothing known"
        return " and ".join(unknown if source is None else str(source) for source in sources)


def by_cause(differences: Sequence[Difference]) -> Iterator[list[Difference]]:
    """Differences in groups: three and more layers that are missing in one place have one cause.

    Args:
        differences: sequence of Difference, in the order of the layers.

    Yields:
        list of Difference: one, or the layers of a gap.
    """
    for (is_missing, _), group in itertools.groupby(differences, lambda one: (one.is_missing_layer, one.after)):
        gap = list(group)
        if is_missing and len(gap) >= 3:
            yield gap
        else:
            yield from ([one] for one in gap)
