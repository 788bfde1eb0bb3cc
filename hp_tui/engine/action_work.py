"""Actions on one instance: its breaker, maintenance, deregistration, and the demo's chaos."""

from __future__ import annotations

from collections.abc import Callable

from hp_tui.balancer import LoadBalancerError
from hp_tui.engine.chaos import ChaosPort
from hp_tui.engine.clients import ClientPool
from hp_tui.engine.events import Acted, Event, Noticed
from hp_tui.engine.publisher import Publisher
from hp_tui.model.catalog import Instance
from hp_tui.model.commands import Chaos, Deregister, ReleaseBreaker, ResetBreaker, SetMaintenance, TripBreaker
from hp_tui.model.timeline import Severity
from hp_tui.registry import ConsulServiceRegistry, RegistryError


class ActionWork:
    """Carries out actions and says what came of each."""

    def __init__(
        self,
        registry: ConsulServiceRegistry,
        clients: ClientPool,
        publisher: Publisher,
        now: Callable[[], float],
        chaos: ChaosPort | None,
    ) -> None:
        self._registry = registry
        self._clients = clients
        self._publisher = publisher
        self._now = now
        self._chaos = chaos

    async def reset_breaker(self, command: ResetBreaker) -> None:
        client = await self._clients.get(command.service)
        self._on_breaker(command, lambda: client.reset(command.instance_id), "breaker reset by hand")

    async def trip_breaker(self, command: TripBreaker) -> None:
        client = await self._clients.get(command.service)
        self._on_breaker(
            command,
            lambda: client.trip(command.instance_id, command.reason),
            f"breaker tripped by hand: {command.reason}",
        )

    async def release_breaker(self, command: ReleaseBreaker) -> None:
        client = await self._clients.get(command.service)
        self._on_breaker(command, lambda: client.release(command.instance_id), "breaker released")

    def _on_breaker(
        self, command: ResetBreaker | TripBreaker | ReleaseBreaker, act: Callable[[], None], done: str
    ) -> None:
        try:
            act()
        except (LoadBalancerError, ValueError) as error:
            self._fail(command.instance_id, str(error))
            return
        self._done(command.instance_id, command.service, done)

    async def set_maintenance(self, command: SetMaintenance) -> None:
        instance = self._instance(command.service, command.instance_id)
        if instance is None:
            return
        try:
            result = await self._registry.set_instance_maintenance(instance, command.enabled, command.reason)
        except RegistryError as error:
            self._fail(command.instance_id, str(error))
            return
        state = f"maintenance on: {command.reason}" if command.enabled else "maintenance off"
        self._done(command.instance_id, command.service, f"{state}. {result.note}".strip())

    async def deregister(self, command: Deregister) -> None:
        instance = self._instance(command.service, command.instance_id)
        if instance is None:
            return
        try:
            result = await self._registry.deregister_instance(instance)
        except RegistryError as error:
            self._fail(command.instance_id, str(error))
            return
        self._done(command.instance_id, command.service, f"deregistered by hand. {result.note}".strip())

    async def chaos(self, command: Chaos) -> None:
        if self._chaos is None:
            self._fail(command.instance_id, "chaos is for the demo's own fleet; this console is attached to another")
            return
        try:
            said = await self._chaos.chaos(command.kind, command.instance_id)
        except (ValueError, OSError) as error:
            self._fail(command.instance_id, str(error))
            return
        self._done(command.instance_id, "", said, Severity.WARN)

    def _instance(self, service: str, instance_id: str) -> Instance | None:
        view = self._publisher.snapshot.services.get(service)
        for candidate in (view.instances if view else None) or ():
            if candidate.id == instance_id:
                return candidate.instance
        self._fail(instance_id, f"{instance_id} is not registered any more; nothing was done")
        return None

    def _emit(self, event: Event) -> None:
        self._publisher.emit(event)

    def _done(self, subject: str, service: str, text: str, severity: Severity = Severity.INFO) -> None:
        self._emit(Acted(self._now(), subject, service, text, severity))

    def _fail(self, subject: str, text: str) -> None:
        self._emit(Noticed(self._now(), Severity.BAD, text, subject))
