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


def stocked(**changes: object) -> FleetSnapshot:
    return replace(fleets.one_critical(), saved=replace(fleets.saved(), **changes))


def test_calls_saved(golden):
    """The cursor on a request for a service that is not there."""
    assert golden(console(stocked()), press=["3", "o", "down"])


def test_calls_saved_unreadable(golden):
    why = f"{fleets.SAVED_PATH} is no file of saved requests (Expecting value: line 7 column 3 (char 212)); expected JSON with "
    why += "format 'hp-tui requests 1' and requests by name. It is left as it is: mend it, or move it away."
    assert golden(console(stocked(requests=(), problem=why)), press=["3", "o"])


def test_calls_saved_replace(golden):
    """Saving under a name that is taken."""
    assert golden(console(stocked()), press=["C", "ctrl+t", *"slow", "enter"])
