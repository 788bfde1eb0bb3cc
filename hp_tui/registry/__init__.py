"""Consul: registration, discovery, watches and KV for services and for the console.

Addresses and errors are loaded at once; what brings an HTTP client is loaded when it is first used: the screen checks its
address before its first paint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hp_tui.lazy import loaded_on_use
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

__getattr__ = loaded_on_use(
    __name__,
    {
        "ActionResult": "values",
        "AgentInfo": "values",
        "BatchResult": "values",
        "ConsulServiceRegistry": "registry",
        "GracefulShutdown": "lifecycle",
        "KVLevelUpdate": "values",
        "KVOp": "values",
        "KVStore": "kv",
        "KVUpdate": "values",
        "KeptRegistration": "kept",
        "LinkStatus": "values",
        "SearchHit": "values",
        "SearchProgress": "values",
        "ServiceCounts": "values",
        "ShutdownReport": "lifecycle",
        "Subscription": "shared",
        "WatchRules": "watch",
    },
)
