"""A list over the whole screen, with a filter at its foot; and one that shows what is under its cursor in full."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

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


class ListAndOne(FilteredList[Result], Generic[Result]):
    """Below the list stands what is under its cursor, in a :class:`VerticalScroll`; it scrolls while the list has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+d,space", "scroll(8)", show=False),
        Binding("ctrl+u", "scroll(-8)", show=False),
    ]
    DEFAULT_CSS = """
    ListAndOne VerticalScroll { scrollbar-size-vertical: 1; }
    """

    def on_fleet_table_row_highlighted(self, event: FleetTable.RowHighlighted) -> None:
        event.stop()
        self.repaint()

    def action_scroll(self, step: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)
