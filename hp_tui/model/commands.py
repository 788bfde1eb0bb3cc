"""What a user can ask of the engine. Frozen; results come back only as snapshots."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from hp_tui.model.calls import CallSpec


class Command(Struct, frozen=True):
    """Base of every command."""


class StartRun(Command, frozen=True):
    """Fire test calls. ``run_id`` is chosen by the asker so that it can find its run in the snapshot."""

    run_id: str
    spec: CallSpec


class CancelRun(Command, frozen=True):
    run_id: str


class DescribeMethods(Command, frozen=True):
    """Ask a service's instances by server reflection what methods they have."""

    service: str
    refresh: bool = False


class CheckBody(Command, frozen=True):
    """See whether ``body`` fits the method's message; nothing is sent to the method. ``check_id`` is the asker's own."""

    check_id: str
    service: str
    method: str
    body: str


class LoadSaved(Command, frozen=True):
    """Read the file of saved requests (again)."""


class SaveRequest(Command, frozen=True):
    """Save a request under a name. Without ``replace`` a name that is taken is left alone."""

    name: str
    spec: CallSpec
    replace: bool = False


class RenameRequest(Command, frozen=True):
    name: str
    new: str


class DeleteRequest(Command, frozen=True):
    name: str


class ResetBreaker(Command, frozen=True):
    service: str
    instance_id: str
    node: str = ""


class TripBreaker(Command, frozen=True):
    service: str
    instance_id: str
    reason: str
    node: str = ""


class ReleaseBreaker(Command, frozen=True):
    """End a forced state; the computed one counts again."""

    service: str
    instance_id: str
    node: str = ""


class SetMaintenance(Command, frozen=True):
    """``node`` '' is whichever node has an instance of that id, here and in the other commands on instances."""

    service: str
    instance_id: str
    enabled: bool
    reason: str = ""
    node: str = ""


class Deregister(Command, frozen=True):
    service: str
    instance_id: str
    node: str = ""


InstanceCommand = ResetBreaker | TripBreaker | ReleaseBreaker | SetMaintenance | Deregister


class Bulk(Command, frozen=True):
    """Carry out every step, several at a time; the snapshot's ``bulk`` of that id says how far it is."""

    id: str
    title: str
    steps: tuple[InstanceCommand, ...]


class StopBulk(Command, frozen=True):
    """Begin no further step; what is under way ends, what is done stays done."""

    id: str


class OpenLevel(Command, frozen=True):
    """Load (again) the direct children of a KV prefix."""

    prefix: str


class ReadKey(Command, frozen=True):
    key: str


class WriteKey(Command, frozen=True):
    """Check-and-set: ``index`` is the ModifyIndex that was read, 0 to create only."""

    key: str
    value: bytes
    index: int
    flags: int = 0


class DeleteKey(Command, frozen=True):
    key: str
    index: int


class SettleConflict(Command, frozen=True):
    """Forget the conflict on ``key``: the user has seen both sides and chosen."""

    key: str


class Reconnect(Command, frozen=True):
    """Try Consul now instead of at the next backoff."""


class UseToken(Command, frozen=True):
    """Replace the ACL token; '' is the anonymous token. Kept in memory only, and never told by ``repr``."""

    token: str

    def __repr__(self) -> str:
        return "UseToken(…)"


class UseDatacenter(Command, frozen=True):
    name: str


class SetVisibleServices(Command, frozen=True):
    """What is on screen: the services whose instances are wanted. The engine watches these and no more.

    ``first`` is looked at above all others, '' for none.
    """

    services: frozenset[str]
    first: str = ""


class SearchInstances(Command, frozen=True):
    """Read the instances of these services once, those that are not watched. What is read stays until :class:`EndSearch`."""

    services: tuple[str, ...]


class EndSearch(Command, frozen=True):
    """Stop a search and forget what it read."""


class ChaosKind(StrEnum):
    KILL = "kill"
    """SIGKILL, no goodbye."""
    STOP = "stop"
    """SIGTERM: a graceful end."""
    RESTART = "restart"
    SLOW = "slow"
    FAIL = "fail"
    HEAL = "heal"


class Chaos(Command, frozen=True):
    """Break or mend one instance of the demo's fleet."""

    kind: ChaosKind
    instance_id: str
