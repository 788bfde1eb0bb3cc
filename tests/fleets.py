"""Fixed pictures of the Heart-Pulse fleet, for pilot and snapshot tests: every time in them is fixed.

``NOW`` is 14 March 2026, 02:14:09 UTC. Each function returns a :class:`FleetSnapshot`; :class:`RecordingEngine` is a port
that holds one and writes down the commands it is given.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from types import MappingProxyType

from msgspec.structs import replace

from hp_tui.engine.port import Publish
from hp_tui.model.balancing import Attempt, AttemptOutcome, BreakerState, Connectivity, Endpoint
from hp_tui.model.calls import (
    HEALTH_METHOD,
    Backoff,
    CallRun,
    CallSpec,
    LaneCell,
    MethodInfo,
    MethodKind,
    MethodsView,
    Reply,
    RunState,
    SavedRequest,
    SavedView,
)
from hp_tui.model.catalog import Check, Instance
from hp_tui.model.commands import Command
from hp_tui.model.fleet import (
    BreakerView,
    Cluster,
    Edge,
    EdgeSource,
    EndpointView,
    FleetSnapshot,
    InstanceView,
    KVView,
    Link,
    LinkState,
    Rate,
    ServiceView,
)
from hp_tui.model.health import Health
from hp_tui.model.kv import KVConflict, KVEntry, KVLevel
from hp_tui.model.timeline import Severity, TimelineEntry, TimelineKind

NOW = 1773454449.0
ADDRESS = "127.0.0.1:8500"

CONFIG_KEY = "config/heart-pulse.json"
CONFIG_VALUE = b'{\n  "threshold": 5,\n  "timeout": 60,\n  "retry": {"multiplier": 2, "max": 10}\n}\n'

_PORTS = {"aol-core": 50051, "heart-pulse": 50052, "critic-agent": 50053, "validator-agent": 50054}
_TAGS = {
    "aol-core": ("aol", "core", "orchestrator"),
    "heart-pulse": ("heart-pulse", "orchestrator"),
    "critic-agent": ("agent", "critic", "llm"),
    "validator-agent": ("agent", "validator", "llm"),
}
_UPSTREAMS = {"aol-core": "critic-agent,validator-agent", "heart-pulse": "aol-core"}
_COUNTS = {"aol-core": 1, "critic-agent": 3, "heart-pulse": 1, "validator-agent": 2}

REFUSED = 'dial tcp 127.0.0.1:50063: connect: connection refused\nrpc error: code = Unavailable desc = "no route"'


class RecordingEngine:
    """A port that publishes what a test hands it; ``submitted`` holds the commands, oldest first."""

    def __init__(self, snapshot: FleetSnapshot) -> None:
        self._snapshot = snapshot
        self._publish: Publish | None = None
        self.submitted: list[Command] = []

    @property
    def snapshot(self) -> FleetSnapshot:
        return self._snapshot

    def submit(self, command: Command) -> None:
        self.submitted.append(command)

    async def run(self, publish: Publish) -> None:
        self._publish = publish
        publish(self._snapshot)
        await asyncio.Event().wait()

    def show(self, snapshot: FleetSnapshot) -> None:
        """Publish another picture."""
        self._snapshot = snapshot
        if self._publish is not None:
            self._publish(snapshot)

    def of(self, kind: type[Command]) -> list[Command]:
        """The commands of one kind."""
        return [command for command in self.submitted if isinstance(command, kind)]


def empty() -> FleetSnapshot:
    """Before any answer."""
    return FleetSnapshot(link=Link(LinkState.CONNECTING, ADDRESS, since=NOW))


def absent() -> FleetSnapshot:
    """Nothing listens at the address."""
    error = (
        f"Consul at {ADDRESS} cannot be reached: connection refused; expected a Consul agent's HTTP API there. "
        "Start it, or name another address (CONSUL_HTTP_ADDR)."
    )
    return FleetSnapshot(link=Link(LinkState.ABSENT, ADDRESS, since=NOW - 31, error=error, retry_at=NOW + 4))


def forbidden() -> FleetSnapshot:
    """403 on everything."""
    error = (
        "Consul refused GET /v1/catalog/services: Permission denied. Use a token with service:read (CONSUL_HTTP_TOKEN)."
    )
    link = Link(LinkState.FORBIDDEN, ADDRESS, since=NOW - 3, last_good=NOW, error=error)
    return FleetSnapshot(at=NOW, link=link, cluster=_cluster())


def empty_datacenter() -> FleetSnapshot:
    """A live Consul that knows no service but itself."""
    return FleetSnapshot(at=NOW, link=_live(), cluster=_cluster(), loaded=True)


def healthy() -> FleetSnapshot:
    """All seven passing; calls have been fired at the critics."""
    services = {name: _service(name) for name in sorted(_COUNTS)}
    return FleetSnapshot(
        at=NOW,
        link=_live(),
        cluster=_cluster(),
        services=MappingProxyType(services),
        loaded=True,
        edges=_edges(),
        rates=MappingProxyType({"critic-agent": Rate(10.0, 0.0)}),
        kv=kv(),
        methods=MappingProxyType({"critic-agent": methods()}),
        runs=(run_done(),),
        timeline=_quiet_timeline(),
    )


def one_critical() -> FleetSnapshot:
    """critic-agent-2 is critical and its breaker open; a run is under way."""
    return _with_critic_2(
        healthy(),
        Health.CRITICAL,
        NOW - 12,
        BreakerView(
            state=BreakerState.OPEN,
            computed=BreakerState.OPEN,
            failures=5,
            since=NOW - 13,
            open_until=NOW + 47,
            opens=1,
            reason="5 × UNAVAILABLE",
        ),
        run_failing(),
        (
            _entry(5, NOW - 13, TimelineKind.BREAKER, Severity.BAD, "closed", "open", "5 × UNAVAILABLE"),
            _entry(6, NOW - 12, TimelineKind.HEALTH, Severity.BAD, "passing", "critical", REFUSED.splitlines()[0]),
        ),
    )


def half_open() -> FleetSnapshot:
    """critic-agent-2 answers again; its breaker admits one probe."""
    return _with_critic_2(
        healthy(),
        Health.PASSING,
        NOW - 4,
        BreakerView(
            state=BreakerState.HALF_OPEN,
            computed=BreakerState.HALF_OPEN,
            failures=5,
            since=NOW - 1,
            opens=1,
            reason="open for 60 s",
        ),
        run_failing(),
        (
            _entry(7, NOW - 4, TimelineKind.HEALTH, Severity.GOOD, "critical", "passing", "gRPC check: SERVING"),
            _entry(8, NOW - 1, TimelineKind.BREAKER, Severity.WARN, "open", "half-open", "open for 60 s"),
        ),
    )


def forced_open() -> FleetSnapshot:
    """Healthy, with critic-agent-2 tripped by hand."""
    breaker = BreakerView(
        state=BreakerState.OPEN,
        computed=BreakerState.CLOSED,
        forced=BreakerState.OPEN,
        since=NOW - 30,
        reason="by hand: rollout",
    )
    return _with_critic_2(healthy(), Health.PASSING, NOW - 240, breaker, run_done(), ())


def stale() -> FleetSnapshot:
    """The agent stopped answering twelve seconds ago."""
    error = f"Consul at {ADDRESS} cannot be reached: connection refused; expected a Consul agent's HTTP API there."
    link = Link(LinkState.STALE, ADDRESS, since=NOW - 10, last_good=NOW - 12, error=error, retry_at=NOW + 2)
    return replace(one_critical(), link=link)


def no_leader() -> FleetSnapshot:
    """The agent answers, the cluster has no leader."""
    error = (
        "Consul cannot carry out GET /v1/catalog/services: the cluster has no leader. It usually elects one within seconds; "
        "if not, look at the servers (consul operator raft list-peers)."
    )
    link = Link(LinkState.NO_LEADER, ADDRESS, since=NOW - 5, last_good=NOW, error=error, retry_at=NOW + 2)
    return replace(healthy(), link=link, cluster=replace(_cluster(), leader=""))


def kv_forbidden() -> FleetSnapshot:
    """403 on the KV store only."""
    error = "Consul refused GET /v1/kv/: Permission denied. Use a token with key:list (CONSUL_HTTP_TOKEN)."
    return replace(healthy(), kv=KVView(error=error))


def kv_conflict() -> FleetSnapshot:
    """Somebody wrote the key while it was being edited."""
    base = kv_entry()
    theirs = replace(base, value=CONFIG_VALUE.replace(b"60", b"30"), modify_index=131)
    mine = CONFIG_VALUE.replace(b'"threshold": 5', b'"threshold": 3')
    conflict = KVConflict(CONFIG_KEY, base=base, mine=mine, theirs=theirs, at=NOW - 1)
    old = healthy()
    return replace(old, kv=replace(old.kv, conflicts=MappingProxyType({CONFIG_KEY: conflict})))


def owners() -> FleetSnapshot:
    """One critic of each owner: the console's agent, the same but built on hp-tui, another agent, none."""
    old = healthy()
    view = old.services["critic-agent"]
    ours, kept, theirs = (item.instance for item in view.instances or ())
    named = [replace(check, id=f"{kept.id}:{check.name}") if not check.node_level else check for check in kept.checks]
    placed = (
        ours,
        replace(kept, checks=tuple(named)),
        replace(theirs, node="node-b", node_address="10.0.0.12"),
        replace(
            theirs,
            id="critic-agent-ext",
            node="mainframe",
            node_address="10.9.9.9",
            checks=tuple(check for check in theirs.checks if not check.node_level),
        ),
    )
    views = tuple(InstanceView(instance, NOW - 240, since_exact=True) for instance in placed)
    service = replace(view, instances=views, passing=len(views))
    return replace(old, services=MappingProxyType({**old.services, "critic-agent": service}))


