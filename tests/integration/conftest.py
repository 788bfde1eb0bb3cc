"""Real Consul processes for the integration tests, each private and gone at the end."""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.demo.consul_binary import find_consul
from tests.integration.consul_cluster import ConsulCluster


@pytest.fixture(scope="session")
def consul_binary() -> Path:
    """A real Consul. Without one these tests fail and say how to help; they are never skipped."""
    return find_consul()


@pytest.fixture
async def consul(consul_binary: Path, tmp_path: Path) -> AsyncIterator[ConsulAgent]:
    """A running private Consul of the test's own: it may be stopped, wiped and paused."""
    async with ConsulAgent(consul_binary, tmp_path / "consul") as agent:
        yield agent


@pytest.fixture
async def make_consul(consul_binary: Path, tmp_path: Path) -> AsyncIterator[Callable[..., ConsulAgent]]:
    """Makes Consuls (not started) with configuration of their own, and stops them at the end."""
    made: list[ConsulAgent] = []
    numbers = itertools.count(1)

    def make(**extra: Any) -> ConsulAgent:
        number = next(numbers)
        agent = ConsulAgent(consul_binary, tmp_path / f"consul-{number}", name=f"node-{number}", extra=extra)
        made.append(agent)
        return agent

    yield make
    await asyncio.gather(*(agent.stop() for agent in made))


@pytest.fixture
async def consul_cluster(consul_binary: Path, tmp_path: Path) -> AsyncIterator[ConsulCluster]:
    """Three servers with a leader."""
    async with ConsulCluster(consul_binary, tmp_path / "cluster") as cluster:
        yield cluster


@pytest.fixture
def eventually() -> Callable[..., Awaitable[Any]]:
    """``await eventually(condition, within=seconds)``: the first true value of a condition, sync or async.

    The deadline is for a machine under load; a test that passes never waits for it.
    """

    async def wait(condition: Callable[[], Any], within: float = 20.0, what: str = "") -> Any:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        while True:
            value = condition()
            if asyncio.iscoroutine(value):
                value = await value
            if value:
                return value
            if loop.time() > deadline:
                raise AssertionError(f"not within {within:g} s: {what or condition}")
            await asyncio.sleep(0.02)

    return wait


@pytest.fixture
def figures(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> Callable[[Mapping[str, object]], None]:
    """``figures({"calls": 100, …})``: into the test's report, and onto its standard output."""

    def report(found: Mapping[str, object]) -> None:
        for name, value in found.items():
            record_property(name, value)
        said = ", ".join(f"{name} {value}" for name, value in found.items())
        sys.stdout.write(f"\n{request.node.name}: {said}\n")

    return report
