"""The document of an editor, exact to the byte."""

from __future__ import annotations

from rich.cells import cell_len
from textual.document._document import Document
from textual.geometry import Size

from widgets.escape import editable


class ExactDocument(Document):
    """Gives back what it was given.

    Textual's own cuts lines at every separator Unicode knows (form feeds, U+2028 …) and joins them with a single one; here
    all but the line feed, or CR LF where nothing else ends a line, are text. Widths are those of what is drawn.
    """

    def __init__(self, text: str) -> None:
        super().__init__("")
        uniform = 0 < text.count("\n") == text.count("\r\n") == text.count("\r")
        self._newline = "\r\n" if uniform else "\n"
        self._lines = text.split(self._newline)

    def get_size(self, tab_width: int) -> Size:
        widths = (cell_len(editable(line).expandtabs(tab_width)) for line in self._lines)
        return Size(max(widths, default=0), len(self._lines))
