"""Hook: keeps jsonschema from importing what checks a format that no notebook holds.

nbformat has notebooks checked by jsonschema, which imports ``rfc3987_syntax`` where it is installed, to check
internationalised web addresses. That import takes seconds, in every command and in every process that grades, and the
schemas of notebooks name no such format. jsonschema suppresses the ``ImportError`` of a missing module, and an entry
``None`` in ``sys.modules`` makes one. jsonschema would have to import it when the first such address is checked.

This module imports nothing but ``sys``: it is needed before anything imports jsonschema.
"""

import sys
from typing import Any

_FORMAT_CHECKER = "rfc3987_syntax"


def leave_out_slow_formats() -> None:
    """Keep ``rfc3987_syntax`` from being imported by this process, unless that has happened already."""
    modules: dict[str, Any] = sys.modules
    modules.setdefault(_FORMAT_CHECKER, None)
