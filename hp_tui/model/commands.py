"""What a user can ask of the engine. Frozen; results come back only as snapshots."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hp_tui.model.calls import CallSpec


@dataclass(frozen=True, slots=True)
class Command:
    """Base of every command."""


@dataclass(frozen=True, slots=True)
class StartRun(Command):
    """Fire test calls. ``run_id`` is chosen by the asker so that it can find its run in the snapshot."""

    run_id: str
    spec: CallSpec


@dataclass(frozen=True, slots=True)
class CancelRun(Command):
    run_id: str


@dataclass(frozen=True, slots=True)
class DescribeMethods(Command):
    """Ask a service's instances by server reflection what methods they have."""

    service: str
    refresh: bool = False


@dataclass(frozen=True, slots=True)
class ResetBreaker(Command):
    service: str
    instance_id: str


@dataclass(frozen=True, slots=True)
class TripBreaker(Command):
    service: str
    instance_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReleaseBreaker(Command):
    """End a forced state; the computed one counts again."""

    service: str
    instance_id: str


@dataclass(frozen=True, slots=True)
class SetMaintenance(Command):
    service: str
    instance_id: str
    enabled: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Deregister(Command):
    service: str
    instance_id: str


@dataclass(frozen=True, slots=True)
class OpenLevel(Command):
    """Load (again) the direct children of a KV prefix."""

    prefix: str


@dataclass(frozen=True, slots=True)
class ReadKey(Command):
    key: str


@dataclass(frozen=True, slots=True)
class WriteKey(Command):
    """Check-and-set: ``index`` is the ModifyIndex that was read, 0 to create only."""

    key: str
    value: bytes
    index: int
    flags: int = 0


@dataclass(frozen=True, slots=True)
class DeleteKey(Command):
    key: str
    index: int


@dataclass(frozen=True, slots=True)
class SettleConflict(Command):
    """Forget the conflict on ``key``: the user has seen both sides and chosen."""

    key: str


@dataclass(frozen=True, slots=True)
class Reconnect(Command):
    """Try Consul now instead of at the next backoff."""


@dataclass(frozen=True, slots=True)
class UseToken(Command):
    """Replace the ACL token; '' is the anonymous token. Kept in memory only."""

    token: str


@dataclass(frozen=True, slots=True)
class UseDatacenter(Command):
    name: str


@dataclass(frozen=True, slots=True)
class LookAt(Command):
    """What is on screen: the services whose instances are wanted. The engine watches these and no more."""

    services: frozenset[str]


class ChaosKind(StrEnum):
    KILL = "kill"
    """SIGKILL, no goodbye."""
    STOP = "stop"
    """SIGTERM: a graceful end."""
    RESTART = "restart"
    SLOW = "slow"
    FAIL = "fail"
    HEAL = "heal"


@dataclass(frozen=True, slots=True)
class Chaos(Command):
    """Break or mend one instance of the demo's fleet."""

    kind: ChaosKind
    instance_id: str
