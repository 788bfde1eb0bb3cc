"""Health, topology, calls, tree and timeline as the plain values the widgets show."""

from __future__ import annotations

import time
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hp_tui.console.calls.rows import lanes as calls
from hp_tui.console.calls.rows import runs
from hp_tui.console.health.rows.table import HealthRows, Order, columns_for, counts, health_rows
from hp_tui.console.kv.rows import tree
from hp_tui.console.shared.rows.filter_parser import parse_filter
from hp_tui.console.shared.rows.row_keys import split_key
from hp_tui.console.shared.rows.styles import instance_tone, urgency
from hp_tui.console.shared.rows.text import (
    age,
    age_lasts,
    at_least,
    at_least_lasts,
    countdown,
    milliseconds,
    rate,
    share,
    short_method,
)
from hp_tui.console.timeline.rows import happening, timeline_items, whole
from hp_tui.model.calls import Backoff, CallRun, CallSpec, Reply, RunState
from hp_tui.model.fleet import KVView, ServiceView
from hp_tui.model.health import Health
from hp_tui.model.kv import KVEntry, KVLevel
from hp_tui.model.timeline import Severity, TimelineEntry, TimelineKind
from hp_tui.widgets.values import Mark, Tone
from tests import fleets
from tests.fleets import CONFIG_KEY, NOW


def order(snapshot, by: Order = Order.RED) -> list[str]:
    """Headings as ``name/``, instances as ids, top to bottom."""
    rows = health_rows(snapshot.services, NOW, order=by)
    return [f"{row.group}/" if row.heading else split_key(row.key).id for row in rows]


# Health: red first.


def test_red_first_services_and_instances() -> None:
    assert order(fleets.one_critical())[:4] == ["critic-agent/", "critic-agent-2", "critic-agent-1", "critic-agent-3"]
    assert order(fleets.healthy())[:2] == ["aol-core/", "aol-core-1"]


def test_an_open_breaker_of_a_passing_instance_is_red_too() -> None:
    view = (fleets.half_open().services["critic-agent"].instances or ())[1]
    assert (instance_tone(view), urgency(view)) == (Tone.WARN, 1)
    breaker = replace(view.endpoint.breaker, state=fleets.BreakerState.OPEN)
    view = replace(view, endpoint=replace(view.endpoint, breaker=breaker))
    assert (instance_tone(view), urgency(view)) == (Tone.BAD, 0)


def test_maintenance_stands_below_what_nobody_wanted() -> None:
    view = (fleets.healthy().services["critic-agent"].instances or ())[0]
    ranks = {health: urgency(fleets._turned(view, health, NOW, "")) for health in Health}
    assert ranks[Health.CRITICAL] < ranks[Health.WARNING] < ranks[Health.MAINTENANCE] < ranks[Health.PASSING]


def test_orders_of_the_user() -> None:
    one = fleets.one_critical()
    assert order(one, Order.NAME)[:3] == ["aol-core/", "aol-core-1", "critic-agent/"]
    assert order(one, Order.SINCE)[0] == "critic-agent-2"
    assert order(one, Order.PICKS)[0] == "critic-agent-1"
    assert [Order.RED.next, Order.NAME.next, Order.SINCE.next, Order.PICKS.next] == [
        Order.NAME,
        Order.SINCE,
        Order.PICKS,
        Order.RED,
    ]


def test_a_service_that_is_not_loaded_is_a_row_of_its_own_with_its_counts() -> None:
    service = ServiceView("billing", ("tag",), passing=3, critical=1, counted=True)
    (row,) = health_rows({"billing": service}, NOW)
    assert not row.heading
    assert row.cells["health"].text == "✖1 ●3 of 4"
    assert row.cells["health"].tone is Tone.BAD
    assert counts(ServiceView("x")) == "…"
    assert counts(ServiceView("x", counted=True)) == "none"


def test_an_age_nobody_saw_begin_is_a_lower_bound() -> None:
    view = replace((fleets.healthy().services["aol-core"].instances or ())[0], since_exact=False)
    service = replace(fleets.healthy().services["aol-core"], instances=(view,))
    row = health_rows({"aol-core": service}, NOW)[1]
    assert row.cells["health"].text == "passing ≥4m"


