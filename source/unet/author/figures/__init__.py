"""The diagrams of the assignment ``unet``. ``scene`` is the small street that two of them show."""

from . import (
    conv_block,
    fcn_and_unet,
    one_hot_and_sparse,
    segmentation,
    skip_connection,
    transposed_convolution,
    unet_2015,
    unet_assignment,
    upsampling_block,
)

# In the order in which the notebook shows them.
FIGURES = (
    segmentation,
    fcn_and_unet,
    transposed_convolution,
    unet_2015,
    skip_connection,
    unet_assignment,
    conv_block,
    upsampling_block,
    one_hot_and_sparse,
)
