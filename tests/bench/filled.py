"""A Consul as large as the goals speak of, for the benches of the screen."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.demo.consul_binary import find_consul
from tests.bench.filling import Catalog

SERVICES, INSTANCES = 1_000, 10


@contextlib.asynccontextmanager
async def filled(quick: bool) -> AsyncIterator[tuple[ConsulAgent, Catalog, int]]:
    """A private Consul, its catalog, and how many services of ten instances it has."""
    services = SERVICES // 10 if quick else SERVICES
    with tempfile.TemporaryDirectory() as directory:
        async with ConsulAgent(find_consul(), Path(directory)) as consul, Catalog(consul.http_addr) as catalog:
            await catalog.fill(range(services), INSTANCES)
            yield consul, catalog, services


def size_of(services: int) -> str:
    """For the text above a table."""
    return f"{services:,} services, {services * INSTANCES:,} instances"
