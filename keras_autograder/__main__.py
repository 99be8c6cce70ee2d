"""Commands around nbgrader's own, as ``python -m keras_autograder <command> ...``."""

import sys

from keras_autograder.commands.command_line import main

if __name__ == "__main__":
    sys.exit(main())
