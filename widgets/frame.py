"""Panels: a titled border that shows which panel has the focus."""

from __future__ import annotations

from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive

from hp_tui.widgets.escape import visible


class Panel(Vertical):
    """A bordered container. ``number`` is the key that focuses it; ``note`` stands at the lower right."""

    DEFAULT_CSS = """
    Panel {
        border: round $foreground 25%;
        border-title-color: $foreground 80%;
        border-subtitle-color: $foreground 60%;
        padding: 0 1;
        background: $background;
    }
    Panel:focus-within {
        border: round $primary;
        border-title-color: $primary;
        border-title-style: bold;
    }
    """

    note: reactive[str] = reactive("", layout=False)

    def __init__(self, number: int, title: str, *children: object, id: str | None = None) -> None:  # noqa: A002
        super().__init__(*children, id=id)  # type: ignore[arg-type]
        self.border_title = f"{number} {title}"

    def watch_note(self, note: str) -> None:
        self.border_subtitle = Content(visible(note))
