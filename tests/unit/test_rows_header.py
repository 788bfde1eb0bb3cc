"""The header: whether what is shown is fresh, how much is red."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from hp_tui.console.main.rows.header import freshness, header_parts, retry_text
from hp_tui.console.main.rows.outage import banner, outage_message
from hp_tui.console.shared.rows.tally import totals
from hp_tui.model.fleet import FleetSnapshot, Link, LinkState, ServiceView
from hp_tui.widgets.bars import hints_that_fit
from hp_tui.widgets.values import Tone
from tests import fleets
from tests.fleets import ADDRESS, NOW

pytestmark = pytest.mark.usefixtures("utc")


def texts(snapshot: FleetSnapshot, now: float = NOW, **more: float) -> list[str]:
    return [part.text for part in header_parts(snapshot, now, **more) if part.text]


@pytest.mark.parametrize(
    ("link", "text", "tone"),
    [
        (Link(LinkState.LIVE, ADDRESS, last_good=NOW - 0.44), "live", Tone.GOOD),
        (Link(LinkState.LIVE, ADDRESS, last_good=NOW - 12), "live, 12s old", Tone.GOOD),
        (Link(LinkState.LIVE, ADDRESS, last_good=NOW + 3), "live", Tone.GOOD),
        (Link(LinkState.CONNECTING, ADDRESS), "connecting…", Tone.INFO),
        (Link(LinkState.STALE, ADDRESS, since=NOW - 10, last_good=NOW - 12), "STALE 12s", Tone.BAD),
        (Link(LinkState.STALE, ADDRESS, since=NOW - 200), "STALE 3m", Tone.BAD),
        (Link(LinkState.ABSENT, ADDRESS, since=NOW - 31), "NO CONSUL 31s", Tone.BAD),
        (Link(LinkState.NO_LEADER, ADDRESS, since=NOW - 5), "NO LEADER 5s", Tone.BAD),
        (Link(LinkState.FORBIDDEN, ADDRESS, since=NOW - 3), "FORBIDDEN 3s", Tone.BAD),
    ],
)
def test_freshness_of_every_state_has_its_age(link: Link, text: str, tone: Tone) -> None:
    part = freshness(link, NOW)
    assert (part.text, part.tone) == (text, tone)


def test_a_healthy_fleet() -> None:
    assert texts(fleets.healthy()) == [
        "hp-tui",
        "heart-pulse-dc1",
        "consul 1.8.7",
        "● leader",
        "4 services · 7 instances",
        "✖0",
        "▲0",
        "live",
        "02:14:09",
    ]


def reds(services: Mapping[str, ServiceView]) -> tuple[int, int]:
    found = totals(services)
    return found.bad, found.warn


def test_red_counts_critical_instances_and_open_breakers_once() -> None:
    assert reds(fleets.one_critical().services) == (1, 0)
    assert reds(fleets.half_open().services) == (0, 1)
    assert reds(fleets.forced_open().services) == (0, 0), "what was taken out on purpose is not red"
    assert reds(fleets.all_critical().services) == (7, 0)


def test_services_whose_instances_are_not_loaded_count_by_their_overview() -> None:
    service = replace(fleets.healthy().services["critic-agent"], instances=None, critical=2, warning=3)
    assert reds({service.name: service}) == (2, 3)


def test_paused_and_read_only_stand_there() -> None:
    said = texts(replace(fleets.healthy(), read_only=True), paused_since=NOW - 65)
    assert "PAUSED 65s" in said
    assert "[read-only]" in said


def test_before_any_answer_it_names_the_address_and_no_counts() -> None:
    assert texts(fleets.empty()) == ["hp-tui", ADDRESS, "connecting…", "02:14:09"]


def test_without_a_leader_nothing_claims_one() -> None:
    assert "● leader" not in texts(fleets.no_leader())


@pytest.mark.parametrize("width", [20, 40, 58, 78, 118, 198])
def test_what_is_red_and_how_fresh_it_is_never_leave(width: int) -> None:
    snapshot = replace(fleets.stale(), read_only=True)
    kept = [part.text for part in hints_that_fit(header_parts(snapshot, NOW, paused_since=NOW - 1), width, 2)]
    assert "✖1" in kept
    assert "STALE 12s" in kept


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (fleets.absent, ["No Consul at 127.0.0.1:8500", "connection refused", "next try in 0:04", "hp-tui demo"]),
        (fleets.forbidden, ["refuses this token", "service:read", "t  use another token"]),
        (fleets.empty_datacenter, ["heart-pulse-dc1 has no services yet", "appears here at once"]),
    ],
)
def test_an_outage_says_what_happened_and_what_to_do(make, words: list[str]) -> None:
    found = outage_message(make(), NOW)
    assert found is not None
    said = "\n".join([found.title, found.what, *found.todo])
    for word in words:
        assert word in said


def test_a_cluster_without_leader_from_the_start() -> None:
    found = outage_message(replace(fleets.no_leader(), loaded=False), NOW)
    assert found is not None
    assert found.title == "The cluster has no leader"


def test_while_there_is_a_fleet_there_is_no_outage() -> None:
    for make in (fleets.healthy, fleets.stale, fleets.no_leader, fleets.all_critical, fleets.empty):
        assert outage_message(make(), NOW) is None


def test_a_banner_says_how_old_the_picture_is() -> None:
    text, tone = banner(fleets.stale(), NOW)
    assert text.startswith("What you see is 12s old: next try in 0:02 (r now).")
    assert tone is Tone.BAD
    assert banner(fleets.healthy(), NOW) == ("", Tone.PLAIN)
    assert "nothing can be written" in banner(fleets.no_leader(), NOW)[0]
    refused = replace(fleets.healthy(), link=fleets.forbidden().link)
    assert "The token is refused now" in banner(refused, NOW)[0]


def test_a_try_that_is_due_is_under_way() -> None:
    assert retry_text(Link(retry_at=NOW - 1), NOW) == "trying now"
    assert retry_text(Link(), NOW) == "trying now"
