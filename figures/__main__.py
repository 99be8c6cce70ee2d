"""Draw every figure, or print the alt text of every figure."""

import argparse
from pathlib import Path

from figures import style
from figures.of_assignments import SOURCE, figures_by_assignment


def figures_by_path():
    """Return every figure's module by the path of the picture that its assignment shows."""
    return {
        SOURCE / assignment / "images" / module.FILE_NAME: module
        for assignment, modules in figures_by_assignment().items()
        for module in modules
    }


def main(arguments=None):
    """Read the command line and do what it asks."""
    parser = argparse.ArgumentParser(prog="python -m figures", description=__doc__)
    parser.add_argument("--out", type=Path, metavar="DIR", help="one folder for all, in place of each assignment's")
    parser.add_argument("--alt", action="store_true", help="print the alt texts and draw nothing")
    options = parser.parse_args(arguments)

    for path, module in figures_by_path().items():
        if options.alt:
            print(f"{module.FILE_NAME}: {module.ALT_TEXT}")
            continue
        if options.out:
            path = options.out / module.FILE_NAME
        path.parent.mkdir(parents=True, exist_ok=True)
        with style.fixed_settings():
            style.save(module.draw(), path, module.ALT_TEXT)
        print(path)


if __name__ == "__main__":
    main()
