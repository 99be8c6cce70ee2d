"""Cats and dogs that are drawn, each with its trimap.

`canvas`        outlines, light and shade, fur, and a record of which pixels belong to the pet
`coats`         breeds, and what differs from pet to pet
`figure`        parts of a pet in its own coordinate system
`heads`         heads from the front
`poses`         bodies
`backgrounds`   where the pets are
`drawing`       a picture and its trimap
`writing`       a set of them as files

Simple bodies with fur, light and shade, on the picture and on the trimap at once. As in the real set a trimap holds 1
for the pet, 2 for the background and 3 for a band along the outline, where people who trace pets by hand do not agree;
picture sizes differ; names of cats begin with a capital letter, names of dogs with a small one.
"""

from .drawing import draw_picture
from .writing import FOLDER_NAMES, TEST_SHARE, write_pets

__all__ = ["FOLDER_NAMES", "TEST_SHARE", "draw_picture", "write_pets"]
