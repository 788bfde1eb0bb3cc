"""Saving, loading, renaming and deleting requests: what is asked of the engine and what the user sees."""

from __future__ import annotations

from msgspec.structs import replace
from textual.widgets import Input, Select, Static

from hp_tui.model.calls import CallSpec, SavedRequest, SavedView
from hp_tui.model.commands import DeleteRequest, LoadSaved, RenameRequest, SaveRequest, StartRun
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.widgets.codearea import CodeArea
from tests import fleets
from tests.pilot.desk import Desk, desk

PATH = fleets.SAVED_PATH
CRITIQUE = fleets.run_done().spec


def stocked() -> FleetSnapshot:
    return replace(fleets.healthy(), saved=fleets.saved())


def verdict(it: Desk) -> str:
    return str(it.app.screen.query_one("#verdict", Static).render())


async def composing(it: Desk) -> None:
    await it.press("2", "down", "C")
    assert it.screen == "ComposerScreen"


async def test_what_is_composed_is_saved_under_the_name_given() -> None:
    async with desk(stocked()) as it:
        await composing(it)
        await it.press("ctrl+t")
        assert it.one(Input).value == "critic-agent Critique", "a name to begin with"
        await it.until_sent(LoadSaved())
        await it.type("mine\n")
        await it.until_sent(SaveRequest("mine", CRITIQUE))
        assert it.screen == "ComposerScreen", "composing goes on"


async def test_a_name_that_is_taken_shows_what_would_be_replaced() -> None:
    async with desk(stocked()) as it:
        await composing(it)
        await it.press("ctrl+t")
        await it.type("slow\n")
        assert it.screen == "ConfirmDialog"
        assert f"slow is saved already in {PATH}" in it.text
        await it.press("escape")
        assert it.sent(SaveRequest) == []
        await it.press("ctrl+t")
        await it.type("slow\n")
        await it.press("enter")
        await it.until_sent(SaveRequest("slow", CRITIQUE, replace=True))


async def test_a_name_that_cannot_be_used_is_said() -> None:
    async with desk(stocked()) as it:
        await composing(it)
        await it.press("ctrl+t", "space", "enter")
        assert any("name '' cannot be used" in toast for toast in it.toasts)
        assert it.sent(SaveRequest) == []


async def test_what_does_not_fit_is_not_saved_but_a_missing_credential_is_no_hindrance() -> None:
    async with desk(stocked()) as it:
        await composing(it)
        it.app.screen.query_one("#metadata", Input).value = "authorization:"
        it.app.screen.query_one("#count", Input).value = "0"
        await it.press("ctrl+t")
        assert it.screen == "ComposerScreen"
        assert it.app.focused is it.app.screen.query_one("#count")
        it.app.screen.query_one("#count", Input).value = "1"
        await it.press("ctrl+t", "enter")
        await it.until(lambda: it.sent(SaveRequest))
        assert it.sent(SaveRequest)[0].spec.metadata == (("authorization", ""),)


async def test_loading_fills_every_field_and_fires_as_saved() -> None:
    async with desk(stocked()) as it:
        await it.press("2", "C", "ctrl+o")
        assert it.screen == "SavedScreen"
        await it.until_sent(LoadSaved())
        await it.press("end")
        await it.until("hp-tui call --saved slow")
        await it.press("enter")
        assert it.screen == "ComposerScreen"
        assert "Compose calls: slow" in it.text
        spec = fleets.saved().find("slow").spec
        assert it.app.screen.query_one("#service", Select).value == spec.service
        assert it.one(CodeArea).text == spec.body
        await it.press("ctrl+s")
        await it.until(lambda: it.sent(StartRun))
        assert it.sent(StartRun)[0].spec == spec


async def test_what_was_typed_before_loading_can_be_had_back() -> None:
    async with desk(stocked()) as it:
        await composing(it)
        it.one(CodeArea).load_text('{"text": "typed"}')
        await it.press("ctrl+o", "end", "enter")
        assert it.one(CodeArea).text == fleets.saved().find("slow").spec.body
        it.one(CodeArea).focus()
        await it.press("ctrl+z")
        assert it.one(CodeArea).text == '{"text": "typed"}'


