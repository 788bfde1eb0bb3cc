"""A source of endpoints that ends, raises or talks nonsense: told, survived, asked again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from hp_tui.balancer import LoadBalancedGRPCClient, NoHealthyEndpointsError, endpoints
from hp_tui.model.catalog import InstancesUpdate
from hp_tui.model.health import Health
from tests.integration.grpc_servers import EchoServer, EchoStub, who


class Failing:
    """Yields ``first``, then does ``then``; from the second time on it stays."""

    def __init__(self, first: list[Any], then: Callable[[], None]) -> None:
        self.asked = 0
        self._first, self._then = first, then

    async def watch_instances(self, service: str) -> AsyncIterator[Any]:
        self.asked += 1
        for update in self._first:
            yield update
        if self.asked > 1:
            await asyncio.Event().wait()
        self._then()


def ends() -> None:
    """The iterator is over."""


def raises() -> None:
    raise LookupError("no such shelf")


@pytest.fixture
async def server():
    server = EchoServer("echo-0")
    await server.start()
    yield server
    await server.stop()


@pytest.mark.parametrize(("then", "why"), [(ends, "ended"), (raises, "no such shelf")])
async def test_balancer_9_a_source_that_fails_leaves_its_last_set_in_use(server, eventually, monkeypatch, then, why):
    monkeypatch.setattr(endpoints, "FIRST_PAUSE", 30.0)
    source = Failing([InstancesUpdate("echo", (server.instance(Health.PASSING),), 1.0, known=True)], then)
    async with LoadBalancedGRPCClient("echo", source) as client:
        await eventually(lambda: client.snapshot().stale)
        assert why in client.snapshot().error
        assert who(await client.stub(EchoStub).Unary(b"x", timeout=20)) == "echo-0"


@pytest.mark.parametrize("nonsense", [None, "instances", 7])
async def test_balancer_9_a_source_that_talks_nonsense_is_asked_again(server, eventually, nonsense):
    good = InstancesUpdate("echo", (server.instance(Health.PASSING),), 1.0, known=True)
    source = Failing([], ends)

    async def watch(service: str) -> AsyncIterator[Any]:
        source.asked += 1
        yield nonsense if source.asked == 1 else good
        await asyncio.Event().wait()

    source.watch_instances = watch  # type: ignore[method-assign]
    async with LoadBalancedGRPCClient("echo", source) as client:
        assert who(await client.stub(EchoStub).Unary(b"x", timeout=20)) == "echo-0"
    assert source.asked == 2


async def test_balancer_9_never_having_heard_is_not_told_as_no_instances(eventually, monkeypatch):
    monkeypatch.setattr(endpoints, "FIRST_PAUSE", 30.0)
    async with LoadBalancedGRPCClient("echo", Failing([], raises)) as client:
        await eventually(lambda: client.snapshot().stale)
        with pytest.raises(NoHealthyEndpointsError, match=r"its instances are not known: .*no such shelf"):
            await client.stub(EchoStub).Unary(b"x", timeout=0.2)
