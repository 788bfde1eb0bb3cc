"""What comes from the network cannot drive the terminal: no control, bidirectional or zero-width character and no markup.

Every name, tag, output, key, value and message of one fleet is hostile; one screen of each kind is drawn.
"""

from __future__ import annotations

import re
from types import MappingProxyType

import pytest
from msgspec.structs import replace
from textual.widgets import Input

from hp_tui.model.balancing import Attempt, AttemptOutcome, Endpoint
from hp_tui.model.calls import CallRun, CallSpec, LaneCell, MethodInfo, MethodKind, MethodsView, Reply, RunState
from hp_tui.model.catalog import Check, Instance
from hp_tui.model.fleet import Cluster, Edge, EdgeSource, FleetSnapshot, InstanceView, KVView, LinkState, ServiceView
from hp_tui.model.health import Health
from hp_tui.model.kv import KVConflict, KVEntry, KVLevel
from hp_tui.model.timeline import Notice, Severity, TimelineEntry, TimelineKind
from tests import fleets
from tests.fleets import NOW
from tests.pilot.desk import SMALL, Desk, desk

EVIL = "\x1b]0;pwn\x07\x9b31m\u202e\u200b\x7f[red]x[/red][/]\n\r\t\u2028[@click=app.quit]"
FORBIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2028\u2029\u2060-\u2069\ufeff\u061c\ud800-\udfff]"
)
NAME = f"a{EVIL}"
KEY = f"dir/k{EVIL}"


def hostile() -> FleetSnapshot:
    """A fleet in which nothing means well."""
    check = Check("c" + EVIL, "check" + EVIL, Health.CRITICAL, EVIL * 3, "grpc" + EVIL, "notes" + EVIL)
    check = replace(check, definition=MappingProxyType({"http" + EVIL: "target" + EVIL}))
    healthy = fleets.healthy().services["critic-agent"].instances or ()
    endpoint = healthy[0].endpoint
    assert endpoint is not None
    breaker = replace(endpoint.breaker, reason="5 × " + EVIL, state=fleets.BreakerState.OPEN, open_until=NOW + 9)
    instance = Instance(
        "id" + EVIL, NAME, "node" + EVIL, "host" + EVIL, 1, ("tag" + EVIL,), MappingProxyType({"version": "v" + EVIL}), (check,)
    )  # fmt: skip
    view = InstanceView(instance, NOW - 5, endpoint=replace(endpoint, breaker=breaker, excluded="because" + EVIL))
    service = ServiceView(NAME, ("tag" + EVIL,), instances=(view,), critical=1, counted=True, error="err" + EVIL)
    entry = KVEntry(KEY, EVIL.encode(), 7)
    kv = KVView(
        levels=MappingProxyType(
            {"": KVLevel("", ("dir/", "e" + EVIL + "/"), NOW), "dir/": KVLevel("dir/", (KEY,), NOW)}
        ),
        entries=MappingProxyType({KEY: entry}),
        errors=MappingProxyType({KEY: "error" + EVIL}),
        error="store" + EVIL,
    )
    method = MethodInfo(f"p.S/M{EVIL}", MethodKind.UNARY_UNARY, "In" + EVIL, "Out" + EVIL, "{}")
    attempt = Attempt(1, Endpoint(instance.id, instance.endpoint), AttemptOutcome.FAILED, "UNAVAILABLE", 2.0, EVIL)
    pairs = (("k" + EVIL, "v" + EVIL),)
    reply = Reply(1, False, "UNKNOWN", 2.0, EVIL, "details" + EVIL, pairs, pairs, 2, 9)
    run = CallRun(
        "run-1", CallSpec(NAME, method.name, f'"{EVIL}"', 3), RunState.DONE, NOW - 3, NOW - 1, 3, 1, 2,
        MappingProxyType({instance.id: (LaneCell(1, attempt),)}), MappingProxyType({instance.id: 3}),
        MappingProxyType({"UNKNOWN" + EVIL: 2}), reply=reply,
    )  # fmt: skip
    failed = replace(run, id="run-2", state=RunState.FAILED, error="not" + EVIL)
    timeline = tuple(
        TimelineEntry(number, NOW, kind, Severity.BAD, subject, NAME, "old" + EVIL, "new" + EVIL, "detail" + EVIL)
        for number, (kind, subject) in enumerate(
            [(kind, instance.id) for kind in TimelineKind if kind is not TimelineKind.KV] + [(TimelineKind.KV, KEY)]
        )
    )
    return FleetSnapshot(
        at=NOW,
        link=replace(fleets.healthy().link, address="host" + EVIL),
        cluster=Cluster("dc" + EVIL, ("dc" + EVIL, "other" + EVIL), "n" + EVIL, "1" + EVIL, "l" + EVIL),
        services=MappingProxyType({NAME: service, "b" + EVIL: ServiceView("b" + EVIL, ("t" + EVIL,))}),
        loaded=True,
        edges=(
            Edge(NAME, "b" + EVIL, frozenset({EdgeSource.METADATA})),
            Edge("gone" + EVIL, NAME, frozenset({EdgeSource.CALLS})),
        ),
        kv=kv,
        methods=MappingProxyType({NAME: MethodsView(NAME, (method,), note="note" + EVIL)}),
        runs=(failed, run),
        timeline=timeline,
        notices=(Notice(1, NOW, Severity.BAD, "notice" + EVIL, "subject" + EVIL),),
        chaos=True,
    )


