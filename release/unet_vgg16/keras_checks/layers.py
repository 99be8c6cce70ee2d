"""The layers of a network, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Layer", "LayerReference"]


@dataclass(frozen=True)
class LayerReference:
    """What tells one layer of a network from the others.

    Attributes:
        kind: str, the class name of the layer.
        number: int, its row in the printed summary, from 1; None for an operation that is no layer.
        position: int, its position in the compared network, from 0; None where unknown.
    """

    kind: str
    number: int | None
    position: int | None = None

    def __str__(self) -> str:
        return f"layer {self.number} ({self.kind})" if self.number else f"the operation {self.kind}"


@dataclass
class Layer:
    """One layer of a network.

    Attributes:
        kind: str, the class name of the layer, for instance ``"Conv2D"``.
        number: int, the row of the printed summary that shows it, from 1; None for an operation that is no layer.
        arguments: dict, the layer's arguments under their Keras names; only what is known.
        shape: tuple, the output shape with None for the batch; None where unknown.
        parameters: int, the number of weights; None where unknown.
        sources: list of int, positions (from 0) of the layers that feed this one, in order; None where unknown.
        block: str, the name of the model that it stands in, where that model is used as a layer; else None.
    """

    kind: str
    number: int | None
    arguments: dict[str, Any] = field(default_factory=dict)
    shape: Any = None
    parameters: int | None = None
    sources: list[int] | None = None
    block: str | None = field(default=None, compare=False)

    def reference(self, position: int | None = None) -> LayerReference:
        """The layer's identity, apart from what it computes.

        Args:
            position: int, its position in its network, from 0.

        Returns:
            LayerReference.
        """
        return LayerReference(self.kind, self.number, position)

    def __str__(self) -> str:
        return str(self.reference())
