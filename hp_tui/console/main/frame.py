"""What stands around the panels of the main screen: header, banner, tabs, timeline and key hints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from hp_tui.console.actions.action import ActionId, Scope, footer
from hp_tui.console.actions.bindings import chosen, takes_text
from hp_tui.console.actions.registry import within
from hp_tui.console.main.outage_view import OutageView
from hp_tui.console.main.rows.header import header_parts
from hp_tui.console.main.rows.outage import banner, outage_message
from hp_tui.console.main.tab_line import TabLine
from hp_tui.console.timeline.rows import timeline_items
from hp_tui.widgets.bars import Hint, KeyFooter, StatusHeader
from hp_tui.widgets.folding import folded
from hp_tui.widgets.still import StillText
from hp_tui.widgets.theme import tone_style
from hp_tui.widgets.timeline import TimelineStrip
from hp_tui.widgets.values import Tone

if TYPE_CHECKING:
    from hp_tui.console.main.screen import MainScreen

BANNER_LINES = 2
"""``app.tcss`` says the same."""
STRIP_SHOWN = 12
"""Entries of the timeline handed to the strip."""
WITHOUT_FLEET = {
    ActionId.HELP,
    ActionId.RECONNECT,
    ActionId.TOKEN,
    ActionId.DATACENTER,
    ActionId.TIMELINE,
    ActionId.PALETTE,
    ActionId.QUIT,
}
"""Actions worth a place in the footer while there is no fleet to act on."""


class Frame:
    """Shows in ``screen``'s own lines what its picture says."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen

    def show_top(self) -> None:
        """Header and banner; in place of the panels what keeps them from showing anything."""
        screen = self._screen
        snapshot, now = screen.snapshot, screen.now
        parts = header_parts(snapshot, now, paused_since=screen.paused_since)
        screen.query_one(StatusHeader).set_parts(parts)
        self._show_banner(*banner(snapshot, now))
        trouble = outage_message(snapshot, now)
        if trouble is None and screen.has_class("-outage"):
            screen.call_after_refresh(lambda: screen.active.body().focus())
        screen.set_class(trouble is not None, "-outage")
        if trouble is not None:
            screen.query_one(OutageView).show(trouble)

    def show_bottom(self) -> None:
        """Timeline, tabs and key hints."""
        screen = self._screen
        entries = screen.snapshot.timeline[-STRIP_SHOWN:]
        screen.query_one(TimelineStrip).set_items(timeline_items(entries, screen.now))
        self.show_tabs()
        self.show_hints()

    def show_tabs(self) -> None:
        """The panels' names and what is wrong in each, where one panel is shown at a time."""
        screen = self._screen
        tabs = [(str(panel.border_title), panel.badge(screen.snapshot)) for panel in screen.panels]
        screen.query_one(TabLine).set_tabs(tabs, screen.panels.index(screen.active))

    def show_hints(self) -> None:
        """Keys of the active panel that can act now and of everywhere, from the registry; those of the filter in it."""
        screen = self._screen
        line = screen.query_one(KeyFooter)
        if takes_text(screen.focused):
            line.set_hints([Hint("enter", "keep the filter"), Hint("esc", "clear it")])
            return
        scoped = within(screen.active.scope, Scope.EVERYWHERE)
        if screen.has_class("-outage") or not screen.snapshot.services:
            scoped = tuple(action for action in scoped if action.id in WITHOUT_FLEET)
        able = screen.active.handlers()
        scoped = tuple(action for action in scoped if action.scope is Scope.EVERYWHERE or action.id in able)
        line.set_hints([Hint(action.key, action.label) for action in footer(chosen(scoped, snapshot=screen.snapshot))])

    def _show_banner(self, text: str, tone: Tone) -> None:
        screen = self._screen
        line = screen.query_one("#banner", StillText)
        line.set_class(bool(text), "-shown")
        lines = folded(text, screen.app.size.width - 2, BANNER_LINES) if text else Text()
        for count in range(1, BANNER_LINES + 1):  # toasts begin below it, see app.tcss
            screen.set_class(bool(text) and len(lines.split()) == count, f"-banner-{count}")
        if text:
            style = tone_style(tone, screen.app.current_theme.dark)
            line.styles.color = style.color.name if style.color else None
            line.update(lines)
