"""A TextArea that gives back exactly the text it was given, and is coloured by whoever derives from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.text import Text
from textual.document._document_navigator import DocumentNavigator
from textual.widgets import TextArea

from hp_tui.widgets.escape import editable
from hp_tui.widgets.textual_internals.exact_document import ExactDocument, UnwrappedDocument


class ExactTextArea(TextArea):
    """Control characters are drawn as signs; the text itself keeps them. Lines are never wrapped."""

    exact = True
    """Whether ``text`` gives back what was loaded, byte for byte."""

    def highlights(self, lines: Sequence[str]) -> Iterable[tuple[int, int, int, str]]:
        """What to colour, asked at each change of the text: line, first byte, byte after the last, name of the style."""
        return ()

    def update_highlights(self) -> None:
        """Colour the text again."""
        self._build_highlight_map()
        self.refresh()

    def _set_document(self, text: str, language: str | None) -> None:
        """Textual calls this with every new text."""
        super()._set_document("", None)
        self.document = ExactDocument(text)
        self.wrapped_document = UnwrappedDocument(self.document, tab_width=self.indent_width)
        self.navigator = DocumentNavigator(self.wrapped_document)
        self._build_highlight_map()
        self._rewrap_and_refresh_virtual_size()

    def get_line(self, line_index: int) -> Text:
        return Text(editable(self.document.get_line(line_index)), end="", no_wrap=True)

    def _build_highlight_map(self) -> None:
        """Textual calls this at each change of the text."""
        self._line_cache.clear()
        self._highlights.clear()
        for line, start, end, name in self.highlights(self.document.lines):
            self._highlights[line].append((start, end, name))
