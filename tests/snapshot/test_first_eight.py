"""The main job, as a user sees it."""

from __future__ import annotations

import pytest

from tests import fleets
from tests.snapshot.console import console

STATES = {
    "no_data_yet": fleets.empty,
    "healthy": fleets.healthy,
    "one_critical": fleets.one_critical,
    "half_open": fleets.half_open,
    "no_consul": fleets.absent,
}


@pytest.mark.parametrize("state", STATES)
def test_main(golden, state):
    assert golden(console(STATES[state]()))


def test_kv_edit(golden):
    """A value changed in the editor, not written yet."""
    keys = ["4", "right", "down", "down", "e", "down", "end", "left", "backspace", "7"]
    assert golden(console(fleets.healthy()), press=keys)


def test_kv_conflict(golden):
    """Somebody else wrote the key while it was edited."""
    assert golden(console(fleets.kv_conflict()), press=["4", "right", "down", "down", "e"])


def test_help(golden):
    assert golden(console(fleets.one_critical()), press=["question_mark"])


def test_console(golden):
    """The picture of the README: what is red, who calls whom, calls under way, a value open."""
    assert golden(console(fleets.one_critical()), press=["4", "right", "down", "down", "2"])
