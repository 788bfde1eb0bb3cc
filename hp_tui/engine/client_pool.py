"""The console's own balanced clients: one a service, made at first use.

Watching changes nothing: no channel is opened to a service until somebody fires a call at it or works its breakers.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from hp_tui.engine.events import BalancerSpoke, EndpointsSeen, Event, RatesSeen
from hp_tui.engine.meter import Meter
from hp_tui.model.balancing import CallFinished, ClientEvent
from hp_tui.registry import ConsulServiceRegistry
from hp_tui.settings import Settings

if TYPE_CHECKING:
    from hp_tui.balancer import LoadBalancedGRPCClient


class ClientPool:
    """Clients by service name. Not started until asked for; all closed by :meth:`close`."""

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
        self._stirred = asyncio.Event()
        self._meter = Meter()
        self._rated = False

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
            client.subscribe(self._heard)
            await client.__aenter__()
        return client

    async def stirred(self) -> None:
        """Wait until there is something to report: while nobody calls, nothing is looked at."""
        await self._stirred.wait()

    def report(self) -> None:
        """Emit the endpoints of every client that did something since the last report, and the calls' rates."""
        now = self._now()
        busy = {name for name, client in self._clients.items() if any(e.in_flight for e in client.snapshot().endpoints)}
        dirty, self._dirty = self._dirty, busy
        for service in dirty:
            self._emit(EndpointsSeen(now, self._clients[service].snapshot()))
        rates = self._meter.rates(now)
        if rates or self._rated:
            self._emit(RatesSeen(now, rates))
        self._rated = bool(rates)
        if not self._dirty and not rates:
            self._stirred.clear()

    def touch(self, service: str) -> None:
        """Make the next report include this service, as after its instances changed."""
        if service in self._clients:
            self._mark(service)

    async def close(self) -> None:
        """Close every client; one that fails to close does not keep the others open."""
        async with contextlib.AsyncExitStack() as stack:
            for client in self._clients.values():
                stack.push_async_callback(client.close)
            self._clients = {}

    def _heard(self, event: ClientEvent) -> None:
        self._mark(event.service)
        if isinstance(event, CallFinished):
            self._meter.note(event.service, event.at, event.ok)
        self._emit(BalancerSpoke(event.at, event))

    def _mark(self, service: str) -> None:
        self._dirty.add(service)
        self._stirred.set()