def clean(it: Desk) -> None:
    """Nothing that is about to be written to the terminal is forbidden."""
    for line in it.app.screen._compositor.render_strips():
        for segment in line:
            found = FORBIDDEN.search(segment.text)
            assert found is None, f"{found!r} on {it.screen}: {segment.text!r}"
            style = segment.style
            assert style is None or "click" not in str(style.meta), f"a click from markup: {segment.text!r}"


TO_KEY = ["4", "right", "down"]


@pytest.fixture(autouse=True)
def _without_the_last_defence(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each widget is to be clean by itself; the filter behind them all is proven on its own."""
    if "last_defence" not in request.node.name:
        monkeypatch.setattr(
            "hp_tui.widgets.textual_internals.app.CONTROL_FILTER.apply", lambda segments, background: segments
        )


PLACES: dict[str, list[str]] = {
    "main": [],
    "topology": ["1"],
    "topology narrowed": ["1", "enter"],
    "calls": ["3"],
    "kv": TO_KEY,
    "kv filter": ["4", "slash", "d"],
    "detail": ["enter"],
    "timeline": ["T"],
    "runs": ["3", "enter"],
    "runs, failed": ["3", "enter", "down"],
    "composer": ["C"],
    "editor": [*TO_KEY, "e"],
    "editor, difference": [*TO_KEY, "e", "x", "ctrl+s"],
    "new key": [*TO_KEY, "n"],
    "delete key": [*TO_KEY, "D"],
    "copy of a key": [*TO_KEY, "y"],
    "breaker": ["b"],
    "trip": ["b", "t"],
    "maintenance": ["m"],
    "deregister": ["D"],
    "chaos": ["x"],
    "copy": ["y"],
    "copy of a service": ["1", "y"],
    "copy of a run": ["3", "y"],
    "datacenter": ["d"],
    "help": ["question_mark"],
    "palette": ["ctrl+p"],
}


@pytest.mark.parametrize("place", PLACES)
async def test_nothing_forbidden_is_drawn_on(place: str) -> None:
    async with desk(hostile()) as it:
        await it.press(*PLACES[place])
        clean(it)
        if place not in {"help", "palette", "topology", "main"}:
            assert "[red]" in it.text, "markup is text, and stands there as text"


@pytest.mark.parametrize("state", [LinkState.ABSENT, LinkState.STALE, LinkState.FORBIDDEN, LinkState.NO_LEADER])
async def test_nothing_forbidden_is_drawn_in_trouble(state: LinkState) -> None:
    snapshot = hostile()
    async with desk(
        replace(snapshot, link=replace(snapshot.link, state=state, error="error" + EVIL)), size=SMALL
    ) as it:
        clean(it)
        await it.show(
            replace(snapshot, services=MappingProxyType({}), link=replace(snapshot.link, state=state, error=EVIL))
        )
        clean(it)


async def test_nothing_forbidden_is_drawn_in_a_conflict() -> None:
    snapshot = hostile()
    theirs = KVEntry(KEY, EVIL[::-1].encode(), 9)
    conflict = KVConflict(KEY, base=snapshot.kv.entries[KEY], mine=b"mine" + EVIL.encode(), theirs=theirs, at=NOW)
    kv = replace(snapshot.kv, conflicts=MappingProxyType({KEY: conflict}))
    async with desk(replace(snapshot, kv=kv)) as it:
        await it.press(*TO_KEY, "e")
        await it.until(lambda: it.screen == "ConflictScreen")
        clean(it)
        await it.press("w")
        clean(it)


async def test_notices_and_broken_patterns_are_text() -> None:
    async with desk(hostile(), toasts=True) as it:
        assert it.toasts == []
        await it.show(replace(hostile(), notices=(Notice(2, NOW, Severity.BAD, "notice" + EVIL, "s" + EVIL),)))
        await it.until("notice")
        clean(it)
        await it.press("slash", *"re:[[red]")
        clean(it)


async def test_a_title_shows_brackets_as_they_are() -> None:
    async with desk(hostile()) as it:
        await it.press("enter")
        assert r"\[red" not in it.text


async def test_what_is_pasted_into_an_input_meets_the_last_defence() -> None:
    async with desk(fleets.healthy()) as it:
        await it.press("slash")
        it.main.health.query_one(Input).value = "re:" + EVIL
        await it.settle()
        assert "␛]0;pwn" in it.text
        clean(it)
