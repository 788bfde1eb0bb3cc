"""Processes of the benches: echo servers and Envoy, gone at the end of a block."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from hp_tui.demo.ports import free_ports


class EchoServers:
    """``count`` echo servers, each a process; ``ports`` in order."""

    def __init__(self, count: int) -> None:
        self.ports = free_ports(count)
        self._processes: dict[int, subprocess.Popen[str]] = {}

    async def __aenter__(self) -> EchoServers:
        await asyncio.gather(*(asyncio.to_thread(self.start, port) for port in self.ports))
        return self

    async def __aexit__(self, *_: object) -> None:
        for port in list(self._processes):
            self.kill(port)

    def start(self, port: int) -> None:
        """Start the server of a port; returns when it serves."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.echo_server", str(port)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        process.stdout.readline()
        self._processes[port] = process

    def kill(self, port: int) -> None:
        """SIGKILL."""
        process = self._processes.pop(port)
        process.kill()
        process.wait()


def envoy_binary() -> str | None:
    """Path of an Envoy, from the package of that name or the PATH; None when there is none."""
    beside = Path(sys.executable).with_name("envoy")
    return str(beside) if beside.exists() else shutil.which("envoy")


def envoy_version(binary: str) -> str:
    """Such as ``1.40.0``."""
    said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False, timeout=30).stdout
    found = re.search(r"/(\d+\.\d+\.\d+)/", said)
    return found[1] if found else "?"


@contextlib.asynccontextmanager
async def envoy(binary: str, ports: list[int]) -> AsyncIterator[int]:
    """Envoy in front of these loopback ports, round robin over HTTP/2; yields its own port."""
    port, admin = free_ports(2)
    with tempfile.TemporaryDirectory() as directory:
        config = Path(directory) / "envoy.json"
        config.write_text(json.dumps(_bootstrap(port, admin, ports)))
        process = await asyncio.create_subprocess_exec(
            *(binary, "-c", str(config), "--concurrency", "1", "--use-dynamic-base-id", "-l", "error"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "HOME": directory},
        )
        try:
            yield port
        finally:
            process.kill()
            await process.wait()


def _address(port: int) -> dict[str, object]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _bootstrap(port: int, admin: int, ports: list[int]) -> dict[str, object]:
    manager = {
        "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "bench",
        "codec_type": "HTTP2",
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "echo", "timeout": "0s"}}],
                }
            ]
        },
        "http_filters": [
            {
                "name": "router",
                "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"},
            }
        ],
    }
    http2 = {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {"http2_protocol_options": {}},
    }
    return {
        "admin": {"address": _address(admin)},
        "static_resources": {
            "listeners": [
                {
                    "address": _address(port),
                    "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
                }
            ],
            "clusters": [
                {
                    "name": "echo",
                    "type": "STATIC",
                    "lb_policy": "ROUND_ROBIN",
                    "connect_timeout": "2s",
                    "typed_extension_protocol_options": {
                        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": http2
                    },
                    "load_assignment": {
                        "cluster_name": "echo",
                        "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _address(one)}} for one in ports]}],
                    },
                }
            ],
        },
    }
