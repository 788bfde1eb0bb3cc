"""Calls: the history of earlier sessions, saved requests, what does not fit, streams."""

from __future__ import annotations

from msgspec.structs import replace

from hp_tui.model.fleet import FleetSnapshot
from tests import fleets
from tests.snapshot.console import console


def restarted() -> FleetSnapshot:
    """Calls were fired in earlier sessions, none in this one yet."""
    return replace(fleets.one_critical(), runs=(), past_runs=fleets.past_runs())


def test_calls_after_restart(golden):
    assert golden(console(restarted()), press=["3"])


def test_calls_history(golden):
    """One run of this session, three of earlier ones; the cursor on one of those."""
    snapshot = replace(fleets.one_critical(), past_runs=fleets.past_runs())
    assert golden(console(snapshot), press=["3", "enter", "down", "down", "down"])


def test_calls_gap(golden):
    """A repeated run whose credential is not on disk."""
    assert golden(console(restarted()), press=["3", "H", "R"])
