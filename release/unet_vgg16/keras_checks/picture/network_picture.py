"""A picture of a network that shows itself in a notebook."""

from __future__ import annotations

from typing import Any

from keras_checks.comparison import compare
from keras_checks.picture.drawing import draw
from keras_checks.summarising import summary

__all__ = ["NetworkPicture", "draw_network"]


class NetworkPicture:
    """A picture of a network and its description in words.

    Attributes:
        markup: str, an ``<svg>`` element.
        description: str, what it shows, for where HTML cannot be shown.
    """

    def __init__(self, markup: str, description: str):
        self.markup = markup
        self.description = description

    def __repr__(self) -> str:
        return self.description

    def _repr_html_(self) -> str:
        return self.markup


def draw_network(model: Any, title: str = "Your network") -> NetworkPicture:
    """Draw a model as a U: encoder, bottleneck, decoder and skip connections, with the shape after each layer.

    A network without this form is drawn in rows.

    Args:
        model: keras.Model, functional or sequential and built.
        title: str, the heading.

    Returns:
        NetworkPicture: an SVG image; the pointer on a box shows its layer and the shape that it returns.

    Raises:
        TypeError: if ``model`` is no Keras model whose layers are connected.
    """
    rows = summary(model)
    facts = f"{len(rows)} layers, {model.count_params():,} parameters"
    # What is drawn is a comparison with itself: that nothing differs is no news.
    return NetworkPicture(
        draw(compare(rows, rows), title=title, subtitle=facts), f"{title}, drawn layer by layer: {facts}."
    )
