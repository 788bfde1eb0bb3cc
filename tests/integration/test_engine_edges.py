"""Who calls whom, learned from a real Consul: Connect sidecars, intentions of one and of every service, metadata."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from hp_tui.console.topology.rows.graph import graph
from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.engine import Engine
from hp_tui.model.fleet import Edge, EdgeSource
from hp_tui.settings import Settings

pytestmark = pytest.mark.integration


async def put(http: aiohttp.ClientSession, path: str, body: dict[str, Any]) -> None:
    async with http.put(path, json=body) as answer:
        assert answer.status == 200, await answer.text()


async def intend(http: aiohttp.ClientSession, source: str, target: str, action: str) -> None:
    body = {"SourceName": source, "DestinationName": target, "Action": action}
    async with http.post("/v1/connect/intentions", json=body) as answer:
        assert answer.status == 200, await answer.text()


async def test_sidecars_fold_and_intentions_are_seen(
    consul: ConsulAgent, eventually: Callable[..., Awaitable[Any]]
) -> None:
    async with aiohttp.ClientSession(f"http://{consul.http_addr}") as http:
        sidecar = {"Proxy": {"Upstreams": [{"DestinationName": "db", "LocalBindPort": 9191}]}}
        register = "/v1/agent/service/register"
        await put(http, register, {"Name": "web", "Port": 8080, "Connect": {"SidecarService": sidecar}})
        await put(http, register, {"Name": "db", "Port": 5432, "Meta": {"upstreams": "ghost"}})
        await intend(http, "*", "db", "deny")
        await intend(http, "web", "db", "allow")
        await intend(http, "*", "*", "deny")
    engine = Engine(Settings(address=consul.http_addr))
    work = asyncio.create_task(engine.run(lambda _: None))
    try:

        def edges() -> dict[tuple[str, str], Edge]:
            return {(edge.source, edge.target): edge for edge in engine.snapshot.edges}

        def from_web() -> frozenset[EdgeSource]:
            return edges()["web", "db"].sources if ("web", "db") in edges() else frozenset()

        await eventually(lambda: {("db", "ghost"), ("*", "db")} <= edges().keys())
        await eventually(lambda: from_web() == {EdgeSource.CONNECT, EdgeSource.INTENTION})
        found = edges()
        assert found.keys() == {("web", "db"), ("db", "ghost"), ("*", "db")}
        assert found["web", "db"].mtls
        assert found["*", "db"].denied
        snapshot = engine.snapshot
        picture = graph(snapshot.services, snapshot.edges, intentions=snapshot.intentions)
        assert {"web", "db", "ghost", "*"} <= {node.id for node in picture.nodes}
        assert "web-sidecar-proxy" not in {node.id for node in picture.nodes}
        web = next(node for node in picture.nodes if node.id == "web")
        assert f"{web.note} {web.more}" == "sidecar critical", "nothing listens where the sidecar should"
        assert "* → * denied" in picture.note
    finally:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
