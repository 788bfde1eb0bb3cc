"""What the four panels have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from textual.message import Message

from hp_tui.console.actions.action import ActionId
from hp_tui.console.actions.bindings import ActionBindings
from hp_tui.console.actions.verb import Verb
from hp_tui.console.shared.filter_bar import FilterBar
from hp_tui.console.shared.filtered import Filtered
from hp_tui.console.shared.fleet_screen import Following
from hp_tui.console.shared.rows.filter_parser import EVERYTHING
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.widgets.frame import Panel
from hp_tui.widgets.values import Badge


class FleetPanel(ActionBindings, Following, Filtered, Panel):
    """A panel that follows the fleet, can be filtered, and knows what is selected in it."""

    class Selected(Message):
        """What the panel's cursor stands on changed: the footer and other panels may care."""

        def __init__(self, panel: FleetPanel) -> None:
            super().__init__()
            self.panel = panel

    class Requested(Message):
        """Carry out an action on ``targets``: what is selected in the panel, or marked."""

        def __init__(self, action: Verb, targets: Any) -> None:
            super().__init__()
            self.action = action
            self.targets = targets

    def __init__(self, number: int, title: str, snapshot: FleetSnapshot, now: float) -> None:
        super().__init__(number, title)
        self.snapshot = snapshot
        self.now = now

    def service(self) -> str:
        """The selected service; '' when there is none."""
        return ""

    def subject(self) -> str:
        """The name that the service's drawer is for: also one that is called and not registered. '' when there is none."""
        return self.service()

    def handlers(self) -> Mapping[ActionId, Callable[[], None]]:
        return {}

    def badge(self, snapshot: FleetSnapshot) -> Badge:
        """What the panel's tab says is wrong in it; no text where nothing is. ``snapshot`` may be newer than the panel."""
        return Badge("")

    def take(self, action: Verb, targets: Any) -> None:
        """Have ``action`` carried out on ``targets``, with its dialogs."""
        self.post_message(self.Requested(action, targets))

    def go_back(self) -> bool:
        """Undo the panel's own narrowing, one step. Returns whether there was one."""
        return self.clear_filter()

    def show_everything(self) -> None:
        """End the filter at once, so that nothing is hidden."""
        self.clear_filter()
        self.wanted = EVERYTHING
        self.repaint()

    def open_filter(self) -> None:
        self.query_one(FilterBar).open()
