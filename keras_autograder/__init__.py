"""The instructor's side of the course: authoring, demonstration class, reports. Students never need it."""

import sys

# jsonschema would use it to check a kind of address that no notebook has, and importing it takes seconds.
sys.modules.setdefault("rfc3987_syntax", None)
