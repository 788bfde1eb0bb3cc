"""What the engine's tasks report. Frozen; every event carries its own time (``at``, Unix seconds)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hp_tui.model.balancing import ClientEvent, ClientSnapshot
from hp_tui.model.calls import CallRun, MethodsView, ReplyReceived
from hp_tui.model.catalog import InstancesUpdate, Intention, ServiceSummary, ServicesUpdate
from hp_tui.model.fleet import Cluster, LinkState, Rate
from hp_tui.model.kv import KVConflict, KVEntry
from hp_tui.model.timeline import Severity, TimelineEntry, TimelineKind


@dataclass(frozen=True, slots=True)
class Event:
    at: float


@dataclass(frozen=True, slots=True)
class LinkSeen(Event):
    """How Consul answered the last probe. ``retry_at`` is when the next one is due while it does not."""

    state: LinkState
    error: str = ""
    retry_at: float | None = None


@dataclass(frozen=True, slots=True)
class AddressUsed(Event):
    address: str


@dataclass(frozen=True, slots=True)
class ClusterSeen(Event):
    cluster: Cluster


@dataclass(frozen=True, slots=True)
class ServicesSeen(Event):
    update: ServicesUpdate


@dataclass(frozen=True, slots=True)
class CountsSeen(Event):
    """Counts of instances by health, for services whose instances are not watched."""

    summaries: tuple[ServiceSummary, ...]


@dataclass(frozen=True, slots=True)
class InstancesSeen(Event):
    update: InstancesUpdate


@dataclass(frozen=True, slots=True)
class InstancesLeft(Event):
    """These services are no longer watched; their counts remain."""

    services: frozenset[str]


@dataclass(frozen=True, slots=True)
class IntentionsSeen(Event):
    intentions: tuple[Intention, ...]


@dataclass(frozen=True, slots=True)
class DatacenterLeft(Event):
    """Another datacenter was chosen: nothing of the old one may stay on screen."""


@dataclass(frozen=True, slots=True)
class BalancerSpoke(Event):
    event: ClientEvent


@dataclass(frozen=True, slots=True)
class EndpointsSeen(Event):
    client: ClientSnapshot


@dataclass(frozen=True, slots=True)
class RatesSeen(Event):
    """Rates of the console's own calls, by service; a service without calls is absent."""

    rates: Mapping[str, Rate]


@dataclass(frozen=True, slots=True)
class RunSeen(Event):
    """A run began, or its state changed outside of its calls."""

    run: CallRun


@dataclass(frozen=True, slots=True)
class ReplySeen(Event):
    reply: ReplyReceived


@dataclass(frozen=True, slots=True)
class MethodsSeen(Event):
    methods: MethodsView


@dataclass(frozen=True, slots=True)
class LevelSeen(Event):
    """A KV level: loading, loaded, or failed (then ``children`` keeps what was known)."""

    prefix: str
    children: tuple[str, ...] | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class KVRefused(Event):
    """The whole store cannot be read; '' when it can again."""

    error: str


@dataclass(frozen=True, slots=True)
class KeyBusy(Event):
    key: str


@dataclass(frozen=True, slots=True)
class KeySeen(Event):
    """A key was read; ``entry`` is None where it does not exist."""

    key: str
    entry: KVEntry | None


@dataclass(frozen=True, slots=True)
class KeySaved(Event):
    """This console wrote a key; ``entry`` is None after a delete."""

    key: str
    entry: KVEntry | None
    created: bool = False


@dataclass(frozen=True, slots=True)
class KeyConflicted(Event):
    conflict: KVConflict


@dataclass(frozen=True, slots=True)
class ConflictSettled(Event):
    key: str


@dataclass(frozen=True, slots=True)
class KeyFailed(Event):
    key: str
    error: str


@dataclass(frozen=True, slots=True)
class HistoryLoaded(Event):
    """What earlier consoles saw of this datacenter, oldest first; their numbers mean nothing."""

    entries: tuple[TimelineEntry, ...]


@dataclass(frozen=True, slots=True)
class Noticed(Event):
    """A sentence for the user."""

    severity: Severity
    text: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Acted(Event):
    """Somebody did something here: a line for the timeline and a sentence for the user."""

    subject: str
    service: str
    text: str
    severity: Severity = Severity.INFO
    kind: TimelineKind = TimelineKind.ACTION
