"""What a user can ask of the engine. Frozen; results come back only as snapshots."""

from __future__ import annotations

import secrets
from enum import StrEnum
from typing import ClassVar

from msgspec import Struct

from hp_tui.model.calls import HEALTH_METHOD, CallSpec


def new_id(kind: str) -> str:
    """An id for a command with an awaited result, such as ``run-1f0c9a2b``."""
    return f"{kind}-{secrets.token_hex(4)}"


class Command(Struct, frozen=True, kw_only=True):
    """Base of every command.

    ``id`` is chosen by the sender (:func:`new_id`). The result in the snapshot carries the same id. It is '' where no
    particular result is awaited.
    """

    id: str = ""
    may_write: ClassVar[bool] = False
    """Whether commands of this type can change anything outside the console."""

    @property
    def writes(self) -> bool:
        """Whether this one does. A read-only console carries out none that does."""
        return self.may_write


class StartRun(Command, frozen=True):
    """Fire test calls. Only the health check of ``grpc.health.v1`` is known to change nothing."""

    spec: CallSpec
    may_write: ClassVar[bool] = True

    @property
    def writes(self) -> bool:
        return self.spec.method != HEALTH_METHOD


class CancelRun(Command, frozen=True):
    """End the run whose command had the id ``run``."""

    run: str


class DescribeMethods(Command, frozen=True):
    """Ask a service's instances by server reflection what methods they have."""

    service: str


class CheckBody(Command, frozen=True):
    """See whether ``body`` fits the method's message; nothing is sent to the method."""

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
    may_write: ClassVar[bool] = True


class RenameRequest(Command, frozen=True):
    name: str
    new: str
    may_write: ClassVar[bool] = True


class DeleteRequest(Command, frozen=True):
    name: str
    may_write: ClassVar[bool] = True


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
    may_write: ClassVar[bool] = True


class Deregister(Command, frozen=True):
    service: str
    instance_id: str
    node: str = ""
    may_write: ClassVar[bool] = True


InstanceCommand = ResetBreaker | TripBreaker | ReleaseBreaker | SetMaintenance | Deregister
"""A step of an action on instances; the engine's instance worker carries out each of these."""


class Bulk(Command, frozen=True):
    """Carry out every step, several at a time; the snapshot's ``bulk`` of that id says how far it is."""

    title: str
    steps: tuple[InstanceCommand, ...]
    may_write: ClassVar[bool] = True

    @property
    def writes(self) -> bool:
        return any(step.writes for step in self.steps)


class StopBulk(Command, frozen=True):
    """Begin no further step of the command with the id ``bulk``. What is under way ends, what is done stays done."""

    bulk: str


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
    may_write: ClassVar[bool] = True


class DeleteKey(Command, frozen=True):
    key: str
    index: int
    may_write: ClassVar[bool] = True


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
    may_write: ClassVar[bool] = True
