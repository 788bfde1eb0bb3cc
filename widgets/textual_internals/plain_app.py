"""The App of plain mode: for a Textual whose private parts are not known here."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import Generic

from rich.console import Console
from textual.filter import LineFilter

from hp_tui.widgets.control_filter import ControlFilter
from hp_tui.widgets.textual_internals.base_app import BaseTerminalApp, Result
from hp_tui.widgets.textual_internals.support import installed, notice

CONTROL_FILTER = ControlFilter()
NOTICE_SECONDS = 12.0


class TerminalApp(BaseTerminalApp[Result], Generic[Result]):
    """Textual's own driver, compositor and keys. What is drawn is filtered, as no screen buffer does it."""

    def __init__(self) -> None:
        super().__init__()
        self.error_console = Console(file=StringIO())  # Textual's traceback goes nowhere; report_crash has the error

    def on_mount(self) -> None:
        sentence = notice(installed())
        if sentence:
            self.notify(sentence, severity="warning", timeout=NOTICE_SECONDS, markup=False)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), CONTROL_FILTER]

    def _handle_exception(self, error: Exception) -> None:
        """Called by every Textual known so far. One that does not call it shows its own message, and nothing breaks."""
        if self.note_error(error):
            super()._handle_exception(error)
