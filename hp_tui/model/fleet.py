"""``FleetSnapshot``: everything that the screen shows, immutable."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct, field
from msgspec.structs import replace

from hp_tui.model.balancing import BreakerState, Connectivity
from hp_tui.model.bulk import BulkView
from hp_tui.model.calls import BodyVerdict, CallRun, MethodsView, SavedView
from hp_tui.model.catalog import Instance, Intention
from hp_tui.model.health import Health, worst
from hp_tui.model.kv import KVConflict, KVEntry, KVLevel
from hp_tui.model.per_service import PerService
from hp_tui.model.timeline import Notice, TimelineEntry
from hp_tui.model.visibility import Visibility


class LinkState(StrEnum):
    """State of the console's connection to its Consul agent."""

    CONNECTING = "connecting"
    LIVE = "live"
    STALE = "stale"
    """Consul stopped answering; the last good state is shown."""
    ABSENT = "absent"
    """Consul never answered at this address."""
    NO_LEADER = "no leader"
    FORBIDDEN = "forbidden"
    """The token was refused."""


class Access(Struct, frozen=True):
    """What a copied shell command needs beside the address to reach the agent: paths of PEM files, '' for none.

    Never the token itself.
    """

    cacert: str = ""
    client_cert: str = ""
    client_key: str = ""
    server_name: str = ""
    verify: bool = True
    tls: bool = False
    """HTTPS though the address has no scheme."""
    token: bool = False
    """Whether every request carries one."""


class Link(Struct, frozen=True):
    """The console's connection to Consul. Times are Unix seconds."""

    state: LinkState = LinkState.CONNECTING
    address: str = ""
    since: float = 0.0
    last_good: float | None = None
    error: str = ""
    """One sentence: what was tried, what was found, what to do."""
    retry_at: float | None = None
    access: Access = Access()


class Cluster(Struct, frozen=True):
    """Facts about the agent and its cluster; '' where unknown."""

    datacenter: str = ""
    """The one that is shown."""
    datacenters: tuple[str, ...] = ()
    node: str = ""
    version: str = ""
    leader: str = ""
    """``host:port`` of the leader; '' when there is none."""
    agent_datacenter: str = ""
    """The datacenter of ``node``; another one may be shown."""


class BreakerView(Struct, frozen=True, gc=False):
    """A breaker with absolute times, from which a countdown can be drawn. Times are Unix seconds."""

    state: BreakerState = BreakerState.CLOSED
    computed: BreakerState = BreakerState.CLOSED
    forced: BreakerState | None = None
    failures: int = 0
    threshold: int = 5
    since: float = 0.0
    open_until: float | None = None
    opens: int = 0
    reason: str = ""


class EndpointView(Struct, frozen=True, gc=False):
    """What the console's own balanced client knows of an instance."""

    connectivity: Connectivity
    breaker: BreakerView
    picks: int = 0
    failures: int = 0
    in_flight: int = 0
    p50_ms: float | None = None
    p99_ms: float | None = None
    excluded: str = ""


class InstanceView(Struct, frozen=True, gc=False):
    """An instance with what the console has seen of it.

    ``health_since`` is when its health was first seen as it is (Unix seconds; a lower bound of the true age where
    the console was not yet watching, marked by ``since_exact`` False). ``flaps`` counts health changes seen;
    ``changes`` holds the times of the newest ones, see :mod:`hp_tui.model.flapping`.
    """

    instance: Instance
    health_since: float
    since_exact: bool = False
    flaps: int = 0
    endpoint: EndpointView | None = None
    changes: tuple[float, ...] = ()

    @property
    def id(self) -> str:
        return self.instance.id

    @property
    def health(self) -> Health:
        return self.instance.health


class ServiceEdge(Struct, frozen=True):
    """``source`` said that it calls ``target`` (service names): in its metadata, or through a Connect sidecar."""

    source: str
    target: str
    connect: bool = False


class ServiceView(Struct, frozen=True):
    """A service. ``instances`` is None until they have been read; until then counts come from the overview."""

    name: str
    tags: tuple[str, ...] = ()
    kind: str = ""
    instances: tuple[InstanceView, ...] | None = None
    passing: int = 0
    warning: int = 0
    critical: int = 0
    maintenance: int = 0
    counted: bool = False
    """Whether the four counts are known."""
    at: float = 0.0
    stale: bool = False
    error: str = ""
    first_seen: float = 0.0
    """Unix seconds when the console first saw it in the catalog; 0.0 where that is not known."""
    first_seen_exact: bool = False
    """Whether it appeared at that time; otherwise it existed when the console began to watch."""
    learned: tuple[ServiceEdge, ...] = ()
    """What its instances said when they were last watched; used while ``instances`` is None."""

    @property
    def health(self) -> Health | None:
        """Its worst instance's health; None while unknown or without instances."""
        if self.instances:
            return _worst(self.name, self.instances)
        if not self.counted:
            return None
        if self.maintenance:
            return Health.MAINTENANCE
        if self.critical:
            return Health.CRITICAL
        if self.warning:
            return Health.WARNING
        return Health.PASSING if self.passing else None

    @property
    def total(self) -> int:
        """Number of instances, as far as known."""
        if self.instances is not None:
            return len(self.instances)
        return self.passing + self.warning + self.critical + self.maintenance


