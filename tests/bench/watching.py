"""What the console asks of a Consul agent: connections, requests and bytes, idle and under change."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from pathlib import Path

from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.demo.consul_binary import find_consul
from hp_tui.engine import Engine
from hp_tui.model.commands import SetVisibleServices
from hp_tui.settings import Settings
from tests.bench.filling import Catalog, name_of
from tests.bench.proxy import CountingProxy
from tests.bench.table import Goal, Table

SIZES = (1, 100, 1_000)
INSTANCES = 10
WATCH = 10.0
CHANGES = 100
"""Changes a second."""
MOST_CONNECTIONS = 40
"""Goal of the registry's rules: an agent allows 200 for each client address."""


async def changing(catalog: Catalog, services: int, seconds: float) -> None:
    """Change one check after another, spread over all services."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number in range(int(seconds * CHANGES)):
        await asyncio.sleep(max(0.0, began + number / CHANGES - loop.time()))
        status = "critical" if number // services % 2 == 0 else "passing"
        await catalog.set_status(number * 7919 % services, 0, status, f"change {number}")


async def run(quick: bool) -> Table:
    """One Consul that is filled step by step, an engine of its own each time."""
    seconds = 2.0 if quick else WATCH
    rows: list[tuple[str, ...]] = []
    most = 0
    with tempfile.TemporaryDirectory() as directory:
        async with ConsulAgent(find_consul(), Path(directory)) as consul, Catalog(consul.http_addr) as catalog:
            known = 0
            for size in SIZES:
                await catalog.fill(range(known, size), INSTANCES)
                known = size
                async with CountingProxy(consul.http_addr) as proxy:
                    for what in ("idle", f"{CHANGES} changes/s"):
                        async with _watching(proxy.address, size):
                            proxy.reset()
                            work = asyncio.sleep(seconds) if what == "idle" else changing(catalog, size, seconds)
                            await work
                            most = max(most, proxy.most_open)
                            rows.append(
                                (
                                    f"{size:,} services, {size * INSTANCES:,} instances, {what}",
                                    f"{proxy.most_open}",
                                    f"{proxy.requests / seconds:.1f}/s",
                                    f"{proxy.bytes / seconds / 1000:,.1f} kB/s",
                                )
                            )
    return Table(
        "What watching costs Consul",
        ("the console's engine on", "connections", "requests", "answers"),
        rows,
        f"Counted by a proxy in front of one agent for {seconds:g} s, with 12 services on screen. Each change is one check's.",
        (Goal(f"below {MOST_CONNECTIONS} connections", f"{most}", most < MOST_CONNECTIONS),),
    )


@contextlib.asynccontextmanager
async def _watching(address: str, services: int):
    """An engine that has seen everything it will ask for."""
    engine = Engine(Settings(address=address))
    work = asyncio.create_task(engine.run(lambda _: None))
    engine.submit(SetVisibleServices(frozenset(name_of(number) for number in range(min(services, 12)))))
    try:
        async with asyncio.timeout(60):
            while not _settled(engine):
                await asyncio.sleep(0.1)
        await asyncio.sleep(1.0)
        yield engine
    finally:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work


def _settled(engine: Engine) -> bool:
    services = engine.snapshot.services
    return bool(services) and all(view.instances is not None or view.counted for view in services.values())
