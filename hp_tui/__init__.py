"""hp-tui: a terminal console for gRPC services on Consul, and the libraries those services use.

Public names, loaded on first use so that ``import hp_tui`` stays cheap:

``ConsulServiceRegistry``
    Registration, discovery, watches and KV on a Consul agent.
``LoadBalancedGRPCClient``
    Round robin over a service's healthy instances, with a circuit breaker per endpoint and bounded retries.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hp_tui.balancer import LoadBalancedGRPCClient
    from hp_tui.registry import ConsulServiceRegistry

__version__ = "0.1.0"
__all__ = ["ConsulServiceRegistry", "LoadBalancedGRPCClient", "__version__"]

_HOMES = {
    "ConsulServiceRegistry": "hp_tui.registry",
    "LoadBalancedGRPCClient": "hp_tui.balancer",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'hp_tui' has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
