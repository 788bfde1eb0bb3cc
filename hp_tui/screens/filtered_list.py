"""A list over the whole screen, with a filter at its foot."""

from __future__ import annotations

from typing import Generic, TypeVar

from hp_tui.model.fleet import FleetSnapshot
from hp_tui.present.matching import EVERYTHING, Filter
from hp_tui.screens.filter_line import FilterLine
from hp_tui.screens.fleet_screen import FleetModal
from widgets.table import FleetTable

Result = TypeVar("Result")


class FilteredList(FleetModal[Result], Generic[Result]):
    """``wanted`` is what the filter lets through; :meth:`back` ends it before it leaves the screen."""

    def __init__(self, snapshot: FleetSnapshot, now: float) -> None:
        super().__init__(snapshot, now)
        self.wanted: Filter = EVERYTHING

    def back(self) -> None:
        line = self.query_one(FilterLine)
        if line.is_open:
            line.action_clear()
        else:
            self.dismiss(None)

    def on_filter_line_changed(self, event: FilterLine.Changed) -> None:
        event.stop()
        self.wanted = event.wanted
        self.repaint()

    def on_filter_line_left(self, event: FilterLine.Left) -> None:
        event.stop()
        self.query_one(FleetTable).focus()
