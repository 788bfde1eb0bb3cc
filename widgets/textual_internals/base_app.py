"""What the App of both modes shares: how it ends when it fails, drawing everything again. Uses public parts of Textual only."""

from __future__ import annotations

import contextlib
import sys
from typing import Any, ClassVar, Generic, TypeVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.widget import Widget
from textual.worker import WorkerFailed

Result = TypeVar("Result")


class BaseTerminalApp(App[Result], Generic[Result]):
    """An App that ends with one sentence when it fails: Textual prints a traceback with the value of every local variable."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+l", "redraw", "draw again", show=False),
        Binding("ctrl+z", "suspend_process", "to the shell", show=False),
    ]

    def __init__(self) -> None:
        self._crash_sentence = ""
        super().__init__()

    @property
    def keys_idle(self) -> bool:
        """Whether every key that came so far has been dealt with, as far as this mode knows."""
        return True

    async def wait_until_idle(self) -> None:
        """Return when work on the event loop keeps no key waiting."""

    def start_with_theme(self, name: str) -> None:
        """Set the theme of this name before anything is drawn."""
        self.theme = name

    def action_redraw(self) -> None:
        """Draw everything again, whatever the terminal shows: another program may have written over it."""
        for widget in self.screen.walk_children(Widget):
            widget.refresh()
        self.refresh()

    def report_crash(self, error: BaseException) -> str:
        """Record the first unexpected error. Returns the sentence for standard error, without a line break."""
        return f"{type(error).__name__}: {error}"

    def note_error(self, error: Exception) -> bool:
        """Report ``error`` unless one was reported before: what follows the first is its consequence.

        Returns False for an error that is none: on the way out, widgets go before what still asks for them.
        """
        if isinstance(error, NoMatches) and not self.is_running:
            return False
        if not self._crash_sentence:
            self._crash_sentence = self.report_crash(error.error if isinstance(error, WorkerFailed) else error)
        return True

    async def run_async(self, **options: Any) -> Result | None:
        """As :meth:`textual.app.App.run_async`; the sentence about a crash follows once the terminal is given back."""
        try:
            return await super().run_async(**options)
        finally:
            if self._crash_sentence:
                with contextlib.suppress(OSError):  # it may be the terminal that is gone
                    sys.stderr.write(f"{self._crash_sentence}\n")
