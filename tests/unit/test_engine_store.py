"""The reducer: what events make of a FleetSnapshot."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from msgspec.structs import replace

from hp_tui.engine import events
from hp_tui.engine.store import reduce
from hp_tui.model.balancing import (
    BreakerSnapshot,
    BreakerState,
    ClientSnapshot,
    Connectivity,
    Endpoint,
    EndpointBreakerChanged,
    EndpointSnapshot,
)
from hp_tui.model.catalog import Check, Instance, InstancesUpdate, Intention, ServiceSummary, ServicesUpdate
from hp_tui.model.fleet import Cluster, EdgeSource, FleetSnapshot, LinkState, Rate
from hp_tui.model.health import Health
from hp_tui.model.kv import KVConflict, KVEntry
from hp_tui.model.timeline import Severity, TimelineKind

T0 = 1_000.0


def instance(number: int, health: Health = Health.PASSING, *, service: str = "critic-agent", **kwargs) -> Instance:
    check = Check(id=f"grpc-{number}", name="gRPC health", status=health, output=f"{health.value} says the check\nmore")
    return Instance(f"{service}-{number}", service, "node-1", "127.0.0.1", 5000 + number, checks=(check,), **kwargs)


def seen(*instances: Instance, at: float = T0, service: str = "critic-agent", **kwargs) -> events.InstancesSeen:
    return events.InstancesSeen(at, InstancesUpdate(service, instances, at, **kwargs))


def listed(*names: str, at: float = T0, **kwargs) -> events.ServicesSeen:
    return events.ServicesSeen(at, ServicesUpdate(tuple(ServiceSummary(name) for name in names), at, **kwargs))


def play(*stream: events.Event, start: FleetSnapshot | None = None) -> FleetSnapshot:
    snapshot = start or FleetSnapshot()
    for event in stream:
        snapshot = reduce(snapshot, event)
    return snapshot


def subjects(snapshot: FleetSnapshot, kind: TimelineKind) -> list[tuple[str, str, str]]:
    return [(entry.subject, entry.old, entry.new) for entry in snapshot.timeline if entry.kind is kind]


def test_an_empty_datacenter_is_told_from_no_data_yet():
    assert not FleetSnapshot().loaded
    assert play(listed()).loaded


def test_an_event_that_changes_nothing_gives_the_same_object():
    snapshot = play(listed("critic-agent"), seen(instance(1)))
    assert reduce(snapshot, seen(instance(1))) is snapshot


def test_what_did_not_change_is_shared():
    before = play(listed("a", "b"), seen(instance(1, service="a"), service="a"), seen(service="b"))
    after = reduce(before, seen(instance(1, service="b"), service="b", at=T0 + 1))
    assert after.services["a"] is before.services["a"]
    assert after.kv is before.kv


def test_first_look_fills_no_timeline_and_its_since_is_not_exact():
    snapshot = play(listed("critic-agent"), seen(instance(1)))
    (view,) = snapshot.services["critic-agent"].instances
    assert (view.health_since, view.since_exact) == (T0, False)
    assert not snapshot.timeline


def test_health_change_is_dated_counted_and_logged_with_the_checks_first_line():
    snapshot = play(listed("critic-agent"), seen(instance(1)), seen(instance(1, Health.CRITICAL), at=T0 + 5))
    (view,) = snapshot.services["critic-agent"].instances
    assert (view.health_since, view.since_exact, view.flaps) == (T0 + 5, True, 1)
    (entry,) = snapshot.timeline
    assert (entry.at, entry.kind, entry.severity) == (T0 + 5, TimelineKind.HEALTH, Severity.BAD)
    assert (entry.subject, entry.old, entry.new) == ("critic-agent-1", "passing", "critical")
    assert entry.detail == "critical says the check"


def test_an_output_that_changed_alone_does_not_move_since():
    changed = Instance(
        "critic-agent-1", "critic-agent", "node-1", "127.0.0.1", 5001, tags=("new",), checks=instance(1).checks
    )
    snapshot = play(listed("critic-agent"), seen(instance(1)), seen(changed, at=T0 + 9))
    (view,) = snapshot.services["critic-agent"].instances
    assert view.health_since == T0
    assert view.instance.tags == ("new",)


def test_members_coming_and_going_are_logged():
    snapshot = play(
        listed("critic-agent"),
        seen(instance(1)),
        seen(instance(1), instance(2), at=T0 + 1),
        seen(instance(2), at=T0 + 2),
    )
    assert subjects(snapshot, TimelineKind.MEMBER) == [
        ("critic-agent-2", "", "registered"),
        ("critic-agent-1", "passing", "deregistered"),
    ]


def test_a_service_that_vanishes_names_its_instances():
    snapshot = play(listed("a", "critic-agent"), seen(instance(1), instance(2)), listed("a", at=T0 + 1))
    assert "critic-agent" not in snapshot.services
    assert snapshot.timeline[-1].new == "service gone"
    assert snapshot.timeline[-1].detail == "critic-agent-1, critic-agent-2"


def test_an_instance_answer_for_a_service_that_is_gone_does_not_bring_it_back():
    snapshot = play(listed("a"), seen(instance(1)))
    assert list(snapshot.services) == ["a"]


def test_stale_answers_keep_the_last_good_set_and_mark_it():
    snapshot = play(listed("critic-agent"), seen(instance(1)), seen(at=T0 + 3, stale=True, error="connection refused"))
    view = snapshot.services["critic-agent"]
    assert [item.id for item in view.instances] == ["critic-agent-1"]
    assert (view.stale, view.error, view.at) == (True, "connection refused", T0)
    assert not reduce(snapshot, seen(instance(1), at=T0 + 4)).services["critic-agent"].stale


def test_a_stale_list_of_services_removes_nothing():
    snapshot = play(listed("a", "b"), listed(at=T0 + 1, stale=True, error="no leader"))
    assert list(snapshot.services) == ["a", "b"]


def test_counts_serve_until_instances_are_loaded():
    counts = events.CountsSeen(T0, (ServiceSummary("critic-agent", (), passing=2, warning=0, critical=1),))
    snapshot = play(listed("critic-agent"), counts)
    assert snapshot.services["critic-agent"].health is Health.CRITICAL
    assert snapshot.services["critic-agent"].total == 3
    snapshot = play(seen(instance(1)), counts, start=snapshot)
    assert snapshot.services["critic-agent"].health is Health.PASSING
    assert snapshot.services["critic-agent"].total == 1


def test_a_service_no_longer_watched_keeps_its_counts():
    snapshot = play(
        listed("critic-agent"),
        seen(instance(1), instance(2, Health.CRITICAL)),
        events.InstancesUnwatched(T0 + 1, frozenset({"critic-agent"})),
    )
    view = snapshot.services["critic-agent"]
    assert view.instances is None
    assert (view.passing, view.critical, view.health) == (1, 1, Health.CRITICAL)


@pytest.mark.parametrize("answered", [LinkState.LIVE, LinkState.NO_LEADER, LinkState.FORBIDDEN])
def test_silence_after_an_answer_is_stale_and_before_any_is_absent(answered: LinkState):
    absent = play(events.LinkSeen(T0, LinkState.ABSENT, "refused", T0 + 1))
    assert (absent.link.state, absent.link.last_good) == (LinkState.ABSENT, None)
    stale = play(events.LinkSeen(T0, answered), events.LinkSeen(T0 + 7, LinkState.ABSENT, "refused"))
    assert (stale.link.state, stale.link.since, stale.link.last_good) == (LinkState.STALE, T0 + 7, T0)


def test_losing_and_finding_consul_again_is_logged_once_each():
    down = [events.LinkSeen(T0 + n, LinkState.ABSENT, "refused") for n in (1, 2, 3)]
    snapshot = play(events.LinkSeen(T0, LinkState.LIVE), *down, events.LinkSeen(T0 + 9, LinkState.LIVE))
    assert subjects(snapshot, TimelineKind.LINK) == [("consul", "live", "stale"), ("consul", "stale", "live")]


def test_another_leader_is_logged():
    first, second = (events.ClusterSeen(T0, Cluster(leader=f"127.0.0.1:{port}")) for port in (8300, 8301))
    snapshot = play(first, second)
    assert snapshot.timeline[-1].new == "leader 127.0.0.1:8301"


def test_leaving_a_datacenter_leaves_nothing_of_it():
    snapshot = play(
        events.ClusterSeen(T0, Cluster(datacenter="dc1", datacenters=("dc1", "dc2"))),
        listed("critic-agent"),
        seen(instance(1)),
        events.LevelSeen(T0, "", ("a",)),
        events.DatacenterLeft(T0 + 1, "dc2"),
    )
    assert (dict(snapshot.services), snapshot.loaded, dict(snapshot.kv.levels)) == ({}, False, {})
    assert snapshot.cluster.datacenters == ("dc1", "dc2")
    assert snapshot.cluster.datacenter == "dc2", "the header says at once where one is"


def test_another_token_forgets_what_the_old_one_was_refused_and_keeps_what_was_read():
    snapshot = play(
        events.LevelSeen(T0, "", ("a", "b/")),
        events.LevelSeen(T0, "b/", error="refused"),
        events.KeySeen(T0, "a", KVEntry("a", b"1", 7)),
        events.KeyFailed(T0, "c", "refused"),
        events.KVRefused(T0, "refused"),
        events.TokenReplaced(T0 + 1),
    )
    assert (snapshot.kv.error, dict(snapshot.kv.errors), list(snapshot.kv.levels)) == ("", {}, [""])
    assert snapshot.kv.entries["a"].value == b"1"
    assert reduce(snapshot, events.TokenReplaced(T0 + 2)) is snapshot


def test_what_a_console_finds_of_its_own_in_the_kept_timeline_is_not_shown_twice():
    first = events.ClusterSeen(T0, Cluster(leader="127.0.0.1:8300"))
    snapshot = play(first, events.ClusterSeen(T0 + 1, Cluster(leader="127.0.0.1:8301")))
    (own,) = snapshot.timeline
    earlier = replace(own, at=T0 - 60)
    snapshot = reduce(snapshot, events.HistoryLoaded(T0 + 2, (earlier, replace(own, seq=0))))
    assert [entry.at for entry in snapshot.timeline] == [T0 - 60, T0 + 1]


def test_edges_come_from_metadata_connect_intentions_and_own_calls():
    caller = instance(1, service="aol-core", meta={"upstreams": "critic-agent, validator-agent"})
    sidecar = instance(
        1, service="aol-sidecar", kind="connect-proxy", proxy_for="aol-core", connect_upstreams=("critic-agent",)
    )
    snapshot = play(
        listed("aol-core", "aol-sidecar", "critic-agent"),
        seen(caller, service="aol-core"),
        seen(sidecar, service="aol-sidecar"),
        events.IntentionsSeen(
            T0, (Intention("heart-pulse", "aol-core", allowed=False), Intention("*", "aol-core", True))
        ),
        events.RatesSeen(T0, MappingProxyType({"critic-agent": Rate(2.0, 0.25)})),
    )
    found = {(edge.source, edge.target): edge for edge in snapshot.edges}
    assert found["aol-core", "validator-agent"].sources == {EdgeSource.METADATA}
    assert found["aol-core", "critic-agent"].sources == {EdgeSource.METADATA, EdgeSource.CONNECT}
    assert found["aol-core", "critic-agent"].mtls
    assert found["heart-pulse", "aol-core"].denied
    assert found["hp-tui", "critic-agent"].rate == 2.0
    assert found["*", "aol-core"].sources == {EdgeSource.INTENTION}
    assert len(found) == 5
    assert ("hp-tui", "critic-agent") not in {
        (edge.source, edge.target) for edge in reduce(snapshot, events.RatesSeen(T0 + 11, MappingProxyType({}))).edges
    }


def test_who_calls_whom_is_still_known_when_nobody_looks_at_the_instances_any_more():
    caller = instance(1, service="aol-core", meta={"upstreams": "critic-agent"})
    before = play(listed("aol-core", "critic-agent"), seen(caller, service="aol-core"))
    after = reduce(before, events.InstancesUnwatched(T0 + 1, frozenset({"aol-core"})))
    assert after.services["aol-core"].instances is None
    assert after.edges == before.edges
    silent = instance(1, service="aol-core")
    assert reduce(after, seen(silent, service="aol-core")).edges == (), "what is said now counts"


def test_a_call_to_a_sidecar_is_a_call_to_the_service_behind_it():
    caller = instance(1, service="aol-core", meta={"upstreams": "critic-proxy"})
    proxy = instance(2, service="critic-proxy", kind="connect-proxy", proxy_for="critic-agent")
    snapshot = play(
        listed("aol-core", "critic-proxy", "critic-agent"),
        seen(caller, service="aol-core"),
        seen(proxy, service="critic-proxy"),
        events.IntentionsSeen(T0, (Intention("*", "*", allowed=False),)),
    )
    assert [(edge.source, edge.target) for edge in snapshot.edges] == [("aol-core", "critic-agent")]


def endpoints(retry_after: float, in_state: float, at: float) -> events.EndpointsSeen:
    breaker = BreakerSnapshot(BreakerState.OPEN, BreakerState.OPEN, retry_after=retry_after, in_state=in_state, opens=1)
    item = EndpointSnapshot(
        Endpoint("critic-agent-1", "127.0.0.1:5001"), Health.CRITICAL, Connectivity.TRANSIENT_FAILURE, breaker, picks=4
    )
    return events.EndpointsSeen(at, ClientSnapshot("critic-agent", (item,)))


def test_an_open_breaker_gets_absolute_times_that_do_not_drift():
    snapshot = play(listed("critic-agent"), seen(instance(1, Health.CRITICAL)), endpoints(47.0, 13.0, T0))
    breaker = snapshot.services["critic-agent"].instances[0].endpoint.breaker
    assert (breaker.since, breaker.open_until) == (T0 - 13.0, T0 + 47.0)
    assert reduce(snapshot, endpoints(45.9, 14.0, T0 + 1.0)) is snapshot


def test_a_breaker_change_goes_to_the_timeline():
    spoken = EndpointBreakerChanged(
        T0,
        "critic-agent",
        Endpoint("critic-agent-1", "127.0.0.1:5001"),
        BreakerState.CLOSED,
        BreakerState.OPEN,
        "5 × UNAVAILABLE",
    )
    (entry,) = play(events.ClientEventSeen(T0, spoken)).timeline
    assert (entry.kind, entry.severity, entry.old, entry.new) == (TimelineKind.BREAKER, Severity.BAD, "closed", "open")
    assert entry.detail == "5 × UNAVAILABLE"


def test_the_timeline_is_bounded_and_keeps_counting():
    snapshot = play(*(events.Acted(T0 + n, "x", "", f"act {n}") for n in range(1_200)))
    assert len(snapshot.timeline) == 1_000
    assert snapshot.timeline[-1].seq == 1_200
    assert len(snapshot.notices) == 50


def entry(index: int, value: bytes = b"v") -> KVEntry:
    return KVEntry("config/a", value, modify_index=index)


def test_a_level_shows_what_it_had_while_it_is_loaded_again_and_after_it_failed():
    loaded = play(events.LevelSeen(T0, ""), events.LevelSeen(T0, "", ("config/", "top")))
    assert loaded.kv.levels[""].children == ("config/", "top")
    again = reduce(loaded, events.LevelSeen(T0 + 1, ""))
    assert (again.kv.levels[""].loading, again.kv.levels[""].children) == (True, ("config/", "top"))
    failed = reduce(again, events.LevelSeen(T0 + 2, "", error="no leader"))
    assert (failed.kv.levels[""].loading, failed.kv.levels[""].error) == (False, "no leader")
    assert failed.kv.levels[""].children == ("config/", "top")


def test_a_conflict_keeps_both_sides_until_it_is_settled_or_saved():
    conflict = KVConflict("config/a", entry(1), b"mine", entry(2, b"theirs"), T0)
    snapshot = play(
        events.KeySeen(T0, "config/a", entry(1)), events.KeyBusy(T0, "config/a"), events.KeyConflicted(T0, conflict)
    )
    assert snapshot.kv.conflicts["config/a"] == conflict
    assert not snapshot.kv.busy
    assert snapshot.kv.entries["config/a"] == entry(1)
    assert not reduce(snapshot, events.ConflictSettled(T0, "config/a")).kv.conflicts
    assert not reduce(snapshot, events.KeySaved(T0, "config/a", entry(3))).kv.conflicts


def test_a_failed_write_leaves_the_value_and_says_why_until_the_next_success():
    snapshot = play(events.KeySeen(T0, "config/a", entry(1)), events.KeyFailed(T0, "config/a", "no leader"))
    assert snapshot.kv.errors["config/a"] == "no leader"
    assert snapshot.kv.entries["config/a"] == entry(1)
    assert not reduce(snapshot, events.KeySaved(T0, "config/a", entry(2))).kv.errors


def test_a_deleted_key_is_missing_and_its_deletion_logged():
    snapshot = play(events.KeySeen(T0, "config/a", entry(1)), events.KeySaved(T0, "config/a", None))
    assert "config/a" in snapshot.kv.missing
    assert "config/a" not in snapshot.kv.entries
    assert snapshot.timeline[-1].new == "deleted"


def test_values_in_memory_are_bounded():
    reads = [events.KeySeen(T0, f"k{n}", KVEntry(f"k{n}", b"", modify_index=n)) for n in range(100)]
    kv = play(*reads).kv
    assert len(kv.entries) == 64
    assert "k99" in kv.entries
    assert "k0" not in kv.entries


def test_three_changes_within_five_minutes_are_flapping_and_the_timeline_says_so():
    bad, good = Health.CRITICAL, Health.PASSING
    steps = [seen(instance(1, [bad, good][step % 2]), at=T0 + 10 * (step + 1)) for step in range(5)]
    snapshot = play(listed("critic-agent"), seen(instance(1)), *steps)
    said = [entry.detail for entry in snapshot.timeline]
    assert said[:2] == ["critical says the check", "passing says the check"]
    assert said[2:] == [
        "flapping: 3 changes in 20s · critical says the check",
        "flapping: 4 changes in 30s · passing says the check",
        "flapping: 5 changes in 40s · critical says the check",
    ]


def test_changes_far_apart_are_no_flapping_and_what_is_remembered_is_bounded():
    bad, good = Health.CRITICAL, Health.PASSING
    slow = [seen(instance(1, [bad, good][step % 2]), at=T0 + 200 * (step + 1)) for step in range(6)]
    snapshot = play(listed("critic-agent"), seen(instance(1)), *slow)
    assert not any("flapping" in entry.detail for entry in snapshot.timeline)
    quick = [seen(instance(1, [bad, good][step % 2]), at=T0 + 2_000 + step) for step in range(200)]
    (view,) = play(*quick, start=snapshot).services["critic-agent"].instances
    assert view.flaps == 206
    assert len(view.changes) <= 20


def test_a_service_is_dated_from_when_it_was_first_seen():
    snapshot = play(listed("a"), listed("a", "b", at=T0 + 5), listed("a", "b", at=T0 + 9))
    first = {name: (view.first_seen, view.first_seen_exact) for name, view in snapshot.services.items()}
    assert first == {"a": (T0, False), "b": (T0 + 5, True)}


def test_instances_read_by_a_search_fill_what_is_not_watched_and_leave_the_rest():
    watched = play(listed("a", "b"), seen(instance(1, service="a"), service="a"))
    update = events.InstancesFound(
        T0 + 5,
        (
            InstancesUpdate("a", (), T0 + 5),
            InstancesUpdate("b", (instance(1, Health.CRITICAL, service="b"),), T0 + 5),
            InstancesUpdate("gone", (), T0 + 5),
        ),
    )
    after = reduce(watched, update)
    assert after.services["a"] is watched.services["a"]
    assert after.services["b"].critical == 1
    assert not after.timeline
    assert list(after.services) == ["a", "b"]
