"""What the four panels have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual.message import Message
from textual.widget import Widget

from hp_tui.actions import Do
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.present.matching import EVERYTHING, Filter
from hp_tui.screens.acting import Acting
from hp_tui.screens.filter_line import FilterLine
from hp_tui.screens.fleet_screen import Following
from widgets.frame import Panel


class FleetPanel(Acting, Following, Panel):
    """A panel that follows the fleet, can be filtered, and knows what is selected in it."""

    class Selected(Message):
        """What the panel's cursor stands on changed: the footer and other panels may care."""

        def __init__(self, panel: FleetPanel) -> None:
            super().__init__()
            self.panel = panel

    def __init__(self, number: int, title: str, snapshot: FleetSnapshot, now: float) -> None:
        super().__init__(number, title)
        self.snapshot = snapshot
        self.now = now
        self.wanted: Filter = EVERYTHING

    def body(self) -> Widget:
        """The widget that has the focus when the panel has."""
        raise NotImplementedError

    def service(self) -> str:
        """The selected service; '' when there is none."""
        return ""

    def subject(self) -> str:
        """The name that the service's drawer is for: also one that is called and not registered. '' when there is none."""
        return self.service()

    def deeds(self) -> Mapping[Do, Callable[[], None]]:
        return {}

    def go_back(self) -> bool:
        """Undo the panel's own narrowing, one step. Returns whether there was one."""
        line = self.query_one(FilterLine)
        if line.is_open:
            line.action_clear()
            return True
        return False

    def show_everything(self) -> None:
        """End the filter at once: something it may hide is to be shown."""
        self.query_one(FilterLine).action_clear()
        self.wanted = EVERYTHING
        self.repaint()

    def open_filter(self) -> None:
        self.query_one(FilterLine).open()

    def on_filter_line_changed(self, event: FilterLine.Changed) -> None:
        event.stop()
        self.wanted = event.wanted
        self.repaint()

    def on_filter_line_left(self, event: FilterLine.Left) -> None:
        event.stop()
        self.body().focus()
