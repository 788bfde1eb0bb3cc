"""When a new picture says no more than that the old one still holds: nothing of it need be shown at once."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from hp_tui.model.fleet import FleetSnapshot, LinkState
from tests import fleets


def later(snapshot: FleetSnapshot, **link: object) -> FleetSnapshot:
    return replace(snapshot, at=snapshot.at + 2, link=replace(snapshot.link, last_good=snapshot.at + 2, **link))


def test_an_answer_that_changes_nothing_confirms() -> None:
    before = fleets.healthy()
    assert later(before).confirms(before)


@pytest.mark.parametrize("link", [{"state": LinkState.STALE}, {"error": "no route"}, {"retry_at": 1.0}])
def test_another_state_of_the_link_is_news(link: dict[str, object]) -> None:
    before = fleets.healthy()
    assert not later(before, **link).confirms(before)


@pytest.mark.parametrize("part", ["services", "timeline", "notices", "kv", "runs", "cluster"])
def test_every_other_part_is_news(part: str) -> None:
    before = fleets.healthy()
    other = getattr(fleets.troubled(), part) if part != "services" else fleets.many(3, 1).services
    if other is getattr(before, part):
        other = replace(other) if part in {"kv", "cluster"} else (*other, object())
    assert not replace(later(before), **{part: other}).confirms(before)
