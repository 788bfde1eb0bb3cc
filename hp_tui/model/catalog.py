"""Values of Consul's catalog: checks, instances, services, and the state of their watches."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct, field

from hp_tui.model.health import Health, worst
from hp_tui.model.visibility import Visibility

NO_META: Mapping[str, str] = MappingProxyType({})


# gc=False below and in fleet.py: these values cannot be part of a reference cycle. With ten thousand instances a
# garbage collection then takes 9 ms instead of 98.


class Check(Struct, frozen=True, gc=False):
    """One health check as Consul reports it.

    ``status`` is MAINTENANCE for the ``_service_maintenance:…`` and ``_node_maintenance`` checks.
    ``output`` is the check's own text, whole and unescaped: escape it where it is shown.
    ``definition`` holds what Consul says about the check's target (``http``, ``grpc``, ``tcp``, ``interval``,
    ``timeout``, ``deregister_after``), as text, empty values left out.
    """

    id: str
    name: str
    status: Health
    output: str = ""
    type: str = ""
    notes: str = ""
    node_level: bool = False
    definition: Mapping[str, str] = field(default_factory=lambda: NO_META)


class InstanceRef(Struct, frozen=True):
    """Identifies an instance. Two nodes may have instances of one service with the same id."""

    service: str
    id: str
    node: str


class Instance(Struct, frozen=True, gc=False):
    """One instance (a service ID on a node).

    ``address`` is the service's own address or, where Consul has none, the node's; ``port`` may be 0.
    """

    id: str
    service: str
    node: str
    address: str
    port: int
    tags: tuple[str, ...] = ()
    meta: Mapping[str, str] = field(default_factory=lambda: NO_META)
    checks: tuple[Check, ...] = ()
    kind: str = ""
    """Empty for an ordinary service; ``connect-proxy``, ``mesh-gateway`` … otherwise."""
    connect_upstreams: tuple[str, ...] = ()
    """Service names that a Connect sidecar of this instance dials."""
    proxy_for: str = ""
    """For a ``connect-proxy``: the service it stands in front of."""
    create_index: int = 0
    modify_index: int = 0
    node_meta: Mapping[str, str] = field(default_factory=lambda: NO_META)
    """Metadata of its node."""
    node_address: str = ""
    """Address of its node, and so of the agent there, if one runs."""

    @property
    def ref(self) -> InstanceRef:
        return InstanceRef(self.service, self.id, self.node)

    @property
    def has_agent(self) -> bool:
        """Whether an agent runs on its node. Such nodes have the ``serfHealth`` check; external nodes do not."""
        return any(check.id == "serfHealth" for check in self.checks)

    @property
    def health(self) -> Health:
        """The worst of its checks."""
        return worst(check.status for check in self.checks)

    @property
    def endpoint(self) -> str:
        """``host:port``, IPv6 hosts in brackets: a gRPC target."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"

    @property
    def version(self) -> str:
        """The ``version`` of its metadata, or ''."""
        return self.meta.get("version", "")

    @property
    def upstreams(self) -> tuple[str, ...]:
        """Services it says it calls: metadata ``upstreams`` (comma separated) and Connect upstreams, no repeats."""
        named = (part.strip() for part in self.meta.get("upstreams", "").split(","))
        return tuple(dict.fromkeys([*(part for part in named if part), *self.connect_upstreams]))


class InstancesUpdate(Struct, frozen=True):
    """The watched set of a service's instances, all healths included.

    One is published at start and then only when the content, the staleness or the error changed.
    """

    service: str
    instances: tuple[Instance, ...]
    at: float
    """Unix seconds when Consul last confirmed ``instances``."""
    index: int = 0
    known: bool = True
    """Whether the catalog has the service name."""
    stale: bool = False
    """The set is the last good one, not a current answer."""
    error: str = ""
    """Why it is stale, one sentence; '' when it is not."""
    visibility: Visibility = Visibility.WHOLE
    """Whether ``instances`` is all there is."""
    note: str = ""
    """What slows the watch down, such as a proxy that removes headers; one sentence, or ''."""


class ServiceSummary(Struct, frozen=True):
    """One line of the catalog overview: counts without the instances themselves.

    Counts are None where Consul was not asked for them.
    """

    name: str
    tags: tuple[str, ...] = ()
    passing: int | None = None
    warning: int | None = None
    critical: int | None = None
    kind: str = ""


class ServicesUpdate(Struct, frozen=True):
    """The watched list of services of a datacenter; staleness as in :class:`InstancesUpdate`."""

    services: tuple[ServiceSummary, ...]
    at: float
    index: int = 0
    stale: bool = False
    error: str = ""
    visibility: Visibility = Visibility.WHOLE
    note: str = ""


class Intention(Struct, frozen=True):
    """A Connect intention: may ``source`` call ``destination``?"""

    source: str
    destination: str
    allowed: bool