async def test_an_empty_message_that_was_saved_is_not_replaced_by_the_skeleton() -> None:
    empty = SavedRequest("empty", replace(CRITIQUE, body="{}"))
    async with desk(replace(stocked(), saved=SavedView((empty,), PATH))) as it:
        await composing(it)
        await it.press("ctrl+o", "enter")
        assert it.one(CodeArea).text == "{}"


async def test_a_service_that_is_not_there_is_said_and_its_request_kept() -> None:
    async with desk(stocked()) as it:
        await it.press("C", "ctrl+o")
        assert "billing" in it.text
        await it.press("home", "down")
        await it.until("billing is not registered in heart-pulse-dc1 now; the request is kept")
        await it.press("enter")
        assert it.app.screen.query_one("#service", Select).value == "billing"
        assert "billing is not registered" in verdict(it)
        assert it.sent(DeleteRequest) == []


async def test_a_request_with_a_missing_credential_is_not_fired_with_a_gap() -> None:
    async with desk(stocked()) as it:
        await it.press("C", "ctrl+o", "home", "enter")
        assert "metadata authorization has no value" in verdict(it)
        await it.press("ctrl+s")
        assert it.sent(StartRun) == []
        assert it.app.focused is it.app.screen.query_one("#metadata")


async def test_rename_and_delete_with_its_preview() -> None:
    async with desk(stocked()) as it:
        await it.press("3", "o", "end", "r")
        assert it.screen == "PromptDialog"
        await it.type("slower\n")
        await it.until_sent(RenameRequest("slow", "slower"))
        await it.press("D")
        assert it.screen == "ConfirmDialog"
        assert PATH in it.text
        assert "The other requests stay" in it.text
        await it.press("escape", "D", "enter")
        await it.until_sent(DeleteRequest("slow"))
        assert len(it.sent(DeleteRequest)) == 1


async def test_renaming_to_a_name_that_is_taken_is_said() -> None:
    async with desk(stocked()) as it:
        await it.press("3", "o", "end", "r")
        await it.type("broken\n")
        assert any("broken is saved already" in toast for toast in it.toasts)
        assert it.sent(RenameRequest) == []


async def test_an_entry_that_makes_no_sense_says_why_and_is_not_loaded() -> None:
    async with desk(stocked()) as it:
        await it.press("3", "o", "home", "down", "down")
        await it.until("count is 'many'; expected a whole number")
        await it.press("enter")
        assert it.screen == "SavedScreen"


async def test_an_unreadable_file_is_told_where_the_list_would_be() -> None:
    problem = f"{PATH} is no file of saved requests (Expecting value: line 1 column 1 (char 0)); it is left as it is"
    async with desk(replace(stocked(), saved=SavedView((), PATH, problem))) as it:
        await it.press("3", "o")
        assert "is no file of saved requests" in " ".join(it.text.split())


async def test_from_panel_three_a_saved_request_opens_the_composer() -> None:
    async with desk(replace(stocked(), runs=())) as it:
        await it.press("3", "o", "end", "enter")
        assert it.screen == "ComposerScreen"
        assert it.one(CodeArea).text == fleets.saved().find("slow").spec.body


async def test_a_run_s_request_is_saved_from_the_panel_and_from_the_list() -> None:
    for keys in (("3", "S"), ("3", "H", "S")):
        async with desk(stocked()) as it:
            await it.press(*keys)
            await it.type("again\n")
            await it.until_sent(SaveRequest("again", CRITIQUE))


async def test_the_body_of_a_run_that_was_too_long_to_keep_is_not_saved_as_an_empty_one() -> None:
    cut = replace(fleets.past_runs()[0], body_left_out=True, spec=CallSpec("critic-agent", body=""))
    async with desk(replace(stocked(), runs=(), past_runs=(cut,))) as it:
        await it.press("3", "H", "S")
        assert any("there is nothing to save" in toast for toast in it.toasts)
        assert it.screen == "RunsScreen"
