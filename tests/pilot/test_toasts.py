"""A toast tells one thing and hides none that is told already."""

from __future__ import annotations

import pytest
from textual.geometry import Region

from hp_tui.model.fleet import FleetSnapshot
from hp_tui.widgets.bars import KeyFooter, StatusHeader
from hp_tui.widgets.table import FleetTable
from hp_tui.widgets.timeline import TimelineStrip
from tests.fleets import absent, one_critical, stale
from tests.pilot.desk import FULL, SMALL, Desk, desk

SENTENCE = (
    "Consul refused PUT /v1/kv/config/heart-pulse.json: Permission denied. Use a token with key:write for this prefix."
)


def covered(it: Desk) -> Region:
    """Where the toast is."""
    return it.app.screen.query("Toast").first().region


def regions_with_state(it: Desk) -> list[Region]:
    """Header, banner, tabs, timeline, footer, and the rows of the table below its labels."""
    table = it.one(FleetTable).region
    fixed = [it.one(kind).region for kind in (StatusHeader, TimelineStrip, KeyFooter)]
    named = [found.region for found in it.main.query("#banner, TabLine") if found.display]
    return [*fixed, *named, Region(table.x, table.y + 1, table.width, table.height - 1)]


@pytest.mark.parametrize("size", [SMALL, FULL])
@pytest.mark.parametrize("snapshot", [one_critical, stale])
async def test_a_toast_of_two_lines_covers_nothing_that_tells_state(snapshot, size: tuple[int, int]) -> None:
    shown: FleetSnapshot = snapshot()
    async with desk(shown, size=size, toasts=True) as it:
        it.app.notify(SENTENCE, severity="error", timeout=60)
        await it.until("Consul refused")
        await it.until("for this prefix.")
        toast = covered(it)
        assert toast.height == 2
        assert [region for region in regions_with_state(it) if region.overlaps(toast)] == []


async def test_a_toast_over_an_outage_leaves_its_sentence_readable() -> None:
    async with desk(absent(), size=SMALL, toasts=True) as it:
        it.app.notify(SENTENCE, severity="error", timeout=60)
        await it.until("for this prefix.")
        assert "connection refused" in it.text
