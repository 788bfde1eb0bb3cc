"""The frame of a drawer: sections of lines at the right of the screen, following the fleet while it is open."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from hp_tui.console.actions.action import footer
from hp_tui.console.actions.bindings import ActionBindings
from hp_tui.console.shared.fleet_screen import FleetModal
from hp_tui.console.shared.rows.sections import Section
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.widgets.bars import Hint, KeyFooter
from hp_tui.widgets.escape import fit, visible
from hp_tui.widgets.frame import Panel
from hp_tui.widgets.still import StillText
from hp_tui.widgets.theme import tone_style
from hp_tui.widgets.values import Tone

WIDTH = 84
FRAME = 5
"""Columns of the drawer, and those of them that its frame, padding and scrollbar take."""
LABELS = (12, 26)
"""Cells of the label column at least and at most."""


class Drawer(ActionBindings, FleetModal[None]):
    """At the right; as wide as the screen where that is narrow. ``title`` may come from the network."""

    DEFAULT_CSS = """
    Drawer { align: right top; background: $background 40%; }
    Drawer > Panel {
        width: 84; max-width: 100%; height: 1fr; margin: 1 0 0 0; padding: 0 0 0 1; background: $surface;
    }
    Drawer VerticalScroll { scrollbar-size-vertical: 1; }
    Drawer Static { height: auto; margin: 0 1 0 0; }
    Drawer KeyFooter { dock: bottom; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
        Binding("g", "edge(-1)", show=False),
        Binding("G", "edge(1)", show=False),
    ]

    def __init__(self, snapshot: FleetSnapshot, now: float, title: str) -> None:
        super().__init__(snapshot, now)
        self._title = title
        self._drawn: tuple[Section, ...] = ()

    def sections(self) -> tuple[Section, ...]:
        """What the drawer shows now."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        panel = Panel(0, "", VerticalScroll(StillText(id="drawer-text")))
        panel.border_title = Content(visible(self._title))
        yield panel
        yield KeyFooter()

    def on_resize(self) -> None:
        self._drawn = ()
        self.repaint_if_open()

    def repaint(self) -> None:
        drawn = self.sections()
        if drawn != self._drawn:
            self._drawn = drawn
            self.query_one("#drawer-text", StillText).update(self._text(drawn))
        self.query_one(KeyFooter).set_hints([Hint(item.key, item.label) for item in footer(self.actions())])

    def _text(self, drawn: tuple[Section, ...]) -> Text:
        dark = self.app.current_theme.dark
        room = min(WIDTH, self.app.size.width) - FRAME
        text = Text()
        for section in drawn:
            text.append(f"{section.title}\n", tone_style(Tone.INFO, dark))
            text.append_text(self._lines(section, room, dark))
            text.append("\n")
        text.rstrip()
        return text

    def _lines(self, section: Section, room: int, dark: bool) -> Text:
        """A section's lines: labels in a column as wide as they need, long texts folded beside it."""
        longest = max((cell_len(line.label) for line in section.lines), default=0)
        column = min(LABELS[1], max(LABELS[0], longest + 2)) if longest else 0
        text = Text()
        for line in section.lines:
            before = 0 if line.wide else column
            folded = Text(line.text, tone_style(line.tone, dark)).wrap(self.app.console, max(20, room - before - 2))
            for number, piece in enumerate(folded or [Text()]):
                label = line.label if not number else ""
                text.append("  " + fit(label, before), tone_style(Tone.MUTED, dark))
                text.append_text(piece)
                text.append("\n")
        return text

    def action_scroll(self, step: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)

    def action_edge(self, direction: int) -> None:
        scroll = self.query_one(VerticalScroll)
        if direction < 0:
            scroll.scroll_home(animate=False)
        else:
            scroll.scroll_end(animate=False)
