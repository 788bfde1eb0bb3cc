"""Another token, another try: from wherever an error is read."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

import pytest
from msgspec.structs import replace
from textual import events

from hp_tui.model.commands import OpenLevel, Reconnect, UseDatacenter, UseToken, WriteKey
from hp_tui.model.fleet import FleetSnapshot
from tests import fleets
from tests.fleets import CONFIG_KEY
from tests.pilot.desk import desk

SECRET = "0d1b2c3d-ffff-4444-8888-aaaaaaaaaaaa"
EDITING = ("4", "right", "down", "down", "e")


def refused_of_late() -> FleetSnapshot:
    """The token was revoked while the fleet was on screen."""
    return replace(fleets.one_critical(), link=fleets.forbidden().link)


ERRORS: dict[str, tuple[Callable[[], FleetSnapshot], tuple[str, ...]]] = {
    "no Consul": (fleets.absent, ()),
    "refused": (fleets.forbidden, ()),
    "refused of late": (refused_of_late, ()),
    "no leader": (fleets.no_leader, ()),
    "stale": (fleets.stale, ()),
    "empty": (fleets.empty_datacenter, ()),
    "kv refused": (fleets.kv_forbidden, ("4",)),
    "detail": (fleets.one_critical, ("enter",)),
    "timeline": (fleets.one_critical, ("T",)),
    "editor": (fleets.one_critical, EDITING),
}


@pytest.mark.parametrize("where", ERRORS)
async def test_a_pasted_token_is_used_and_shown_nowhere(where: str) -> None:
    make, keys = ERRORS[where]
    async with desk(make(), toasts=True) as it:
        await it.press(*keys)
        before = it.screen
        await it.press("ctrl+t" if where == "editor" else "t")
        assert it.screen == "PromptDialog", it.text
        it.app.focused.post_message(events.Paste(f"{SECRET}\n"))
        await it.settle()
        assert SECRET[:8] not in it.text
        await it.press("enter")
        await it.until_sent(UseToken(SECRET))
        assert it.screen == before
        assert SECRET[:8] not in it.text
        assert not any(SECRET[:8] in toast for toast in it.toasts)
        assert SECRET not in repr(it.engine.submitted)


@pytest.mark.parametrize("where", ERRORS)
async def test_reconnect(where: str) -> None:
    make, keys = ERRORS[where]
    async with desk(make()) as it:
        await it.press(*keys, "f5" if where == "editor" else "r")
        await it.until_sent(Reconnect())


@pytest.mark.parametrize("text", ["has space", "umläut", "tab\there"])
async def test_what_is_no_token_is_refused_in_a_sentence_and_the_old_one_stays(text: str) -> None:
    async with desk(fleets.forbidden()) as it:
        await it.press("t")
        it.app.focused.post_message(events.Paste(text))
        await it.settle()
        await it.press("enter")
        await it.until(lambda: any("no ACL token" in toast for toast in it.toasts))
        assert it.sent(UseToken) == []


async def test_a_write_that_was_refused_is_written_with_another_token_and_the_draft_is_kept() -> None:
    fleet = fleets.healthy()
    async with desk(fleet) as it:
        await it.press(*EDITING, "x", "ctrl+s", "enter")
        (write,) = it.sent(WriteKey)
        refused = MappingProxyType(
            {CONFIG_KEY: 'Consul refused PUT /v1/kv/…: Permission denied. Use a token with key "…".'}
        )
        answered = MappingProxyType({CONFIG_KEY: write.id})
        await it.show(replace(fleet, kv=replace(fleet.kv, errors=refused, answered=answered)))
        assert "Permission denied" in it.text
        assert "ctrl+t token" in it.text
        await it.press("ctrl+t", *"new", "enter")
        await it.until_sent(UseToken("new"))
        await it.press("ctrl+s", "enter")
        await it.until(lambda: len(it.sent(WriteKey)) == 2)
        again = it.sent(WriteKey)[1]
        assert replace(again, id=write.id) == write
        assert again.id != write.id, "its answer is its own"


async def test_the_store_is_asked_again_with_another_token() -> None:
    async with desk(fleets.kv_forbidden()) as it:
        await it.press("4")
        assert it.sent(OpenLevel) == []
        refused = it.engine.snapshot
        await it.show(replace(refused, kv=replace(refused.kv, error="")))
        await it.until_sent(OpenLevel(""))


async def test_another_datacenter_ends_the_pause_and_shows_nothing_of_the_old_one() -> None:
    old = fleets.one_critical()
    async with desk(old) as it:
        await it.press("space", "1", "enter", "4", "right", "p", "d", "2")
        await it.until_sent(UseDatacenter("dc2"))
        await it.until(lambda: "PAUSED" not in it.text)
        empty = fleets.empty()
        there = replace(fleets.mesh(4), cluster=replace(old.cluster, datacenter="dc2"))
        await it.show(replace(empty, cluster=there.cluster))
        assert "critic-agent" not in it.text
        await it.show(there)
        assert "a-service-1" in it.text
        assert "critic-agent" not in it.text
        assert "marked" not in it.text
        assert "around" not in it.text
        assert not it.main.kv.levels.opened, "folders of one name in two datacenters are two"
