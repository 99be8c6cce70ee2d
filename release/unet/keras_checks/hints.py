"""Hints: the likely cause of a difference, and what to do about it.

What stands here holds for every Keras network. An assignment knows more of its own: it gives a table of hints with its
expected rows (``ExpectedSummary``) or with its rubric (``Exercise``). A table's keys, the first that fits counts:

=============================  ==========================================================================
key                            fits
=============================  ==========================================================================
``"Conv2D.padding=same"``      this argument of this class, where this value is expected
``"Conv2D.padding"``           this argument of this class
``"padding=same"``             this argument of any class, where this value is expected
``"padding"``                  this argument of any class; ``"shape"`` and ``"parameters"`` as well
``"missing Dropout"``          a layer of this class that is not there; also ``"extra ..."``, ``"replaced ..."``
``"Dropout.layer"``            each of these three
``"Concatenate.inputs"``       a layer of this class that is fed by other layers than expected
``"inputs.order"``             the right inputs in another order
``"inputs.fewer"``             fewer inputs than expected
``"inputs.from Dropout"``      an input from a layer of this class where none is expected
``"inputs.not from Dropout"``  an expected input from a layer of this class, and none such is there
``"inputs"``                   other inputs than expected
``"outputs.order"``            the right tensors returned in another order
``"outputs.number"``           more or fewer tensors returned than expected
``"outputs.other"``            as many, and others
=============================  ==========================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from keras_checks.differences import Change, Difference
from keras_checks.layers import LayerReference
from keras_checks.nouns import with_article

__all__ = ["Hints", "hint_for"]

Hints = Mapping[str, str]

_DEFAULT_INITIALIZER = "GlorotUniform"


def hint_for(difference: Difference, *tables: Hints) -> str:
    """The hint for a difference.

    Args:
        difference: Difference.
        *tables: Hints, those of the assignment; the first table that has anything to say counts.

    Returns:
        str, a sentence; the one that holds for every Keras network where no table has one.
    """
    for table in tables:
        for key in _keys(difference):
            if key in table:
                return table[key]
    return _usual_hint(difference)


def _keys(difference: Difference) -> Iterator[str]:
    kind, attribute = difference.kind, difference.attribute
    match difference.change:
        case Change.MISSING | Change.EXTRA | Change.REPLACED:
            yield f"{difference.change} {kind}"
            yield f"{kind}.{attribute}"
        case Change.ARGUMENT | Change.DERIVED:
            for name in (f"{kind}.{attribute}", attribute):
                yield f"{name}={difference.expected_value}"
                yield name
        case Change.INPUTS:
            yield f"{kind}.{attribute}"
            yield from (f"{attribute}.{detail}" for detail in _input_details(difference))
            yield attribute
        case Change.OUTPUTS:
            yield f"{attribute}.{_output_detail(difference)}"


def _input_details(difference: Difference) -> Iterator[str]:
    wanted, got = difference.expected_sources, difference.found_sources
    if len(wanted) > 1 and _are_reordered(wanted, got):
        yield "order"
        return
    if len([source for source in got if source]) < len(wanted):
        yield "fewer"
        return
    wanted_kinds, got_kinds = ([source.kind for source in sources if source] for sources in (wanted, got))
    yield from (f"from {kind}" for kind in got_kinds if kind not in wanted_kinds)
    yield from (f"not from {kind}" for kind in wanted_kinds if kind not in got_kinds)


def _output_detail(difference: Difference) -> str:
    if _are_reordered(difference.expected_sources, difference.found_sources):
        return "order"
    return "other" if len(difference.expected_sources) == len(difference.found_sources) else "number"


def _are_reordered(some: Sequence[LayerReference | None], others: Sequence[LayerReference | None]) -> bool:
    def positions(sources: Sequence[LayerReference | None]) -> list[str]:
        return sorted(str(source and source.position) for source in sources)

    return positions(some) == positions(others)


def _usual_hint(difference: Difference) -> str:
    kind = difference.kind
    match difference.change:
        case Change.MISSING:
            return "Is it created, called on a tensor, and is its result used by the next layer?"
        case Change.EXTRA if kind == "Activation":
            return "Pass the activation to the layer itself, and only where the exercise asks for one."
        case Change.EXTRA:
            return "The exercise does not ask for this layer."
        case Change.REPLACED:
            return f"The exercise asks for {with_article(kind)} in this place."
        case Change.INPUTS:
            return _usual_hint_on_inputs(difference)
        case Change.OUTPUTS:
            wanted, got = len(difference.expected_sources), len(difference.found_sources)
            return {
                "order": "These are the right tensors in the wrong order.",
                "number": f"{wanted} tensors are expected and {got} returned.",
                "other": "Is each of these the tensor that the exercise asks for?",
            }[_output_detail(difference)]
        case Change.NO_MODEL:
            return "Make a model of the tensors: return tf.keras.Model(inputs=..., outputs=...)."
    return _usual_hint_on_argument(difference)


def _usual_hint_on_inputs(difference: Difference) -> str:
    detail = next(_input_details(difference), "")
    if detail == "order":
        return "These are the right tensors in the wrong order."
    if detail == "fewer":
        return "One input is missing: is every tensor that is to be joined handed over?"
    return "Each layer is called on the tensor that it is to go on from: was another variable used?"


def _usual_hint_on_argument(difference: Difference) -> str:
    attribute, wanted, got = difference.attribute, difference.expected_value, difference.found_value
    match attribute:
        case "padding":
            return f"Pass padding={wanted!r}." + (" Keras' default is 'valid'." if got == "valid" else "")
        case "activation" if wanted == "linear":
            return "Give this layer no activation."
        case "activation":
            return f"Pass activation={wanted!r}." + (" None was given." if got == "linear" else "")
        case "kernel_initializer" if wanted == _DEFAULT_INITIALIZER:
            return "Leave kernel_initializer at Keras' default in this layer."
        case "kernel_initializer":
            name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(wanted)).lower()
            return f"Pass kernel_initializer={name!r}." + (" None was given." if got == _DEFAULT_INITIALIZER else "")
        case "dilation_rate" if set(wanted if isinstance(wanted, tuple) else [wanted]) == {1}:
            return "Leave dilation_rate at Keras' default."
        case "use_bias" if wanted is True:
            return "Leave use_bias at Keras' default."
        case "calls":
            return "Make a new layer for every step: a layer that is used twice shares its weights."
        case "shape":
            return "Follow the shapes from the top: an input size, a stride or a pooling step is not the expected one."
        case "parameters":
            return (
                "The number of weights depends on kernel_size, filters and the channels that come in: "
                "one of them is not the expected one."
            )
    return f"Check the argument {attribute} of this layer."
