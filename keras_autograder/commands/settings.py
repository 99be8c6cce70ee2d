"""``settings``: what ``nbgrader_config.py`` can say."""

import argparse
import textwrap
from typing import Any

SENTENCE = "print the settings of grading, their defaults and what they mean"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: this command takes no arguments."""


def run(options: argparse.Namespace) -> int:
    """Print each setting with its default and an explanation."""
    from keras_autograder.nbgrader_hooks.submission_exporter import SubmissionExporter
    from keras_autograder.pool import ClassGrading
    from keras_autograder.runner.settings import GradingSettings
    from keras_autograder.sandbox.provisioner import SandboxProvisioner

    print("What nbgrader_config.py can set in addition to nbgrader's own settings, as c.<name> = <value>.\n")
    sections: dict[str, type[Any]] = {
        "ClassGrading": ClassGrading,
        "JudgedExecute": GradingSettings,
        "SandboxProvisioner": SandboxProvisioner,
        "SubmissionExporter": SubmissionExporter,
    }
    for section, owner in sections.items():
        for name, trait in owner.class_own_traits(config=True).items():
            print(f"{section}.{name} = {trait.default()!r}")
            print(textwrap.fill(trait.help.rstrip(".") + ".", 100, initial_indent="    ", subsequent_indent="    "))
    return 0
