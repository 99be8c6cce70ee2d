"""What skip connections and decoder are good for: the same frame, predicted by networks that lack them.

Both simpler networks are made from the student's own work: `without_skips` from a finished model, `fcn` from a
`conv_block`. Train all of them on the same data for the same number of epochs, and draw them beside each other.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes

import carla
from segmentation import metrics
from segmentation.classes import ClassTable
from segmentation.mask_pictures import class_ids_of, colours_of, draw_mask, frame_confusion, new_panels, predict_mask
from segmentation.pictures import Picture

if TYPE_CHECKING:
    import keras

THIN_CLASSES = (
    "fence", "pedestrian", "pole", "road line", "traffic sign", "guard rail", "traffic light",
)  # fmt: skip
# Okabe and Ito (2008), with hatches: the bars differ in more than their colour.
BAR_STYLES = (("#56B4E9", "//"), ("#E69F00", ".."), ("#0072B2", ""), ("#CC79A7", "xx"), ("#F0E442", "--"))


def without_skips(model: "keras.Model") -> "keras.Model":
    """Rebuild a model without its skip connections.

    Of the tensors that a Concatenate layer joins, only the one that came the longest way, through the deepest part of
    the network, is kept. The convolution after it takes fewer channels, and so has fewer weights; all else stays. The
    weights are new: train the network before you compare it. The given model is left as it is.

    Args:
        model: functional Keras model with at least one Concatenate layer.

    Returns:
        keras.Model, not compiled, its name that of the model with "_without_skips".

    Raises:
        ValueError: the model is not functional, or joins nothing.
    """
    import keras

    if not isinstance(model, keras.models.Model) or not hasattr(model, "operations"):
        raise ValueError("without_skips needs a functional Keras model, such as unet_model returns")
    if not any(_is_concatenate(operation) for operation in model.operations):
        raise ValueError(
            f"the model {model.name!r} has no Concatenate layer: there are no skip connections to leave out"
        )
    lengths: dict[int, int] = {}  # of each new tensor: how many operations lie between it and the input

    def call(operation: Any, *arguments: Any, **keywords: Any) -> Any:
        ways = [lengths.get(id(tensor), 0) for tensor in keras.tree.flatten([arguments, keywords])]
        if _is_concatenate(operation):
            return keras.tree.flatten(arguments)[int(np.argmax(ways))]
        outputs = operation(*arguments, **keywords)
        for tensor in keras.tree.flatten(outputs):
            lengths[id(tensor)] = 1 + max(ways, default=0)
            new_tensors.append(tensor)
        return outputs

    new_tensors: list[Any] = []  # an id is only unique as long as its tensor lives
    # The clone of a compiled model would be compiled too, with metrics that may not be cloneable.
    uncompiled = keras.Model(model.input, model.output, name=f"{model.name}_without_skips")
    return keras.models.clone_model(uncompiled, call_function=call)


def _is_concatenate(operation: Any) -> bool:
    return type(operation).__name__ == "Concatenate"


def fcn(
    conv_block: Callable,
    input_size: tuple[int, int, int] = (96, 128, 3),
    n_filters: int = 32,
    n_classes: int = 23,
    dropout_prob: float = 0.3,
) -> "keras.Model":
    """Build a fully convolutional network without a decoder: encoder, scores, and one large step back to full size.

    After Long, Shelhamer and Darrell (2015), "Fully Convolutional Networks for Semantic Segmentation", whose FCN-32s
    enlarges its scores 32 times in one step; here it is 16 times, as the U-Net is no deeper. As there, the transposed
    convolution at the end is a bilinear interpolation and learns nothing.

    Args:
        conv_block: the function of exercise 1, `conv_block(inputs, n_filters, dropout_prob, max_pooling)`, which
            returns the tensor for the next block and the one before its pooling.
        input_size: (height, width, channels); height and width are multiples of 16.
        n_filters: filters of the first block; each of the four others has twice as many as the one before.
        n_classes: number of classes.
        dropout_prob: dropout rate of the two deepest blocks.

    Returns:
        keras.Model named "fcn" from images to scores, (batch, height, width, n_classes); not compiled.

    Raises:
        ValueError: the size is not a multiple of 16, or conv_block is not finished.
    """
    import keras

    if input_size[0] % 16 or input_size[1] % 16:
        raise ValueError(f"height and width are {input_size[:2]}, but both must be multiples of 16, for four halvings")
    inputs = tensor = keras.Input(input_size)
    for level in range(5):
        blocks = conv_block(
            tensor, n_filters * 2**level, dropout_prob=dropout_prob if level > 2 else 0, max_pooling=level < 4
        )
        if not isinstance(blocks, tuple | list) or len(blocks) != 2 or blocks[0] is None:
            raise ValueError(
                "conv_block does not return two tensors, next_layer and skip_connection: finish exercise 1"
            )
        tensor = blocks[0]
    if tuple(tensor.shape[1:3]) != (input_size[0] // 16, input_size[1] // 16):
        raise ValueError(
            f"after five blocks of conv_block the size is {tuple(tensor.shape[1:3])}, not a sixteenth of "
            f"{tuple(input_size[:2])}: check exercise 1"
        )
    scores = keras.layers.Conv2D(n_classes, 1, name="scores")(tensor)
    enlarge = keras.layers.Conv2DTranspose(n_classes, 32, strides=16, padding="same", trainable=False, name="enlarge")
    model = keras.Model(inputs, enlarge(scores), name="fcn")
    enlarge.set_weights([_bilinear(32, 16, n_classes), np.zeros(n_classes, np.float32)])
    return model


def _bilinear(size: int, stride: int, n_classes: int) -> np.ndarray:
    """Return the filters with which a transposed convolution interpolates bilinearly, each class for itself."""
    distances = np.abs(np.arange(size) - (size - 1) / 2) / stride
    line = np.maximum(0, 1 - distances)
    filters = np.zeros((size, size, n_classes, n_classes), np.float32)
    filters[..., range(n_classes), range(n_classes)] = np.outer(line, line)[..., np.newaxis]
    return filters


def ablation_panels(
    models: Mapping[str, "keras.Model"],
    image: Any,
    mask: Any,
    classes: ClassTable = carla.CLASSES,
    palette: str | None = None,
) -> Picture:
    """Draw the same frame as predicted by several networks, and how well each finds the thin classes.

    Args:
        models: mapping from the name of a network to its trained Keras model, such as
            {"FCN": ..., "U-Net without skips": ..., "U-Net": ...}; one to five of them.
        image: the frame as the networks take it, shape (height, width, 3).
        mask: its true mask, class ids of shape (height, width) or (height, width, 1).
        classes: ClassTable; the thin classes that it names are judged.
        palette: str, the name of one of its palettes, or None for the first.

    Returns:
        Picture: image, true mask and each prediction with the mean IoU of this frame; in the last panel the IoU of
        the thin classes that the true mask holds (fences, pedestrians, poles, road lines, signs, lights, guard rails).

    Raises:
        ValueError: there is no model or more than five, or a model does not take the image.
    """
    if not 1 <= len(models) <= len(BAR_STYLES):
        raise ValueError(f"{len(models)} models given, but one to {len(BAR_STYLES)} can be drawn side by side")
    colours, true = colours_of(image), class_ids_of(mask, classes)
    predictions = {name: predict_mask(model, colours) for name, model in models.items()}
    confusions = {name: frame_confusion(true, predicted, classes) for name, predicted in predictions.items()}
    ious = {name: metrics.class_iou(confusion) for name, confusion in confusions.items()}
    means = {name: f"{metrics.mean_iou(confusion):.3f}" for name, confusion in confusions.items()}
    present = np.unique([true, *predictions.values()])
    thin = [k for k in np.unique(true).tolist() if classes.names[k] in THIN_CLASSES]

    count = 2 + len(models) + bool(thin)
    figure, axes = new_panels(count, true.shape[0] / true.shape[1], present, classes, palette)
    axes[0].imshow(colours, interpolation="nearest")
    axes[0].set_title("image")
    draw_mask(axes[1], true, classes, palette)
    axes[1].set_title("true mask")
    for panel, (name, predicted) in zip(axes[2:], predictions.items()):
        draw_mask(panel, predicted, classes, palette)
        panel.set_title(f"{name}\nmean IoU {means[name]}", fontsize=11)
    description = f"One frame predicted by {len(models)} networks. Mean IoU: {', '.join(map(' '.join, means.items()))}."
    if thin:
        _draw_bars(axes[-1], {name: ious[name][thin] for name in models}, [classes.names[k] for k in thin])
        parts = [f"{classes.names[k]} " + ", ".join(f"{name} {ious[name][k]:.2f}" for name in models) for k in thin]
        description += f" IoU of the thin classes: {'; '.join(parts)}."
    return Picture(figure, description)


def _draw_bars(axes: Axes, values: Mapping[str, np.ndarray], names: Sequence[str]) -> None:
    """Draw {network: [IoU of each class]} as horizontal bars in groups; names are those of the classes."""
    thickness = 0.8 / len(values)
    for number, ((network, of_classes), (colour, hatch)) in enumerate(zip(values.items(), BAR_STYLES)):
        places = np.arange(len(names)) - 0.4 + (number + 0.5) * thickness
        axes.barh(
            places, of_classes, thickness, color=colour, hatch=hatch, edgecolor="black", linewidth=0.6, label=network
        )
        for place, value in zip(places, of_classes):
            axes.text(value + 0.01, place, f"{value:.2f}", va="center", fontsize=7)
    axes.set_xlim(0, 1.12)
    axes.set_xticks([0, 0.5, 1])
    axes.set_yticks(range(len(names)), names, fontsize=9)
    axes.set_ylim(len(names) - 0.5, -0.5)
    # A panel has no room around it: the labels beside and under the bars have to fit in.
    place = axes.get_position()
    axes.set_position(
        (place.x0 + 0.2 * place.width, place.y0 + 0.14 * place.height, 0.78 * place.width, 0.86 * place.height)
    )
    axes.set_title("IoU of the thin classes", fontsize=11)
    axes.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.4, -0.06), ncols=min(3, len(values)), frameon=False)
