"""Actions on instances: breakers, maintenance, deregistration, and the demo's chaos."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from hp_tui.balancer import LoadBalancedGRPCClient, LoadBalancerError
from hp_tui.engine.chaos import ChaosPort
from hp_tui.engine.client_pool import ClientPool
from hp_tui.engine.errors import NotDoneError
from hp_tui.engine.events import Acted, Event, Noticed
from hp_tui.engine.publisher import Publisher
from hp_tui.engine.workers.bulk import BulkWorker
from hp_tui.model.catalog import Instance
from hp_tui.model.commands import (
    Chaos,
    Deregister,
    InstanceCommand,
    ReleaseBreaker,
    ResetBreaker,
    SetMaintenance,
    TripBreaker,
)
from hp_tui.model.timeline import Severity
from hp_tui.registry import ConsulServiceRegistry, RegistryError

MEETING = 5.0
"""Seconds for a client that was just made to hear of its instances."""


class InstanceWorker:
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
        self.bulk = BulkWorker(self.carry_out, publisher.emit, now)

    async def on_instance(self, command: InstanceCommand) -> None:
        """Do it and tell the user."""
        try:
            said = await self.carry_out(command)
        except NotDoneError as error:
            self._fail(command.instance_id, str(error))
        else:
            self._done(command.instance_id, command.service, said)

    async def carry_out(self, command: InstanceCommand) -> str:
        """Do it; returns what was done, in a few words. Raises :class:`NotDoneError`."""
        try:
            match command:
                case SetMaintenance():
                    return await self._set_maintenance(command)
                case Deregister():
                    return await self._deregister(command)
                case _:
                    return await self._breaker(command)
        except (RegistryError, LoadBalancerError, ValueError) as error:
            raise NotDoneError(str(error)) from error

    async def _breaker(self, command: ResetBreaker | TripBreaker | ReleaseBreaker) -> str:
        client = await self._clients.get(command.service)
        await _met(client, command.instance_id)
        match command:
            case ResetBreaker():
                client.reset(command.instance_id)
                return "breaker reset by hand"
            case TripBreaker():
                client.trip(command.instance_id, command.reason)
                return f"breaker tripped by hand: {command.reason}"
        client.release(command.instance_id)
        return "breaker released"

    async def _set_maintenance(self, command: SetMaintenance) -> str:
        instance = await self._instance(command.service, command.instance_id, command.node)
        result = await self._registry.set_instance_maintenance(instance, command.enabled, command.reason)
        on = f"maintenance on: {command.reason}" if command.reason else "maintenance on"
        return f"{on if command.enabled else 'maintenance off'}. {result.note}".strip()

    async def _deregister(self, command: Deregister) -> str:
        instance = await self._instance(command.service, command.instance_id, command.node)
        result = await self._registry.deregister_instance(instance)
        return f"deregistered by hand. {result.note}".strip()

    async def _instance(self, service: str, instance_id: str, node: str) -> Instance:
        """As last seen; asked for where the service is not watched. Raises :class:`NotDoneError` when it is gone."""
        view = self._publisher.snapshot.services.get(service)
        if view is not None and view.instances is not None:
            known: tuple[Instance, ...] = tuple(item.instance for item in view.instances)
        else:
            known = await self._registry.instances(service)
        for candidate in known:
            if candidate.id == instance_id and node in {"", candidate.node}:
                return candidate
        raise NotDoneError(f"{instance_id} is not registered any more; nothing was done")

    async def chaos(self, command: Chaos) -> None:
        """Break or mend an instance of the demo."""
        if self._chaos is None:
            self._fail(command.instance_id, "chaos is for the demo's own fleet; this console is attached to another")
            return
        try:
            said = await self._chaos.chaos(command.kind, command.instance_id)
        except (ValueError, OSError) as error:
            self._fail(command.instance_id, str(error))
            return
        self._done(command.instance_id, "", said, Severity.WARN)

    def _emit(self, event: Event) -> None:
        self._publisher.emit(event)

    def _done(self, subject: str, service: str, text: str, severity: Severity = Severity.INFO) -> None:
        self._emit(Acted(self._now(), subject, service, text, severity))

    def _fail(self, subject: str, text: str) -> None:
        self._emit(Noticed(self._now(), Severity.BAD, text, subject))


async def _met(client: LoadBalancedGRPCClient, instance_id: str) -> None:
    """Return when the client knows the instance: one that was just made has not heard of any yet."""

    def knows() -> bool:
        return any(item.endpoint.instance_id == instance_id for item in client.snapshot().endpoints)

    met = asyncio.Event()
    end = client.subscribe(lambda _: met.set() if knows() else None)
    try:
        if not knows():
            with contextlib.suppress(TimeoutError):  # what is asked of it then says what it does know
                async with asyncio.timeout(MEETING):
                    await met.wait()
    finally:
        end()
