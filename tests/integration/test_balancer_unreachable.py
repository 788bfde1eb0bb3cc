"""An address that nobody can connect to is told as what it is."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from hp_tui.balancer import LoadBalancedGRPCClient, NoHealthyEndpointsError, StaticEndpoints
from hp_tui.model.catalog import Instance
from hp_tui.model.health import Health
from tests.integration.grpc_servers import EchoStub

INSTANCE = Instance("echo-0", "echo", "node-1", "127.0.0.1", 50051, Health.PASSING)


@pytest.mark.parametrize(
    ("instance", "why"),
    [
        (replace(INSTANCE, port=0), "registered with port 0, where nothing can listen"),
        (replace(INSTANCE, address="no-such-host.invalid"), "its host name 'no-such-host.invalid' does not resolve"),
    ],
    ids=["port 0", "unknown name"],
)
async def test_it_is_told_in_the_snapshot_and_in_the_error(instance, why, eventually):
    async with LoadBalancedGRPCClient("echo", StaticEndpoints([instance])) as client:
        await eventually(lambda: any(why in item.excluded for item in client.snapshot().endpoints))
        with pytest.raises(NoHealthyEndpointsError) as failed:
            await client.stub(EchoStub).Unary(b"x", timeout=0.3)
    assert why in str(failed.value)


async def test_a_port_that_is_put_right_is_connected_to(eventually):
    source = StaticEndpoints([replace(INSTANCE, port=0)])
    async with LoadBalancedGRPCClient("echo", source) as client:
        await eventually(lambda: any("port 0" in item.excluded for item in client.snapshot().endpoints))
        source.set([INSTANCE])
        await eventually(lambda: all("port 0" not in item.excluded for item in client.snapshot().endpoints))
