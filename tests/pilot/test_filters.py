"""The filter of each panel: plain, ``re:``, ``!``; a broken pattern is told below it and the last good picture stays."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from msgspec.structs import replace
from textual.widgets import Input

from hp_tui.console.shared.rows.row_keys import split_key
from hp_tui.model.commands import OpenLevel
from hp_tui.widgets.lanes import LanesView
from hp_tui.widgets.timeline import TimelineView
from tests import fleets
from tests.pilot.desk import SMALL, Desk, desk
from tests.pilot.test_refreshes import turn


def instances(it: Desk) -> list[str]:
    """Instance ids in panel 2, top to bottom."""
    return [split_key(row.key).id for row in it.main.health.table.rows if not row.heading]


CASES = {
    "critic": ["critic-agent-2", "critic-agent-1", "critic-agent-3"],
    "CRITIC-AGENT-3": ["critic-agent-3"],
    "re:agent-[12]$": ["critic-agent-2", "critic-agent-1", "validator-agent-1", "validator-agent-2"],
    "!agent": ["aol-core-1", "heart-pulse-1"],
    "!re:^(critic|validator)": ["aol-core-1", "heart-pulse-1"],
    "50064": ["validator-agent-2"],
    "orchestrator": ["aol-core-1", "heart-pulse-1"],
    "breaker open": ["critic-agent-2"],
    "critical": ["critic-agent-2"],
}


@pytest.mark.parametrize("text", CASES)
async def test_instances_that_match(text: str) -> None:
    async with desk(fleets.one_critical()) as it:
        await it.press("slash")
        await it.type(text)
        assert instances(it) == CASES[text]
        assert f"{len(CASES[text])} of 7" in it.text


async def test_enter_keeps_the_filter_and_gives_the_keys_back_escape_clears_it() -> None:
    async with desk(fleets.one_critical()) as it:
        await it.press("slash", *"valid", "enter")
        assert it.main.health.table.has_focus
        assert len(instances(it)) == 2
        assert "valid" in it.text, "what filters stays in sight"
        await it.press("down")
        assert it.main.health.selected().id == "validator-agent-2"
        await it.press("escape")
        assert len(instances(it)) == 7
        assert it.main.health.selected().id == "validator-agent-2", "the cursor stays"
        assert not it.main.health.query_one(Input).display or "valid\n" not in it.text


async def test_escape_while_typing_clears_too() -> None:
    async with desk(fleets.one_critical()) as it:
        await it.press("slash", *"valid", "escape")
        assert len(instances(it)) == 7
        assert it.main.health.table.has_focus


async def test_an_empty_filter_is_no_filter() -> None:
    async with desk(fleets.one_critical()) as it:
        await it.press("slash", "space", "enter")
        assert len(instances(it)) == 7
        assert it.main.health.table.has_focus


@pytest.mark.parametrize("size", [SMALL, (120, 40)])
async def test_a_broken_pattern_is_told_below_it_and_the_last_good_picture_stays(size: tuple[int, int]) -> None:
    async with desk(fleets.one_critical(), size=size) as it:
        await it.press("slash", *"re:critic-agent-")
        good = instances(it)
        assert len(good) == 3
        await it.press("[")
        assert "not a regular expression" in it.text
        assert instances(it) == good, "half a pattern does not bring everything back"
        await it.press("enter")
        assert isinstance(it.app.focused, Input), "there is something to mend first"
        await it.press("1", "]")
        assert "not a regular expression" not in it.text
        assert instances(it) == ["critic-agent-1"]


async def test_a_pattern_that_is_a_paste_is_refused() -> None:
    async with desk(fleets.one_critical()) as it:
        await it.press("slash")
        it.main.health.query_one(Input).value = "re:" + "a" * 300
        await it.settle()
        assert "expected at most 200" in it.text


async def test_a_filter_holds_through_refreshes() -> None:
    async with desk(fleets.healthy()) as it:
        await it.press("slash", *"validator", "enter")
        await it.show(turn(fleets.healthy(), "critic-agent", 0, fleets.Health.CRITICAL))
        assert instances(it) == ["validator-agent-1", "validator-agent-2"]


async def test_nothing_matches_says_how_to_get_out() -> None:
    async with desk(fleets.healthy()) as it:
        await it.press("slash", *"nosuchthing")
        assert instances(it) == []
        assert "nothing matches the filter; esc clears it" in it.text


async def test_the_topologys_cursor_is_back_where_it_was_after_a_filter_that_hid_its_service() -> None:
    async with desk(fleets.healthy()) as it:
        await it.press("1")
        it.main.topology.view.move_cursor("critic-agent")
        await it.press("slash", *"core")
        assert it.main.topology.view.cursor == "aol-core"
        await it.press("escape")
        assert it.main.topology.view.cursor == "critic-agent"


async def test_topology_shows_the_services_that_match() -> None:
    async with desk(fleets.healthy()) as it:
        await it.press("1", "slash", *"agent", "enter")
        view = it.main.topology.view
        assert {node.id for node in view._services} == {"critic-agent", "validator-agent"}
        await it.press("escape")
        assert len(view._services) == 5


async def test_a_key_that_matches_keeps_the_folders_above_it() -> None:
    async with desk(fleets.healthy()) as it:
        await it.press("4", "right", "slash", *"limits", "enter")
        paths = [row.key for row in it.main.kv.key_tree.rows]
        assert paths == ["config/", "config/limits.yaml"]


async def test_lanes_that_match() -> None:
    async with desk(fleets.one_critical()) as it:
        await it.press("3", "slash", *"agent-2", "enter")
        assert [lane.key for lane in it.main.calls.query_one(LanesView)._lanes] == ["critic-agent-2"]


async def test_lines_of_the_timeline_that_match() -> None:
    async with desk(fleets.one_critical()) as it:
        await it.press("T", "slash", *"breaker", "enter")
        view = it.one(TimelineView)
        assert len(view.rows) == 1
        assert view.has_focus
        await it.press("slash", *"(re:[")
        await it.press("escape")
        assert len(view.rows) == len(fleets.one_critical().timeline)
        await it.press("escape")
        assert it.screen == "MainScreen"


async def test_a_jump_to_what_a_filter_hides_clears_the_filter() -> None:
    async with desk(fleets.one_critical()) as it:
        await it.press("slash", *"validator", "enter", "T", "enter")
        await it.until(lambda: it.screen == "MainScreen")
        assert it.main.health.selected().id == "critic-agent-2"


async def test_a_jump_to_a_key_opens_its_folders_and_goes_there_when_they_are_loaded() -> None:
    fleet = fleets.healthy()
    closed = replace(fleet.kv, levels=MappingProxyType({"": fleet.kv.levels[""]}))
    async with desk(replace(fleet, kv=closed)) as it:
        await it.press("T", "down", "enter")
        await it.until(lambda: it.screen == "MainScreen" and it.main.active is it.main.kv)
        await it.until_sent(OpenLevel("config/"))
        assert it.main.kv.path != fleets.CONFIG_KEY
        await it.show(fleet)
        assert it.main.kv.path == fleets.CONFIG_KEY


async def test_who_moves_by_hand_is_not_moved_any_more() -> None:
    fleet = fleets.healthy()
    closed = replace(fleet.kv, levels=MappingProxyType({"": fleet.kv.levels[""]}))
    async with desk(replace(fleet, kv=closed)) as it:
        await it.press("T", "down", "enter")
        await it.until_sent(OpenLevel("config/"))
        await it.press("end")
        assert it.main.kv.path == "motd"
        await it.show(fleet)
        assert it.main.kv.path == "motd"


FIELDS = {
    "tag:critic status:critical": ["critic-agent-2"],
    "breaker:open": ["critic-agent-2"],
    "service:validator !id:1": ["validator-agent-2"],
    "127.0.0.1:50063": ["critic-agent-2"],
}


@pytest.mark.parametrize("text", FIELDS)
async def test_instances_by_field(text: str) -> None:
    async with desk(fleets.one_critical()) as it:
        await it.press("slash")
        await it.type(text)
        assert instances(it) == FIELDS[text]


@pytest.mark.parametrize("size", [SMALL, (120, 40)])
async def test_an_unknown_field_is_told_below_the_line_and_what_was_shown_stays(size: tuple[int, int]) -> None:
    async with desk(fleets.one_critical(), size=size) as it:
        await it.press("slash", *"critic")
        it.main.health.query_one(Input).value = "critic tga:x"
        await it.settle()
        assert "no field “tga”; there are tag, node" in it.text
        assert len(instances(it)) == 3
        it.main.health.query_one(Input).value = "critic t"
        await it.settle()
        assert "no field" not in it.text


async def test_the_empty_line_names_fields() -> None:
    async with desk(fleets.one_critical(), size=SMALL) as it:
        await it.press("slash")
        assert "tag:   node:   meta:   service:   re:regex   !not" in it.text
        await it.press("escape", "T", "slash")
        assert "kind:   service:   severity:" in it.text


async def test_flat_and_back_the_cursor_stays_on_its_row() -> None:
    async with desk(fleets.one_critical()) as it:
        it.main.health.select("validator-agent-1")
        await it.press("f")
        assert instances(it)[:2] == ["critic-agent-2", "aol-core-1"], "red first in one list too"
        assert it.main.health.selected().id == "validator-agent-1"
        assert "SERVICE" in it.text
        await it.press("f")
        assert it.main.health.selected().id == "validator-agent-1"
        assert "SERVICE" not in it.text


async def test_the_choice_of_flat_holds_through_the_orders_and_the_arrow_tells_the_direction() -> None:
    async with desk(fleets.one_critical()) as it:
        await it.press("f", "s")
        assert "INSTANCE▴" in it.text
        assert it.main.health.note == "name · flat"
        await it.press("s", "s")
        assert "PICKS▾" in it.text, "most picks first"
        assert it.main.health.note == "picks"
        await it.press("f")
        assert it.main.health.note == "picks · by service"


async def test_a_filter_in_a_large_datacenter_says_what_it_cannot_see() -> None:
    fleet = fleets.many(1000, 1)
    views = {
        name: view if number < 24 else replace(view, instances=None)
        for number, (name, view) in enumerate(fleet.services.items())
    }
    async with desk(replace(fleet, services=MappingProxyType(views))) as it:
        await it.press("slash", *"status:crit", "enter")
        assert "24 of 1,000 services loaded" in it.main.health.note
        assert "svc-0907" in [row.group for row in it.main.health.table.rows], (
            "red by the counts, its instances not loaded"
        )
