"""A private Consul on free loopback ports with its own data directory. It never joins a Consul that already runs."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import time
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from hp_tui.demo.errors import ProcessFailedError
from hp_tui.demo.ports import free_ports
from hp_tui.demo.process import Child

READY_TIMEOUT = 30.0
"""Seconds for an agent to start and to see a leader; about 2 on two idle cores."""
START_TRIES = 3
"""Another process may take a port between choosing and using it."""


def config_file() -> Path:
    """The server configuration the project ships: inside an installed package, or in the repository."""
    packaged = Path(str(files("hp_tui.demo") / "consul-config.hcl"))
    if packaged.is_file():
        return packaged
    return Path(__file__).resolve().parents[2] / "consul" / "config" / "consul-config.hcl"


class ConsulAgent:
    """One ``consul agent`` process. Its ports are chosen at construction and stay the same over restarts.

    ``extra`` is merged into the configuration (Consul's JSON form). ``join`` names the serf addresses of other servers.
    """

    def __init__(
        self,
        binary: Path,
        directory: Path,
        *,
        name: str = "consul-server",
        extra: Mapping[str, Any] | None = None,
        servers: int = 1,
        datacenter: str = "",
    ) -> None:
        self.name = name
        self._binary = binary
        self._directory = directory
        self._extra = dict(extra or {})
        self._servers = servers
        self._datacenter = datacenter
        self._join: Sequence[str] = ()
        self._choose_ports()
        directory.mkdir(parents=True, exist_ok=True)
        self._child = self._make_child()

    @property
    def http_addr(self) -> str:
        """``host:port`` of the HTTP API."""
        return f"127.0.0.1:{self._ports['http']}"

    @property
    def grpc_addr(self) -> str:
        """``host:port`` of the gRPC (xDS) API."""
        return f"127.0.0.1:{self._ports['grpc']}"

    @property
    def serf_addr(self) -> str:
        """``host:port`` other servers join."""
        return f"127.0.0.1:{self._ports['serf_lan']}"

    @property
    def wan_addr(self) -> str:
        """``host:port`` servers of other datacenters join (``retry_join_wan``)."""
        return f"127.0.0.1:{self._ports['serf_wan']}"

    @property
    def rpc_addr(self) -> str:
        """``host:port`` as the cluster's leader is named."""
        return f"127.0.0.1:{self._ports['server']}"

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def running(self) -> bool:
        return self._child.running

    def log_tail(self) -> str:
        """The end of the agent's log."""
        return self._child.log_tail()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self, *, wait: bool = True) -> None:
        """Start it and, unless ``wait`` is False, return when it sees a leader.

        Raises :class:`ProcessFailedError` with the end of the agent's log.
        """
        for attempt in range(START_TRIES):
            self._write_config()
            await self._child.start()
            try:
                if wait:
                    await self.ready()
                return
            except ProcessFailedError:
                await self._child.kill()
                taken = "address already in use" in self._child.log_tail()
                if not taken or attempt == START_TRIES - 1:
                    raise
                self._choose_ports()

    async def ready(self, timeout: float = READY_TIMEOUT) -> None:
        """Return when the agent answers and sees a leader. Raises :class:`ProcessFailedError` after ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as http:
            while time.monotonic() < deadline:
                if not self._child.running:
                    raise self._child.failed("did not start")
                try:
                    if await self._in_catalog(http):
                        return
                except (aiohttp.ClientError, TimeoutError):
                    pass
                await asyncio.sleep(0.05)
        raise self._child.failed(f"saw no leader within {timeout:g} s")

    async def _in_catalog(self, http: aiohttp.ClientSession) -> bool:
        """Whether the leader knows this node with its own check, without which Consul refuses sessions on it."""
        # The catalog answers only when there is a leader that has caught up.
        async with http.get(f"http://{self.http_addr}/v1/catalog/nodes") as answer:
            if answer.status == 403:
                return True
            if answer.status != 200 or not await answer.json():
                return False
        async with http.get(f"http://{self.http_addr}/v1/health/node/{self.name}") as answer:
            return answer.status == 200 and any(check["CheckID"] == "serfHealth" for check in await answer.json())

    async def stop(self) -> None:
        """Kill it: no other server needs to hear that it leaves."""
        await self._child.kill()

    async def restart(self, *, wipe: bool = False) -> None:
        """Stop and start on the same ports; ``wipe`` with an empty state, as after losing the disk."""
        await self.stop()
        if wipe:
            shutil.rmtree(self._directory / "data", ignore_errors=True)
        await self.start()

    def pause(self) -> None:
        """SIGSTOP: connections stay open and nothing answers."""
        self._child.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self._child.signal(signal.SIGCONT)

    def join(self, addresses: Sequence[str]) -> None:
        """Other servers to join at the next start."""
        self._join = tuple(addresses)

    def _choose_ports(self) -> None:
        names = ("http", "grpc", "serf_lan", "serf_wan", "server")
        self._ports = dict(zip(names, free_ports(len(names)), strict=True))

    def _make_child(self) -> Child:
        command = [
            str(self._binary),
            "agent",
            f"-config-file={config_file()}",
            f"-config-file={self._directory / 'private.json'}",
        ]
        return Child(self.name, command, self._directory / "consul.log")

    def _write_config(self) -> None:
        private: dict[str, Any] = {
            "node_name": self.name,
            "data_dir": str(self._directory / "data"),
            "bind_addr": "127.0.0.1",
            "client_addr": "127.0.0.1",
            "bootstrap_expect": self._servers,
            "ports": {**self._ports, "dns": -1},
            # Elections in a fraction of a second: nothing here crosses a network.
            "performance": {"raft_multiplier": 1},
            "disable_update_check": True,
            "leave_on_terminate": False,
        }
        if self._datacenter:
            private["datacenter"] = self._datacenter
        if self._join:
            private["retry_join"] = list(self._join)
            private["retry_interval"] = "1s"
        text = json.dumps({**private, **self._extra}, indent=2)
        (self._directory / "private.json").write_text(text, "utf-8")
