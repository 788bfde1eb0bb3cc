"""The four panels as tabs, where only one of them fits."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from hp_tui.widgets.theme import tone_style
from hp_tui.widgets.values import Badge, Tone


class TabLine(Widget):
    """One line: a title a panel, with what is red in it; the one shown stands out."""

    DEFAULT_CSS = "TabLine { height: 1; background: $background; }"

    class Chosen(Message):
        """A click on the tab ``number``, counted from 0."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self) -> None:
        super().__init__()
        self._tabs: tuple[tuple[str, Badge], ...] = ()
        self._active = 0

    def set_tabs(self, tabs: Sequence[tuple[str, Badge]], active: int) -> None:
        """Titles with a badge each (its text may be empty)."""
        if (tuple(tabs), active) != (self._tabs, self._active):
            self._tabs, self._active = tuple(tabs), active
            self.refresh()

    def render_line(self, y: int) -> Strip:
        base, dark = self.rich_style, self.app.current_theme.dark
        segments = [Segment(" ", base)]
        for number, (title, badge) in enumerate(self._tabs):
            active = number == self._active
            style = base + tone_style(Tone.INFO if active else Tone.MUTED, dark)
            segments.append(Segment(f" {title} ", style + Style(reverse=active or None, bold=active or None)))
            if badge.text:
                segments.append(Segment(f" {badge.text} ", base + tone_style(badge.tone, dark)))
            segments.append(Segment(" ", base))
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def on_click(self, event: events.Click) -> None:
        edge = 1
        for number, (title, badge) in enumerate(self._tabs):
            edge += len(title) + 3 + (len(badge.text) + 2 if badge.text else 0)
            if event.x < edge:
                self.post_message(self.Chosen(number))
                return
