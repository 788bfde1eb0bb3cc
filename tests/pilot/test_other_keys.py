"""Keys that are not actions: dialogs, runs, help, palette, tabs, and what happens when there is nothing to act on."""

from __future__ import annotations

import shlex
from types import MappingProxyType

import pytest
from msgspec.structs import replace
from textual.widgets import Input

from hp_tui.console.actions.action import ActionId
from hp_tui.console.actions.registry import ACTIONS
from hp_tui.model.commands import (
    Chaos,
    ChaosKind,
    Deregister,
    OpenLevel,
    ReadKey,
    ReleaseBreaker,
    ResetBreaker,
    SetMaintenance,
    SetVisibleServices,
    StartRun,
    TripBreaker,
    UseDatacenter,
    UseToken,
)
from hp_tui.model.health import Health
from tests import fleets
from tests.fleets import CONFIG_KEY, NOW
from tests.pilot.desk import SMALL, desk
from tests.pilot.test_refreshes import turn

HERE = ("critic-agent", "critic-agent-2")
NODE = "consul-server"


def demo():
    return replace(fleets.one_critical(), chaos=True)


BREAKER = {
    "r": ResetBreaker(*HERE),
    "enter": ResetBreaker(*HERE),
}


@pytest.mark.parametrize("key", BREAKER)
async def test_breaker_reset(key: str) -> None:
    async with desk(demo()) as it:
        await it.press("b", key)
        await it.until_sent(BREAKER[key])


async def test_breaker_trip_with_a_reason_and_without_one() -> None:
    async with desk(demo()) as it:
        await it.press("b", "t", "ctrl+u", *"rollout", "enter")
        await it.until(lambda: any(c.reason.endswith("rollout") for c in it.sent(TripBreaker)))
        await it.press("b", "t", "end", "ctrl+u", "enter")
        await it.until_sent(TripBreaker(*HERE, "by hand"))
        await it.press("b", "t", "escape")
        assert len(it.sent(TripBreaker)) == 2


async def test_breaker_release_is_there_only_where_it_is_forced() -> None:
    async with desk(demo()) as it:
        await it.press("b", "l")
        assert it.screen == "ChoiceDialog", "not forced: nothing to release"
    async with desk(fleets.forced_open()) as it:
        it.main.health.select("critic-agent-2")
        await it.press("b", "l")
        await it.until_sent(ReleaseBreaker(*HERE))


async def test_maintenance_on_and_off() -> None:
    async with desk(turn(fleets.healthy(), "critic-agent", 1, Health.MAINTENANCE)) as it:
        it.main.health.select("critic-agent-2")
        await it.press("m")
        assert it.screen == "ConfirmDialog"
        assert "consul maint" in it.text
        await it.press("enter")
        await it.until_sent(SetMaintenance(*HERE, enabled=False, node=NODE))


async def test_deregister_after_the_preview_and_not_after_escape() -> None:
    async with desk(demo()) as it:
        await it.press("D", "escape")
        assert it.sent(Deregister) == []
        await it.press("D", "y")
        await it.until_sent(Deregister(*HERE, NODE))


CHAOS = {
    "k": ChaosKind.KILL,
    "s": ChaosKind.STOP,
    "r": ChaosKind.RESTART,
    "l": ChaosKind.SLOW,
    "f": ChaosKind.FAIL,
    "h": ChaosKind.HEAL,
}


@pytest.mark.parametrize("key", CHAOS)
async def test_chaos(key: str) -> None:
    async with desk(demo()) as it:
        await it.press("x", key)
        await it.until_sent(Chaos(CHAOS[key], "critic-agent-2"))


async def test_another_datacenter_and_the_same_one() -> None:
    async with desk(demo()) as it:
        await it.press("d", "2")
        await it.until_sent(UseDatacenter("dc2"))
        await it.press("d", "1")
        assert len(it.sent(UseDatacenter)) == 1


async def test_an_empty_token_is_the_anonymous_one_and_escape_changes_nothing() -> None:
    async with desk(demo()) as it:
        await it.press("t", "escape")
        assert it.sent(UseToken) == []
        await it.press("t", "enter")
        await it.until_sent(UseToken(""))


COPIES = {
    "its id": (["y", "i"], "critic-agent-2"),
    "its address": (["y", "a"], "127.0.0.1:50063"),
    "a path": (["4", "right", "down", "down", "y", "p"], CONFIG_KEY),
    "a value": (["4", "right", "down", "down", "y", "v"], fleets.CONFIG_VALUE.decode()),
    "a reply": (["3", "y", "r"], "UNAVAILABLE"),
    "a service": (["1", "y", "n"], "critic-agent"),
}


@pytest.mark.parametrize("what", COPIES)
async def test_copy(what: str) -> None:
    keys, text = COPIES[what]
    async with desk(demo()) as it:
        if what == "a service":
            it.main.topology.view.move_cursor("critic-agent")
        await it.press(*keys)
        if what == "a reply":
            assert it.app.clipboard or it.screen == "ChoiceDialog"
            return
        await it.until(lambda: it.app.clipboard == text)
        assert any(toast.startswith("copied ") for toast in it.toasts)


async def test_runs_are_walked_scrolled_and_left() -> None:
    async with desk(demo()) as it:
        await it.press("3", "enter", "down", "space", "ctrl+u", "q")
        assert it.screen == "MainScreen"
        await it.press("enter", "escape")
        assert it.screen == "MainScreen"


@pytest.mark.parametrize("key", ["escape", "q", "question_mark", "f1"])
async def test_help_is_left_by(key: str) -> None:
    async with desk(demo()) as it:
        await it.press("question_mark", key)
        assert it.screen == "MainScreen"


