"""A rolling restart of every instance with graceful shutdown, under load: no call is lost (issue: with default retries)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hp_tui.balancer import LoadBalancedGRPCClient
from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.model.balancing import RetryScheduled
from hp_tui.registry import ConsulServiceRegistry
from tests.integration.fault_stage import SERVICE, Load, critics
from tests.integration.fleet_processes import Eventually, passing

pytestmark = pytest.mark.integration


async def test_registration_3_a_rolling_restart_of_all_instances_loses_no_call(
    consul: ConsulAgent, tmp_path: Path, eventually: Eventually, figures: Callable[[Mapping[str, object]], None]
) -> None:
    async with (
        ConsulServiceRegistry(consul.http_addr) as registry,
        critics(tmp_path, consul.http_addr, registry, eventually, latency_ms=50.0) as three,
        LoadBalancedGRPCClient(SERVICE, registry) as client,
    ):
        await eventually(lambda: sum(not one.excluded for one in client.snapshot().endpoints) == 3)
        async with Load(client, callers=16, idempotent=False) as load:
            await load.more(100)
            began = load.now()
            for name in three.ids:
                assert await three.process(name).end() == 0
                await three.start(name)
                await passing(registry, SERVICE, eventually, 3)
                await load.served_by(name)
            took = load.now() - began
            await load.served_by(*three.ids)
        retried = load.attempts - load.ok
        figures(
            load.figures() | {"attempts that failed": retried, "restart of all took s": round(took, 1)} | load.flaps()
        )
        assert load.failures == []
        assert load.of(RetryScheduled) == []  # nobody even waited for another try
        assert load.flaps() == {"removed": 3, "added": 3}
