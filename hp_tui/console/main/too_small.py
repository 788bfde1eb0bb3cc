"""What covers every screen while the terminal is too small for any of them. Everything behind it goes on."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Static

from hp_tui.console.main.rows.outage import too_small


class TooSmallScreen(Screen[None]):
    """One sentence: what there is, what is needed, what to do."""

    DEFAULT_CSS = "TooSmallScreen Static { height: 1fr; padding: 1 1; color: $warning; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "app.quit", "quit")]

    def compose(self) -> ComposeResult:
        yield Static(_sentence(self.app.size), markup=False)

    def on_resize(self, event: Resize) -> None:
        self.query_one(Static).update(_sentence(event.size))


def _sentence(size: Size) -> str:
    return too_small(size.width, size.height)
