"""Several Consul servers with one leader, for tests of what happens when some of them go."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Self

from hp_tui.demo.consul_agent import ConsulAgent


class ConsulCluster:
    """Several servers on loopback, each a process of its own."""

    def __init__(self, binary: Path, directory: Path, size: int = 3) -> None:
        self.servers = [
            ConsulAgent(binary, directory / f"server-{n}", name=f"server-{n}", servers=size) for n in range(1, size + 1)
        ]

    async def __aenter__(self) -> Self:
        addresses = [server.serf_addr for server in self.servers]
        for server in self.servers:
            server.join([address for address in addresses if address != server.serf_addr])
        try:
            await asyncio.gather(*(server.start(wait=False) for server in self.servers))
            await asyncio.gather(*(server.ready() for server in self.servers))
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        await asyncio.gather(*(server.stop() for server in self.servers))
