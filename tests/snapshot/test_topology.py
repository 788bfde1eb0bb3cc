"""Panel 1: every kind of arrow, narrowed, widened, hidden, and a whole large fleet."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from hp_tui.widgets.topology import TopologyView
from tests import fleets, topologies
from tests.snapshot.console import console

PARTS = {
    "one_hop": ["1", "enter"],
    "two_hops": ["1", "enter", "plus"],
    "hidden": ["1", "z", "H", "H"],
}


async def laid_out(pilot) -> None:
    """The thread that lays a large fleet out is done."""
    view = pilot.app.screen.query_one(TopologyView)
    async with asyncio.timeout(30):
        while view._graph_layout._waiting is not None:
            await pilot.pause()
    await pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=["80x24", "120x40", "200x60"])
def test_topology_one_of_everything(golden):
    assert golden(console(topologies.one_of_everything()), press=["1", "z"])


def test_topology_one_of_everything_light(golden, monkeypatch):
    monkeypatch.setenv("COLORFGBG", "0;15")
    assert golden(console(topologies.one_of_everything()), press=["1", "z"])


def test_topology_one_of_everything_no_color(golden, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert golden(console(topologies.one_of_everything()), press=["1", "z"])


def test_topology_unlinked(golden):
    """A service that nobody calls and that calls nobody is small; here the cursor is on it."""
    assert golden(console(topologies.with_consul()), press=["1", "down", "down", "down", "down"])


@pytest.mark.parametrize("part", PARTS)
def test_topology_part(golden, part):
    assert golden(console(fleets.mesh(12)), press=PARTS[part])


def test_topology_all_of_300(golden):
    async def show_all(pilot) -> None:
        await pilot.press("1", "z", "a")
        await laid_out(pilot)

    assert golden(console(fleets.mesh(300)), run_before=show_all)


@pytest.mark.parametrize("size", [(60, 16)], ids=["60x16"])
def test_topology_as_a_list(golden):
    """Where a banner and a broken filter leave too little height for boxes."""
    stale = replace(topologies.one_of_everything(), link=fleets.stale().link)
    assert golden(console(stale), press=["1", "slash", *"re:["])
