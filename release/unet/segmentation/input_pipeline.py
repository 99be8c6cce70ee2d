"""From examples to batches: image and mask are read and shrunk once, kept as bytes, and scaled on their way out.

The order of the steps is what makes it fast: what is the same in every epoch (reading, decoding, shrinking) stands
before the cache, what differs (order, flips) behind it. Bytes in place of floats keep the cache at a quarter of its
size. A pixel's red, green, blue and class id are the four bytes of one number: image and mask cannot come apart, and
are flipped in one go, several times as fast as byte by byte.
"""

from collections.abc import Callable, Sequence

import tensorflow as tf

from .processors import usable_processors


def cache_pairs(
    image_paths: Sequence[str], mask_paths: Sequence[str], read: Callable, shrink: Callable
) -> tf.data.Dataset:
    """Read pairs of files in parallel, when they are first asked for, and keep them in memory as bytes.

    Args:
        image_paths: sequence of str.
        mask_paths: sequence of str; entry k is the mask of image k.
        read: function of two file names that gives an image as float32 in [0, 1] and a mask of class ids as uint8.
        shrink: function of what ``read`` gives that gives both at the size of the network.

    Returns:
        tf.data.Dataset: as that of ``cache_examples``, in the order of the lists.

    Raises:
        ValueError: the lists are empty or differ in length.
    """
    if not len(image_paths) or len(image_paths) != len(mask_paths):
        raise ValueError(
            f"{len(image_paths)} images and {len(mask_paths)} masks: equal numbers of both are needed, and at least one"
        )

    def read_and_shrink(image_path: tf.Tensor, mask_path: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return shrink(*read(image_path, mask_path))

    names = tf.data.Dataset.from_tensor_slices((list(image_paths), list(mask_paths)))
    return cache_examples(names, read_and_shrink)


def cache_examples(examples: tf.data.Dataset, shrink: Callable) -> tf.data.Dataset:
    """Shrink examples in parallel, when they are first asked for, and keep them in memory as bytes.

    Args:
        examples: tf.data.Dataset of pairs, such as (image, mask).
        shrink: function of the two parts of an example that gives an image as float32 in [0, 1], (height, width, 3),
            and a mask of class ids as uint8, (height, width, 1), both at the size of the network.

    Returns:
        tf.data.Dataset: of pairs in the order of the examples, for the two functions below. A pair is an int32 array
        (height, width), each number made of the bytes red, green, blue, class id.
    """

    def packed(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
        image, mask = shrink(first, second)
        return tf.bitcast(tf.concat([tf.image.convert_image_dtype(image, tf.uint8, saturate=True), mask], -1), tf.int32)

    # Not AUTOTUNE: by the time it has found out that reading is slow, the pictures have been read.
    return examples.map(packed, num_parallel_calls=usable_processors()).cache()


def training_batches(
    pairs: tf.data.Dataset,
    batch_size: int,
    buffer_size: int,
    seed: int = 0,
    flip: bool = True,
    preprocess: Callable | None = None,
) -> tf.data.Dataset:
    """Shuffle pairs anew in each epoch, flip half of them at random from left to right, and return them in batches.

    Args:
        pairs: tf.data.Dataset, as ``cache_pairs`` and ``cache_examples`` give it.
        batch_size: int, pairs in a batch; the last batch of an epoch may hold fewer.
        buffer_size: int, pairs that the next one is drawn from.
        seed: int; the same seed gives the same batches in the same epochs.
        flip: bool, whether pairs are flipped. The mirror image has to look like what is to be learnt: that of a street
            does, that of a word does not.
        preprocess: function of a batch of images, float32 in [0, 1], that gives what the network takes; or None.

    Returns:
        tf.data.Dataset: of (images, masks): float32 in [0, 1] of shape (batch, height, width, 3), or what
        ``preprocess`` made of it; and uint8 of shape (batch, height, width, 1).
    """
    batches = pairs.shuffle(buffer_size, seed=seed).batch(batch_size)
    if flip:
        seeds = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True).batch(2)
        batches = tf.data.Dataset.zip(batches, seeds).map(_flip_some, num_parallel_calls=tf.data.AUTOTUNE)
    return _handed_out(batches, preprocess)


def validation_batches(pairs: tf.data.Dataset, batch_size: int, preprocess: Callable | None = None) -> tf.data.Dataset:
    """Return pairs in batches, in their order and as they are.

    Args:
        pairs: tf.data.Dataset, as ``cache_pairs`` and ``cache_examples`` give it.
        batch_size: int, pairs in a batch; the last one may hold fewer.
        preprocess: as for ``training_batches``.

    Returns:
        tf.data.Dataset: as that of ``training_batches``.
    """
    return _handed_out(pairs.batch(batch_size), preprocess)


def _handed_out(batches: tf.data.Dataset, preprocess: Callable | None) -> tf.data.Dataset:
    def unpacked(batch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        values = tf.bitcast(batch, tf.uint8)
        images = tf.image.convert_image_dtype(values[..., :3], tf.float32)
        return images if preprocess is None else preprocess(images), values[..., 3:]

    return batches.map(unpacked, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def _flip_some(batch: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    is_flipped = tf.random.stateless_uniform((tf.shape(batch)[0], 1, 1), seed) < 0.5
    return tf.where(is_flipped, tf.reverse(batch, [2]), batch)
