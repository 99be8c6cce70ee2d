"""From pairs of file names to batches: each pair is read and shrunk once, kept as bytes, and scaled on its way out.

The order of the steps is what makes it fast: what is the same in every epoch (reading, decoding, shrinking) stands
before the cache, what differs (order, flips) behind it. Bytes in place of floats keep the cache at a quarter of its
size. A pixel's red, green, blue and class id are the four bytes of one number: image and mask cannot come apart, and
are flipped in one go, several times as fast as byte by byte.
"""

import tensorflow as tf

from processors import usable_processors


def cache_pairs(image_paths, mask_paths, read, shrink):
    """Read pairs in parallel, when they are first asked for, and keep them in memory as bytes.

    Arguments:
        image_paths: sequence of str.
        mask_paths: sequence of str; entry k is the mask of image k.
        read: function of two file names that gives an image as float32 in [0, 1] and a mask of class ids as uint8.
        shrink: function of what ``read`` gives that gives both at the size of the network.

    Returns:
        tf.data.Dataset: of pairs in the order of the lists, for the two functions below. A pair is an int32 array
        (height, width), each number made of the bytes red, green, blue, class id.

    Raises:
        ValueError: the lists are empty or differ in length.
    """
    if not len(image_paths) or len(image_paths) != len(mask_paths):
        raise ValueError(f"{len(image_paths)} images and {len(mask_paths)} masks: as many of both are needed, and some")

    def packed(image_path, mask_path):
        image, mask = shrink(*read(image_path, mask_path))
        return tf.bitcast(tf.concat([tf.image.convert_image_dtype(image, tf.uint8, saturate=True), mask], -1), tf.int32)

    names = tf.data.Dataset.from_tensor_slices((list(image_paths), list(mask_paths)))
    # Not AUTOTUNE: by the time it has found out that reading is slow, the pictures are read.
    return names.map(packed, num_parallel_calls=usable_processors()).cache()


def training_batches(pairs, batch_size, buffer_size, seed=0, flip=True):
    """Shuffle pairs anew in each epoch, flip every second one left to right, and hand them out in batches.

    Arguments:
        pairs: tf.data.Dataset, as ``cache_pairs`` gives it.
        batch_size: int, pairs in a batch; the last batch of an epoch may hold fewer.
        buffer_size: int, pairs that the next one is drawn from.
        seed: int; the same seed gives the same batches in the same epochs.
        flip: bool, whether pairs are flipped. A street seen in a mirror is a street as well; a number plate is not.

    Returns:
        tf.data.Dataset: of (images, masks): float32 in [0, 1] of shape (batch, height, width, 3), and uint8 of shape
        (batch, height, width, 1).
    """
    batches = pairs.shuffle(buffer_size, seed=seed).batch(batch_size)
    if not flip:
        return _handed_out(batches, _unpacked)
    seeds = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True).batch(2)
    return _handed_out(tf.data.Dataset.zip(batches, seeds), lambda batch, seed: _unpacked(_flip_some(batch, seed)))


def validation_batches(pairs, batch_size):
    """Hand pairs out in batches, in their order and as they are.

    Arguments:
        pairs: tf.data.Dataset, as ``cache_pairs`` gives it.
        batch_size: int, pairs in a batch; the last one may hold fewer.

    Returns:
        tf.data.Dataset: as that of ``training_batches``.
    """
    return _handed_out(pairs.batch(batch_size), _unpacked)


def _handed_out(batches, unpack):
    return batches.map(unpack, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def _flip_some(batch, seed):
    is_flipped = tf.random.stateless_uniform((tf.shape(batch)[0], 1, 1), seed) < 0.5
    return tf.where(is_flipped, tf.reverse(batch, [2]), batch)


def _unpacked(batch):
    values = tf.bitcast(batch, tf.uint8)
    return tf.image.convert_image_dtype(values[..., :3], tf.float32), values[..., 3:]
