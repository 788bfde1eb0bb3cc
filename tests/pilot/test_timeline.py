"""The timeline, whole screen: dated, readable in full, filtered, and a way to what its lines are about."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from msgspec.structs import replace

from hp_tui.model.timeline import Severity, TimelineEntry, TimelineKind
from hp_tui.widgets.timeline import TimelineView
from tests import fleets
from tests.fleets import NOW
from tests.pilot.desk import FULL, SMALL, desk


def with_entry(entry: TimelineEntry):
    fleet = fleets.healthy()
    return replace(fleet, timeline=(*fleet.timeline, entry))


@pytest.mark.parametrize("size", [SMALL, FULL])
async def test_the_entry_under_the_cursor_is_there_in_full_and_dated(size: tuple[int, int]) -> None:
    async with desk(fleets.troubled(), size=size) as it:
        await it.press("T")
        assert "02:13:57 · critic-agent-2 of critic-agent · health, bad" in it.text
        await it.press("end")
        assert "13 Mar 17:54:09 · critic-agent-2 of critic-agent · health, bad" in it.text
        words = it.text.replace("│", " ").split()
        assert 'refused"' in words, "the last word of a long line"


async def test_what_can_be_asked_is_told_before_anything_is_asked() -> None:
    async with desk(fleets.troubled(), size=SMALL) as it:
        await it.press("T")
        assert "7 entries · / kind:breaker service:… severity:bad" in it.text
        await it.press("slash", *"kind:breaker", "enter")
        assert "1 of 7 entries" in it.text
        assert [row.key for row in it.one(TimelineView).rows] == ["5"]
        await it.press("slash", *" service:aol")
        assert "nothing matches the filter; esc clears it" in it.text


@pytest.mark.parametrize(
    ("kind", "subject", "service", "then"),
    [
        (TimelineKind.HEALTH, "validator-agent-2", "validator-agent", "validator-agent-2"),
        (TimelineKind.CALL, "critic-agent", "critic-agent", "critic-agent-1"),
        (TimelineKind.MEMBER, "aol-core", "aol-core", "aol-core-1"),
    ],
)
async def test_enter_goes_to_the_instance_or_the_service(kind, subject: str, service: str, then: str) -> None:
    entry = TimelineEntry(9, NOW - 1, kind, Severity.INFO, subject, service, new="x")
    async with desk(with_entry(entry)) as it:
        await it.press("4", "T", "enter")
        await it.until(lambda: it.screen == "MainScreen" and it.main.active is it.main.health)
        assert it.main.health.selected().id == then


async def test_an_instance_that_is_gone_leads_to_its_service_and_says_so() -> None:
    entry = TimelineEntry(9, NOW - 1, TimelineKind.MEMBER, Severity.WARN, "critic-agent-9", "critic-agent", new="gone")
    async with desk(with_entry(entry)) as it:
        await it.press("T", "enter")
        await it.until(lambda: "critic-agent-9 is not registered any more; this is its service" in it.toasts)
        assert it.main.health.selected().instance.service == "critic-agent"


async def test_a_service_that_is_gone_says_so() -> None:
    entry = TimelineEntry(9, NOW - 1, TimelineKind.MEMBER, Severity.WARN, "billing", "billing", new="service gone")
    async with desk(with_entry(entry)) as it:
        await it.press("T", "enter")
        await it.until(lambda: "billing is not in Consul any more" in it.toasts)
        assert it.main.active is it.main.health


async def test_a_service_that_is_not_loaded_is_gone_to_by_its_own_row() -> None:
    entry = TimelineEntry(
        9, NOW - 1, TimelineKind.HEALTH, Severity.BAD, "validator-agent-2", "validator-agent", new="x"
    )
    fleet = with_entry(entry)
    views = {**fleet.services, "validator-agent": replace(fleet.services["validator-agent"], instances=None)}
    async with desk(replace(fleet, services=MappingProxyType(views))) as it:
        await it.press("T", "enter")
        await it.until(lambda: it.main.health.table.cursor_key == "validator-agent\0")
        assert not it.toasts


async def test_the_day_changes_while_it_is_open() -> None:
    async with desk(fleets.healthy()) as it:
        await it.press("T")
        assert "02:13:43" in it.text
        assert "14 Mar 02:13:43" not in it.text
        await it.tick(86_400)
        assert "14 Mar 02:13:43" in it.text