@given(st.floats(0, 400_000), st.floats(0.001, 0.999))
def test_an_age_says_the_same_for_as_long_as_it_is_said_to(seconds: float, share_of: float) -> None:
    for said, lasts in ((age, age_lasts), (at_least, at_least_lasts)):
        left = lasts(seconds)
        assert left > 0
        assert said(seconds + left * share_of) == said(seconds)


def test_a_lower_bound_is_coarse_and_silent_at_first() -> None:
    assert [at_least(s) for s in (0, 9.9, 10, 59, 60, 99, 119, 120, 5999, 6000, 200_000)] == [
        "", "", "≥10s", "≥10s", "≥1m", "≥1m", "≥1m", "≥2m", "≥99m", "≥1h", "≥2d",
    ]  # fmt: skip


def test_rows_say_for_how_long_their_times_hold() -> None:
    services = fleets.one_critical().services
    rows = HealthRows()

    def ask(at: float):
        return rows.rows(services, at, order=Order.RED, wanted=parse_filter(""))

    at = NOW
    for _ in range(200):  # past every countdown and every change of a unit
        shown = ask(at)
        assert rows.steady(at)
        assert not rows.steady(at - 1.0)  # the clock was set back
        step = 0.25
        while rows.steady(at + step):
            assert shown == health_rows(services, at + step)
            step += 0.25
        at += step


def test_columns_are_as_wide_as_what_stands_in_them_up_to_a_limit() -> None:
    wide = {column.key: column.width for column in columns_for(fleets.strange_names().services)}
    assert wide["instance"] <= 21
    assert {column.key for column in columns_for({})} == set(wide)


def test_a_row_is_equal_until_something_shown_changes() -> None:
    first = health_rows(fleets.one_critical().services, NOW)
    assert first == health_rows(fleets.one_critical().services, NOW + 0.2)
    assert first != health_rows(fleets.one_critical().services, NOW + 1.5)


def test_rows_of_what_did_not_change_are_kept_and_those_of_what_did_are_not() -> None:
    before = fleets.one_critical().services
    rows = HealthRows()
    first = rows.rows(before, NOW, order=Order.RED, wanted=parse_filter(""))
    changed = before["critic-agent"]
    after = {**before, "critic-agent": replace(changed, instances=changed.instances[1:])}
    second = rows.rows(after, NOW, order=Order.RED, wanted=parse_filter(""))
    assert second == health_rows(after, NOW)
    kept = {row.key: row for row in first}
    assert all(row is kept[row.key] for row in second if row.group != "critic-agent")
    assert next(row for row in second if row.key == "critic-agent\0") is not kept["critic-agent\0"]
    later = rows.rows(after, NOW + 1.5, order=Order.RED, wanted=parse_filter(""))
    assert later == health_rows(after, NOW + 1.5)


# Calls.


def test_lanes_have_marks_and_shares_and_leave_out_what_their_names_share() -> None:
    lanes = calls.lanes(fleets.run_failing())
    assert [lane.label for lane in lanes] == ["-1", "-2", "-3"]
    assert lanes[1].marks[:3] == (Mark.OK, Mark.OK, Mark.RETRIED)
    assert lanes[1].marks[-1] is Mark.REJECTED
    assert [lane.tail for lane in lanes] == ["42 %", "19 %", "39 %"]


def test_an_instance_that_was_picked_and_has_no_attempt_yet_has_a_lane() -> None:
    run = CallRun("r", CallSpec("s"), RunState.RUNNING, NOW, picks=MappingProxyType({"only": 1}))
    (lane,) = calls.lanes(run)
    assert (lane.label, lane.marks, lane.tail) == ("only", (), "100 %")


