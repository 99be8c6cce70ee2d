"""From pairs of files to batches: in pairs, as bytes, scaled once, flipped together, the same from the same seed."""

import numpy as np
import pytest
from PIL import Image

tf = pytest.importorskip("tensorflow")

from segmentation import input_pipeline  # noqa: E402

N = 10


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Pairs whose images say which pair they are: image k is k everywhere, but for a bright left half."""
    folder = tmp_path_factory.mktemp("pairs")
    for number in range(N):
        image = np.full((8, 8, 4), number, np.uint8)
        image[:, :4, 0] = 200
        mask = np.zeros((8, 8, 4), np.uint8)
        mask[:, :4, 0], mask[:, 4:, 0] = number, 22
        Image.fromarray(image).save(folder / f"image{number}.png")
        Image.fromarray(mask).save(folder / f"mask{number}.png")
    return [str(folder / f"image{k}.png") for k in range(N)], [str(folder / f"mask{k}.png") for k in range(N)]


def read(image_path, mask_path):
    image = tf.image.decode_png(tf.io.read_file(image_path), channels=3)
    mask = tf.image.decode_png(tf.io.read_file(mask_path), channels=3)
    return tf.image.convert_image_dtype(image, tf.float32), tf.math.reduce_max(mask, axis=-1, keepdims=True)


def shrink(image, mask):
    return tf.image.resize(image, (4, 4), method="area"), tf.image.resize(mask, (4, 4), method="nearest")


@pytest.fixture(scope="module")
def pairs(files):
    return input_pipeline.cache_pairs(*files, read, shrink)


def epochs_of(batches, count):
    return [[(images.numpy(), masks.numpy()) for images, masks in batches] for _ in range(count)]


def test_pairs_are_kept_as_bytes_and_in_order(pairs):
    assert pairs.element_spec.dtype == tf.int32 and len(pairs) == N
    for number, pair in enumerate(pairs):
        assert pair.shape == (4, 4)
        assert pair.numpy()[0, 3].tobytes() == bytes([number, number, number, 22])
        assert pair.numpy()[0, 0].tobytes() == bytes([200, number, number, number])


def test_files_are_read_once(files):
    reads = []

    def counting(image_path, mask_path):
        tf.py_function(lambda path: reads.append(path), [image_path], [])
        return read(image_path, mask_path)

    batches = input_pipeline.training_batches(input_pipeline.cache_pairs(*files, counting, shrink), 4, N)
    epochs_of(batches, 3)
    assert len(reads) == N


def test_images_are_scaled_once_and_masks_are_not(pairs):
    for images, masks in input_pipeline.validation_batches(pairs, 4):
        assert images.dtype == tf.float32 and masks.dtype == tf.uint8
        assert float(tf.reduce_max(images)) == pytest.approx(200 / 255)
        assert int(tf.reduce_max(masks)) == 22


def test_bytes_lose_less_than_half_a_grey_level(files):
    names = tf.data.Dataset.from_tensor_slices(files)
    exact = names.map(read).map(shrink)
    kept = input_pipeline.validation_batches(input_pipeline.cache_pairs(*files, read, shrink), 1)
    for (image, mask), (images, masks) in zip(exact, kept, strict=True):
        assert np.abs(image - images[0]).max() <= 0.5 / 255 + 1e-6
        assert np.array_equal(mask, masks[0])


def test_validation_is_in_order_and_whole(pairs):
    batches = list(input_pipeline.validation_batches(pairs, 4))
    assert [len(images) for images, _ in batches] == [4, 4, 2]
    assert [int(mask[0, 0, 0]) for _, masks in batches for mask in masks] == list(range(N))


def test_training_sees_every_pair_once_an_epoch_in_another_order(pairs):
    batches = input_pipeline.training_batches(pairs, 4, N, seed=3)
    assert len(batches) == 3
    orders = [[int(min(mask.ravel())) for _, masks in epoch for mask in masks] for epoch in epochs_of(batches, 3)]
    assert all(sorted(order) == list(range(N)) for order in orders)
    assert orders[0] != orders[1] != orders[2]


def test_image_and_mask_are_flipped_together_about_every_second_time(pairs):
    flipped = 0
    for epoch in epochs_of(input_pipeline.training_batches(pairs, 4, N, seed=0), 20):
        for images, masks in epoch:
            for image, mask in zip(images, masks, strict=True):
                is_flipped = image[0, 0, 0] < image[0, 3, 0]
                assert is_flipped == (mask[0, 0, 0] == 22)
                flipped += is_flipped
    assert 60 < flipped < 140


def test_without_flips_nothing_is_flipped(pairs):
    for epoch in epochs_of(input_pipeline.training_batches(pairs, 4, N, flip=False), 3):
        assert all((masks[:, 0, 3] == 22).all() for _, masks in epoch)


@pytest.mark.parametrize("flip", [True, False])
def test_the_same_seed_gives_the_same_batches(pairs, flip):
    runs = []
    for seed in (1, 1, 2):
        made = epochs_of(input_pipeline.training_batches(pairs, 4, N, seed=seed, flip=flip), 2)
        runs.append([array for epoch in made for batch in epoch for array in batch])
    same = [np.array_equal(one, other) for one, other in zip(runs[0], runs[1], strict=True)]
    assert all(same)
    assert not all(np.array_equal(one, other) for one, other in zip(runs[0], runs[2], strict=True))


@pytest.mark.parametrize("images, masks", [([], []), (["a.png"], []), (["a.png"], ["b.png", "c.png"])])
def test_lists_that_are_no_pairs_are_refused(images, masks):
    with pytest.raises(ValueError, match="equal numbers of both"):
        input_pipeline.cache_pairs(images, masks, read, shrink)


def test_examples_of_a_dataset_become_the_same_pairs(files, pairs):
    examples = tf.data.Dataset.from_tensor_slices(files).map(read)
    made = input_pipeline.cache_examples(examples, shrink)
    assert len(made) == N and made.element_spec == pairs.element_spec
    assert all(np.array_equal(first, second) for first, second in zip(made, pairs, strict=True))


def test_images_are_preprocessed_after_scaling_and_masks_are_not(pairs):
    def preprocess(images):
        return 255 * images[..., ::-1] - 100

    for plain, made in (
        (input_pipeline.validation_batches(pairs, 4), input_pipeline.validation_batches(pairs, 4, preprocess)),
        (
            input_pipeline.training_batches(pairs, 4, N, seed=3),
            input_pipeline.training_batches(pairs, 4, N, seed=3, preprocess=preprocess),
        ),
    ):
        for (images, masks), (preprocessed, same_masks) in zip(plain, made, strict=True):
            assert np.allclose(preprocess(images.numpy()), preprocessed, atol=1e-3)
            assert preprocessed.dtype == tf.float32 and np.array_equal(masks, same_masks)
