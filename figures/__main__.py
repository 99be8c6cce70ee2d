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

DEFAULT_FOLDER = Path(__file__).resolve().parent.parent / "source" / "unet" / "images"


def main(arguments=None):
    """Read the command line and do what it asks."""
    parser = argparse.ArgumentParser(prog="python -m figures", description=__doc__)
    parser.add_argument("--out", type=Path, default=DEFAULT_FOLDER, metavar="DIR", help="folder to draw into")
    parser.add_argument("--alt", action="store_true", help="print the alt texts and draw nothing")
    options = parser.parse_args(arguments)

    if options.alt:
        for module in FIGURES:
            print(f"{module.FILE_NAME}: {module.ALT_TEXT}")
        return

    options.out.mkdir(parents=True, exist_ok=True)
    for module in FIGURES:
        path = options.out / module.FILE_NAME
        with style.fixed_settings():
            style.save(module.draw(), path, module.ALT_TEXT)
        print(path)


if __name__ == "__main__":
    main()
