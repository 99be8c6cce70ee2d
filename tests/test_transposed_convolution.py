"""The transposed convolution on small numbers: Keras gets the same, and the picture shows what is computed."""

import numpy as np
import pytest

from transposed_convolution import placed_products, transposed_convolution, transposed_convolution_steps

VALUES, KERNEL = [[1, 2], [3, 4]], [[1, 2, 0], [0, 1, 3], [2, 0, 1]]


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (2, 5), (6, 3)])
def test_it_is_what_keras_computes(padding, stride, size):
    import keras

    rng = np.random.default_rng(0)
    values, kernel = rng.normal(size=(2, 3)), rng.normal(size=size)
    layer = keras.layers.Conv2DTranspose(1, size, strides=stride, padding=padding, use_bias=False)
    layer.build((1, 2, 3, 1))
    layer.set_weights([kernel[..., np.newaxis, np.newaxis]])
    expected = np.array(layer(values[np.newaxis, ..., np.newaxis].astype("float32")).numpy())[0, ..., 0]
    found = transposed_convolution(values, kernel, stride, padding)
    assert found.shape == expected.shape and np.allclose(found, expected, atol=1e-5)


def test_products_lie_as_far_apart_as_the_stride():
    products, covered = placed_products(VALUES, KERNEL, 2)
    assert products.shape == (2, 2, 5, 5)
    assert (products[1, 0, 2:, :3] == 3 * np.array(KERNEL)).all()
    assert covered[1, 0].sum() == 9 and covered[1, 0, 2:, :3].all()
    assert covered.sum(axis=(0, 1)).max() == 4


def words_on(picture):
    return [text.get_text() for text in picture.figure.axes[0].texts]


@pytest.mark.parametrize(
    ("padding", "words", "result", "hatched"),
    [
        ("same", "crops the hatched cells: 4×4 = stride × input", "[1 2 2 4; 0 1 3 2; 5 6 9 8; 0 3 9 4]", 9),
        ("valid", "crops nothing here", "[1 2 2 4 0; 0 1 3 2 6; 5 6 9 8 2; 0 3 9 4 12; 6 0 11 0 4]", 0),
    ],
)
def test_steps(padding, words, result, hatched):
    picture = transposed_convolution_steps(VALUES, KERNEL, padding=padding)
    shown = words_on(picture)
    assert {"input 2×2", "filter 3×3", "1 × filter", "4 × filter", "sum 5×5"} <= set(shown)
    assert any(words in text for text in shown)
    assert f"the output is {result}." in picture.description
    assert "9 cells of it add more than one product" in picture.description
    assert sum(patch.get_hatch() is not None for patch in picture.figure.axes[0].patches) == hatched
    # Input, filter, four products of nine numbers each, the sum, the output.
    numbers = [text for text in shown if text.lstrip("-").isdigit()]
    assert len(numbers) == 4 + 9 + 4 * 9 + 25 + len(result.split())


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (([1, 2], KERNEL), r"values must be a matrix.*\(2,\)"),
        ((VALUES, []), "kernel must be a matrix"),
        ((VALUES, [["a"]]), "kernel must be a matrix"),
        ((VALUES, KERNEL, 0), "stride must be a whole number of at least 1, not 0"),
        ((VALUES, KERNEL, 1.5), "not 1.5"),
        ((VALUES, KERNEL, 2, "full"), "not 'full'"),
        ((np.ones((4, 3)), KERNEL), "12 elements .* too many to draw"),
        ((VALUES, np.ones((11, 11))), "an output of 13×13"),
    ],
)
def test_refused(arguments, expected):
    with pytest.raises(ValueError, match=expected):
        transposed_convolution_steps(*arguments)
