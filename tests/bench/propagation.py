"""From Consul's answer to the first pick that reflects it."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from pathlib import Path

from hp_tui.balancer import LoadBalancedGRPCClient
from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.demo.consul_binary import find_consul
from hp_tui.model.balancing import ClientEvent, Picked
from hp_tui.model.registration import ServiceDefinition
from hp_tui.registry import ConsulServiceRegistry
from tests.bench.echo_server import METHOD
from tests.bench.processes import EchoServers
from tests.bench.proxy import CountingProxy
from tests.bench.table import Goal, Table, middle, ms

RUNS = 9
GOAL = 0.010
"""Seconds."""


class Stopwatch:
    """Notes when the answer to a change passed, and when the instance it was about was first picked after it."""

    def __init__(self) -> None:
        self._name = b""
        self.answered: float | None = None
        self.picked = asyncio.Event()
        self.last_pick = 0.0

    def watch_for(self, name: str) -> None:
        self._name, self.answered = name.encode(), None
        self.picked.clear()

    def answer(self, _: bytes, at: float) -> None:
        """The one blocking query that passes is answered when something changed, and then only."""
        if self.answered is None:
            self.answered = at

    def heard(self, event: ClientEvent) -> None:
        if isinstance(event, Picked) and event.endpoint.instance_id.encode() == self._name:
            self.last_pick = time.perf_counter()
            if not self.picked.is_set() and self.answered is not None:
                self.picked.set()


async def run(quick: bool) -> Table:
    """An instance joins and leaves, several times, while one caller calls without pause."""
    runs = 2 if quick else RUNS
    joined: list[float] = []
    left: list[float] = []
    watch = Stopwatch()
    async with contextlib.AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        consul = await stack.enter_async_context(ConsulAgent(find_consul(), directory))
        servers = await stack.enter_async_context(EchoServers(3))
        direct = await stack.enter_async_context(ConsulServiceRegistry(consul.http_addr))
        proxy = await stack.enter_async_context(CountingProxy(consul.http_addr, watch.answer))
        registry = await stack.enter_async_context(ConsulServiceRegistry(proxy.address))
        steady = [ServiceDefinition("echo", f"steady-{port}", "127.0.0.1", port) for port in servers.ports[:2]]
        for definition in steady:
            await direct.register(definition)
        client = await stack.enter_async_context(LoadBalancedGRPCClient("echo", registry))
        client.subscribe(watch.heard)
        await client.wait_ready(10.0)
        stub = client.channel().unary_unary(METHOD)

        async def call_on() -> None:
            while True:
                await stub(b"x", timeout=5.0)

        calling = asyncio.create_task(call_on())
        for number in range(runs):
            name = f"joining-{number}"
            watch.watch_for(name)
            await direct.register(ServiceDefinition("echo", name, "127.0.0.1", servers.ports[2]))
            await asyncio.wait_for(watch.picked.wait(), 10)
            joined.append(time.perf_counter() - _since(watch))
            watch.answered = None
            await direct.deregister(name)
            while watch.answered is None:
                await asyncio.sleep(0.001)
            answered = _since(watch)
            await asyncio.sleep(0.1)
            left.append(max(0.0, watch.last_pick - answered))
        calling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await calling
    return Table(
        "From Consul's answer to the pick",
        ("", "median", "at most"),
        [
            (
                "a new instance: answer → its first pick, its connection made in between",
                ms(middle(joined)),
                ms(max(joined)),
            ),
            ("an instance gone: answer → its last pick", ms(middle(left)), ms(max(left))),
        ],
        f"The answer is stamped by a proxy in front of the agent; one caller calls without pause; {runs} runs.",
        (Goal("≤ 10 ms", ms(middle(joined)), middle(joined) <= GOAL),),
    )


def _since(watch: Stopwatch) -> float:
    assert watch.answered is not None
    return watch.answered