def test_the_state_of_a_run_in_words() -> None:
    run = fleets.run_failing()
    assert calls.state_line(run, NOW).text == "31/40 UNAVAILABLE, try 2 in 1.6 s"
    over = replace(run, backoff=Backoff(1, 2, NOW - 5, "UNAVAILABLE"))
    assert "in 0.0 s" in calls.state_line(over, NOW).text
    assert calls.state_line(fleets.run_done(), NOW).text == "40/40 done in 4.0 s"
    cancelled = replace(run, backoff=None, state=RunState.CANCELLED, finished=NOW)
    assert calls.state_line(cancelled, NOW).text == "31/40 cancelled in 15.0 s"
    failed = replace(run, state=RunState.FAILED, error="no such method")
    assert calls.state_line(failed, NOW).text == "not started: no such method"


def test_errors_by_status_most_frequent_first() -> None:
    run = replace(fleets.run_failing(), statuses=MappingProxyType({"OK": 9, "INTERNAL": 1, "UNAVAILABLE": 4}))
    assert [line.text for line in calls.status_lines(run)] == ["UNAVAILABLE × 4", "INTERNAL × 1"]


def test_a_reply_says_what_was_cut_and_what_came_with_it() -> None:
    reply = Reply(3, True, "OK", 2.0, "{}", headers=(("a", "b"),), trailers=(("c", "d"),), messages=3, truncated=9)
    assert calls.reply_text(reply) == "{}\n… 9 bytes more are not shown\n3 messages\nheaders\n  a: b\ntrailers\n  c: d"


def test_a_stream_says_which_message_is_shown_and_at_its_end_how_many_there_were() -> None:
    going_on = Reply(1, True, "STREAMING", 3200.0, '{"n": 7}', messages=7, shown=1)
    assert calls.reply_head(going_on).text == "reply 1 STREAMING 3.2 s · message 7"
    assert calls.reply_text(going_on) == '{"n": 7}'
    over = replace(going_on, status="OK", body="[]", messages=900, shown=20)
    assert calls.reply_text(over) == "[]\nthe newest 20 of 900 messages"
    assert calls.reply_text(replace(over, messages=20)) == "[]\n20 messages"


def test_a_refusal_belongs_to_exactly_that_call() -> None:
    failed = replace(fleets.run_done(), state=RunState.FAILED, error="no field")
    assert runs.refusal((failed,), failed.spec) == "no field"
    assert runs.refusal((failed,), replace(failed.spec, body="{}")) == ""
    assert runs.refusal((failed, fleets.run_done()), failed.spec) == ""


# KV.


def paths(view: KVView, opened: set[str], **more: object) -> list[str]:
    return [item.path for item in tree.tree(view, opened, **more)]


def test_the_tree_by_level() -> None:
    view = fleets.kv()
    assert paths(view, set()) == ["config/", "feature/", "motd"]
    assert paths(view, {"config/"})[:4] == ["config/", "config/aol-core/", CONFIG_KEY, "config/limits.yaml"]
    assert paths(view, {"feature/"}) == ["config/", "feature/", f"feature/{tree.REMARK}loading", "motd"]
    assert tree.is_note(f"feature/{tree.REMARK}loading")


def test_levels_that_failed_or_are_empty_say_so() -> None:
    levels = {
        "": KVLevel("", ("a/", "b/"), NOW),
        "a/": KVLevel("a/", (), NOW, error="403"),
        "b/": KVLevel("b/", (), NOW),
    }
    labels = [item.label for item in tree.tree(KVView(levels=MappingProxyType(levels)), {"a/", "b/"})]
    assert labels == ["a/", "403", "b/", "(empty)"]


def test_a_draft_of_a_key_that_is_not_there_has_a_line_where_it_will_be_found() -> None:
    items = tree.tree(fleets.kv(), set(), frozenset({"new/key"}))
    assert (items[-1].path, items[-1].note) == ("new/key", "draft")
    assert paths(fleets.kv(), {"config/"}, drafts=frozenset({CONFIG_KEY})).count(CONFIG_KEY) == 1


def test_conflicts_and_failures_are_marked() -> None:
    view = replace(
        fleets.kv_conflict().kv, errors=MappingProxyType({"motd": "403"}), busy=frozenset({"config/limits.yaml"})
    )
    notes = {item.path: item.note for item in tree.tree(view, {"config/"})}
    assert (notes[CONFIG_KEY], notes["motd"], notes["config/limits.yaml"]) == ("conflict", "failed", "…")


