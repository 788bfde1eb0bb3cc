"""What panels and lists with a filter line have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widget import Widget

from hp_tui.console.shared.filter_bar import FilterBar
from hp_tui.console.shared.rows.filter_parser import EVERYTHING, Filter

if TYPE_CHECKING:
    Base = Widget
else:
    Base = object  # of several bases that are widgets Textual heeds the style sheet and the keys of the first only


class Filtered(Base):
    """Mixed in before a widget: ``wanted`` is what the :class:`FilterBar` in it lets through."""

    wanted: Filter = EVERYTHING

    def body(self) -> Widget:
        """The widget that has the focus when the filter line has not."""
        raise NotImplementedError

    def repaint(self) -> None:
        """Show what ``wanted`` lets through."""
        raise NotImplementedError

    def clear_filter(self) -> bool:
        """End the filter. Returns whether there was one."""
        line = self.query_one(FilterBar)
        if line.is_open:
            line.action_clear()
            return True
        return False

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        event.stop()
        self.wanted = event.wanted
        self.repaint()

    def on_filter_bar_left(self, event: FilterBar.Left) -> None:
        event.stop()
        self.body().focus()
