"""The main screen under hostile conditions: no rights, no leader, too much, too strange, too small, too few colours."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from hp_tui.model.fleet import FleetSnapshot
from tests import fleets
from tests.snapshot.console import console

STATES = {
    "forbidden": fleets.forbidden,
    "kv_forbidden": fleets.kv_forbidden,
    "no_leader": fleets.no_leader,
    "stale": fleets.stale,
    "empty_datacenter": fleets.empty_datacenter,
    "all_critical": fleets.all_critical,
    "forced_open": fleets.forced_open,
    "thousand_services": lambda: fleets.many(1000),
    "strange_names": fleets.strange_names,
}
KEYS = {"kv_forbidden": ["4"], "forced_open": ["down", "down"]}


class SixteenColours(LineFilter):
    """What a terminal of 16 colours makes of a line."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(text, _sixteen(style) if style else style, None) for text, style, _ in segments]


def _sixteen(style: Style) -> Style:
    return style + Style(color=_nearest(style.color), bgcolor=_nearest(style.bgcolor))


def _nearest(colour: RichColor | None) -> RichColor | None:
    """The nearest of the 16, as xterm paints it."""
    return RichColor.from_triplet(colour.downgrade(ColorSystem.STANDARD).get_truecolor()) if colour else None


def read_only() -> FleetSnapshot:
    return replace(fleets.one_critical(), read_only=True)


@pytest.mark.parametrize("state", STATES)
def test_condition(golden, state):
    assert golden(console(STATES[state]()), press=KEYS.get(state, []))


def test_condition_strange_names_in_topology(golden):
    assert golden(console(fleets.strange_names()), press=["1", "z"])


@pytest.mark.parametrize("services", [12, 40])
def test_condition_mesh(golden, services):
    assert golden(console(fleets.mesh(services)), press=["1", "z"])


def test_condition_strange_detail(golden):
    """Control characters, wide and right-to-left text in an instance's id, tags and outputs."""
    assert golden(console(fleets.strange_names()), press=["enter"])


def test_condition_paused(golden):
    assert golden(console(fleets.one_critical()), press=["p"])


def test_condition_read_only(golden):
    assert golden(console(read_only()))


def test_condition_light(golden, monkeypatch):
    monkeypatch.setenv("COLORFGBG", "0;15")
    assert golden(console(fleets.one_critical()))


def test_condition_light_dialog(golden, monkeypatch):
    monkeypatch.setenv("COLORFGBG", "0;15")
    assert golden(console(fleets.one_critical()), press=["D"])


def test_condition_no_color(golden, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert golden(console(fleets.one_critical()))


def test_condition_sixteen_colours(golden):
    app = console(fleets.one_critical())
    app._filters.append(SixteenColours())
    assert golden(app)


@pytest.mark.parametrize("size", [(200, 60)], ids=["200x60"])
def test_condition_large(golden):
    assert golden(console(fleets.one_critical()))


@pytest.mark.parametrize("size", [(59, 16), (60, 16), (40, 6)], ids=["59x16", "60x16", "40x6"])
def test_condition_small(golden):
    """Below 60x16 a sentence; at it the whole thing."""
    assert golden(console(fleets.one_critical()))
