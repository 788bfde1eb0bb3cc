"""The drawers of services and instances: reached from everywhere, following the fleet, whole outputs to read."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from msgspec.structs import replace

from hp_tui.model.commands import SetVisibleServices
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.widgets.viewer import TextViewer
from tests import fleets
from tests.pilot.desk import FULL, SMALL, desk


def unloaded(name: str) -> FleetSnapshot:
    """One service's instances are not read."""
    old = fleets.healthy()
    view = replace(old.services[name], instances=None)
    return replace(old, services=MappingProxyType({**old.services, name: view}))


async def test_a_service_opens_from_its_box() -> None:
    async with desk(fleets.healthy()) as it:
        it.main.topology.view.move_cursor("aol-core")
        await it.press("1", "i")
        assert it.screen == "ServiceScreen"
        assert "critic-agent · from metadata" in it.text


async def test_a_name_that_is_not_registered_opens_from_its_box() -> None:
    async with desk(fleets.troubled()) as it:
        it.main.topology.view.move_cursor("validator-agnet")
        await it.press("1", "i")
        assert "not registered: nobody finds it through Consul" in it.text
        assert "registered and alike: validator-agent" in it.text
        assert "call" not in it.app.screen.query_one("KeyFooter").render_line(0).text, "there is nobody to call"


async def test_enter_on_a_service_without_instances_opens_it_and_they_are_asked_for() -> None:
    async with desk(unloaded("validator-agent")) as it:
        it.main.health.table.move_cursor("validator-agent\0")
        await it.press("enter")
        assert it.screen == "ServiceScreen"
        assert "its instances are being read" in it.text
        await it.until(lambda: it.sent(SetVisibleServices)[-1].first == "validator-agent")
        await it.show(fleets.healthy())
        assert "validator-agent-2" in it.text, "the drawer follows the fleet"
        await it.press("escape")
        await it.until(lambda: it.sent(SetVisibleServices)[-1].first == "")


async def test_a_service_opens_from_the_palette() -> None:
    async with desk(fleets.one_critical()) as it:
        await it.press("colon", *"who gets", "enter")
        await it.until(lambda: it.screen == "ServiceScreen")


async def test_from_a_service_to_an_instance_and_back() -> None:
    async with desk(fleets.one_critical()) as it:
        await it.press("i", "enter", "3")
        await it.until(lambda: it.screen == "DetailScreen")
        assert "critic-agent-3" in it.text
        await it.press("escape")
        assert it.screen == "ServiceScreen"


async def test_the_service_drawer_follows_the_breaker() -> None:
    async with desk(fleets.one_critical()) as it:
        await it.press("i")
        assert "(0:47 left)" in it.text
        await it.tick(5)
        assert "(0:42 left)" in it.text
        await it.show(fleets.healthy())
        assert "all 3 closed: calls go through" in it.text


@pytest.mark.parametrize("size", [SMALL, FULL])
async def test_the_last_line_of_a_megabyte_of_output_can_be_read(size: tuple[int, int]) -> None:
    output = "".join(f"line {number} \x1b[31mred\x07 \t tab\n" for number in range(40_000)) + "the very last"
    old = fleets.one_critical()
    service = old.services["critic-agent"]
    views = list(service.instances or ())
    checks = tuple(replace(check, output=output if not check.node_level else "") for check in views[1].instance.checks)
    views[1] = replace(views[1], instance=replace(views[1].instance, checks=checks))
    fleet = replace(
        old, services=MappingProxyType({**old.services, "critic-agent": replace(service, instances=tuple(views))})
    )
    async with desk(fleet, size=size) as it:
        await it.press("enter", "G")
        assert "the very last" not in it.text, "the drawer draws a part of it"
        await it.press("o")
        await it.until(lambda: it.screen == "TextDialog")
        assert "line 0 ␛[31mred␇" in it.text
        await it.press("end")
        assert "the very last" in it.text
        await it.press("escape")
        assert it.screen == "DetailScreen"


async def test_a_fold_keeps_what_it_folds() -> None:
    from textual.app import App

    class Alone(App[None]):
        def compose(self):
            yield TextViewer("x" * 25 + "\r\n" + "宽" * 25 + "\n\nend")

    app = Alone()
    async with app.run_test(size=(21, 12)) as pilot:
        await pilot.pause()
        lines = [
            "".join(segment.text for segment in strip).rstrip() for strip in app.screen._compositor.render_strips()
        ]
        assert lines[:3] == ["x" * 20, "x" * 5, "宽" * 10]
        assert "".join(lines).count("宽") == 25
        assert "end" in lines
