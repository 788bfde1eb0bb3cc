"""The main screen under hostile conditions: no rights, no leader, too much, too strange, too small, too few colours."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from msgspec.structs import replace
from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from hp_tui.model.fleet import FleetSnapshot, ServiceView
from hp_tui.model.timeline import Notice, Severity
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
    app.console._color_system = ColorSystem.STANDARD
    assert golden(app)


@pytest.mark.parametrize("size", [(200, 60)], ids=["200x60"])
def test_condition_large(golden):
    assert golden(console(fleets.one_critical()))


@pytest.mark.parametrize("size", [(59, 16), (60, 16), (40, 6)], ids=["59x16", "60x16", "40x6"])
def test_condition_small(golden):
    """Below 60x16 a sentence; at it the whole thing."""
    assert golden(console(fleets.one_critical()))


BROAD = {
    "healthy": (fleets.healthy, []),
    "no_consul": (fleets.absent, []),
    "forbidden": (fleets.forbidden, []),
    "stale": (fleets.stale, []),
    "strange_names": (fleets.strange_names, []),
    "thousand_services": (lambda: fleets.many(1000), []),
    "detail": (fleets.one_critical, ["enter"]),
    "help": (fleets.one_critical, ["question_mark"]),
    "palette": (fleets.one_critical, ["colon"]),
    "deregister": (fleets.one_critical, ["D"]),
}


@pytest.mark.parametrize("size", [(200, 60)], ids=["200x60"])
@pytest.mark.parametrize("state", BROAD)
def test_condition_broad(golden, state):
    make, keys = BROAD[state]
    assert golden(console(make()), press=keys)


def test_condition_strange_no_color(golden, monkeypatch):
    """Wide and right-to-left text where hue says nothing."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert golden(console(fleets.strange_names()))


def test_condition_light_forced_open(golden, monkeypatch):
    monkeypatch.setenv("COLORFGBG", "0;15")
    assert golden(console(fleets.forced_open()), press=KEYS["forced_open"])


def test_condition_token_refused(golden):
    """The token was revoked while the fleet is on screen."""
    assert golden(console(replace(fleets.one_critical(), link=fleets.forbidden().link)))


def test_condition_unreadable_service(golden):
    """A service with a name that Consul cannot be asked for."""
    services = {
        **fleets.healthy().services,
        "odd\x1b[2J": ServiceView("odd\x1b[2J", ("tag",), error="service name 'odd\\x1b[2J': expected printable text"),
    }
    assert golden(console(replace(fleets.healthy(), services=MappingProxyType(services))))


def test_condition_error_toast(golden):
    """What Consul refused is told where the user is looking."""
    notice = Notice(
        1, fleets.NOW, Severity.BAD, "Consul refused PUT /v1/kv/a: Permission denied. Use a token with key:write.", "a"
    )
    app = console(fleets.one_critical())

    async def told(pilot):
        app._adopt(replace(fleets.one_critical(), notices=(notice,)))
        await pilot.pause()

    assert golden(app, run_before=told)
