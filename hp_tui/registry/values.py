"""Value types of this package's own, beside those of :mod:`hp_tui.model`."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from hp_tui.model.catalog import ServiceSummary
from hp_tui.model.kv import KVEntry, KVOpError
from hp_tui.model.visibility import Visibility
from hp_tui.registry.errors import RegistryError


class AgentInfo(Struct, frozen=True):
    """What the agent says of itself; '' where unknown. ``server`` is whether it takes part in consensus."""

    datacenter: str = ""
    node: str = ""
    version: str = ""
    server: bool = False


class ServiceCounts(Struct, frozen=True):
    """A service in Consul's overview for its web UI: instances, and *checks* (not instances) by status."""

    name: str
    tags: tuple[str, ...] = ()
    kind: str = ""
    instances: int = 0
    checks_passing: int = 0
    checks_warning: int = 0
    checks_critical: int = 0
    connected_with_proxy: bool = False

    def summary(self) -> ServiceSummary:
        """Counts of instances as far as checks tell: bad ones are an upper bound, as two checks may share an instance.

        Exact as long as no instance has more than one bad check; whoever needs more reads the instances.
        """
        critical = min(self.instances, self.checks_critical)
        warning = min(self.instances - critical, self.checks_warning)
        return ServiceSummary(self.name, self.tags, self.instances - critical - warning, warning, critical, self.kind)


class ActionResult(Struct, frozen=True):
    """How something was done to an instance.

    ``way`` is ``agent`` (its owner did it) or ``catalog`` (its entry was edited); ``comes_back`` whether the owning
    agent will undo it at its next anti-entropy run (about a minute); ``note`` says so in a sentence.
    """

    way: str
    comes_back: bool
    note: str


class LinkStatus(Struct, frozen=True):
    """One heartbeat. ``leader`` is ``host:port`` ('' for none); ``error`` a sentence when Consul did not answer.

    ``at`` is Unix seconds, ``ms`` the round trip, ``cause`` the error itself, ``next_at`` when the next beat is due
    (Unix seconds; 0.0 for a single probe).
    """

    at: float
    leader: str = ""
    ms: float = 0.0
    error: str = ""
    cause: RegistryError | None = None
    next_at: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether Consul answered and has a leader."""
        return not self.error and bool(self.leader)


class KVUpdate(Struct, frozen=True):
    """A watched key: ``entry`` is None while it does not exist, if ``visibility`` is whole.

    Staleness as in ``InstancesUpdate``.
    """

    key: str
    entry: KVEntry | None
    at: float
    index: int = 0
    stale: bool = False
    error: str = ""
    visibility: Visibility = Visibility.WHOLE


class KVLevelUpdate(Struct, frozen=True):
    """A watched level: ``children`` as in :class:`hp_tui.model.kv.KVLevel`."""

    prefix: str
    children: tuple[str, ...]
    at: float
    index: int = 0
    stale: bool = False
    error: str = ""
    visibility: Visibility = Visibility.WHOLE


class KVOp(Struct, frozen=True):
    """One operation of a transaction. ``verb`` is Consul's: ``set``, ``cas``, ``delete``, ``delete-cas`` …

    ``index`` is the ModifyIndex of ``cas``, ``delete-cas`` and ``check-index``, ``session`` that of ``lock``, ``unlock`` and
    ``check-session``.
    """

    verb: str
    key: str
    value: bytes = b""
    index: int = 0
    flags: int = 0
    session: str = ""


class BatchResult(Struct, frozen=True):
    """What became of many operations: the keys of those that were done, one error for each that was not.

    Every operation is in exactly one of ``done`` and ``errors``, in the order they were tried; a key that two operations
    name stands there twice. ``indexes`` has the last ModifyIndex of keys that were written.
    """

    done: tuple[str, ...]
    errors: tuple[KVOpError, ...]
    indexes: Mapping[str, int]


class SearchHit(Struct, frozen=True):
    """A key that matched by name, by value, or both. ``line`` is the first matching line of the value, whole."""

    key: str
    in_key: bool
    in_value: bool
    line: str = ""


class SearchProgress(Struct, frozen=True):
    """A step of a search: ``searched`` of ``total`` keys, and the hits of this step."""

    searched: int
    total: int
    hits: tuple[SearchHit, ...] = ()
