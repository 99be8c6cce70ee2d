"""The blanks that authors write beside their solutions, and how a solution becomes the blank that students get.

Inside a solution region the author writes what the student is to see:

    ### BEGIN SOLUTION
    conv = Conv2D(filters, 3, padding='same')(inputs)
    ### BLANK
    # conv = Conv2D(None,  # number of filters
    #               None,  # kernel size
    #               padding=None)(inputs)
    ### END SOLUTION

The blank is commented out, so the source notebook runs as it stands; in the release it takes the place of the region.
"""

import ast
import re
from dataclasses import dataclass

BEGIN_SOLUTION = "BEGIN SOLUTION"
END_SOLUTION = "END SOLUTION"
BLANK = "### BLANK"


@dataclass(frozen=True)
class Delimiters:
    """The lines that a solution region consists of.

    Attributes:
        begin: str, what the first line of a region contains.
        end: str, what its last line contains.
        blank: str, the line between the solution and its blank.
    """

    begin: str = BEGIN_SOLUTION
    end: str = END_SOLUTION
    blank: str = BLANK


DELIMITERS = Delimiters()


def with_blanks(source: str, delimiters: Delimiters = DELIMITERS) -> str:
    """Put the blank of each solution region in the region's place.

    Args:
        source: str, the text of a cell.
        delimiters: Delimiters of its regions.

    Returns:
        str. Regions without a blank, and regions within regions, stand as they were.

    Raises:
        RuntimeError: if a line of a blank is not commented out.
    """
    region = re.compile(
        rf"^[^\n]*{re.escape(delimiters.begin)}[^\n]*\n(.*?)^[^\n]*{re.escape(delimiters.end)}[^\n]*$",
        re.DOTALL | re.MULTILINE,
    )

    def blank_or_region(match: re.Match[str]) -> str:
        blank = _blank_of(match[1], delimiters)
        return match[0] if blank is None else blank

    return region.sub(blank_or_region, source)


def check_that_it_parses(source: str) -> None:
    """Refuse a cell that would be released as something else than Python.

    Args:
        source: str, the text of a cell as students would get it.

    Raises:
        RuntimeError: if it is not valid Python.
    """
    try:
        ast.parse(source)
    except SyntaxError as error:
        raise RuntimeError(
            f"the released cell would not be valid Python, line {error.lineno}: {error.msg}. Cell:\n{source}"
        ) from error


def _blank_of(region: str, delimiters: Delimiters) -> str | None:
    lines = region.splitlines()
    marks = [number for number, line in enumerate(lines) if line.strip() == delimiters.blank]
    if not marks or delimiters.begin in region:
        return None
    return "\n".join(_uncommented(line) for line in lines[marks[0] + 1 :])


def _uncommented(line: str) -> str:
    match = re.fullmatch(r"(\s*)#(?: (.*))?", line)
    if match is None:
        raise RuntimeError(f"a blank must be commented out line by line, and this line is not: {line!r}")
    indent, text = match.groups()
    return str(indent + text) if text else ""
