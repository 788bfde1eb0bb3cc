"""Consul: registration, discovery, watches and KV for services and for the console."""

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