def test_a_filter_keeps_the_way_to_what_it_found() -> None:
    assert paths(fleets.kv(), {"config/"}, wanted=parse_filter("limits")) == ["config/", "config/limits.yaml"]


@pytest.mark.parametrize(
    ("language", "text", "told"),
    [
        ("json", '{"a": 1}', None),
        ("json", '{"a": 1\n"b": 2}', "line 2, column 1"),
        ("yaml", "a: [1, 2", "line 1, column 9"),
        ("yaml", "a: 1\nb: 2\n", None),
        ("toml", "a = 1\nb = =\n", "line 2, column 5"),
        ("toml", 'a = "', "line 1, column 6"),
        ("hcl", "anything {", None),
        ("", "{", None),
        ("json", "[" * 100_000, "nested too deeply"),
    ],
)
def test_a_format_is_checked_with_line_and_column(language: str, text: str, told: str | None) -> None:
    found = tree.validate(language, text)
    assert (found is None) if told is None else (told in str(found))


@pytest.mark.parametrize(
    ("key", "text", "language"),
    [
        ("a/b.json", "", "json"),
        ("a/b.YML", "", "yaml"),
        ("a.d/b", "{", "json"),
        ("a.json/b", "plain", ""),
        ("b.txt", "{", ""),
        ("b.hcl", "", "hcl"),
    ],
)
def test_the_language_of_a_value(key: str, text: str, language: str) -> None:
    assert tree.language_of(key, text) == language


def test_bytes_that_are_no_text_are_shown_as_hex_and_not_for_editing() -> None:
    shown = tree.shown_value(KVEntry("k", b"\xff\x00" * 4000, 1))
    assert not shown.editable
    assert shown.text.startswith("00000000  ff 00")
    assert "8000 bytes that are not UTF-8, the first 4096 shown" in shown.note


# Timeline.


def entry(seq: int, kind: TimelineKind = TimelineKind.HEALTH, **more: str) -> TimelineEntry:
    return TimelineEntry(seq, NOW, kind, Severity.BAD, "critic-agent-2", "critic-agent", **more)


def test_a_transition_as_a_line() -> None:
    line = happening(entry(1, old="passing", new="critical", detail="\nrefused\nmore"), NOW)
    assert line.text == "passing → critical  refused"
    assert line.target == "critic-agent-2"
    breaker = happening(entry(2, TimelineKind.BREAKER, old="closed", new="open", detail="5 × UNAVAILABLE"), NOW)
    assert breaker.text == "breaker closed → open (5 × UNAVAILABLE)"
    assert happening(entry(3, TimelineKind.LINK, new="live"), NOW).target == "", "there is nowhere to go"


def test_a_transition_of_another_day_has_its_date_and_of_another_year_that_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    assert happening(entry(1), NOW).time == "02:14:09"
    assert happening(entry(1), NOW + 86_400).time == "14 Mar 02:14:09"
    assert happening(entry(1), NOW + 366 * 86_400).time == "14 Mar 2026 02:14:09"
    monkeypatch.undo()
    time.tzset()


def test_a_transition_in_full() -> None:
    head, text = whole(entry(1, old="passing", new="critical", detail="refused\nmore"), NOW)
    assert head.endswith(" · critic-agent-2 of critic-agent · health, bad")
    assert text == "passing → critical  refused"


def test_lines_are_filtered_by_what_stands_in_them_also_by_kind_and_service() -> None:
    entries = [entry(1, old="passing", new="critical"), entry(2, TimelineKind.BREAKER, old="closed", new="open")]
    assert [item.key for item in timeline_items(entries, NOW, parse_filter("breaker"))] == ["2"]
    assert [item.key for item in timeline_items(entries, NOW, parse_filter("!re:^critical$"))] == ["2"]
    assert len(timeline_items(entries, NOW, parse_filter("re:^critic-agent$"))) == 2