def all_critical() -> FleetSnapshot:
    """Every instance critical."""
    old = healthy()
    services = {
        name: replace(
            view,
            instances=tuple(_turned(item, Health.CRITICAL, NOW - 75, REFUSED) for item in view.instances or ()),
            passing=0,
            critical=view.passing,
        )
        for name, view in old.services.items()
    }
    return replace(old, services=MappingProxyType(services))


def strange_names() -> FleetSnapshot:
    """Control characters, wide and right-to-left text where names, tags and outputs come from."""
    old = healthy()
    view = old.services["critic-agent"]
    odd = Instance(
        id="評論家-エージェント-一号機-\x1b[31mred\x07",
        service="critic-agent",
        node="node-\u202eabc",
        address="2001:db8::10",
        port=50099,
        tags=("שלום", "tab\there"),
        meta=MappingProxyType({"version": "2.0.0-rc.1+build.20260314"}),
        checks=(Check("c", "grpc", Health.WARNING, output="\x1b]52;c;aGVsbG8=\x07\x00 slow"),),
    )
    view = replace(view, instances=(*(view.instances or ()), InstanceView(odd, NOW - 8, since_exact=True)), warning=1)
    return replace(old, services=MappingProxyType({**old.services, "critic-agent": view}))


def many(services: int, instances: int = 10) -> FleetSnapshot:
    """A large datacenter: service ``svc-0007`` has one critical instance, as has every hundredth."""
    views: dict[str, ServiceView] = {}
    for number in range(services):
        name = f"svc-{number:04d}"
        items = tuple(
            InstanceView(
                _instance(name, place, 20000 + place, health=_health_of(number, place)),
                health_since=NOW - 3600,
            )
            for place in range(1, instances + 1)
        )
        critical = sum(item.health is Health.CRITICAL for item in items)
        views[name] = ServiceView(
            name, instances=items, passing=len(items) - critical, critical=critical, counted=True, at=NOW
        )
    return replace(empty_datacenter(), services=MappingProxyType(views))


