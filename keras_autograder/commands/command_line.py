"""Read the command line and run the command that it names."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from keras_autograder.commands import check, demonstration, expected, new, release, report, settings


class Command(Protocol):
    """A module of this package. Its last name is that of the command.

    Attributes:
        __name__: str.
        SENTENCE: str, what the command does.
    """

    __name__: str
    SENTENCE: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Tell the parser of the command what the command takes."""

    def run(self, options: argparse.Namespace) -> int:
        """Run the command with the parsed arguments; return the exit status."""


_COMMANDS: tuple[Command, ...] = (new, expected, release, demonstration, report, check, settings)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: sequence of str, or None for those of the command line; ``--help`` lists what there is.

    Returns:
        int, the exit status.

    Raises:
        SystemExit: if the arguments cannot be read, or after ``--help``.
    """
    parser = argparse.ArgumentParser(prog=_program(), description="Commands around nbgrader's own.")
    subparsers = parser.add_subparsers(dest="command", required=True)
    for command in _COMMANDS:
        name = command.__name__.rpartition(".")[2]
        subparser = subparsers.add_parser(name, help=command.SENTENCE, description=command.SENTENCE)
        command.add_arguments(subparser)
        subparser.set_defaults(run=command.run)
    options = parser.parse_args(arguments)
    status: int = options.run(options)
    return status


def _program() -> str:
    """What was typed to get here: the installed command, or Python with this package."""
    typed = Path(sys.argv[0])
    return typed.stem if typed.stem == "keras-autograder" else "python -m keras_autograder"
