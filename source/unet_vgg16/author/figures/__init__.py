"""The diagram of the assignment ``unet_vgg16``."""

from . import unet_vgg16

FIGURES = (unet_vgg16,)