_worst = PerService[tuple[InstanceView, ...], Health](lambda instances: worst(view.health for view in instances))


class Rate(Struct, frozen=True):
    """Calls a second and the share of them that failed (0.0 to 1.0), over the last ten seconds."""

    per_second: float
    error_share: float


class EdgeSource(StrEnum):
    """How the console learned that one service calls another."""

    METADATA = "metadata"
    CONNECT = "connect"
    INTENTION = "intention"
    CALLS = "calls"


CONSOLE = "hp-tui"
"""Name of the console among the callers."""


class Edge(Struct, frozen=True):
    """``source`` calls ``target`` (service names). Rates are of the console's own calls; None where there were none."""

    source: str
    target: str
    sources: frozenset[EdgeSource]
    rate: float | None = None
    """Calls a second over the last ten seconds."""
    error_share: float | None = None
    """0.0 to 1.0 of those calls."""
    mtls: bool = False
    denied: bool = False


class KVView(Struct, frozen=True):
    """The opened part of the KV store. ``error`` is for the whole store, such as a refused token."""

    levels: Mapping[str, KVLevel] = field(default_factory=lambda: MappingProxyType({}))
    entries: Mapping[str, KVEntry] = field(default_factory=lambda: MappingProxyType({}))
    missing: frozenset[str] = frozenset()
    """Keys that were read and do not exist."""
    conflicts: Mapping[str, KVConflict] = field(default_factory=lambda: MappingProxyType({}))
    busy: frozenset[str] = frozenset()
    """Keys with a read or a write under way."""
    errors: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """By key, the last read or write that failed, one sentence each; removed at the next success."""
    saved: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """When this console last wrote a key, Unix seconds."""
    answered: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """By key, the id of the last write command that Consul has answered, whatever the answer."""
    error: str = ""


class Search(Struct, frozen=True):
    """Instances of services that are not watched, being read once: ``done`` of ``total`` services, of which ``failed``."""

    total: int = 0
    done: int = 0
    failed: int = 0
    running: bool = False
    error: str = ""
    """Why the last one of those failed."""


class FleetSnapshot(Struct, frozen=True):
    """One immutable picture of the fleet. ``at`` is the time of the newest event in it, Unix seconds."""

    at: float = 0.0
    link: Link = Link()
    cluster: Cluster = Cluster()
    services: Mapping[str, ServiceView] = field(default_factory=lambda: MappingProxyType({}))
    """By name, in name order."""
    loaded: bool = False
    """Whether Consul has ever answered the list of services. Until then an empty list means no data, not no services."""
    visibility: Visibility = Visibility.NOT_ASKED
    """Whether that list is complete."""
    edges: tuple[Edge, ...] = ()
    intentions: tuple[Intention, ...] = ()
    rates: Mapping[str, Rate] = field(default_factory=lambda: MappingProxyType({}))
    """Rates of the console's own calls, by service; a service without calls is left out."""
    kv: KVView = KVView()
    methods: Mapping[str, MethodsView] = field(default_factory=lambda: MappingProxyType({}))
    runs: tuple[CallRun, ...] = ()
    """The newest runs of this session, oldest first, bounded."""
    past_runs: tuple[CallRun, ...] = ()
    """Runs that ended long ago, oldest first, bounded: of earlier sessions, and of this one beyond ``runs``."""
    saved: SavedView | None = None
    """Requests saved under a name; None until they have been read."""
    verdict: BodyVerdict | None = None
    """The result for the body that was checked last."""
    timeline: tuple[TimelineEntry, ...] = ()
    """Oldest first, bounded."""
    notices: tuple[Notice, ...] = ()
    """Oldest first, bounded."""
    search: Search | None = None
    """None unless a filter needs instances that are not watched."""
    read_only: bool = False
    bulk: BulkView | None = None
    """The newest action on many instances, in progress or ended."""
    chaos: bool = False
    """Whether instances can be stopped, slowed and restarted from here, as in a demo."""

    def confirms(self, before: FleetSnapshot) -> bool:
        """Whether it only confirms ``before`` at a later time. Fields are compared by identity."""
        return self.link == replace(before.link, last_good=self.link.last_good) and all(
            getattr(self, name) is getattr(before, name)
            for name in self.__struct_fields__
            if name not in {"at", "link"}
        )

    def instance(self, instance_id: str, service: str = "") -> InstanceView | None:
        """The instance of that id, of ``service`` where it is named; None where it does not exist or is not loaded."""
        named = self.services.get(service)
        services = self.services.values() if not service else (named,) if named else ()
        return next((view for one in services for view in one.instances or () if view.id == instance_id), None)
