"""Refreshes: the cursor, the scroll and the selection stay; nothing moves under the cursor unless the user sorts."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from msgspec.structs import replace

from hp_tui.console.health.rows.table import instance_key
from hp_tui.console.shared.rows.row_keys import split_key
from hp_tui.model.balancing import BreakerState
from hp_tui.model.calls import CallRun
from hp_tui.model.fleet import FleetSnapshot, InstanceView, ServiceView
from hp_tui.model.health import Health
from hp_tui.model.kv import KVLevel
from hp_tui.widgets.table import FleetTable
from hp_tui.widgets.timeline import TimelineView
from tests import fleets
from tests.fleets import CONFIG_KEY, NOW
from tests.pilot.desk import SMALL, Desk, desk


def with_service(snapshot: FleetSnapshot, name: str, instances: Iterable[InstanceView] | None) -> FleetSnapshot:
    """That service with these instances; None: the service is gone."""
    services = {key: view for key, view in snapshot.services.items() if key != name}
    if instances is not None:
        instances = tuple(instances)
        critical = sum(view.health is Health.CRITICAL for view in instances)
        services[name] = ServiceView(
            name, instances=instances, passing=len(instances) - critical, critical=critical, counted=True
        )
    return replace(snapshot, services=MappingProxyType(dict(sorted(services.items()))))


def turn(snapshot: FleetSnapshot, service: str, number: int, health: Health) -> FleetSnapshot:
    """Instance ``number`` of a service changes health."""
    views = list(snapshot.services[service].instances or ())
    views[number] = fleets._turned(views[number], health, NOW, "output")
    return with_service(snapshot, service, views)


def cursor_line(it: Desk) -> int:
    """The screen line of the cursor in panel 2."""
    table = it.main.health.table
    row = table.cursor_row()
    assert row is not None
    return row - round(table.scroll_y)


def at(it: Desk) -> str:
    """The instance under the cursor of panel 2."""
    view = it.main.health.selected()
    return view.id if view else ""


async def test_the_cursor_stays_on_its_instance_when_another_turns_red_above_it() -> None:
    async with desk(fleets.healthy()) as it:
        await it.press("down", "down", "down", "down")
        assert at(it) == "heart-pulse-1"
        await it.show(turn(fleets.healthy(), "validator-agent", 1, Health.CRITICAL))
        assert at(it) == "heart-pulse-1"
        rows = [split_key(row.key).id for row in it.main.health.table.rows if not row.heading]
        assert rows[0] == "validator-agent-2", "red first"


async def test_the_cursor_stays_on_its_screen_line_while_rows_come_and_go_above() -> None:
    big = fleets.many(60, 3)
    async with desk(big, size=SMALL) as it:
        for _ in range(6):
            await it.press("pagedown")
        name, line = at(it), cursor_line(it)
        assert it.main.health.table.scroll_y > 20
        fewer = with_service(with_service(big, "svc-0001", None), "svc-0003", None)
        for picture in (fewer, big, turn(big, "svc-0059", 0, Health.CRITICAL), big):
            await it.show(picture)
            assert (at(it), cursor_line(it)) == (name, line)
            assert name in it.text


async def test_at_the_top_what_turns_red_comes_into_view_and_the_cursor_does_not_leave_it() -> None:
    big = fleets.many(8, 3)
    async with desk(big, size=SMALL) as it:
        await it.press(*["down"] * 9)
        name = at(it)
        assert it.main.health.table.scroll_y == 0
        red = big
        for number in range(4, 8):
            red = turn(red, f"svc-{number:04d}", 0, Health.CRITICAL)
        await it.show(red)
        assert at(it) == name
        assert name in it.text
        assert 0 <= cursor_line(it) < it.main.health.table.size.height - 1


async def test_the_cursor_goes_to_the_neighbour_when_its_instance_leaves_and_says_so_once() -> None:
    fleet = fleets.healthy()
    critics = fleet.services["critic-agent"].instances or ()
    async with desk(fleet) as it:
        await it.press("down")
        assert at(it) == "critic-agent-1"
        await it.show(with_service(fleet, "critic-agent", critics[1:]))
        assert at(it) == "critic-agent-2"
        await it.show(with_service(fleet, "critic-agent", None))
        assert at(it) != ""


async def test_time_alone_moves_ages_and_countdowns_but_no_row() -> None:
    async with desk(fleets.one_critical()) as it:
        keys = [row.key for row in it.main.health.table.rows]
        assert "critical 12s" in it.text
        assert "OPEN 0:47" in it.text
        await it.tick(7)
        assert "critical 19s" in it.text
        assert "OPEN 0:40" in it.text
        assert [row.key for row in it.main.health.table.rows] == keys


async def test_sorting_is_the_users_and_holds_through_refreshes() -> None:
    async with desk(fleets.one_critical()) as it:
        await it.press("s")
        assert it.main.health.note == "name"
        keys = [row.key for row in it.main.health.table.rows]
        await it.show(turn(fleets.one_critical(), "validator-agent", 1, Health.CRITICAL))
        assert [row.key for row in it.main.health.table.rows] == keys, "by name, red or not"
        await it.press("s", "s", "s")
        assert it.main.health.note == "red first"


async def test_a_paused_picture_stays_and_the_newest_comes_at_once_when_it_goes_on() -> None:
    async with desk(fleets.healthy()) as it:
        await it.press("p")
        await it.show(fleets.one_critical())
        assert "OPEN" not in it.text
        await it.tick(5)
        assert "PAUSED 5s" in it.text
        await it.press("p")
        await it.until("OPEN 0:42")


async def test_notices_are_told_also_while_paused_and_once_each() -> None:
    from hp_tui.model.timeline import Notice, Severity

    notice = Notice(1, NOW, Severity.BAD, "refused: needs key:write", CONFIG_KEY)
    async with desk(fleets.healthy()) as it:
        await it.press("p")
        for _ in range(3):
            await it.show(replace(fleets.healthy(), notices=(notice,)))
        assert it.toasts == [f"{CONFIG_KEY}: refused: needs key:write"]


async def test_the_topology_keeps_its_cursor_and_its_narrowing() -> None:
    fleet = fleets.healthy()
    async with desk(fleet) as it:
        await it.press("1")
        it.main.topology.view.move_cursor("validator-agent")
        await it.press("enter")
        assert it.main.topology.topology_scope.centre == "validator-agent"
        extra = turn(with_service(fleet, "a-first-service", ()), "critic-agent", 0, Health.CRITICAL)
        await it.show(extra)
        assert it.main.topology.view.cursor == it.main.topology.topology_scope.centre == "validator-agent"
        await it.show(with_service(fleet, "validator-agent", None))
        assert "validator-agent" in it.main.topology.view.cursor, "still named by who calls it"


async def test_the_tree_keeps_its_key_when_keys_come_and_go_above() -> None:
    fleet = fleets.healthy()
    async with desk(fleet) as it:
        await it.press("4", "right", "down", "down")
        assert it.main.kv.path == CONFIG_KEY
        for children in (("a/", "b", "config/", "motd"), ("config/",), ("config/", "feature/", "motd")):
            levels = {**fleet.kv.levels, "": KVLevel("", children, NOW)}
            await it.show(replace(fleet, kv=replace(fleet.kv, levels=MappingProxyType(levels))))
            assert it.main.kv.path == CONFIG_KEY
            assert '"threshold": 5' in it.text


async def test_the_value_keeps_its_scroll_while_the_store_changes_elsewhere() -> None:
    fleet = fleets.healthy()
    long = replace(fleets.kv_entry(), value="\n".join(f"line {number}" for number in range(300)).encode())
    kv = replace(fleet.kv, entries=MappingProxyType({CONFIG_KEY: long}))
    async with desk(replace(fleet, kv=kv)) as it:
        await it.press("4", "right", "down", "down", "enter", *["pagedown"] * 5)
        shown = it.main.kv.query_one("CodeArea")
        before = shown.scroll_y
        assert before > 10
        busy = replace(kv, busy=frozenset({"motd"}))
        await it.show(replace(fleet, kv=busy))
        assert shown.scroll_y == before


async def test_a_chosen_run_stays_when_newer_ones_come() -> None:
    fleet = fleets.one_critical()
    async with desk(fleet) as it:
        await it.press("3", "enter", "down")
        await it.press("enter")
        assert "40/40" in it.text
        newer: CallRun = replace(fleets.run_failing(), id="run-3")
        await it.show(replace(fleet, runs=(*fleet.runs, newer)))
        assert "40/40" in it.text
        assert it.main.calls.note == "run 1 of 3"


async def test_runs_and_timeline_keep_their_line_while_newer_lines_come() -> None:
    fleet = fleets.one_critical()
    async with desk(fleet) as it:
        await it.press("T", "down", "down")
        view = it.one(TimelineView)
        key = view.cursor_key
        entries = [replace(fleet.timeline[-1], seq=90 + number) for number in range(5)]
        await it.show(replace(fleet, timeline=(*fleet.timeline, *entries)))
        assert view.cursor_key == key
        await it.press("escape", "3", "enter", "down")
        table = it.one(FleetTable)
        assert table.cursor_key == "run-1"
        newer = replace(fleets.run_failing(), id="run-3", state=fleets.RunState.RUNNING)
        await it.show(replace(fleet, runs=(*fleet.runs, newer)))
        assert table.cursor_key == "run-1"


async def test_an_open_detail_follows_its_instance_and_says_when_it_left() -> None:
    fleet = fleets.one_critical()
    async with desk(fleet) as it:
        await it.press("enter")
        assert "connection refused" in it.text
        await it.show(fleets.half_open())
        await it.until("half-open")
        critics = fleet.services["critic-agent"].instances or ()
        await it.show(with_service(fleet, "critic-agent", (critics[0], critics[2])))
        await it.until("is not registered")
        assert "deregister" not in it.text.splitlines()[-1]
        await it.press("D", "b", "m")
        assert it.screen == "DetailScreen"


async def test_breakers_flip_without_moving_anything_else() -> None:
    async with desk(fleets.half_open()) as it:
        await it.press("down", "down")
        name = at(it)
        for picture in (fleets.one_critical(), fleets.forced_open(), fleets.half_open(), fleets.healthy()):
            await it.show(picture)
            assert at(it) == name
        assert BreakerState.OPEN.value not in it.text


def test_rows_are_known_by_service_and_instance() -> None:
    """Two services may have instances of one id."""
    view = (fleets.healthy().services["aol-core"].instances or ())[0]
    other = replace(view, instance=replace(view.instance, service="another"))
    assert instance_key(view) != instance_key(other)


async def test_whoever_scrolled_the_topology_elsewhere_stays_there_while_colours_change() -> None:
    fleet = fleets.mesh(40)
    async with desk(fleet) as it:
        await it.press("1", "z")
        view = it.main.topology.view
        cursor = view.cursor
        view.scroll_to(x=30, y=0, animate=False, immediate=True)
        await it.show(turn(fleet, "e-service-3", 0, Health.CRITICAL))
        assert view.cursor == cursor
        assert (view.scroll_x, view.scroll_y) == (30, 0)
        await it.press("down")
        assert view.cursor in it.text, "a key brings the cursor into view"


async def test_the_topologys_cursor_waits_for_a_service_that_left_and_came_back() -> None:
    fleet = fleets.mesh(12)
    async with desk(fleet) as it:
        await it.press("1")
        it.main.topology.view.move_cursor("c-service-2")
        gone = replace(fleet, edges=())
        await it.show(with_service(gone, "c-service-2", None))
        assert it.main.topology.view.cursor not in {"", "c-service-2"}
        await it.show(fleet)
        assert it.main.topology.view.cursor == "c-service-2"


async def test_a_panel_that_first_comes_into_sight_is_drawn() -> None:
    """Textual keeps its size from a widget where its map of the screen was out of date."""
    async with desk(fleets.one_critical(), size=(120, 24)) as it:
        await it.press("1")
        assert "aol-core" in "".join(it.text.splitlines()[3:20])
