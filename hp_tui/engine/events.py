"""What the engine's tasks report. Frozen; every event carries its own time (``at``, Unix seconds)."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from hp_tui.model.balancing import ClientEvent, ClientSnapshot
from hp_tui.model.bulk import BulkView
from hp_tui.model.calls import BodyVerdict, CallRun, MethodsView, ReplyReceived, SavedView
from hp_tui.model.catalog import InstanceRef, InstancesUpdate, Intention, ServiceSummary, ServicesUpdate
from hp_tui.model.fleet import Access, Cluster, LinkState, Rate, Search
from hp_tui.model.kv import KVConflict, KVEntry
from hp_tui.model.timeline import Severity, TimelineEntry, TimelineKind


class Event(Struct, frozen=True):
    at: float


class LinkSeen(Event, frozen=True):
    """How Consul answered the last heartbeat. ``retry_at``, Unix seconds, is the next try while it does not answer."""

    state: LinkState
    error: str = ""
    retry_at: float | None = None


class AddressUsed(Event, frozen=True):
    address: str
    access: Access = Access()


class ClusterSeen(Event, frozen=True):
    cluster: Cluster


class ServicesSeen(Event, frozen=True):
    update: ServicesUpdate


class CountsSeen(Event, frozen=True):
    """Counts of instances by health, for services whose instances are not watched."""

    summaries: tuple[ServiceSummary, ...]


class InstancesSeen(Event, frozen=True):
    update: InstancesUpdate


class InstancesUnwatched(Event, frozen=True):
    """These services are no longer watched; their counts remain."""

    services: frozenset[str]


class InstancesFound(Event, frozen=True):
    """Instances of unwatched services, read once by a search."""

    updates: tuple[InstancesUpdate, ...]


class SearchSeen(Event, frozen=True):
    """The progress of a search; None when it has ended and its results are dropped."""

    search: Search | None


class IntentionsSeen(Event, frozen=True):
    intentions: tuple[Intention, ...]


class DatacenterLeft(Event, frozen=True):
    """Datacenter ``name`` was chosen: the snapshot drops everything of the old one."""

    name: str
    read_only: bool = False


class TokenReplaced(Event, frozen=True):
    """Another token is in use: what Consul refused to the old one is tried again."""


class ClientEventSeen(Event, frozen=True):
    event: ClientEvent


class EndpointsSeen(Event, frozen=True):
    client: ClientSnapshot


class RatesSeen(Event, frozen=True):
    """Rates of the console's own calls, by service; a service without calls is left out."""

    rates: Mapping[str, Rate]


class RunSeen(Event, frozen=True):
    """A run began, or its state changed outside of its calls."""

    run: CallRun


class ReplySeen(Event, frozen=True):
    reply: ReplyReceived


class RunsLoaded(Event, frozen=True):
    """Runs of earlier consoles on this datacenter, in the order in which they ended."""

    runs: tuple[CallRun, ...]


class MethodsSeen(Event, frozen=True):
    methods: MethodsView


class BodyChecked(Event, frozen=True):
    verdict: BodyVerdict


class SavedSeen(Event, frozen=True):
    """The file of saved requests as it stands now."""

    saved: SavedView


class LevelSeen(Event, frozen=True):
    """A KV level. ``children`` is None while it loads and where it failed: what was known then stays."""

    prefix: str
    children: tuple[str, ...] | None = None
    error: str = ""


class KVRefused(Event, frozen=True):
    """The whole store cannot be read; '' when it can again."""

    error: str


class KeyBusy(Event, frozen=True):
    key: str


class KeySeen(Event, frozen=True):
    """A key was read; ``entry`` is None where it does not exist."""

    key: str
    entry: KVEntry | None


class KeySaved(Event, frozen=True):
    """This console wrote a key; ``entry`` is None after a delete."""

    key: str
    entry: KVEntry | None
    created: bool = False
    command: str = ""
    """The id of the command that this is the result of, here and below."""


class KeyConflicted(Event, frozen=True):
    conflict: KVConflict
    command: str = ""


class ConflictSettled(Event, frozen=True):
    key: str


class KeyFailed(Event, frozen=True):
    key: str
    error: str
    command: str = ""


class HistoryLoaded(Event, frozen=True):
    """The timeline that earlier consoles saved of this datacenter, oldest first. Its ``seq`` numbers have no meaning here."""

    entries: tuple[TimelineEntry, ...]


class Noticed(Event, frozen=True):
    """A sentence for the user."""

    severity: Severity
    text: str
    subject: str = ""


class Acted(Event, frozen=True):
    """An action was carried out: a line for the timeline and a sentence for the user."""

    subject: str
    service: str
    text: str
    severity: Severity = Severity.INFO
    kind: TimelineKind = TimelineKind.ACTION


class BulkBegan(Event, frozen=True):
    bulk: BulkView


class BulkStepped(Event, frozen=True):
    """One instance is done: ``text`` says what was done, ``error`` why it was not."""

    bulk_id: str
    ref: InstanceRef
    text: str = ""
    error: str = ""


class BulkStopping(Event, frozen=True):
    bulk_id: str


class BulkEnded(Event, frozen=True):
    """The bulk action has ended; the instances in ``left`` were not begun."""

    bulk_id: str
    left: tuple[InstanceRef, ...] = ()
