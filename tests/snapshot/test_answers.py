"""What the screen answers: drawers of services and instances, long outputs, filters by field, flat lists, the timeline."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from msgspec.structs import replace

from hp_tui.model.fleet import FleetSnapshot, Search
from tests import fleets
from tests.snapshot.console import console


def large(search: Search | None = None) -> FleetSnapshot:
    """A thousand services, 24 of them loaded."""
    fleet = fleets.many(1000, 3)
    views = {
        name: view if number < 24 else replace(view, instances=None)
        for number, (name, view) in enumerate(fleet.services.items())
    }
    return replace(fleet, services=MappingProxyType(views), search=search)


def talkative() -> FleetSnapshot:
    """A check whose output is long and hostile."""
    old = fleets.troubled()
    service = old.services["critic-agent"]
    views = list(service.instances or ())
    output = "".join(
        f"{number:05d} \x1b[31mred\x07 goroutine running, stack of many words\n" for number in range(9_000)
    )
    checks = tuple(replace(check, output=output if not check.node_level else "") for check in views[1].instance.checks)
    views[1] = replace(views[1], instance=replace(views[1].instance, checks=checks))
    services = {**old.services, "critic-agent": replace(service, instances=tuple(views))}
    return replace(old, services=MappingProxyType(services))


ANSWERS = {
    "service": (fleets.troubled, ["i"]),
    "service_end": (fleets.troubled, ["i", "G"]),
    "instance": (fleets.troubled, ["enter"]),
    "instance_end": (fleets.troubled, ["enter", "G"]),
    "output": (talkative, ["enter", "o"]),
    "flat": (fleets.troubled, ["f"]),
    "filter_field": (fleets.troubled, ["slash", *"tag:critic !status:crit"]),
    "filter_no_such_field": (fleets.troubled, ["slash", *"tga:x"]),
    "timeline_dated": (fleets.troubled, ["T", "end"]),
    "search_offered": (large, ["slash", *"node:host"]),
    "search_running": (lambda: large(Search(976, 312, running=True)), ["slash", *"svc-09", "enter"]),
}
"""The fleet and the keys that lead there."""


@pytest.mark.parametrize("answer", ANSWERS)
def test_answer(golden, answer):
    fleet, keys = ANSWERS[answer]
    assert golden(console(fleet()), press=keys)


def test_answer_not_registered(golden):
    """A name that somebody calls and nobody has."""

    async def there(pilot) -> None:
        await pilot.pause()
        pilot.app.screen.topology.view.move_cursor("validator-agnet")
        await pilot.press("1", "i")

    assert golden(console(fleets.troubled()), run_before=there)
