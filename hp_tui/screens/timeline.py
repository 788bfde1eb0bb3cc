"""The timeline, whole screen: filter it, jump from a line to its instance or key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from hp_tui.actions import Do, Scope, footer
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.timeline import TimelineEntry
from hp_tui.present.matching import EVERYTHING, Filter
from hp_tui.present.text import count
from hp_tui.present.timeline import TIMELINE_FIELDS, happenings
from hp_tui.screens.acting import Acting, bindings
from hp_tui.screens.filter_line import FilterLine
from hp_tui.screens.fleet_screen import FleetModal
from widgets.bars import Hint, KeyFooter
from widgets.frame import Panel
from widgets.table import FleetTable
from widgets.timeline import TimelineView


class TimelineScreen(Acting, FleetModal[str]):
    """Returns what to jump to, None when left."""

    scope = Scope.TIMELINE
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.TIMELINE)]
    DEFAULT_CSS = "TimelineScreen > Panel { height: 1fr; }"

    def __init__(self, snapshot: FleetSnapshot, now: float) -> None:
        super().__init__(snapshot, now)
        self._wanted: Filter = EVERYTHING
        self._drawn: tuple[tuple[TimelineEntry, ...], Filter] | None = None

    def compose(self) -> ComposeResult:
        yield Panel(0, "", TimelineView(id="timeline"), FilterLine(TIMELINE_FIELDS), id="timeline-panel")
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one(Panel).border_title = "Timeline"
        super().on_mount()
        self.query_one(TimelineView).focus()

    def repaint(self) -> None:
        if not self.query(KeyFooter):
            return
        entries = self.snapshot.timeline
        if self._drawn is not None and self._drawn[0] is entries and self._drawn[1] == self._wanted:
            return
        self._drawn = (entries, self._wanted)
        items = happenings(entries, self.now, self._wanted)
        self.query_one(TimelineView).set_items(items)
        shown = f"{len(items)} of " if self._wanted else ""
        self.query_one(Panel).note = shown + count(len(entries), "entry", "entries")
        self.query_one(KeyFooter).set_hints([Hint(item.key, item.label) for item in footer(self.actions())])

    def deeds(self) -> Mapping[Do, Callable[[], None]]:
        return {Do.BACK: self._back, Do.FILTER: self.query_one(FilterLine).open, Do.JUMP: self._jump}

    def _back(self) -> None:
        line = self.query_one(FilterLine)
        if line.is_open:
            line.action_clear()
        else:
            self.dismiss(None)

    def _jump(self) -> None:
        view = self.query_one(TimelineView)
        item = view.item(view.cursor_key)
        if item is not None and item.target:
            self.dismiss(item.target)

    def on_fleet_table_row_selected(self, event: FleetTable.RowSelected) -> None:
        event.stop()
        self._jump()

    def on_filter_line_changed(self, event: FilterLine.Changed) -> None:
        event.stop()
        self._wanted = event.wanted
        self.repaint()

    def on_filter_line_left(self, event: FilterLine.Left) -> None:
        event.stop()
        self.query_one(TimelineView).focus()
