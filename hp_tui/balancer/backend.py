"""One endpoint of a client: its channel, its breaker, its figures."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import math
from collections import deque
from collections.abc import Callable
from typing import Any

import grpc
import grpc.aio

from hp_tui.balancer.breaker import CircuitBreaker
from hp_tui.model.balancing import BreakerState, Connectivity, Endpoint, EndpointSnapshot
from hp_tui.model.catalog import Instance
from hp_tui.model.health import Health
from hp_tui.model.percentile import percentile

LOSS_IS_SEEN = 0.5
"""Seconds within which a loss is seen: gRPC fails a connection's calls a moment before it says that it is gone."""
LATENCIES = 512
"""Newest latencies kept for the percentiles."""

_CONNECTIVITY = {
    grpc.ChannelConnectivity.IDLE: Connectivity.IDLE,
    grpc.ChannelConnectivity.CONNECTING: Connectivity.CONNECTING,
    grpc.ChannelConnectivity.READY: Connectivity.READY,
    grpc.ChannelConnectivity.TRANSIENT_FAILURE: Connectivity.TRANSIENT_FAILURE,
    grpc.ChannelConnectivity.SHUTDOWN: Connectivity.SHUTDOWN,
}


class Backend:
    """Made when an endpoint appears, kept while it stays, drained when it goes. Never rebuilt in between."""

    __slots__ = (
        "_callables",
        "_latencies",
        "_watcher",
        "breaker",
        "channel",
        "connectivity",
        "drained",
        "endpoint",
        "failed_at",
        "failures",
        "health",
        "in_flight",
        "instance",
        "outside",
        "picks",
        "to_blame",
        "unreachable",
        "was_ready",
    )

    def __init__(self, instance: Instance, channel: grpc.aio.Channel, breaker: CircuitBreaker) -> None:
        self.instance = instance
        self.endpoint = Endpoint(instance.id, instance.endpoint)
        self.health = instance.health
        self.channel = channel
        self.breaker = breaker
        self.connectivity = Connectivity.IDLE
        self.was_ready = False
        """Whether it ever was READY: a new endpoint joins the rotation only then."""
        self.failed_at = -math.inf
        """When the failure was that counted last against the retry budget; seconds of the client's clock."""
        self.to_blame = False
        """Whether its breaker had opened while the connection that was lost last still stood."""
        self.outside = False
        """Whether the subset leaves it out."""
        self.unreachable = ""
        """Why its address cannot be connected to at all, one phrase; '' where it can be tried."""
        self.picks = 0
        self.failures = 0
        self.in_flight = 0
        self.drained = asyncio.Event()
        self._latencies: deque[float] = deque(maxlen=LATENCIES)
        self._callables: dict[tuple[Any, ...], Any] = {}
        self._watcher: asyncio.Task[None] | None = None

    def watch(self, changed: Callable[[Backend, Connectivity, Connectivity], None]) -> None:
        """Connect, stay connected, and tell of every change of connectivity. Does nothing the second time."""
        if self._watcher is not None:
            return
        if self.instance.port == 0:  # gRPC would try for ever, and say no more than "transient failure"
            self.unreachable = "registered with port 0, where nothing can listen"
            self.connectivity = Connectivity.TRANSIENT_FAILURE
            return
        self._watcher = asyncio.create_task(self._watch(changed), name=f"connectivity {self.endpoint.address}")

    async def _watch(self, changed: Callable[[Backend, Connectivity, Connectivity], None]) -> None:
        while True:
            # Asking with try_to_connect wakes an idle channel.
            state = self.channel.get_state(try_to_connect=True)
            old, self.connectivity = self.connectivity, _CONNECTIVITY[state]
            if self.connectivity is Connectivity.READY:
                self.was_ready = True
                self._connected(again=old is not Connectivity.READY)
            elif old is Connectivity.READY:
                self._lost()
            self.unreachable = await self._why_unreachable()
            if old is not self.connectivity:
                changed(self, old, self.connectivity)
            if self.connectivity is Connectivity.SHUTDOWN:
                return
            await self.channel.wait_for_state_change(state)

    async def _why_unreachable(self) -> str:
        """Whether its host is a name that does not resolve: gRPC tells that as any other failure to connect."""
        host = self.instance.address
        if self.connectivity is not Connectivity.TRANSIENT_FAILURE or _is_address(host):
            return ""
        try:
            await asyncio.get_running_loop().getaddrinfo(host, self.instance.port)
        except OSError as error:
            return f"its host name {host!r} does not resolve ({error.strerror or error})"
        return ""

    def _connected(self, again: bool) -> None:
        if again and not self.to_blame:
            # It was refused for want of a connection alone. A whole open time after every backend was restarted, or a
            # switch failed for a second, would be an outage of our own making.
            self.breaker.retry_now("connected again")

    def _lost(self) -> None:
        breaker = self.breaker.snapshot()
        self.to_blame = breaker.computed is BreakerState.OPEN and breaker.in_state > LOSS_IS_SEEN

    def connected_now(self) -> bool:
        """Whether the channel is READY at this moment; the watcher may hear of a loss a little later."""
        return self.channel.get_state() is grpc.ChannelConnectivity.READY

    def fails_anew(self, sent_at: float, now: float) -> bool:
        """Whether a failure is news: its attempt was sent after the last that was. Seconds of one clock."""
        if sent_at < self.failed_at:
            return False
        self.failed_at = now
        return True

    def multicallable(self, kind: str, path: str, serializer: Any, deserializer: Any) -> Any:
        """The channel's multicallable of a method, made once."""
        key = (kind, path, serializer, deserializer)
        found = self._callables.get(key)
        if found is None:
            make = getattr(self.channel, kind)
            found = make(path, request_serializer=serializer, response_deserializer=deserializer)
            self._callables[key] = found
        return found

    def finished(self, ok: bool, ms: float | None) -> None:
        """One attempt fewer in flight; ``ms`` counts for the percentiles unless None."""
        self.in_flight -= 1
        if not ok:
            self.failures += 1
        if ms is not None:
            self._latencies.append(ms)
        if not self.in_flight:
            self.drained.set()

    def began(self) -> None:
        """One attempt more in flight."""
        self.picks += 1
        self.in_flight += 1
        self.drained.clear()

    async def close(self, grace: float) -> None:
        """Let calls in flight finish, at most ``grace`` seconds, then close the channel."""
        if self.in_flight:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(grace):
                    await self.drained.wait()
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.wait({self._watcher})
        await self.channel.close()
        self._callables.clear()

    def why_not(self, use_warning: bool) -> str:
        """Why it gets no picks now, one phrase; '' when it does."""
        if self.health in {Health.CRITICAL, Health.MAINTENANCE} or (self.health is Health.WARNING and not use_warning):
            return f"{self.health.value} in Consul"
        if self.outside:
            return "outside the subset"
        retry_after = self.breaker.retry_after
        if retry_after is None:
            return "breaker opened by hand"
        if retry_after > 0:
            return f"breaker open for another {retry_after:.0f} s"
        if self.unreachable:
            return self.unreachable
        if self.connectivity is not Connectivity.READY:
            return f"not connected: {self.connectivity.value}"
        return ""

    def snapshot(self, use_warning: bool) -> EndpointSnapshot:
        """A frozen view."""
        ordered = sorted(self._latencies)
        return EndpointSnapshot(
            endpoint=self.endpoint,
            health=self.health,
            connectivity=self.connectivity,
            breaker=self.breaker.snapshot(),
            picks=self.picks,
            failures=self.failures,
            in_flight=self.in_flight,
            p50_ms=percentile(ordered, 0.50),
            p99_ms=percentile(ordered, 0.99),
            excluded=self.why_not(use_warning),
        )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
