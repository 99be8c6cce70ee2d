"""Draw every figure, or print the alt text of every figure."""

import argparse
from pathlib import Path

from figures import (
    conv_block,
    fcn_and_unet,
    one_hot_and_sparse,
    segmentation,
    skip_connection,
    style,
    transposed_convolution,
    unet_2015,
    unet_assignment,
    unet_vgg16,
    upsampling_block,
)

# In the order in which the notebooks show them.
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
    unet_vgg16,
)

SOURCE = Path(__file__).resolve().parent.parent / "source"


def folder_of(module):
    """Return the folder of images of the assignment that shows a figure; which it is, the figure may say."""
    return SOURCE / getattr(module, "ASSIGNMENT", "unet") / "images"


def main(arguments=None):
    """Read the command line and do what it asks."""
    parser = argparse.ArgumentParser(prog="python -m figures", description=__doc__)
    parser.add_argument("--out", type=Path, metavar="DIR", help="one folder for all, in place of each assignment's")
    parser.add_argument("--alt", action="store_true", help="print the alt texts and draw nothing")
    options = parser.parse_args(arguments)

    if options.alt:
        for module in FIGURES:
            print(f"{module.FILE_NAME}: {module.ALT_TEXT}")
        return

    for module in FIGURES:
        path = (options.out or folder_of(module)) / module.FILE_NAME
        path.parent.mkdir(parents=True, exist_ok=True)
        with style.fixed_settings():
            style.save(module.draw(), path, module.ALT_TEXT)
        print(path)


if __name__ == "__main__":
    main()
