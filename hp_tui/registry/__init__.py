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
    LockLostError,
    MalformedResponseError,
    NoLeaderError,
    NotConsulError,
    NotOwnedError,
    RegistryClosedError,
    RegistryError,
    ServiceNotFoundError,
    TooManyConnectionsError,
    TransactionError,
    ValueTooLargeError,
    WrongDatacenterError,
    WrongLoopError,
)

if TYPE_CHECKING:
    from hp_tui.registry.election import Election
    from hp_tui.registry.kv import KVStore
    from hp_tui.registry.lifecycle import GracefulShutdown, ShutdownReport
    from hp_tui.registry.live_config import LiveConfig
    from hp_tui.registry.lock import Lock
    from hp_tui.registry.registration_loop import RegistrationLoop
    from hp_tui.registry.registry import ConsulServiceRegistry
    from hp_tui.registry.session import Session
    from hp_tui.registry.subscription import Subscription
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
    "Election",
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
    "LinkStatus",
    "LiveConfig",
    "Lock",
    "LockLostError",
    "MalformedResponseError",
    "NoLeaderError",
    "NotConsulError",
    "NotOwnedError",
    "RegistrationLoop",
    "RegistryClosedError",
    "RegistryError",
    "SearchHit",
    "SearchProgress",
    "ServiceCounts",
    "ServiceNotFoundError",
    "Session",
    "ShutdownReport",
    "Subscription",
    "TLSFiles",
    "TooManyConnectionsError",
    "TransactionError",
    "ValueTooLargeError",
    "WatchRules",
    "WrongDatacenterError",
    "WrongLoopError",
]

__getattr__ = loaded_on_use(
    __name__,
    {
        "ActionResult": "values",
        "AgentInfo": "values",
        "BatchResult": "values",
        "ConsulServiceRegistry": "registry",
        "Election": "election",
        "GracefulShutdown": "lifecycle",
        "KVLevelUpdate": "values",
        "KVOp": "values",
        "KVStore": "kv",
        "KVUpdate": "values",
        "RegistrationLoop": "registration_loop",
        "LinkStatus": "values",
        "LiveConfig": "live_config",
        "Lock": "lock",
        "SearchHit": "values",
        "SearchProgress": "values",
        "ServiceCounts": "values",
        "Session": "session",
        "ShutdownReport": "lifecycle",
        "Subscription": "subscription",
        "WatchRules": "watch",
    },
)
