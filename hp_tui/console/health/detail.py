"""Everything of one instance, following the fleet while it is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar

from textual.binding import BindingType

from hp_tui.console.actions.action import ActionId, Scope
from hp_tui.console.actions.bindings import bindings
from hp_tui.console.actions.stage import ActionStage
from hp_tui.console.health.actions import INSTANCE_ACTIONS
from hp_tui.console.health.copying import copy_instances
from hp_tui.console.health.rows.detail import sections
from hp_tui.console.shared.connection import ask_token, reconnect
from hp_tui.console.shared.drawer import Drawer
from hp_tui.console.shared.rows.sections import Section
from hp_tui.console.shared.rows.styles import HEALTH_TONE
from hp_tui.model.catalog import Check
from hp_tui.model.fleet import InstanceView
from hp_tui.model.text import first_line
from hp_tui.widgets.choice import Choice, ChoiceDialog
from hp_tui.widgets.dialog import TextDialog


class DetailScreen(Drawer):
    """An instance. ``open_service`` opens the drawer of its service; actions are those of ``stage``, above this drawer."""

    scope = Scope.DETAIL
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.DETAIL)]

    def __init__(self, stage: ActionStage, service: str, instance_id: str, open_service: Callable[[str], None]) -> None:
        super().__init__(stage.snapshot(), stage.now(), instance_id)
        self._service = service
        self._instance_id = instance_id
        self._call = stage.calls.once
        self._open_service = open_service
        self._stage = stage.above(self)

    def sections(self) -> tuple[Section, ...]:
        return sections(self.snapshot, self._service, self._instance_id, self.now)

    def _view(self) -> InstanceView | None:
        return self.snapshot.instance(self._instance_id, self._service)

    def handlers(self) -> Mapping[ActionId, Callable[[], None]]:
        handlers: dict[ActionId, Callable[[], None]] = {
            ActionId.BACK: lambda: self._leave(),
            ActionId.CALL: lambda: self._call(self._service),
            ActionId.SERVICE: lambda: self._to_service(),
            ActionId.TOKEN: lambda: ask_token(self.app),
            ActionId.RECONNECT: lambda: reconnect(self.app),
        }
        view = self._view()
        if view is not None:
            handlers |= {name: partial(action.start, self._stage, (view,)) for name, action in INSTANCE_ACTIONS.items()}
            handlers[ActionId.COPY] = partial(copy_instances, self._stage, (view,))
            if any(check.output for check in view.instance.checks):
                handlers[ActionId.OUTPUT] = lambda: self._output(view)
        return handlers

    def _leave(self) -> None:
        self.dismiss(None)

    def _to_service(self) -> None:
        self.dismiss(None)
        self._open_service(self._service)

    def _output(self, view: InstanceView) -> None:
        """The whole output of a check; a menu where several have said something."""
        checks = sorted((check for check in view.instance.checks if check.output), key=lambda one: -one.status.rank)
        if len(checks) == 1:
            self._read(checks[0])
            return
        choices = [
            Choice(str(place), check.name or check.id, str(place + 1) if place < 9 else "", _gist(check), tone)
            for place, check in enumerate(checks)
            for tone in [HEALTH_TONE[check.status]]
        ]

        def act(chosen: str | None) -> None:
            if chosen is not None:
                self._read(checks[int(chosen)])

        self.app.push_screen(ChoiceDialog("Output of", choices), act)

    def _read(self, check: Check) -> None:
        self.app.push_screen(TextDialog(check.name or check.id, check.output))


def _gist(check: Check) -> str:
    """How long it is and how it begins."""
    return f"{len(check.output):,} characters: {first_line(check.output[:200])}"
