"""Test calls: methods, requests, replies, and the state of a run."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct, field

from hp_tui.model.balancing import Attempt

STREAMING = "STREAMING"
"""Status of a reply whose stream goes on."""
HEALTH_METHOD = "grpc.health.v1.Health/Check"


class MethodKind(StrEnum):
    UNARY_UNARY = "unary"
    UNARY_STREAM = "server stream"
    STREAM_UNARY = "client stream"
    STREAM_STREAM = "bidirectional stream"


class MethodInfo(Struct, frozen=True):
    """One method found by server reflection. ``name`` is ``pkg.Service/Method``; ``skeleton`` a JSON request body."""

    name: str
    kind: MethodKind
    input_type: str
    output_type: str
    skeleton: str = "{}"


class MethodsView(Struct, frozen=True):
    """The methods of a service, from reflection. Without reflection: only the health check, and ``note`` says so."""

    service: str
    methods: tuple[MethodInfo, ...] = ()
    loading: bool = False
    note: str = ""
    at: float = 0.0


class CallSpec(Struct, frozen=True):
    """A run of test calls. ``rate`` is calls a second (0: one after another); ``timeout`` is seconds for each call."""

    service: str
    method: str = HEALTH_METHOD
    body: str = "{}"
    """JSON of the request message (for client streams: a JSON array of messages)."""
    count: int = 1
    rate: float = 0.0
    timeout: float = 5.0
    metadata: tuple[tuple[str, str], ...] = ()


NAME_LIMIT = 80
"""Characters of a saved request's name."""


def request_name_problem(name: str) -> str:
    """Why a request cannot be saved under the name, a sentence; '' when it can."""
    if not name or name != name.strip() or not name.isprintable() or len(name) > NAME_LIMIT:
        return f"name {name[:NAME_LIMIT]!r} cannot be used; expected 1 to {NAME_LIMIT} printable characters"
    return ""


class SavedRequest(Struct, frozen=True):
    """A request saved under a name. ``problem`` says why its entry in the file cannot be used; ``spec`` is then empty."""

    name: str
    spec: CallSpec
    problem: str = ""


class SavedView(Struct, frozen=True):
    """The saved requests, by name. ``problem``: why the file at ``path`` cannot be read."""

    requests: tuple[SavedRequest, ...] = ()
    path: str = ""
    problem: str = ""

    def find(self, name: str) -> SavedRequest | None:
        """The request of that name; None without one."""
        return next((request for request in self.requests if request.name == name), None)


class BodyVerdict(Struct, frozen=True):
    """Whether a body, while it is typed, fits its method's message. ``id`` is that of the check that was asked for."""

    id: str
    known: bool = False
    """Whether the method's message is known; otherwise the body was not checked."""
    error: str = ""
    """What does not fit, a sentence; '' when the body fits."""
    line: int | None = None
    """Line of the body that does not fit, counted from 1; None where it is not known."""
    messages: int = 1
    """Messages in the body: one, or as many as the client streams."""


class RunState(StrEnum):
    PREPARING = "preparing"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    """It could not be started: see the run's ``error``."""


class Reply(Struct, frozen=True):
    """What one call returned. ``body`` is JSON text, possibly cut: see ``truncated``. Trailers are as received."""

    call: int
    ok: bool
    status: str
    ms: float
    body: str = ""
    details: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    trailers: tuple[tuple[str, str], ...] = ()
    messages: int = 0
    """Messages received; 1 for a unary call that succeeded."""
    truncated: int = 0
    """Bytes of the shown messages that ``body`` leaves out; 0 when they are whole."""
    shown: int = 0
    """Messages in ``body``: the newest ones of a stream; only the newest one while it goes on."""


class LaneCell(Struct, frozen=True):
    """One attempt on a lane."""

    call: int
    attempt: Attempt


class Backoff(Struct, frozen=True):
    """A call waiting to be retried. ``until`` is Unix seconds."""

    call: int
    attempt: int
    until: float
    status: str


class CallRun(Struct, frozen=True):
    """A run as it stands. ``lanes`` maps an instance id to its newest attempts, oldest first."""

    id: str
    spec: CallSpec
    state: RunState
    started: float
    finished: float | None = None
    done: int = 0
    ok: int = 0
    failed: int = 0
    lanes: Mapping[str, tuple[LaneCell, ...]] = field(default_factory=lambda: MappingProxyType({}))
    picks: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    statuses: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    p50_ms: float | None = None
    p99_ms: float | None = None
    backoff: Backoff | None = None
    reply: Reply | None = None
    error: str = ""
    earlier: bool = False
    """Read from the history on disk: fired by an earlier session or by another console."""
    body_left_out: bool = False
    """Whether the body was too long for the history; ``spec.body`` is then empty."""


class ReplyReceived(Struct, frozen=True):
    """The reply of call ``reply.call`` of run ``run_id``, whole or, in a stream, so far. ``at`` is Unix seconds."""

    at: float
    run_id: str
    reply: Reply
