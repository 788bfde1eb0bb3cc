"""hp-tui: a terminal console for gRPC services on Consul, and the libraries those services use.

Public names, loaded on first use so that ``import hp_tui`` stays cheap:

``ConsulServiceRegistry``
    Registration, discovery, watches and KV on a Consul agent.
``LoadBalancedGRPCClient``
    Round robin over a service's healthy instances, with a circuit breaker per endpoint and bounded retries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hp_tui.lazy import loaded_on_use

if TYPE_CHECKING:
    from hp_tui.balancer import LoadBalancedGRPCClient
    from hp_tui.registry import ConsulServiceRegistry

__version__ = "0.1.0"
__all__ = ["ConsulServiceRegistry", "LoadBalancedGRPCClient", "__version__"]

__getattr__ = loaded_on_use(
    __name__,
    {
        "ConsulServiceRegistry": "registry",
        "LoadBalancedGRPCClient": "balancer",
    },
)


def __dir__() -> list[str]:
    return sorted(__all__)