async def test_the_palette_goes_to_the_panel_and_does_it() -> None:
    async with desk(demo()) as it:
        await it.press("ctrl+p", *"create a key")
        await it.until(lambda: "Create a key" in it.text and "Give this panel" not in it.text)
        await it.press("enter")
        await it.until(lambda: it.main.active is it.main.kv and it.screen == "PromptDialog")


async def test_the_palette_says_when_there_is_nothing_to_act_on() -> None:
    async with desk(demo()) as it:
        action = next(action for action in ACTIONS if action.id is ActionId.EDIT)
        it.main.perform(action)
        await it.until(lambda: any("nothing selected" in toast for toast in it.toasts))


async def test_small_screens_show_one_panel_and_tabs() -> None:
    async with desk(demo(), size=SMALL) as it:
        await it.press("4")
        assert "config/" in it.text
        assert "INSTANCE" not in it.text
        await it.press("2")
        assert "INSTANCE" in it.text
        await it.pilot.click("TabLine", offset=(3, 0))
        await it.until(lambda: it.main.active is it.main.topology)


async def test_too_small_says_so_and_only_q_works() -> None:
    async with desk(demo(), size=(50, 10)) as it:
        await it.until("60x16")
        await it.press("D", "c", "x", "slash")
        assert [
            command for command in it.engine.submitted if not isinstance(command, (SetVisibleServices, OpenLevel))
        ] == []
        await it.pilot.resize_terminal(120, 40)
        await it.until("critic-agent-2")
        assert it.screen == "MainScreen"


async def test_a_dialog_survives_a_terminal_that_is_small_for_a_while() -> None:
    async with desk(demo()) as it:
        await it.press("t", *"abc")
        await it.pilot.resize_terminal(40, 8)
        await it.until("60x16")
        await it.pilot.resize_terminal(120, 40)
        await it.until(lambda: it.screen == "PromptDialog")
        assert it.one(Input).value == "abc"


@pytest.mark.parametrize("make", [fleets.empty, fleets.absent, fleets.forbidden, fleets.empty_datacenter])
async def test_no_key_breaks_a_console_without_a_fleet(make) -> None:
    async with desk(make()) as it:
        for key in "1234zscCbmDyepdrRnHTq"[:-1]:
            await it.press(key, "escape")
        await it.press("tab", "enter", "up", "down", "space", "pagedown", "slash", "escape", "ctrl+s")
        assert it.sent(StartRun) == []
        assert it.screen == "MainScreen", it.screen


async def test_a_value_is_read_when_the_cursor_rests_on_its_key() -> None:
    async with desk(demo()) as it:
        await it.press("4", "end")
        await it.until_sent(ReadKey("motd"))


async def test_the_store_is_asked_for_its_root_once_the_line_is_up() -> None:
    async with desk(fleets.empty()) as it:
        assert it.sent(OpenLevel) == []
        fleet = fleets.healthy()
        bare = replace(fleet, kv=replace(fleet.kv, levels=MappingProxyType({})))
        await it.show(bare)
        await it.until_sent(OpenLevel(""))
        await it.show(replace(bare, at=NOW + 1))
        assert it.sent(OpenLevel) == [OpenLevel("")]


async def test_a_picture_that_is_live_from_the_start_asks_for_the_root_too() -> None:
    fleet = fleets.healthy()
    async with desk(replace(fleet, kv=replace(fleet.kv, levels=MappingProxyType({})))) as it:
        await it.until_sent(OpenLevel(""))


async def test_the_engine_is_told_what_is_on_screen() -> None:
    async with desk(fleets.many(200, 1), size=SMALL) as it:
        await it.until(lambda: it.sent(SetVisibleServices))
        assert len(it.sent(SetVisibleServices)[-1].services) < 30
        await it.press("end")
        await it.until(lambda: "svc-0199" in it.sent(SetVisibleServices)[-1].services)


async def test_what_only_another_agent_can_do_is_said_beforehand_with_the_command_for_its_node() -> None:
    async with desk(fleets.owners()) as it:
        it.main.health.select("critic-agent-3")
        await it.press("m")
        assert "node-b (10.0.0.12)" in it.text
        assert "not from here" in it.text
        await it.press("c")
        assert it.app.clipboard == "consul maint -enable -service=critic-agent-3 '-reason=…'"
        await it.press("enter")
        assert it.screen == "MainScreen"
        assert it.sent(SetMaintenance) == []


async def test_a_deregistration_that_will_not_last_says_so_and_what_would() -> None:
    async with desk(fleets.owners()) as it:
        it.main.health.select("critic-agent-3")
        await it.press("D")
        assert "about a minute" in it.text
        await it.press("c")
        assert it.app.clipboard == "consul services deregister -id=critic-agent-3"
        assert it.screen == "ConfirmDialog"
        assert any("node-b" in toast for toast in it.toasts)


async def test_the_command_of_a_maintenance_follows_the_reason_as_it_is_typed() -> None:
    async with desk(demo()) as it:
        await it.press("m", *"it's", "ctrl+g")
        words = shlex.split(it.app.clipboard)
        assert words[-2:] == ["-service=critic-agent-2", "-reason=it's"]
        assert it.screen == "PromptDialog"
        assert it.sent(SetMaintenance) == []


async def test_in_a_large_fleet_the_service_under_the_topologys_cursor_is_watched_with_its_neighbours() -> None:
    async with desk(fleets.mesh(60)) as it:
        await it.press("1", "z")
        cursor = it.main.topology.view.cursor
        await it.until(lambda: cursor in it.sent(SetVisibleServices)[-1].services)
        await it.press("right")
        walked = it.main.topology.view.cursor
        assert walked != cursor
        await it.until(lambda: {cursor, walked} <= it.sent(SetVisibleServices)[-1].services)
