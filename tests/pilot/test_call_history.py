"""Runs of earlier sessions: told from this one's, repeated, and never fired with a credential that is missing."""

from __future__ import annotations

from msgspec.structs import replace
from textual.widgets import Input, Static

from hp_tui.model.calls import CallSpec
from hp_tui.model.commands import StartRun
from hp_tui.model.fleet import FleetSnapshot
from tests import fleets
from tests.fleets import past_runs
from tests.pilot.desk import Desk, desk

OLD = past_runs()


def restarted(*runs) -> FleetSnapshot:
    """Nothing fired in this session yet."""
    return replace(fleets.healthy(), runs=(), past_runs=runs or OLD)


def fired(it: Desk) -> list[CallSpec]:
    return [command.spec for command in it.sent(StartRun)]


async def test_after_a_restart_the_panel_says_what_there_is_and_the_list_has_the_dates() -> None:
    async with desk(restarted()) as it:
        await it.press("3")
        assert "H  3 runs of earlier sessions" in it.text
        await it.press("H")
        assert it.screen == "RunsScreen"
        lines = [line for line in it.text.splitlines() if "Critique" in line]
        assert "01:59:09" in lines[0], "the newest first, of today"
        assert "13 Mar 21:14" in lines[1]
        assert "earlier sessions" in it.text
        await it.press("down")
        await it.until("13 Mar 21:14, earlier session")
        assert "UNAVAILABLE × 18" in it.text
        await it.press("enter")
        assert it.screen == "MainScreen"
        assert "run 2 of 3" in it.text
        assert "13 Mar 21:14, earlier session" in it.text


async def test_c_fires_what_was_fired_last_before_the_restart() -> None:
    async with desk(restarted(OLD[0])) as it:
        await it.press("2", "down", "c")
        await it.until(lambda: fired(it))
        assert fired(it) == [replace(OLD[0].spec, count=1, rate=0.0)]


async def test_composing_begins_there_too() -> None:
    async with desk(restarted(OLD[0])) as it:
        await it.press("2", "down", "C", "ctrl+s")
        await it.until(lambda: fired(it))
        assert fired(it) == [OLD[0].spec]


async def test_an_old_run_is_repeated_whole() -> None:
    async with desk(restarted()) as it:
        await it.press("3", "H", "down", "R")
        await it.until(lambda: fired(it))
        assert fired(it) == [OLD[1].spec]
        assert it.screen == "MainScreen"


async def test_a_run_with_a_credential_opens_the_composer_with_the_gap_and_fires_nothing() -> None:
    for keys in (("2", "down", "c"), ("3", "H", "R")):
        async with desk(restarted()) as it:
            await it.press(*keys)
            assert it.screen == "ComposerScreen"
            assert fired(it) == []
            assert "not fired: files do not keep the value of authorization" in it.text
            verdict = it.app.screen.query_one("#verdict", Static)
            assert "metadata authorization has no value" in str(verdict.render())
            await it.press("ctrl+s")
            assert fired(it) == [], "still not"
            field = it.app.screen.query_one("#metadata", Input)
            assert it.app.focused is field
            assert field.value == "x-trace: abc; authorization: "
            field.value += "Bearer 7"
            await it.press("ctrl+s")
            await it.until(lambda: fired(it))
            assert fired(it)[0].metadata == (("x-trace", "abc"), ("authorization", "Bearer 7"))


async def test_a_body_that_was_too_long_for_the_file_is_not_fired_as_an_empty_one() -> None:
    cut = replace(OLD[0], spec=replace(OLD[0].spec, body=""), body_left_out=True)
    async with desk(restarted(cut)) as it:
        await it.press("2", "down", "c")
        assert it.screen == "ComposerScreen"
        assert fired(it) == []
        assert "not fired: files do not keep its body, which was too long" in it.text


async def test_the_history_is_filtered() -> None:
    async with desk(replace(fleets.one_critical(), past_runs=OLD)) as it:
        await it.press("3", "H", "slash", *"unavail")
        await it.until("2 of 5 runs")
        await it.press("escape")
        await it.until(lambda: "2 of 5 runs" not in it.text and "5 runs" in it.text)


async def test_a_read_only_console_shows_them_and_fires_none() -> None:
    async with desk(replace(restarted(), read_only=True)) as it:
        await it.press("3", "H", "R")
        assert it.screen == "RunsScreen"
        assert fired(it) == []
