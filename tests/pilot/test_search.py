"""A filter in a large datacenter: what it cannot see is said, and read when the user asks."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from msgspec.structs import replace

from hp_tui.model.commands import EndSearch, SearchInstances
from hp_tui.model.fleet import FleetSnapshot, Search
from tests import fleets
from tests.pilot.desk import FULL, SMALL, Desk, desk

LOADED = 24


def large(search: Search | None = None, read: int = LOADED) -> FleetSnapshot:
    """A thousand services of two instances, ``read`` of them loaded; ten are red."""
    fleet = fleets.many(1000, 2)
    views = {
        name: replace(view, tags=(f"team-{number % 7}",), instances=view.instances if number < read else None)
        for number, (name, view) in enumerate(fleet.services.items())
    }
    return replace(fleet, services=MappingProxyType(views), search=search)


def asked(it: Desk) -> list[int]:
    return [len(command.services) for command in it.sent(SearchInstances)]


@pytest.mark.parametrize("size", [SMALL, FULL])
async def test_it_says_how_much_is_loaded_and_enter_reads_the_rest(size: tuple[int, int]) -> None:
    async with desk(large(), size=size) as it:
        await it.press("slash", *"host-3")
        assert "24 of 1,000 services loaded, enter reads 976" in it.text
        assert not it.sent(SearchInstances), "typing asks Consul nothing"
        await it.press("enter")
        await it.until(lambda: asked(it) == [976])


@pytest.mark.parametrize(("text", "number"), [("status:critical", 9), ("tag:team-3", 140), ("service:svc-09", 100)])
async def test_what_is_known_of_a_service_rules_it_out(text: str, number: int) -> None:
    async with desk(large()) as it:
        await it.press("slash", *text, "enter")
        await it.until(lambda: asked(it))
        # svc-0007 is loaded, as are the first of every team.
        assert asked(it)[0] in {number, number - 1, number - 2, number - 3, number + 1}


async def test_progress_is_told_and_escape_stops_and_forgets() -> None:
    async with desk(large()) as it:
        await it.press("slash", *"svc", "enter")
        await it.show(large(Search(total=976, done=312, running=True), read=336))
        assert "reading 312 of 976 services, esc stops" in it.text
        await it.press("escape")
        await it.until_sent(EndSearch())


async def test_what_could_not_be_read_is_counted() -> None:
    async with desk(large()) as it:
        await it.press("slash", *"svc", "enter")
        await it.show(large(Search(total=976, done=976, failed=3, error="no"), read=997))
        assert "997 of 1,000 services loaded (3 could not be read)" in it.text


async def test_a_jump_that_clears_the_filter_forgets_too() -> None:
    async with desk(large()) as it:
        await it.press("slash", *"svc", "enter")
        await it.until(lambda: asked(it))
        it.main.health.show_everything()
        await it.until_sent(EndSearch())


async def test_a_small_datacenter_is_not_searched() -> None:
    async with desk(fleets.one_critical()) as it:
        await it.press("slash", *"critic", "enter", "escape")
        assert not it.sent(SearchInstances)
        assert not it.sent(EndSearch)
        assert "loaded" not in it.text


async def test_a_flat_list_says_what_is_not_in_it() -> None:
    async with desk(large()) as it:
        await it.press("f")
        assert "24 of 1,000 services loaded · red first · flat" in it.text
