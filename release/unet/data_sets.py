"""Real CARLA sets for the notebook: download one, convert one, check one.

    python data_sets.py fetch [data]             download the public Lyft-Udacity set from Kaggle
    python data_sets.py fetch [data] --url URL   download a zip or tar file from any web server
    python data_sets.py import FOLDER [data]     convert a set in a folder
    python data_sets.py check [data]             list every faulty file

In a notebook cell write an exclamation mark before the command. What is fetched or imported ends up in the
course's layout: data/CameraRGB and data/CameraMask, masks RGBA, 8 bit, the class id in the red channel.

Needs numpy, Pillow, and beside it the modules carla, carla_classes, data_check and the folders carla_sets and
segmentation; `kagglehub` for the download from Kaggle.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from carla_sets import TABLES, check_set, fetch_from_kaggle, fetch_url, import_set
from data_check import Fault
from segmentation.errors import DataError


def _print_faults(faults: Sequence[Fault]) -> None:
    for fault in faults:
        print(f"{fault.path}: {fault.what}")
    print("What to do:")
    for remedy in dict.fromkeys(fault.remedy for fault in faults):
        print(f"  {remedy}")


def _check(options: argparse.Namespace) -> int:
    n_pairs, faults = check_set(options.data)
    if options.write_list:
        names = sorted({os.path.basename(fault.path) for fault in faults})
        Path(options.write_list).write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    if not faults:
        print(f"No faults in {n_pairs:,} pair{'' if n_pairs == 1 else 's'} in {Path(options.data).resolve()}.")
        return 0
    _print_faults(faults)
    print(f"{len(faults):,} fault{'' if len(faults) == 1 else 's'}, {n_pairs:,} pairs.", end=" ")
    if options.write_list:
        how = f'find_pairs(image_path, mask_path, leave_out="{options.write_list}")'
        print(f"Their names are in {options.write_list}: {how}")
    else:
        print("To leave these files out, write their names to a list:  --write-list faulty.txt")
    return 1


def _import(options: argparse.Namespace) -> int:
    faults = import_set(options.folder, options.data, options.table)
    if faults:
        _print_faults(faults)
    return 1 if faults else 0


def _fetch(options: argparse.Namespace) -> int:
    if options.url:
        faults = fetch_url(options.url, options.data, options.sha256, options.table)
    else:
        faults = fetch_from_kaggle(options.data, options.table)
    if faults:
        _print_faults(faults)
    return 1 if faults else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch, import or check a set from the command line.

    Args:
        arguments: sequence of str, or None for those of the command line.

    Returns:
        int, the exit status: 0, 1 for faults or an error, 130 for Ctrl-C.
    """
    parser = argparse.ArgumentParser(description="Real CARLA sets: download, convert and check them.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    fetch = commands.add_parser("fetch", help="download a set and import it")
    fetch.add_argument("data", nargs="?", default="data", help="where it goes (default: data)")
    fetch.add_argument("--url", help="a zip or tar file on a web server (default: the Lyft-Udacity set on Kaggle)")
    fetch.add_argument("--sha256", help="SHA-256 of the file, in hexadecimal")
    fetch.set_defaults(run=_fetch)
    convert = commands.add_parser("import", help="convert a set to the course's layout")
    convert.add_argument("folder", help="the folder that holds the set")
    convert.add_argument("data", nargs="?", default="data", help="where it goes (default: data)")
    convert.set_defaults(run=_import)
    for command in (fetch, convert):
        command.add_argument(
            "--table", choices=("auto", *TABLES), default="auto", help="how its masks name classes (default: auto)"
        )
    check = commands.add_parser("check", help="list every faulty file of a set")
    check.add_argument("data", nargs="?", default="data", help="folder with CameraRGB and CameraMask (default: data)")
    check.add_argument("--write-list", metavar="FILE", help="write the names of the faulty files there, one per line")
    check.set_defaults(run=_check)
    options = parser.parse_args(arguments)
    if getattr(options, "sha256", None) and not options.url:
        parser.error("--sha256 needs --url")
    try:
        return options.run(options)
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Cannot read or write {error.filename or options.data}: {error.strerror or error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "Stopped. All files written so far are complete; run the same command again to go on from there.",
            file=sys.stderr,
        )
        return 130


if __name__ == "__main__":
    sys.exit(main())
