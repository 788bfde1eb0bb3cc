"""Services of the fleet as processes, for tests: on free ports, checked often, gone at the end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hp_tui.model.catalog import Instance
from hp_tui.registry import ConsulServiceRegistry

Eventually = Callable[..., Awaitable[Any]]


class Service:
    """A process of the fleet and what it wrote."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8")

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    async def wait(self) -> int:
        """The exit status."""
        return await asyncio.wait_for(self.process.wait(), 20)

    async def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the exit status."""
        self.send(number)
        return await self.wait()


class FleetProcesses:
    """Starts services; leaving the block kills what still runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: list[Service] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for service in self._running:
            if service.process.returncode is None:
                service.process.kill()
            await service.process.wait()

    async def start(self, name: str, consul: str, *flags: str, ports: bool = True) -> Service:
        """``hp-tui fleet name`` on the Consul at ``consul``; ``ports`` False leaves the ports to the service."""
        log = self._folder / f"{name}-{len(self._running)}.log"
        free = ("--port", "0", "--health-port", "0", "--metrics-port", "0") if ports else ()
        clean = {key: value for key, value in os.environ.items() if not key.startswith("CONSUL_")}
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "hp_tui", "fleet", name, "--check-interval", "0.2", *free, *flags),
                env={**clean, "CONSUL_HTTP_ADDR": consul},
                stdout=out,
                stderr=out,
            )
        self._running.append(Service(process, log))
        return self._running[-1]


NEXT_FULL_SYNC = 130.0
"""Seconds. Consul 1.8 was seen to run its checks for 19 s without telling its catalog of their first result; its agent tells
all it knows once a minute, at most a minute late (anti-entropy)."""


async def passing(
    registry: ConsulServiceRegistry, name: str, eventually: Eventually, count: int = 1
) -> tuple[Instance, ...]:
    """The instances of a service once exactly ``count`` of them are passing."""

    async def found() -> tuple[Instance, ...]:
        seen = await registry.instances(name, passing_only=True)
        return seen if len(seen) == count else ()

    instances: tuple[Instance, ...] = await eventually(found, NEXT_FULL_SYNC, f"{count} passing {name}")
    return instances
