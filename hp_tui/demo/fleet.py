"""The demo's fleet: seven instances, each a process of its own, that can be broken and mended."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import grpc.aio

from hp_tui.demo.ports import free_ports
from hp_tui.demo.process import Child
from hp_tui.heartpulse.faults import Fault, set_fault
from hp_tui.model.commands import ChaosKind

SIZES = {"aol-core": 1, "heart-pulse": 1, "critic-agent": 3, "validator-agent": 2}
SLOW_MS = 800.0
"""Milliseconds by which `slow` delays every call."""


@dataclass(frozen=True, slots=True)
class DemoInstance:
    """One instance: its id, service and ports. The ports stay the same over restarts, as on a real host."""

    instance_id: str
    service: str
    port: int
    health_port: int
    metrics_port: int

    @property
    def address(self) -> str:
        """``host:port`` of its gRPC server."""
        return f"127.0.0.1:{self.port}"


class DemoFleet:
    """Starts, stops and breaks the instances. ``started`` is called with each process id, so that it can be ended later."""

    def __init__(
        self,
        consul_addr: str,
        directory: Path,
        *,
        check_interval: float = 1.0,
        started: Callable[[int], None] = lambda _: None,
        sizes: dict[str, int] | None = None,
    ) -> None:
        self._consul_addr = consul_addr
        self._directory = directory
        self._check_interval = check_interval
        self._started = started
        sizes = sizes or SIZES
        ports = iter(free_ports(3 * sum(sizes.values())))
        self.members = {
            f"{service}-{number}": DemoInstance(f"{service}-{number}", service, next(ports), next(ports), next(ports))
            for service, size in sizes.items()
            for number in range(1, size + 1)
        }
        self._children: dict[str, Child] = {}
        directory.mkdir(parents=True, exist_ok=True)

    async def start(self) -> None:
        """Start every instance; returns when all processes run, not when they are registered."""
        await asyncio.gather(*(self.start_one(name) for name in self.members))

    async def start_one(self, instance_id: str) -> None:
        """Start one instance that is not running."""
        member = self._member(instance_id)
        command = [
            *(sys.executable, "-m", "hp_tui", "fleet", member.service),
            *("--instance-id", member.instance_id),
            *("--host", "127.0.0.1"),
            *("--port", str(member.port)),
            *("--health-port", str(member.health_port)),
            *("--metrics-port", str(member.metrics_port)),
            *("--check-interval", str(self._check_interval)),
            "--allow-faults",
        ]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("CONSUL_")}
        environ = {**inherited, "CONSUL_HTTP_ADDR": self._consul_addr}
        child = Child(instance_id, command, self._directory / f"{instance_id}.log", environ)
        self._children[instance_id] = child
        await child.start()
        self._started(child.pid)

    async def stop(self, grace: float = 10.0) -> None:
        """Stop every instance gracefully; kill those that still run after ``grace`` seconds."""
        await asyncio.gather(*(child.stop(grace) for child in self._children.values()))

    async def kill(self) -> None:
        """Kill every instance."""
        await asyncio.gather(*(child.kill() for child in self._children.values()))

    def pid(self, instance_id: str) -> int:
        """Process id of an instance; 0 while it does not run."""
        child = self._children.get(self._member(instance_id).instance_id)
        return child.pid if child and child.running else 0

    def dead(self) -> list[Child]:
        """Instances that ended by themselves."""
        return [child for child in self._children.values() if child.pid and not child.running]

    async def chaos(self, kind: ChaosKind, instance_id: str) -> str:
        """Break or mend one instance and say what was done. Raises ``ValueError`` with a sentence where it cannot."""
        member = self._member(instance_id)
        child = self._children.get(instance_id)
        if kind is ChaosKind.RESTART:
            if child is not None:
                await child.kill()
            await self.start_one(instance_id)
            return f"{instance_id} was started again (process {self.pid(instance_id)})"
        if child is None or not child.running:
            raise ValueError(f"{instance_id} is not running; restart it first")
        if kind is ChaosKind.KILL:
            await child.kill()
            return f"{instance_id} was killed (SIGKILL): no goodbye, Consul will find out by its checks"
        if kind is ChaosKind.STOP:
            child.signal(signal.SIGTERM)
            return f"{instance_id} was asked to stop (SIGTERM): it deregisters, drains and exits"
        fault, said = {
            ChaosKind.SLOW: (Fault(latency_ms=SLOW_MS), f"answers {SLOW_MS:g} ms late"),
            ChaosKind.FAIL: (Fault(error="UNAVAILABLE"), "answers every call with UNAVAILABLE"),
            ChaosKind.HEAL: (Fault(), "answers as it should again"),
        }[kind]
        try:
            await set_fault(member.address, fault)
        except grpc.aio.AioRpcError as error:
            raise ValueError(f"{instance_id} did not take the fault: {error.code().name} {error.details()}") from None
        return f"{instance_id} {said}"

    def _member(self, instance_id: str) -> DemoInstance:
        member = self.members.get(instance_id)
        if member is None:
            raise ValueError(f"{instance_id!r} is not of this demo's fleet; it has {', '.join(self.members)}")
        return member
