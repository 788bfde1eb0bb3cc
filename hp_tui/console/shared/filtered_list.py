"""A list over the whole screen, with a filter at its foot; and one that shows what is under its cursor in full."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from hp_tui.console.shared.filtered import Filtered
from hp_tui.console.shared.fleet_screen import FleetModal
from hp_tui.widgets.table import FleetTable

Result = TypeVar("Result")


class FilteredList(Filtered, FleetModal[Result], Generic[Result]):
    """:meth:`back` ends the filter before it leaves the screen."""

    def body(self) -> FleetTable:
        return self.query_one(FleetTable)

    def back(self) -> None:
        if not self.clear_filter():
            self.dismiss(None)


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
