"""A picture with its description in words: the form that all pictures of a notebook have.

A notebook shows what the last line of a cell returns. Both classes here show themselves there, and a screen reader
finds their description: as the alternative text of the image, or as text that stands beside it. In a terminal the
description is all that is printed.
"""

import base64
import html
import io
from collections.abc import Collection
from pathlib import Path

from matplotlib.figure import Figure

DOTS_PER_INCH = 110


class Picture:
    """A matplotlib figure and its description.

    Attributes:
        figure: matplotlib.figure.Figure. It does not belong to pyplot, so a notebook does not show it a second time.
        description: str, what the picture shows.
    """

    def __init__(self, figure: Figure, description: str) -> None:
        self.figure = figure
        self.description = description
        self._png: bytes | None = None

    def png(self) -> bytes:
        """Return the picture as bytes of a PNG file."""
        if self._png is None:
            buffer = io.BytesIO()
            # The entry Software would put matplotlib's version into every notebook.
            self.figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
            self._png = buffer.getvalue()
        return self._png

    def save(self, path: str | Path) -> None:
        """Write the picture to a PNG file.

        Args:
            path: str or path.

        Raises:
            OSError: the file cannot be written.
        """
        with open(path, "wb") as file:
            file.write(self.png())

    def __repr__(self) -> str:
        return self.description

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        png = base64.b64encode(self.png()).decode()
        return {
            "text/plain": self.description,
            "text/html": image_tag(png, "image/png", self.description),
            # For exporters that know no HTML, such as the one to PDF.
            "image/png": png,
        }


class MarkupPicture:
    """A picture in HTML or SVG and its description.

    Attributes:
        markup: str, HTML that needs nothing from outside. It is to tell a screen reader what it shows.
        description: str, what the picture shows, where HTML cannot be shown.
    """

    def __init__(self, markup: str, description: str) -> None:
        self.markup = markup
        self.description = description

    def __repr__(self) -> str:
        return self.description

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        return {"text/plain": self.description, "text/html": self.markup}


def image_tag(base64_data: str, mime_type: str, description: str) -> str:
    """Return an HTML image that holds its own data.

    Args:
        base64_data: str, the file in base 64.
        mime_type: str, such as "image/png".
        description: str, the alternative text.

    Returns:
        str, an `<img>` element, never wider than the page.
    """
    alt = html.escape(description, quote=True)
    return f'<img src="data:{mime_type};base64,{base64_data}" alt="{alt}" style="max-width: 100%; height: auto">'
