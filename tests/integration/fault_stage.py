"""What the fault tests share: three critic-agents as processes on a real Consul, load on them, and figures."""

from __future__ import annotations

import asyncio
import statistics
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import grpc

from hp_tui.balancer import LoadBalancedGRPCClient, LoadBalancerError
from hp_tui.demo.ports import free_ports
from hp_tui.heartpulse.faults import Fault, set_fault
from hp_tui.heartpulse.protos.critic_pb2 import CritiqueRequest
from hp_tui.heartpulse.protos.critic_pb2_grpc import CriticAgentStub
from hp_tui.model.balancing import (
    AttemptFinished,
    AttemptOutcome,
    ClientEvent,
    EndpointAdded,
    EndpointBreakerChanged,
    EndpointRemoved,
    Picked,
)
from hp_tui.registry import ConsulServiceRegistry
from tests.integration.fleet_processes import Eventually, FleetProcesses, Service, passing

SERVICE = "critic-agent"
Figures = Callable[..., None]


class Critics:
    """``critic-0`` … on ports of their own, which a restarted one keeps. Calls take ``latency_ms`` at least."""

    def __init__(self, fleet: FleetProcesses, consul: str, count: int, latency_ms: float) -> None:
        self.ids = [f"critic-{number}" for number in range(count)]
        self._fleet = fleet
        self._consul = consul
        self._latency = latency_ms
        self._ports = dict(zip(self.ids, free_ports(count), strict=True))
        self._running: dict[str, Service] = {}

    def address(self, name: str) -> str:
        return f"127.0.0.1:{self._ports[name]}"

    def process(self, name: str) -> Service:
        return self._running[name]

    async def start(self, name: str) -> None:
        """Returns when it serves."""
        self._running[name] = await self._fleet.start(
            SERVICE,
            self._consul,
            *("--allow-faults", "--instance-id", name, "--port", str(self._ports[name]), "--health-port", "0"),
            *("--metrics-port", "0"),
            ports=False,
        )
        await self.fault(name, Fault(latency_ms=self._latency))

    async def fault(self, name: str, fault: Fault) -> None:
        """Put a fault in force; retried while the process starts."""
        async with asyncio.timeout(20):
            while True:
                try:
                    return await set_fault(self.address(name), fault)
                except grpc.aio.AioRpcError:
                    assert self._running[name].process.returncode is None, self._running[name].log
                    await asyncio.sleep(0.05)

    def heal(self) -> Fault:
        """The latency that every call has, and nothing worse."""
        return Fault(latency_ms=self._latency)


@asynccontextmanager
async def critics(
    folder: Path, consul: str, registry: ConsulServiceRegistry, eventually: Eventually, *, latency_ms: float = 20.0
) -> AsyncIterator[Critics]:
    """Three of them, passing in Consul."""
    async with FleetProcesses(folder) as fleet:
        three = Critics(fleet, consul, 3, latency_ms)
        await asyncio.gather(*(three.start(name) for name in three.ids))
        await passing(registry, SERVICE, eventually, 3)
        yield three


@dataclass
class Load:
    """So many callers, each calling again ``pause`` seconds after its last call ended, while the block runs."""

    client: LoadBalancedGRPCClient
    callers: int = 16
    timeout: float = 10.0
    pause: float = 0.01
    idempotent: bool = True
    served: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    longest_ms: float = 0.0
    attempts: int = 0
    events: list[tuple[float, ClientEvent]] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        self._end = self.client.subscribe(self._note)
        self._tasks = [asyncio.create_task(self._call()) for _ in range(self.callers)]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        await asyncio.gather(*self._tasks)
        self._end()

    @property
    def ok(self) -> int:
        return self.served.total()

    def now(self) -> float:
        return self._loop.time()

    def of(self, kind: type[Any], name: str = "", since: float = 0.0) -> list[tuple[float, Any]]:
        """Events of a kind, of an instance if one is named, with their times."""
        return [
            (at, event)
            for at, event in self.events
            if isinstance(event, kind) and at >= since and (not name or _instance(event) == name)
        ]

    def last_failed_attempt(self, name: str, since: float) -> float:
        """Seconds from ``since`` to the last attempt that failed on an instance."""
        failed = [
            at for at, event in self.of(AttemptFinished, name, since) if event.attempt.outcome != AttemptOutcome.OK
        ]
        return max(failed, default=since) - since

    def opened(self, name: str, since: float) -> float | None:
        """Seconds from ``since`` to the opening of its breaker."""
        changes = [at for at, event in self.of(EndpointBreakerChanged, name, since) if event.new == "open"]
        return changes[0] - since if changes else None

    def flaps(self) -> dict[str, int]:
        """How often endpoints were removed and added."""
        return {"removed": len(self.of(EndpointRemoved)), "added": len(self.of(EndpointAdded))}

    def figures(self) -> dict[str, object]:
        return {
            "calls": self.ok + len(self.failures),
            "ok": self.ok,
            "failed": len(self.failures),
            "attempts": self.attempts,
            "longest call ms": round(self.longest_ms),
        }

    async def more(self, count: int, within: float = 30.0) -> None:
        """Return after so many further answered calls."""
        goal = self.ok + count
        async with asyncio.timeout(within):
            while self.ok < goal:
                await asyncio.sleep(0.01)

    async def served_by(self, *names: str, within: float = 30.0) -> None:
        """Return when each of these has answered a call that ended from now on."""
        before = {name: self.served[name] for name in names}
        try:
            async with asyncio.timeout(within):
                while not all(self.served[name] > count for name, count in before.items()):
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(
                f"{before} then, now {self.served}\n{self.client.snapshot()}\n{self.failures[-3:]}"
            ) from None

    async def _call(self) -> None:
        stub = self.client.stub(CriticAgentStub)
        request = CritiqueRequest(text="The pump runs at forty beats a minute.")
        while not self._over.is_set():
            began = self.now()
            try:
                reply = await stub.Critique(request, timeout=self.timeout, idempotent=self.idempotent)  # type: ignore[call-arg]
            except LoadBalancerError as error:
                self.failures.append(str(error))
            else:
                self.served[reply.served_by] += 1
            self.longest_ms = max(self.longest_ms, (self.now() - began) * 1000)
            await asyncio.sleep(self.pause)

    def _note(self, event: ClientEvent) -> None:
        self.attempts += isinstance(event, Picked)
        self.events.append((self.now(), event))


def _instance(event: Any) -> str:
    endpoint = event.attempt.endpoint if isinstance(event, AttemptFinished) else event.endpoint
    return str(endpoint.instance_id)


def evenness(picks: Counter[str]) -> float:
    """The spread of shares, relative to the mean."""
    return (max(picks.values()) - min(picks.values())) / statistics.mean(picks.values())


async def all_in_use(client: LoadBalancedGRPCClient, eventually: Eventually) -> None:
    """Return when all three critic-agents get calls."""
    await eventually(lambda: sum(not one.excluded for one in client.snapshot().endpoints) == 3)
