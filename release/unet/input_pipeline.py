"""From pairs of file names to batches: each pair is read and shrunk once, kept as bytes, and scaled on its way out.

The order of the steps is what makes it fast: what is the same in every epoch (reading, decoding, shrinking) stands
before the cache, what differs (order, flips) behind it. Bytes in place of floats keep the cache at a quarter of its
size.
"""

import tensorflow as tf


def cache_pairs(image_paths, mask_paths, read, shrink):
    """Read pairs in parallel, when they are first asked for, and keep them in memory as bytes.

    Arguments:
        image_paths: sequence of str.
        mask_paths: sequence of str; entry k is the mask of image k.
        read: function of two file names that gives an image as float32 in [0, 1] and a mask of class ids as uint8.
        shrink: function of what ``read`` gives that gives both at the size of the network.

    Returns:
        tf.data.Dataset: of (image, mask), both uint8: 0 to 255, and class ids. In the order of the lists.

    Raises:
        ValueError: the lists are empty or differ in length.
    """
    if not len(image_paths) or len(image_paths) != len(mask_paths):
        raise ValueError(f"{len(image_paths)} images and {len(mask_paths)} masks: as many of both are needed, and some")

    def as_bytes(image_path, mask_path):
        image, mask = shrink(*read(image_path, mask_path))
        return tf.image.convert_image_dtype(image, tf.uint8, saturate=True), mask

    names = tf.data.Dataset.from_tensor_slices((list(image_paths), list(mask_paths)))
    return names.map(as_bytes, num_parallel_calls=tf.data.AUTOTUNE).cache()


def training_batches(pairs, batch_size, buffer_size, seed=0, flip=True):
    """Shuffle pairs anew in each epoch, flip every second one left to right, and hand them out in batches.

    Arguments:
        pairs: tf.data.Dataset of (image, mask), as ``cache_pairs`` gives it.
        batch_size: int, pairs in a batch; the last batch of an epoch may hold fewer.
        buffer_size: int, pairs that the next one is drawn from.
        seed: int; the same seed gives the same batches in the same epochs.
        flip: bool, whether pairs are flipped. A street seen in a mirror is a street as well; a number plate is not.

    Returns:
        tf.data.Dataset: of (images, masks): float32 in [0, 1] of shape (batch, height, width, 3), and uint8 of shape
        (batch, height, width, 1).
    """
    batches = pairs.shuffle(buffer_size, seed=seed).batch(batch_size)
    if flip:
        seeds = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True).batch(2)
        batches = tf.data.Dataset.zip(batches, seeds).map(_flip_some, num_parallel_calls=tf.data.AUTOTUNE)
    return batches.map(_scale, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def validation_batches(pairs, batch_size):
    """Hand pairs out in batches, in their order and as they are.

    Arguments:
        pairs: tf.data.Dataset of (image, mask), as ``cache_pairs`` gives it.
        batch_size: int, pairs in a batch; the last one may hold fewer.

    Returns:
        tf.data.Dataset: as that of ``training_batches``.
    """
    return pairs.batch(batch_size).map(_scale, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def _scale(images, masks):
    return tf.image.convert_image_dtype(images, tf.float32), masks


def _flip_some(pair, seed):
    images, masks = pair
    flipped = tf.random.stateless_uniform((tf.shape(images)[0], 1, 1, 1), seed) < 0.5
    # Image and mask together, or the mask would be that of another street.
    return tf.where(flipped, images[:, :, ::-1], images), tf.where(flipped, masks[:, :, ::-1], masks)
