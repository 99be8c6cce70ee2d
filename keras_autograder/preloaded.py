"""What the processes that grade import before they are forked, and what they do without."""

import sys

# jsonschema would use it to check a kind of address that no notebook has, and importing it takes seconds.
sys.modules.setdefault("rfc3987_syntax", None)

import keras_autograder.parallel.workers  # noqa: E402, F401