# Short texts.


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (age(-3), "0s"),
        (age(99), "99s"),
        (age(100), "1m"),
        (age(6000), "1h"),
        (age(200_000), "2d"),
        (countdown(46.2), "0:47"),
        (countdown(-1), "0:00"),
        (countdown(300), "5:00"),
        (milliseconds(None), "–"),
        (milliseconds(0.44), "0.4 ms"),
        (milliseconds(12.3), "12 ms"),
        (milliseconds(2003), "2.0 s"),
        (share(0, 0), "0 %"),
        (share(1, 1000), "<1 %"),
        (share(2, 3), "67 %"),
        (rate(10.0), "10/s"),
        (rate(0.5), "0.5/s"),
        (short_method("pkg.v1.Service/Method"), "Service/Method"),
        (short_method("Method"), "Method"),
    ],
)
def test_short_texts(said: str, text: str) -> None:
    assert said == text


# Flat or by service, flapping.


def keys(by: Order, *, grouped: bool, snapshot=None) -> list[str]:
    services = (snapshot or fleets.troubled()).services
    rows = health_rows(services, NOW, order=by, grouped=grouped)
    return [split_key(row.key).id or row.key.rstrip("\0") + "/" for row in rows]


def test_each_order_by_service_and_in_one_list() -> None:
    assert keys(Order.RED, grouped=True)[:4] == ["critic-agent/", "critic-agent-2", "critic-agent-1", "critic-agent-3"]
    assert keys(Order.RED, grouped=False)[:3] == ["critic-agent-2", "aol-core-1", "critic-agent-1"]
    assert keys(Order.NAME, grouped=False)[:2] == ["aol-core-1", "critic-agent-1"]
    assert keys(Order.PICKS, grouped=True)[:4] == [
        "critic-agent/",
        "critic-agent-1",
        "critic-agent-3",
        "critic-agent-2",
    ]
    assert keys(Order.SINCE, grouped=True)[:2] == ["critic-agent/", "critic-agent-2"]
    assert keys(Order.SINCE, grouped=False)[0] == "critic-agent-2"


@pytest.mark.parametrize("by", Order)
def test_a_service_that_is_not_loaded_has_its_row_in_every_list(by: Order) -> None:
    old = fleets.troubled()
    views = {
        **old.services,
        "validator-agent": replace(old.services["validator-agent"], instances=None, passing=0, critical=2),
    }
    fleet = replace(old, services=MappingProxyType(views))
    flat = keys(by, grouped=False, snapshot=fleet)
    assert "validator-agent/" in flat
    if by is Order.RED:
        assert flat[:3] == ["critic-agent-2", "validator-agent/", "aol-core-1"], "with what is red, after it"
    else:
        assert flat[-1] == "validator-agent/"
    assert "validator-agent/" in keys(by, grouped=True, snapshot=fleet)


def test_a_red_service_keeps_its_place_in_the_list_when_its_instances_are_loaded() -> None:
    """What is in sight is loaded: if that moved it, others would come into sight, be loaded and move, for ever."""
    one = (fleets.all_critical().services["critic-agent"].instances or ())[0]
    loaded = {
        name: ServiceView(name, instances=(replace(one, instance=replace(one.instance, service=name, id=f"x-{name}")),))
        for name in (f"svc-{number:02d}" for number in range(30))
    }
    bare = {name: ServiceView(name, critical=1, counted=True) for name in loaded}
    for some in (range(0), range(10), range(5, 20), range(20, 30), range(30)):
        services = {**bare, **{name: view for name, view in loaded.items() if int(name[-2:]) in some}}
        rows = health_rows(services, NOW, order=Order.RED, grouped=False)
        assert [row.group for row in rows] == sorted(loaded), some


def test_an_instance_that_flaps_is_marked_until_it_has_been_quiet() -> None:
    services = fleets.troubled().services
    rows = HealthRows()

    def health(at: float) -> str:
        shown = rows.rows(services, at, order=Order.RED, wanted=parse_filter(""))
        return next(row.cells["health"].text for row in shown if row.key.endswith("critic-agent-2"))

    assert health(NOW) == "critical 12s ⇅"
    # Five changes, the third newest 70 s ago: from 230 s on there are two within five minutes.
    assert health(NOW + 229) == "critical 4m ⇅"
    assert health(NOW + 231) == "critical 4m"
