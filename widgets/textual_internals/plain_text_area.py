"""The text area of plain mode: Textual's own, uncoloured, which says whether it would change a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.text import Text
from textual.widgets import TextArea

from hp_tui.widgets.escape import editable


class ExactTextArea(TextArea):
    """Textual's document ends lines at form feeds and other separators, and joins them with one kind of line end."""

    @property
    def exact(self) -> bool:
        """Whether ``text`` gives back what was loaded, byte for byte."""
        return self.text == self._loaded

    _loaded = ""

    def load_text(self, text: str) -> None:
        self._loaded = text
        super().load_text(text)

    def highlights(self, lines: Sequence[str]) -> Iterable[tuple[int, int, int, str]]:
        """Never asked: Textual's own colouring cannot be replaced without its private parts."""
        return ()

    def update_highlights(self) -> None:
        """Nothing to colour."""

    def get_line(self, line_index: int) -> Text:
        return Text(editable(self.document.get_line(line_index)), end="", no_wrap=True)