def mesh(services: int) -> FleetSnapshot:
    """``services`` in layers, each calling two or three of the next layer; one of them critical, calls seen on two edges."""
    layer = max(2, round(services**0.5))
    names = [f"{chr(97 + number // layer)}-service-{number % layer + 1}" for number in range(services)]
    views = {
        name: ServiceView(
            name,
            instances=tuple(
                InstanceView(
                    _instance(
                        name, place, 30000 + 10 * number + place, health=_red_if(number == layer + 1 and place == 1)
                    ),
                    health_since=NOW - 900,
                    since_exact=True,
                )
                for place in range(1, 2 + number % 3)
            ),
            counted=True,
            at=NOW,
        )
        for number, name in enumerate(names)
    }
    metadata = frozenset({EdgeSource.METADATA})
    edges = []
    for number, name in enumerate(names):
        below = [other for other in range(services) if other // layer == number // layer + 1]
        ends = sorted({below[(number * step) % len(below)] for step in (1, 2, 5)}) if below else []
        edges += [
            Edge(
                name, names[end], metadata, rate=4.0 if number == 1 else None, error_share=0.5 if number == 1 else None
            )
            for end in ends
        ]
    return replace(empty_datacenter(), services=MappingProxyType(dict(sorted(views.items()))), edges=tuple(edges))


def _red_if(red: bool) -> Health:
    return Health.CRITICAL if red else Health.PASSING


def _health_of(number: int, place: int) -> Health:
    return Health.CRITICAL if number % 100 == 7 and place == 1 else Health.PASSING


def kv() -> KVView:
    """``config/`` open, its one key read."""
    return KVView(
        levels=MappingProxyType(
            {
                "": KVLevel("", ("config/", "feature/", "motd"), NOW - 60),
                "config/": KVLevel("config/", ("config/aol-core/", CONFIG_KEY, "config/limits.yaml"), NOW - 50),
            }
        ),
        entries=MappingProxyType({CONFIG_KEY: kv_entry()}),
    )


def kv_entry() -> KVEntry:
    return KVEntry(CONFIG_KEY, CONFIG_VALUE, modify_index=118, create_index=97)


def methods() -> MethodsView:
    """What reflection says of a critic."""
    skeleton = '{\n  "taskId": "",\n  "text": "",\n  "strictness": 0\n}'
    return MethodsView(
        "critic-agent",
        (
            MethodInfo(HEALTH_METHOD, MethodKind.UNARY_UNARY, "HealthCheckRequest", "HealthCheckResponse"),
            MethodInfo(
                "heartpulse.v1.CriticAgent/Critique",
                MethodKind.UNARY_UNARY,
                "heartpulse.v1.CritiqueRequest",
                "heartpulse.v1.CritiqueReply",
                skeleton,
            ),
            MethodInfo(
                "heartpulse.v1.CriticAgent/Watch",
                MethodKind.UNARY_STREAM,
                "heartpulse.v1.WatchRequest",
                "heartpulse.v1.Critique",
            ),
        ),
        at=NOW - 90,
    )


def run_done() -> CallRun:
    """Forty calls over three critics, all well."""
    lanes = {
        f"critic-agent-{place}": _cells(f"critic-agent-{place}", "●" * 13, 50043 + 10 * place) for place in (1, 2, 3)
    }
    return CallRun(
        id="run-1",
        spec=CallSpec("critic-agent", "heartpulse.v1.CriticAgent/Critique", '{"text": "hello"}', count=40, rate=10.0),
        state=RunState.DONE,
        started=NOW - 30,
        finished=NOW - 26,
        done=40,
        ok=40,
        lanes=MappingProxyType(lanes),
        picks=MappingProxyType({"critic-agent-1": 14, "critic-agent-2": 13, "critic-agent-3": 13}),
        statuses=MappingProxyType({"OK": 40}),
        p50_ms=1.8,
        p99_ms=4.2,
        reply=Reply(
            40,
            True,
            "OK",
            2.1,
            '{\n  "verdict": "ACCEPT",\n  "score": 0.93\n}',
            headers=(("content-type", "application/grpc"),),
            trailers=(("served-by", "critic-agent-2"),),
            messages=1,
        ),
    )


def past_runs() -> tuple[CallRun, ...]:
    """What was fired the evening before, and shortly before this console was opened."""
    done = replace(run_done(), earlier=True)
    authorised = replace(done.spec, count=1, rate=0.0, metadata=(("x-trace", "abc"), ("authorization", "")))
    return (
        replace(done, id="old-1", started=NOW - 20_000, finished=NOW - 19_990),
        replace(
            done,
            id="old-2",
            started=NOW - 18_000,
            finished=NOW - 17_990,
            lanes=run_failing().lanes,
            done=40,
            ok=22,
            failed=18,
            statuses=MappingProxyType({"OK": 22, "UNAVAILABLE": 18}),
        ),
        replace(done, id="old-3", spec=authorised, started=NOW - 900, finished=NOW - 899, done=1, ok=1),
    )


SAVED_PATH = "/home/oncall/requests.json"


def saved() -> SavedView:
    """Requests saved under names: one each for a service that is gone, with a credential, broken, and plain."""
    critique = "heartpulse.v1.CriticAgent/Critique"
    guarded = CallSpec("critic-agent", critique, '{\n  "text": "hello"\n}', metadata=(("authorization", ""),))
    slow = CallSpec("critic-agent", critique, '{\n  "text": "one two",\n  "strictness": 3\n}', 20, 5.0, 30.0)
    return SavedView(
        (
            SavedRequest("as the gateway", guarded),
            SavedRequest("bill for March", CallSpec("billing", "acme.billing.v1.Billing/Bill", '{\n  "month": 3\n}')),
            SavedRequest("broken", CallSpec("", "", ""), problem="count is 'many'; expected a whole number"),
            SavedRequest("slow", slow),
        ),
        SAVED_PATH,
    )


def run_failing() -> CallRun:
    """A run in which critic-agent-2 failed five times and then was spared by its breaker."""
    lanes = {
        "critic-agent-1": _cells("critic-agent-1", "●●●●●●●●●●●●●", 50053),
        "critic-agent-2": _cells("critic-agent-2", "●●↷↷↷↷×⊘⊘⊘⊘⊘⊘", 50063),
        "critic-agent-3": _cells("critic-agent-3", "●●●●●●●●●●●●●", 50073),
    }
    return CallRun(
        id="run-2",
        spec=CallSpec("critic-agent", "heartpulse.v1.CriticAgent/Critique", '{"text": "hello"}', count=40, rate=10.0),
        state=RunState.RUNNING,
        started=NOW - 15,
        done=31,
        ok=30,
        failed=1,
        lanes=MappingProxyType(lanes),
        picks=MappingProxyType({"critic-agent-1": 15, "critic-agent-2": 7, "critic-agent-3": 14}),
        statuses=MappingProxyType({"OK": 30, "UNAVAILABLE": 1}),
        p50_ms=2.0,
        p99_ms=2003.0,
        backoff=Backoff(call=32, attempt=2, until=NOW + 1.6, status="UNAVAILABLE"),
        reply=Reply(31, False, "UNAVAILABLE", 3.2, details="connection refused"),
    )


def _cells(instance_id: str, marks: str, port: int) -> tuple[LaneCell, ...]:
    outcome = {
        "●": AttemptOutcome.OK,
        "×": AttemptOutcome.FAILED,
        "↷": AttemptOutcome.RETRIED,
        "⊘": AttemptOutcome.REJECTED,
    }
    endpoint = Endpoint(instance_id, f"127.0.0.1:{port}")
    return tuple(
        LaneCell(number, Attempt(1, endpoint, outcome[mark], "OK" if mark == "●" else "UNAVAILABLE", 2.0))
        for number, mark in enumerate(marks, start=1)
    )


def _live() -> Link:
    return Link(LinkState.LIVE, ADDRESS, since=NOW - 300, last_good=NOW)


def _cluster() -> Cluster:
    return Cluster("heart-pulse-dc1", ("heart-pulse-dc1", "dc2"), "consul-server", "1.8.7", "127.0.0.1:8300")


def _instance(service: str, place: int, port: int, *, health: Health = Health.PASSING, output: str = "") -> Instance:
    check = Check(
        id=f"service:{service}-{place}",
        name=f"{service} gRPC",
        status=health,
        output=output or "gRPC check: SERVING",
        type="grpc",
        definition=MappingProxyType({"grpc": f"127.0.0.1:{port}", "interval": "10s", "timeout": "5s"}),
    )
    serf = Check("serfHealth", "Serf Health Status", Health.PASSING, "Agent alive and reachable", node_level=True)
    meta = {"version": "1.0.0", "protocol": "heartpulse.v1"}
    if service in _UPSTREAMS:
        meta["upstreams"] = _UPSTREAMS[service]
    return Instance(
        id=f"{service}-{place}",
        service=service,
        node="consul-server",
        address="127.0.0.1",
        port=port,
        tags=_TAGS.get(service, ()),
        meta=MappingProxyType(meta),
        checks=(serf, check),
        create_index=20 + place,
        modify_index=90 + place,
    )


def _service(name: str) -> ServiceView:
    count = _COUNTS[name]
    called = name == "critic-agent"
    views = tuple(
        InstanceView(
            _instance(name, place, _PORTS[name] + 10 * (place - 1)),
            health_since=NOW - 240,
            since_exact=True,
            endpoint=_endpoint(place) if called else None,
        )
        for place in range(1, count + 1)
    )
    return ServiceView(name, _TAGS[name], instances=views, passing=count, counted=True, at=NOW)


def _endpoint(place: int) -> EndpointView:
    return EndpointView(
        Connectivity.READY,
        BreakerView(since=NOW - 240),
        picks=84 - place,
        p50_ms=1.5 + place / 10,
        p99_ms=3.0 + place,
    )


def _turned(view: InstanceView, health: Health, since: float, output: str) -> InstanceView:
    checks = tuple(
        check if check.node_level else replace(check, status=health, output=output) for check in view.instance.checks
    )
    return replace(
        view, instance=replace(view.instance, checks=checks), health_since=since, since_exact=True, flaps=view.flaps + 1
    )


def _with_critic_2(
    old: FleetSnapshot,
    health: Health,
    since: float,
    breaker: BreakerView,
    run: CallRun,
    entries: Iterable[TimelineEntry],
) -> FleetSnapshot:
    service = old.services["critic-agent"]
    assert service.instances is not None
    output = REFUSED if health is Health.CRITICAL else "gRPC check: SERVING"
    instances = list(service.instances)
    endpoint = instances[1].endpoint
    assert endpoint is not None
    excluded = "breaker open" if breaker.state is BreakerState.OPEN else ""
    turned = _turned(instances[1], health, since, output)
    instances[1] = replace(
        turned, endpoint=replace(endpoint, breaker=breaker, picks=41, failures=5, p99_ms=None, excluded=excluded)
    )
    critical = int(health is Health.CRITICAL)
    service = replace(service, instances=tuple(instances), passing=3 - critical, critical=critical)
    return replace(
        old,
        services=MappingProxyType({**old.services, "critic-agent": service}),
        edges=_edges(error_share=0.03 if critical else 0.0),
        runs=(run_done(), run) if run.id != "run-1" else (run,),
        timeline=(*old.timeline, *entries),
    )


def _edges(error_share: float = 0.0) -> tuple[Edge, ...]:
    metadata = frozenset({EdgeSource.METADATA})
    connect = frozenset({EdgeSource.CONNECT})
    return (
        Edge("aol-core", "critic-agent", metadata),
        Edge("aol-core", "validator-agent", metadata),
        Edge("heart-pulse", "aol-core", connect, mtls=True),
        Edge("hp-tui", "critic-agent", frozenset({EdgeSource.CALLS}), rate=10.0, error_share=error_share),
    )


def _quiet_timeline() -> tuple[TimelineEntry, ...]:
    return (
        TimelineEntry(
            1, NOW - 300, TimelineKind.LINK, Severity.GOOD, "consul", old="connecting", new="live", detail=""
        ),
        TimelineEntry(
            2,
            NOW - 240,
            TimelineKind.MEMBER,
            Severity.INFO,
            "validator-agent-2",
            "validator-agent",
            new="registered",
            detail="127.0.0.1:50064",
        ),
        TimelineEntry(
            3,
            NOW - 120,
            TimelineKind.KV,
            Severity.INFO,
            CONFIG_KEY,
            new="written at index 118",
        ),
        TimelineEntry(
            4,
            NOW - 26,
            TimelineKind.CALL,
            Severity.GOOD,
            "critic-agent",
            "critic-agent",
            old="heartpulse.v1.CriticAgent/Critique",
            new="40 ok, 0 failed",
        ),
    )


def _entry(
    seq: int, at: float, kind: TimelineKind, severity: Severity, old: str, new: str, detail: str
) -> TimelineEntry:
    return TimelineEntry(seq, at, kind, severity, "critic-agent-2", "critic-agent", old, new, detail)


def troubled() -> FleetSnapshot:
    """One critic is down and flaps, another runs a newer version; a call is denied, and one goes to a name nobody has."""
    old = one_critical()
    critics = list(old.services["critic-agent"].instances or ())
    critics[1] = replace(critics[1], flaps=5, changes=(NOW - 130, NOW - 100, NOW - 70, NOW - 40, NOW - 12))
    newer = MappingProxyType({**critics[2].instance.meta, "version": "1.1.0"})
    tags = (*critics[2].instance.tags, "canary")
    critics[2] = replace(critics[2], instance=replace(critics[2].instance, meta=newer, tags=tags))
    core = (old.services["aol-core"].instances or ())[0]
    asking = MappingProxyType({**core.instance.meta, "upstreams": "critic-agent,validator-agent,validator-agnet"})
    core = replace(core, instance=replace(core.instance, meta=asking))
    services = {
        **old.services,
        "critic-agent": replace(
            old.services["critic-agent"], instances=tuple(critics), first_seen=NOW - 86_400, first_seen_exact=False
        ),
        "aol-core": replace(old.services["aol-core"], instances=(core,)),
    }
    denied = Edge("heart-pulse", "critic-agent", frozenset({EdgeSource.INTENTION}), denied=True)
    lost = Edge("aol-core", "validator-agnet", frozenset({EdgeSource.METADATA}))
    edges = tuple(sorted((*old.edges, denied, lost), key=lambda edge: (edge.source, edge.target)))
    earlier = TimelineEntry(
        0,
        NOW - 30_000,
        TimelineKind.HEALTH,
        Severity.BAD,
        "critic-agent-2",
        "critic-agent",
        "passing",
        "critical",
        "flapping: 4 changes in 2m · rpc error: code = Unavailable desc = connection error: desc = "
        '"transport: error while dialing: dial tcp 127.0.0.1:50063: connect: connection refused"',
    )
    return replace(old, services=MappingProxyType(services), edges=edges, timeline=(earlier, *old.timeline))
