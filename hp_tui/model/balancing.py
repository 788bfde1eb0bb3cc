"""Snapshots and events of the balanced client: endpoints, breakers, calls.

Times named ``at`` are Unix seconds; durations are seconds unless the name ends in ``_ms``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from hp_tui.model.health import Health


class BreakerState(StrEnum):
    """Electrical meaning: open = no traffic."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Connectivity(StrEnum):
    """gRPC channel connectivity."""

    IDLE = "idle"
    CONNECTING = "connecting"
    READY = "ready"
    TRANSIENT_FAILURE = "transient failure"
    SHUTDOWN = "shutdown"


class Endpoint(Struct, frozen=True, order=True):
    """Where an attempt can be sent: instance id and ``host:port``."""

    instance_id: str
    address: str


class BreakerSnapshot(Struct, frozen=True):
    """The state of a breaker. ``state`` decides over calls; ``computed`` is what it would be if it were not forced.

    ``forced`` is OPEN after a trip by hand, CLOSED while forced closed, else None.
    ``retry_after`` is the seconds until traffic is tried again: 0.0 for now, None for a breaker that is forced open.
    """

    state: BreakerState = BreakerState.CLOSED
    computed: BreakerState = BreakerState.CLOSED
    forced: BreakerState | None = None
    consecutive_failures: int = 0
    failure_threshold: int = 5
    retry_after: float | None = 0.0
    in_state: float = 0.0
    """Seconds since the last state change."""
    opens: int = 0
    """Consecutive opens without a close between."""
    reason: str = ""
    """Why it last changed, such as ``5 × UNAVAILABLE``."""


class EndpointSnapshot(Struct, frozen=True):
    """One endpoint of a client."""

    endpoint: Endpoint
    health: Health
    connectivity: Connectivity
    breaker: BreakerSnapshot
    picks: int = 0
    failures: int = 0
    in_flight: int = 0
    p50_ms: float | None = None
    p99_ms: float | None = None
    excluded: str = ""
    """Why it is not picked now, one phrase; '' when it is."""


class ClientSnapshot(Struct, frozen=True):
    """A frozen view of a balanced client; taking it has no side effect."""

    service: str
    endpoints: tuple[EndpointSnapshot, ...]
    calls: int = 0
    failed: int = 0
    retry_tokens: float = 0.0
    stale: bool = False
    error: str = ""


class AttemptOutcome(StrEnum):
    """How one attempt ended."""

    OK = "ok"
    FAILED = "failed"
    RETRIED = "retried"
    """Failed here, and the call moved on to another attempt."""
    REJECTED = "rejected"
    """The breaker refused it; nothing was sent."""


class Attempt(Struct, frozen=True):
    """One try of a call on one endpoint. ``status`` is the gRPC status name, such as ``UNAVAILABLE``."""

    number: int
    endpoint: Endpoint
    outcome: AttemptOutcome
    status: str
    ms: float
    details: str = ""


class ClientEvent(Struct, frozen=True):
    """Base of what :meth:`LoadBalancedGRPCClient.subscribe` delivers. ``at`` is Unix seconds."""

    at: float
    service: str


class EndpointAdded(ClientEvent, frozen=True):
    endpoint: Endpoint
    health: Health


class EndpointRemoved(ClientEvent, frozen=True):
    endpoint: Endpoint


class EndpointHealthChanged(ClientEvent, frozen=True):
    endpoint: Endpoint
    old: Health
    new: Health


class ConnectivityChanged(ClientEvent, frozen=True):
    endpoint: Endpoint
    old: Connectivity
    new: Connectivity


class EndpointBreakerChanged(ClientEvent, frozen=True):
    endpoint: Endpoint
    old: BreakerState
    new: BreakerState
    reason: str


class CallEvent(ClientEvent, frozen=True):
    """Base of per-call events. ``tag`` is the one given to ``client.channel(tag=…)``, else ''."""

    call_id: int
    tag: str
    method: str
    """``/pkg.Service/Method``."""


class Picked(CallEvent, frozen=True):
    attempt: int
    endpoint: Endpoint


class PickRejected(CallEvent, frozen=True):
    """It was this endpoint's turn and its breaker refused; the picker went on to the next endpoint."""

    endpoint: Endpoint
    retry_after: float | None


class AttemptFinished(CallEvent, frozen=True):
    attempt: Attempt


class RetryScheduled(CallEvent, frozen=True):
    """The next attempt (number ``attempt``) starts in ``delay`` seconds."""

    attempt: int
    delay: float
    status: str


class CallFinished(CallEvent, frozen=True):
    ok: bool
    status: str
    ms: float
    attempts: int
    details: str = ""
    trailers: Mapping[str, str] | None = None
