"""Everything that opens above the main screen."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from hp_tui.model.fleet import FleetSnapshot
from tests import fleets
from tests.snapshot.console import console


def demo() -> FleetSnapshot:
    """A fleet of the demo: chaos is to be had."""
    return replace(fleets.one_critical(), chaos=True)


LAYERS = {
    "palette": ["colon"],
    "palette_search": ["colon", *"brea"],
    "detail": ["enter"],
    "timeline": ["T"],
    "composer": ["C"],
    "runs": ["3", "enter"],
    "breaker": ["b"],
    "trip": ["b", "t"],
    "maintenance": ["m"],
    "deregister": ["D"],
    "chaos": ["x"],
    "token": ["t", *"secret"],
    "datacenter": ["d"],
    "kv_delete": ["4", "right", "down", "down", "D"],
    "kv_new": ["4", "right", "down", "n"],
    "kv_write": ["4", "right", "down", "down", "e", "down", "end", "left", "backspace", "7", "ctrl+s"],
    "copy": ["y"],
    "filter": ["slash", *"crit"],
    "filter_wrong": ["slash", *"re:["],
    "topology": ["1"],
    "kv_value": ["4", "right", "down", "down"],
    "calls": ["3"],
}
"""The keys that lead there."""


@pytest.mark.parametrize("layer", LAYERS)
def test_layer(golden, layer):
    assert golden(console(demo()), press=LAYERS[layer])


def test_layer_help_end(golden):
    """The last lines of help."""
    assert golden(console(demo()), press=["question_mark", "end"])


def test_layer_composer_wrong(golden):
    """A body that is not JSON."""
    assert golden(console(demo()), press=["C", "x"])
