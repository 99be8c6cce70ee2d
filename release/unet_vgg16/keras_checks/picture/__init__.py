"""Draw a learner's own network as a U and mark the layers in which it is not the expected one.

    from keras_checks import compare, draw, summary

    draw(compare(summary(my_model), expected_rows), title="My network")

``draw`` returns an SVG image as a string that can stand in any HTML page. The encoder goes down on the left, the
bottleneck is at the bottom, the decoder goes up on the right, and skip connections are the horizontal lines between
them. A network that has no such form is drawn as rows of layers instead, and each layer says which ones feed it.

What is wrong has a thick border, a cross with a letter, words in the box, and a sentence beside the same letter under
the picture; missing layers stand as dashed boxes where they belong.
"""

from keras_checks.picture.drawing import draw
from keras_checks.picture.network_picture import NetworkPicture, draw_network

__all__ = ["NetworkPicture", "draw", "draw_network"]
