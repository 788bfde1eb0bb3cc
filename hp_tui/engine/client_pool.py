"""The console's own balanced clients: one for each service, made at first use.

Watching opens no channel: a client is made when the user fires a call at its service or uses one of its breakers.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from hp_tui.engine.events import ClientEventSeen, EndpointsSeen, Event, RatesSeen
from hp_tui.engine.meter import Meter
from hp_tui.model.balancing import CallFinished, ClientEvent
from hp_tui.registry import ConsulServiceRegistry
from hp_tui.settings import Settings

if TYPE_CHECKING:
    from hp_tui.balancer import LoadBalancedGRPCClient


class ClientPool:
    """Clients by service name. Each starts when it is first asked for; :meth:`close` closes all."""

    def __init__(
        self,
        registry: ConsulServiceRegistry,
        settings: Settings,
        emit: Callable[[Event], None],
        now: Callable[[], float],
    ) -> None:
        self._registry = registry
        self._settings = settings
        self._emit = emit
        self._now = now
        self._clients: dict[str, LoadBalancedGRPCClient] = {}
        self._dirty: set[str] = set()
        self._active = asyncio.Event()
        self._meter = Meter()
        self._reported_rates = False

    @property
    def services(self) -> frozenset[str]:
        """Services that have a client."""
        return frozenset(self._clients)

    async def get(self, service: str) -> LoadBalancedGRPCClient:
        """The client of a service, started."""
        client = self._clients.get(service)
        if client is None:
            from hp_tui.balancer import LoadBalancedGRPCClient

            client = LoadBalancedGRPCClient(
                service,
                self._registry,
                failure_threshold=self._settings.failure_threshold,
                open_timeout=self._settings.open_timeout,
            )
            self._clients[service] = client
            client.subscribe(self._on_event)
            await client.__aenter__()
        return client

    async def wait_for_activity(self) -> None:
        """Wait until a client has something to report."""
        await self._active.wait()

    def report(self) -> None:
        """Emit the endpoints of every client that did something since the last report, and the calls' rates."""
        now = self._now()
        busy = {name for name, client in self._clients.items() if any(e.in_flight for e in client.snapshot().endpoints)}
        dirty, self._dirty = self._dirty, busy
        for service in dirty:
            self._emit(EndpointsSeen(now, self._clients[service].snapshot()))
        rates = self._meter.rates(now)
        if rates or self._reported_rates:
            self._emit(RatesSeen(now, rates))
        self._reported_rates = bool(rates)
        if not self._dirty and not rates:
            self._active.clear()

    def touch(self, service: str) -> None:
        """Include this service in the next report, for instance after its instances changed."""
        if service in self._clients:
            self._mark(service)

    async def close(self) -> None:
        """Close every client; one that fails to close does not keep the others open."""
        async with contextlib.AsyncExitStack() as stack:
            for client in self._clients.values():
                stack.push_async_callback(client.close)
            self._clients = {}

    def _on_event(self, event: ClientEvent) -> None:
        self._mark(event.service)
        if isinstance(event, CallFinished):
            self._meter.note(event.service, event.at, event.ok)
        self._emit(ClientEventSeen(event.at, event))

    def _mark(self, service: str) -> None:
        self._dirty.add(service)
        self._active.set()
