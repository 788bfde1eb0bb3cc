"""A read-only console: what writes is absent from footer, help, palette and keys, and nothing is sent."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual.widgets import Static

from hp_tui.console.actions.action import ActionId, Scope
from hp_tui.console.actions.registry import ACTIONS
from hp_tui.model.calls import HEALTH_METHOD, CallSpec
from hp_tui.model.commands import (
    CancelRun,
    Chaos,
    Command,
    DeleteKey,
    Deregister,
    OpenLevel,
    ReadKey,
    SetMaintenance,
    SetVisibleServices,
    StartRun,
    WriteKey,
)
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.widgets.bars import KeyFooter
from tests import fleets
from tests.pilot.desk import Desk, desk

WRITING = (SetMaintenance, Deregister, WriteKey, DeleteKey, Chaos)
TO_KEY = ["4", "right", "down", "down"]
PLACES: dict[Scope, list[str]] = {
    Scope.EVERYWHERE: [],
    Scope.TOPOLOGY: ["1"],
    Scope.HEALTH: ["2"],
    Scope.CALLS: ["3"],
    Scope.KV: TO_KEY,
    Scope.DETAIL: ["enter"],
    Scope.SERVICE: ["i"],
    Scope.RUNS: ["3", "enter"],
    Scope.TIMELINE: ["T"],
}
"""Scopes a read-only console has; the others open by an action that writes."""
ABSENT = [action for action in ACTIONS if action.writes]


def guarded(*, chaos: bool = True) -> FleetSnapshot:
    return replace(fleets.one_critical(), read_only=True, chaos=chaos)


def footer(it: Desk) -> str:
    line = it.app.screen.query_one(KeyFooter)
    return line.render_line(0).text


def wrote(it: Desk) -> list[Command]:
    return [command for command in it.engine.submitted if isinstance(command, WRITING)]


def test_what_writes_is_marked_in_the_registry() -> None:
    destructive = {action.id for action in ACTIONS if action.destructive}
    assert destructive >= {
        ActionId.MAINTENANCE,
        ActionId.DEREGISTER,
        ActionId.DELETE_KEY,
        ActionId.WRITE_MINE,
        ActionId.CHAOS,
    }
    assert all(action.writes for action in ACTIONS if action.destructive)


@pytest.mark.parametrize("scope", PLACES)
async def test_absent_keys_do_nothing_and_stand_in_no_footer(scope: Scope) -> None:
    here = {Scope.EVERYWHERE, scope} if scope in {Scope.TOPOLOGY, Scope.HEALTH, Scope.CALLS, Scope.KV} else {scope}
    async with desk(guarded(), size=(250, 40)) as it:
        await it.press(*PLACES[scope])
        sent = len(it.engine.submitted)
        before = it.screen
        said = footer(it)
        for action in ABSENT:
            taken = {key for other in ACTIONS if other.scope in here and not other.writes for key in other.keys}
            if action.scope in here:
                assert f"{action.key} {action.label}" not in said
            for key in set(action.keys) - taken - {"ctrl+j"}:
                await it.press(key)
                assert it.screen == before, f"{key} opened {it.screen}"
        new = [
            command
            for command in it.engine.submitted[sent:]
            if not isinstance(command, (SetVisibleServices, ReadKey, OpenLevel))
        ]
        assert new == []


async def test_help_and_palette_leave_them_out() -> None:
    async with desk(guarded(), size=(120, 100)) as it:
        await it.press("question_mark")
        text = " ".join(" ".join(str(column.render()) for column in it.app.screen.query(Static)).split())
        assert "Actions that write are absent" in text
        assert "Freeze the picture" in text
        for action in ABSENT:
            assert action.says not in text, action.id
        await it.press("escape", "ctrl+p")
        await it.until(lambda: "Find any action by name" in it.text)
        for words in ("Deregister", "Maintenance", "Delete the key", "Compose calls", "Kill, stop"):
            assert words not in it.text
        await it.type("deregister")
        await it.until("No matches found")


async def test_a_call_is_a_health_check_whatever_was_fired_before() -> None:
    async with desk(guarded()) as it:
        assert it.engine.snapshot.runs[-1].spec.method != HEALTH_METHOD
        await it.press("c")
        (start,) = it.sent(StartRun)
        assert start.spec == CallSpec("critic-agent", HEALTH_METHOD)


async def test_what_reads_is_still_there() -> None:
    async with desk(guarded()) as it:
        await it.press("3", "escape")
        await it.until_sent(CancelRun("run-2"))
        await it.press("2", "b")
        assert it.screen == "ChoiceDialog", "the breaker is this console's own"
        await it.press("escape", "enter")
        assert it.screen == "DetailScreen"
        assert "deregister" not in footer(it)
        assert "breaker" in footer(it)
        assert wrote(it) == []


async def test_the_header_says_so_also_when_small() -> None:
    async with desk(guarded(), size=(80, 24)) as it:
        assert "[read-only]" in it.text


async def test_without_a_demo_there_is_no_chaos() -> None:
    async with desk(fleets.one_critical()) as it:
        await it.press("x")
        assert it.screen == "MainScreen"
        assert "chaos" not in footer(it)
