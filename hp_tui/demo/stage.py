"""A private Consul with the demo's fleet; nothing of either is left afterwards."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.demo.fleet import DemoFleet
from hp_tui.demo.reaper import MARK, Reaper
from hp_tui.heartpulse.live_settings import SETTINGS, key_of
from hp_tui.registry import ConsulServiceRegistry


class DemoStage:
    """Async context manager. The constructor makes the directory and chooses ports; :meth:`start` starts the processes.

    A screen can therefore open on :attr:`address` before anything runs there.
    """

    def __init__(self, consul_binary: Path, *, check_interval: float = 1.0) -> None:
        self._binary = consul_binary
        self._reaper = Reaper()
        self.directory = Path(tempfile.mkdtemp(prefix=MARK))
        self._reaper.directory(self.directory)
        self.consul = ConsulAgent(consul_binary, self.directory / "consul")
        self.fleet = DemoFleet(
            self.consul.http_addr,
            self.directory / "fleet",
            check_interval=check_interval,
            started=self._reaper.process,
        )

    @property
    def address(self) -> str:
        """``host:port`` of the private Consul."""
        return self.consul.http_addr

    async def start(self) -> None:
        """Start Consul, then the fleet. Raises :class:`ProcessFailedError`."""
        await self.consul.start()
        self._reaper.process(self.consul.pid)
        await self._store_settings()
        await self.fleet.start()

    async def _store_settings(self) -> None:
        """Store the defaults of the settings that the fleet follows. Editing one changes a running service."""
        async with ConsulServiceRegistry(self.address) as registry:
            for service, kind in SETTINGS.items():
                value = msgspec.json.format(msgspec.json.encode(kind()), indent=2) + b"\n"
                await registry.kv.put(key_of(service), value, cas=0)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every process and remove the directory. The reaper ends what is left, also after a failed start."""
        try:
            await self.fleet.kill()
            await self.consul.stop()
        finally:
            self._reaper.finish()
