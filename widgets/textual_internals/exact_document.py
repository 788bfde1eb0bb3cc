"""The document of an editor, exact to the byte."""

from __future__ import annotations

from rich.cells import cell_len
from textual.document._document import Document
from textual.document._wrapped_document import WrappedDocument
from textual.geometry import Size

from hp_tui.widgets.escape import editable


class ExactDocument(Document):
    """Gives back what it was given.

    Textual's own ends lines at every separator Unicode knows (form feeds, U+2028 …) and joins them with a single one. Here
    lines end at line feeds, or at CR LF where nothing else ends a line; every other separator is text. Widths are those of
    what is drawn.
    """

    def __init__(self, text: str) -> None:
        super().__init__("")
        uniform = 0 < text.count("\n") == text.count("\r\n") == text.count("\r")
        self._newline = "\r\n" if uniform else "\n"
        self._lines = text.split(self._newline)

    def get_size(self, tab_width: int) -> Size:
        return Size(max((_cells(line, tab_width) for line in self._lines), default=0), len(self._lines))


def _cells(line: str, tab_width: int) -> int:
    """How wide a line is drawn. Each letter typed asks this of all lines, so the common case must be fast."""
    if line.isascii() and line.isprintable():
        return len(line)
    return cell_len(editable(line).expandtabs(tab_width))


class UnwrappedDocument(WrappedDocument):
    """A document none of whose lines is wrapped. Textual's own counts all rows again for each row that it draws."""

    @property
    def height(self) -> int:
        return int(self.document.line_count)
