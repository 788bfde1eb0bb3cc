"""Facts about the cluster that rarely change: its datacenters, and the agent's node and version."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from msgspec.structs import replace

from hp_tui.model.fleet import Cluster
from hp_tui.registry import ConsulServiceRegistry


async def cluster_facts(registry: ConsulServiceRegistry, known: Callable[[], Cluster]) -> AsyncIterator[Cluster]:
    """Yield ``known()`` with the datacenters, then with the agent's facts too: each as soon as Consul has answered.

    Raises ``RegistryError``. The datacenters come first, as a token may be allowed to read them and not the agent.
    """
    datacenters = await registry.datacenters()
    cluster = known()
    only = datacenters[0] if len(datacenters) == 1 else ""
    yield replace(cluster, datacenters=datacenters, datacenter=cluster.datacenter or only)
    agent = await registry.agent()
    cluster = known()
    yield replace(
        cluster,
        datacenter=registry.datacenter or agent.datacenter or cluster.datacenter,
        agent_datacenter=agent.datacenter,
        node=agent.node,
        version=agent.version,
    )
