"""The timeline, whole screen: filter it, jump from a line to its instance or key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType

from hp_tui.console.actions.action import ActionId, Scope, footer
from hp_tui.console.actions.bindings import ActionBindings, bindings
from hp_tui.console.shared.connection import ask_token, reconnect
from hp_tui.console.shared.filter_bar import FilterBar
from hp_tui.console.shared.filtered_list import FilteredList
from hp_tui.console.shared.rows.filter_parser import Filter
from hp_tui.console.shared.rows.styles import SEVERITY_TONE
from hp_tui.console.shared.rows.text import count, day
from hp_tui.console.timeline.rows import JUMPS, TIMELINE_FIELDS, timeline_items, whole
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.timeline import TimelineEntry
from hp_tui.widgets.bars import Hint, KeyFooter
from hp_tui.widgets.frame import Panel
from hp_tui.widgets.still import StillText
from hp_tui.widgets.table import FleetTable
from hp_tui.widgets.theme import tone_style
from hp_tui.widgets.timeline import TimelineView
from hp_tui.widgets.values import Tone

HINT = "/ kind:breaker service:… severity:bad"
"""In the frame while nothing is filtered: what can be asked."""


class TimelineScreen(ActionBindings, FilteredList[TimelineEntry]):
    """Returns the entry to jump to, None when left. Below the list stands the entry under the cursor in full."""

    scope = Scope.TIMELINE
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.TIMELINE)]
    DEFAULT_CSS = """
    TimelineScreen > Panel { height: 1fr; }
    TimelineScreen TimelineView { height: 1fr; }
    TimelineScreen #whole { width: 100%; height: auto; max-height: 50%; border-top: solid $foreground 25%; }
    """

    def __init__(self, snapshot: FleetSnapshot, now: float) -> None:
        super().__init__(snapshot, now)
        self._drawn: tuple[tuple[TimelineEntry, ...], Filter, str] | None = None

    def compose(self) -> ComposeResult:
        yield Panel(
            0, "", TimelineView(id="timeline"), StillText(id="whole"), FilterBar(TIMELINE_FIELDS), id="timeline-panel"
        )
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one(Panel).border_title = "Timeline"
        super().on_mount()
        self.query_one(TimelineView).focus()

    def repaint(self) -> None:
        if not self.query(KeyFooter):
            return
        entries, today = self.snapshot.timeline, day(self.now)
        if self._drawn is not None and self._drawn[0] is entries and self._drawn[1:] == (self.wanted, today):
            return
        self._drawn = (entries, self.wanted, today)
        items = timeline_items(entries, self.now, self.wanted)
        view = self.query_one(TimelineView)
        view.set_empty("nothing matches the filter; esc clears it" if self.wanted else "nothing has changed yet")
        view.set_items(items)
        total = count(len(entries), "entry", "entries")
        self.query_one(Panel).note = f"{len(items)} of {total}" if self.wanted else f"{total} · {HINT}"
        self.query_one(KeyFooter).set_hints([Hint(item.key, item.label) for item in footer(self.actions())])
        self._show_whole()

    def _show_whole(self) -> None:
        """The entry under the cursor, nothing cut off."""
        entry = self._entry()
        text = Text()
        if entry is not None:
            dark = self.app.current_theme.dark
            head, said = whole(entry, self.now)
            tone = SEVERITY_TONE[entry.severity]
            text.append(f"{head}\n", tone_style(Tone.MUTED, dark))
            text.append(said, tone_style(Tone.PLAIN if tone is Tone.INFO else tone, dark))
        self.query_one("#whole", StillText).update(text)

    def _entry(self) -> TimelineEntry | None:
        key = self.query_one(TimelineView).cursor_key
        return next((entry for entry in self.snapshot.timeline if str(entry.seq) == key), None)

    def handlers(self) -> Mapping[ActionId, Callable[[], None]]:
        return {
            ActionId.BACK: self.back,
            ActionId.FILTER: self.query_one(FilterBar).open,
            ActionId.JUMP: self._jump,
            ActionId.TOKEN: lambda: ask_token(self.app),
            ActionId.RECONNECT: lambda: reconnect(self.app),
        }

    def _jump(self) -> None:
        entry = self._entry()
        if entry is not None and entry.kind in JUMPS:
            self.dismiss(entry)

    def on_fleet_table_row_highlighted(self, event: FleetTable.RowHighlighted) -> None:
        event.stop()
        self._show_whole()

    def on_fleet_table_row_selected(self, event: FleetTable.RowSelected) -> None:
        event.stop()
        self._jump()
