"""Where an action shows its dialogs, and what it may use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.timeline import Severity

if TYPE_CHECKING:
    from textual.screen import Screen

    from hp_tui.console.calls.actions import CallActions
    from hp_tui.console.drafts import DraftStore
    from hp_tui.console.shared.fleet_screen import FleetModal, FleetScreen
    from hp_tui.model.catalog import InstanceRef
    from hp_tui.model.commands import Bulk, Command


@dataclass(frozen=True, slots=True)
class ActionStage:
    """Dialogs open above ``screen``, on what ``snapshot()`` says at the Unix time ``now()``.

    ``drafts`` keeps unsaved edits, ``calls`` fires test calls, ``unfinished`` is told on which of many instances an
    action was not carried out.
    """

    screen: Screen[Any]
    snapshot: Callable[[], FleetSnapshot]
    now: Callable[[], float]
    drafts: DraftStore
    calls: CallActions
    unfinished: Callable[[tuple[InstanceRef, ...]], None]

    def above(self, screen: FleetScreen[Any] | FleetModal[Any]) -> ActionStage:
        """The same above another screen, on what that shows."""
        return replace(self, screen=screen, snapshot=lambda: screen.snapshot, now=lambda: screen.now)

    def submit(self, command: Command) -> None:
        """Hand the command to the engine; the progress of one on many instances is shown."""
        from hp_tui.console.messages import RunCommand
        from hp_tui.model.commands import Bulk

        self.screen.app.post_message(RunCommand(command))
        if isinstance(command, Bulk):
            self._show_progress(command)

    def tell(self, text: str, severity: Severity = Severity.INFO) -> None:
        """A sentence for the user."""
        from hp_tui.console.messages import ShowNotice

        self.screen.app.post_message(ShowNotice(text, severity))

    def _show_progress(self, command: Bulk) -> None:
        from hp_tui.console.health.bulk_screen import BulkScreen

        def act(refs: tuple[InstanceRef, ...] | None) -> None:
            self.unfinished(refs or ())

        self.screen.app.push_screen(BulkScreen(self.snapshot(), self.now(), command), act)
