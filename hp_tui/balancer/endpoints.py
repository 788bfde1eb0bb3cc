"""A client's endpoints: made, refreshed and drained as the registry says, connected, and who of them is in the rotation."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import grpc.aio
from msgspec.structs import replace

from hp_tui.balancer.backend import Backend
from hp_tui.balancer.breaker import BreakerChanged, CircuitBreaker
from hp_tui.balancer.core.listeners import Listeners
from hp_tui.balancer.core.rotation import Rotation
from hp_tui.balancer.half_open import HalfOpenTimer
from hp_tui.balancer.source import EndpointSource
from hp_tui.balancer.subset import subset
from hp_tui.model.balancing import (
    Connectivity,
    ConnectivityChanged,
    Endpoint,
    EndpointAdded,
    EndpointBreakerChanged,
    EndpointHealthChanged,
    EndpointRemoved,
    EndpointSnapshot,
)
from hp_tui.model.catalog import Instance, InstancesUpdate
from hp_tui.model.health import Health

log = logging.getLogger(__name__)
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
"""Seconds before a source that ended or failed is asked again; twice as long each time, at most the second."""


class Endpoints:
    """The endpoints of ``service``. ``rotation`` is told who takes turns, ``listeners`` hear of events.

    ``wall_clock`` is Unix seconds, for the events. ``open_channel`` makes a channel to ``host:port``, ``make_breaker``
    an endpoint's breaker; the rest as for the client.
    """

    def __init__(
        self,
        service: str,
        source: EndpointSource,
        rotation: Rotation,
        listeners: Listeners,
        *,
        wall_clock: Callable[[], float],
        open_channel: Callable[[str], grpc.aio.Channel],
        make_breaker: Callable[[], CircuitBreaker],
        use_warning: bool,
        max_endpoints: int | None,
        client_id: str,
        grace: float,
    ) -> None:
        self.backends: dict[Endpoint, Backend] = {}
        self.update: InstancesUpdate | None = None
        """The newest of the registry's answers; None before the first."""
        self._service = service
        self._source = source
        self._rotation = rotation
        self._listeners = listeners
        self._wall_clock = wall_clock
        self._open = open_channel
        self._make_breaker = make_breaker
        self._use_warning = use_warning
        self._max_endpoints = max_endpoints
        self._client_id = client_id
        self._grace = grace
        self._half_open = HalfOpenTimer(lambda: (backend.breaker for backend in self.backends.values()))
        self._follower: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()

    def follow(self) -> None:
        """Begin to follow the service. Returns at once."""
        self._follower = asyncio.create_task(self._follow(), name=f"endpoints of {self._service}")

    async def close(self) -> None:
        """Stop following, let calls in flight finish (at most ``grace`` seconds), close every channel."""
        self._half_open.stop()
        if self._follower is not None:
            self._follower.cancel()
            await asyncio.wait({self._follower})
        for backend in list(self.backends.values()):
            self._retire(backend)
        self.backends.clear()
        self._rotate()
        while self._closing:
            await asyncio.wait(set(self._closing))

    # What they are.

    def usable(self, backend: Backend) -> bool:
        """Whether its health in Consul lets it take calls."""
        return backend.health is Health.PASSING or (backend.health is Health.WARNING and self._use_warning)

    def snapshots(self) -> tuple[EndpointSnapshot, ...]:
        """A frozen view of each, by endpoint."""
        return tuple(backend.snapshot(self._use_warning) for _, backend in sorted(self.backends.items()))

    def named(self, endpoint: Endpoint | str) -> list[Backend]:
        """The backends of an endpoint or instance id. Raises ``ValueError`` if there is none such."""
        name = endpoint.instance_id if isinstance(endpoint, Endpoint) else endpoint
        found = [
            backend
            for known, backend in self.backends.items()
            if known == endpoint or (isinstance(endpoint, str) and known.instance_id == endpoint)
        ]
        if not found:
            known = ", ".join(sorted(item.instance_id for item in self.backends)) or "none"
            raise ValueError(f"endpoint {name!r} is not one of {self._service!r}; known: {known}")
        return found

    def reasons(self) -> dict[Endpoint, str]:
        """Why each of them gets no picks now."""
        return {
            endpoint: backend.why_not(self._use_warning) or "connected, but not in the rotation"
            for endpoint, backend in sorted(self.backends.items())
        }

    def why_nobody(self) -> str:
        """Why none of them can be picked, in a few words."""
        update = self.update
        if update is None:
            return "the registry has not answered yet"
        if not update.known and not self.backends and not update.stale:
            why = "the service is not known to Consul"
        elif not self.backends and update.stale:
            return f"its instances are not known: {update.error}"
        elif not self.backends:
            why = "the service has no instances"
        elif not any(self.usable(backend) for backend in self.backends.values()):
            critical = sum(backend.health is Health.CRITICAL for backend in self.backends.values())
            why = f"none of its {len(self.backends)} instances is passing ({critical} critical)"
        else:
            why = "none of its passing instances is connected"
        return f"{why}; as of an old answer, because {update.error}" if update.stale and update.error else why

    # As the registry says.

    async def _follow(self) -> None:
        """Follow the source for as long as the client lives. One that ends or raises is asked again (Balancer 9)."""
        pause = FIRST_PAUSE
        while True:
            try:
                async for update in self._source.watch_instances(self._service):
                    self._adopt(update)
                    pause = FIRST_PAUSE
                error = "the source of endpoints ended"
            except Exception as failure:
                log.exception("following the endpoints of %s failed; asking again in %g s", self._service, pause)
                error = f"the source of endpoints failed: {str(failure) or type(failure).__name__}"
            self._keep_stale(error)
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)

    def _keep_stale(self, error: str) -> None:
        """What is known stays in use, marked as old with the reason."""
        known = self.update or InstancesUpdate(self._service, (), self._wall_clock(), known=False)
        self.update = replace(known, stale=True, error=error)
        self._rotation.wake()

    def _adopt(self, update: InstancesUpdate) -> None:
        if not isinstance(update, InstancesUpdate):
            raise TypeError(f"it yielded {update!r}; expected an InstancesUpdate")
        self.update = update
        wanted = {Endpoint(instance.id, instance.endpoint): instance for instance in update.instances}
        for endpoint in self.backends.keys() - wanted.keys():
            self._retire(self.backends.pop(endpoint))
        for endpoint, instance in wanted.items():
            backend = self.backends.get(endpoint)
            if backend is None:
                self._add(instance)
            else:
                self._refresh(backend, instance)
        self._choose_subset()
        self._rotate()

    def _add(self, instance: Instance) -> None:
        backend = Backend(instance, self._open(instance.endpoint), self._make_breaker())
        backend.breaker.subscribe(lambda change: self._breaker_changed(backend, change))
        self.backends[backend.endpoint] = backend
        if self._listeners.active:
            self._listeners.emit(EndpointAdded(self._wall_clock(), self._service, backend.endpoint, backend.health))

    def _refresh(self, backend: Backend, instance: Instance) -> None:
        old, backend.health = backend.health, instance.health
        backend.instance = instance
        if old is not backend.health and self._listeners.active:
            self._listeners.emit(
                EndpointHealthChanged(self._wall_clock(), self._service, backend.endpoint, old, backend.health)
            )

    def _retire(self, backend: Backend) -> None:
        """It gets no more picks; calls in flight finish, then its channel closes."""
        task = asyncio.create_task(backend.close(self._grace), name=f"drain {backend.endpoint.address}")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        if self._listeners.active:
            self._listeners.emit(EndpointRemoved(self._wall_clock(), self._service, backend.endpoint))

    def _choose_subset(self) -> None:
        chosen = self.backends.keys()
        if self._max_endpoints is not None:
            usable = [endpoint for endpoint, backend in self.backends.items() if self.usable(backend)]
            chosen = subset(usable, self._max_endpoints, self._client_id)  # type: ignore[assignment]
        for endpoint, backend in self.backends.items():
            backend.outside = self._max_endpoints is not None and endpoint not in chosen
            if not backend.outside:
                backend.watch(self._connectivity_changed)

    def _rotate(self) -> None:
        backends = tuple(
            backend
            for backend in self.backends.values()
            if backend.was_ready and not backend.outside and self.usable(backend)
        )
        self._rotation.set(backends)

    def _connectivity_changed(self, backend: Backend, old: Connectivity, new: Connectivity) -> None:
        if self._listeners.active:
            self._listeners.emit(ConnectivityChanged(self._wall_clock(), self._service, backend.endpoint, old, new))
        self._rotate()

    def _breaker_changed(self, backend: Backend, change: BreakerChanged) -> None:
        if self._listeners.active:
            event = EndpointBreakerChanged(
                self._wall_clock(), self._service, backend.endpoint, change.old, change.new, change.reason
            )
            self._listeners.emit(event)
        self._rotation.wake()
        self._half_open.set()
