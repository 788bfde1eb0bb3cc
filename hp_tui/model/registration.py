"""The registration of a service instance in Consul."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from hp_tui.model.catalog import NO_META


class CheckDefinition(Struct, frozen=True):
    """A health check Consul is to run. Exactly one of ``grpc``, ``http``, ``tcp``, ``ttl`` is set.

    All durations are seconds. ``grpc`` is ``host:port`` or ``host:port/service``; ``http`` a URL.
    """

    name: str
    grpc: str = ""
    http: str = ""
    tcp: str = ""
    ttl: float = 0.0
    interval: float = 10.0
    timeout: float = 5.0
    grpc_use_tls: bool = False
    tls_skip_verify: bool = False
    success_before_passing: int = 0
    failures_before_critical: int = 0
    initial_status: str = ""
    """'' is Consul's default: critical until the first run."""


class ServiceDefinition(Struct, frozen=True):
    """One instance to register. ``port`` is the gRPC port; other ports go into ``tagged_addresses`` and ``meta``.

    ``deregister_after``: seconds critical until Consul removes the instance; 0 never, Consul's minimum is 60.
    """

    name: str
    id: str
    address: str
    port: int
    tags: tuple[str, ...] = ()
    meta: Mapping[str, str] = field(default_factory=lambda: NO_META)
    checks: tuple[CheckDefinition, ...] = ()
    tagged_addresses: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    deregister_after: float = 60.0
    connect_native: bool = False
