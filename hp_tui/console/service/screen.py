"""Everything of one service, following the fleet while it is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual.binding import BindingType

from hp_tui.console.actions.action import ActionId, Scope
from hp_tui.console.actions.bindings import bindings
from hp_tui.console.actions.stage import ActionStage
from hp_tui.console.health.actions import INSTANCE_ACTIONS
from hp_tui.console.service.rows.service import service_sections
from hp_tui.console.shared.copying import copy_one_of
from hp_tui.console.shared.drawer import Drawer
from hp_tui.console.shared.rows import shell
from hp_tui.console.shared.rows.sections import Section
from hp_tui.console.shared.rows.styles import breaker_badge, health_badge, instance_tone, urgency
from hp_tui.model.balancing import BreakerState
from hp_tui.model.fleet import InstanceView
from hp_tui.widgets.choice import Choice, ChoiceDialog

OFFERED = 30
"""Instances that the menus of this drawer list, the worst first."""


class ServiceScreen(Drawer):
    """The answers for a service, or for a name that Consul does not list.

    ``detail`` opens the drawer of an instance; actions are those of ``stage``, above this drawer.
    """

    scope = Scope.SERVICE
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.SERVICE)]

    def __init__(self, stage: ActionStage, service: str, detail: Callable[[InstanceView], None]) -> None:
        super().__init__(stage.snapshot(), stage.now(), service)
        self._service = service
        self._call = stage.calls.once
        self._detail = detail
        self._stage = stage.above(self)

    def sections(self) -> tuple[Section, ...]:
        return service_sections(self.snapshot, self._service, self.now)

    def _views(self) -> list[InstanceView]:
        """The instances, the worst first."""
        service = self.snapshot.services.get(self._service)
        return sorted((service.instances if service else None) or (), key=lambda view: (urgency(view), view.id))

    def handlers(self) -> Mapping[ActionId, Callable[[], None]]:
        handlers: dict[ActionId, Callable[[], None]] = {ActionId.BACK: lambda: self._leave(), ActionId.COPY: self._copy}
        if self._service in self.snapshot.services:
            handlers[ActionId.CALL] = lambda: self._call(self._service)
        if self._views():
            handlers |= {ActionId.DETAIL: self._open, ActionId.BREAKER: self._breaker}
        return handlers

    def _leave(self) -> None:
        self.dismiss(None)

    def _open(self) -> None:
        self._choose("Detail of", self._detail, lambda view: health_badge(view, self.now).text)

    def _breaker(self) -> None:
        """The one that is not closed, where there is exactly one; else a menu."""
        views = self._views()
        opened = [view for view in views if view.endpoint and view.endpoint.breaker.state is not BreakerState.CLOSED]
        if len(opened) == 1:
            self._start_breaker(opened[0])
            return
        self._choose("Breaker of", self._start_breaker, lambda view: breaker_badge(view.endpoint, self.now).text)

    def _start_breaker(self, view: InstanceView) -> None:
        INSTANCE_ACTIONS[ActionId.BREAKER].start(self._stage, (view,))

    def _choose(self, title: str, then: Callable[[InstanceView], None], note: Callable[[InstanceView], str]) -> None:
        views = self._views()
        if len(views) == 1:
            then(views[0])
            return
        choices = [
            Choice(str(place), view.id, str(place + 1) if place < 9 else "", note(view), instance_tone(view))
            for place, view in enumerate(views[:OFFERED])
        ]

        def act(chosen: str | None) -> None:
            if chosen is not None:
                then(views[int(chosen)])

        self.app.push_screen(ChoiceDialog(title, choices), act)

    def _copy(self) -> None:
        command = shell.show_service(self._service, self.snapshot.link.address)
        texts = {"name": self._service, "health": command}
        copy_one_of(self, f"Copy of {self._service}", texts, {"name": "its name"})
