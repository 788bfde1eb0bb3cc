"""Consul: registration, discovery, watches and KV for services and for the console.

Addresses and errors are loaded at once; what brings an HTTP client is loaded when it is first used: the screen checks its
address before its first paint.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from hp_tui.registry.address import ConsulAddress, TLSFiles
from hp_tui.registry.errors import (
    ConfigurationError,
    ConsulForbiddenError,
    ConsulResponseError,
    ConsulUnreachableError,
    InvalidExportError,
    InvalidKeyError,
    InvalidRegistrationError,
    KVConflictError,
    KVError,
    MalformedAnswerError,
    NoLeaderError,
    NotOwnedError,
    RegistryError,
    ServiceNotFoundError,
    TooManyConnectionsError,
    TransactionError,
    ValueTooLargeError,
)

if TYPE_CHECKING:
    from hp_tui.registry.kept import KeptRegistration
    from hp_tui.registry.kv import KVStore
    from hp_tui.registry.lifecycle import GracefulShutdown, ShutdownReport
    from hp_tui.registry.registry import ConsulServiceRegistry
    from hp_tui.registry.shared import Subscription
    from hp_tui.registry.values import (
        ActionResult,
        AgentInfo,
        BatchResult,
        KVLevelUpdate,
        KVOp,
        KVUpdate,
        LinkStatus,
        SearchHit,
        SearchProgress,
        ServiceCounts,
    )
    from hp_tui.registry.watch import WatchRules

__all__ = [
    "ActionResult",
    "AgentInfo",
    "BatchResult",
    "ConfigurationError",
    "ConsulAddress",
    "ConsulForbiddenError",
    "ConsulResponseError",
    "ConsulServiceRegistry",
    "ConsulUnreachableError",
    "GracefulShutdown",
    "InvalidExportError",
    "InvalidKeyError",
    "InvalidRegistrationError",
    "KVConflictError",
    "KVError",
    "KVLevelUpdate",
    "KVOp",
    "KVStore",
    "KVUpdate",
    "KeptRegistration",
    "LinkStatus",
    "MalformedAnswerError",
    "NoLeaderError",
    "NotOwnedError",
    "RegistryError",
    "SearchHit",
    "SearchProgress",
    "ServiceCounts",
    "ServiceNotFoundError",
    "ShutdownReport",
    "Subscription",
    "TLSFiles",
    "TooManyConnectionsError",
    "TransactionError",
    "ValueTooLargeError",
    "WatchRules",
]

_HOMES = {
    "ActionResult": "hp_tui.registry.values",
    "AgentInfo": "hp_tui.registry.values",
    "BatchResult": "hp_tui.registry.values",
    "ConsulServiceRegistry": "hp_tui.registry.registry",
    "GracefulShutdown": "hp_tui.registry.lifecycle",
    "KVLevelUpdate": "hp_tui.registry.values",
    "KVOp": "hp_tui.registry.values",
    "KVStore": "hp_tui.registry.kv",
    "KVUpdate": "hp_tui.registry.values",
    "KeptRegistration": "hp_tui.registry.kept",
    "LinkStatus": "hp_tui.registry.values",
    "SearchHit": "hp_tui.registry.values",
    "SearchProgress": "hp_tui.registry.values",
    "ServiceCounts": "hp_tui.registry.values",
    "ShutdownReport": "hp_tui.registry.lifecycle",
    "Subscription": "hp_tui.registry.shared",
    "WatchRules": "hp_tui.registry.watch",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)
