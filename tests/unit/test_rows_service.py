"""The service drawer: the migration guide's troubleshooting as findings."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from msgspec.structs import replace

from hp_tui.console.service.rows.service import INSTANCES_SHOWN, service_sections
from hp_tui.console.shared.rows.sections import Section
from hp_tui.model.catalog import Intention
from hp_tui.model.fleet import FleetSnapshot, Link, LinkState
from hp_tui.model.health import Health
from hp_tui.model.timeline import Severity, TimelineEntry, TimelineKind
from hp_tui.widgets.values import Tone
from tests import fleets
from tests.fleets import NOW

REGISTERED, TRAFFIC = "Is it in Consul?", "Who gets traffic, and why not"
BALANCING, BREAKERS = "Load balancing", "Breakers"
EDGES, VERSIONS = "Who calls it, and whom it calls", "Versions"


pytestmark = pytest.mark.usefixtures("utc")


def answers(snapshot: FleetSnapshot, name: str) -> dict[str, Section]:
    return {section.title: section for section in service_sections(snapshot, name, NOW)}


def said(section: Section) -> list[str]:
    return [f"{line.label}: {line.text}" if line.label else line.text for line in section.lines]


def critics(snapshot: FleetSnapshot, *keep: int) -> FleetSnapshot:
    """Only those critics are registered."""
    service = snapshot.services["critic-agent"]
    kept = tuple((service.instances or ())[place] for place in keep)
    services = {**snapshot.services, "critic-agent": replace(service, instances=kept, passing=len(kept), critical=0)}
    return replace(snapshot, services=MappingProxyType(services))


def test_is_it_registered_since_when_and_how_is_it() -> None:
    found = said(answers(fleets.troubled(), "critic-agent")[REGISTERED])
    assert found == [
        "registered: yes: 3 instances · 1 critical, 2 passing",
        "since: there since before this console looked, 13 Mar 02:14:09 ≥24h",
    ]


def test_a_service_that_appeared_while_the_console_looked_has_its_time() -> None:
    old = fleets.healthy()
    view = replace(old.services["aol-core"], first_seen=NOW - 60, first_seen_exact=True)
    fleet = replace(old, services=MappingProxyType({**old.services, "aol-core": view}))
    assert "since: appeared 02:13:09 (60s ago)" in said(answers(fleet, "aol-core")[REGISTERED])


def test_who_gets_traffic_the_worst_first_each_with_its_reason() -> None:
    lines = said(answers(fleets.troubled(), "critic-agent")[TRAFFIC])
    assert lines[0] == "2 of 3 get traffic from this console"
    assert lines[1].startswith(
        "critic-agent-2: ✖ No traffic: critical since 02:13:57, because check “critic-agent gRPC”"
    )
    assert lines[1].endswith("It is flapping: 5 changes in 2m.")
    assert lines[2:] == [
        "critic-agent-1: ● gets traffic: 83 picks",
        "critic-agent-3: ● gets traffic: 81 picks",
    ]


def test_a_service_nobody_called_from_here_is_not_said_to_be_cut_off() -> None:
    sections = answers(fleets.healthy(), "validator-agent")
    assert said(sections[TRAFFIC])[0] == ("no call was fired from this console yet; nothing keeps traffic from 2 of 2")
    assert "no call was fired from this console yet, so it has picked none: c fires one" in said(sections[BALANCING])
    assert said(sections[BREAKERS]) == ["this console has no client of it yet, so no breaker"]


def test_how_picks_are_shared() -> None:
    lines = said(answers(fleets.one_critical(), "critic-agent")[BALANCING])
    assert lines[:4] == [
        "2 of 3 instances share the picks",
        "critic-agent-1: 40 % · 83 picks",
        "critic-agent-3: 40 % · 81 picks",
        "critic-agent-2: 20 % · 41 picks · 5 failed · gets none now",
    ]


def test_fewer_than_two_share_because_only_one_is_registered() -> None:
    lines = said(answers(critics(fleets.healthy(), 0), "critic-agent")[BALANCING])
    assert lines[:2] == [
        "one instance gets every pick",
        "because: only one instance is registered: start more of them under this service name",
    ]


def test_fewer_than_two_share_because_the_others_are_down_and_their_breakers_open() -> None:
    lines = said(answers(critics(fleets.one_critical(), 0, 1), "critic-agent")[BALANCING])
    assert lines[:3] == [
        "one instance gets every pick",
        "because: 1 of 2 is critical, so Consul offers it to nobody",
        "because: the breakers of 1 of 2 are not closed: see below",
    ]


def test_an_open_breaker_says_until_when_why_what_to_look_at_and_the_key() -> None:
    lines = said(answers(fleets.one_critical(), "critic-agent")[BREAKERS])
    assert lines == [
        "critic-agent-2: open until 02:14:56 (0:47 left) after 5 × UNAVAILABLE",
        "Consul calls it critical: mend that first",
        "b resets one at once; nothing needs a restart",
    ]


def test_a_forced_breaker_says_who_forced_it_and_how_it_ends() -> None:
    lines = said(answers(fleets.forced_open(), "critic-agent")[BREAKERS])
    assert lines[0] == "critic-agent-2: forced open (by hand: rollout); b then release ends that"


def test_breakers_that_are_closed_take_one_line() -> None:
    assert said(answers(fleets.healthy(), "critic-agent")[BREAKERS]) == ["all 3 closed: calls go through"]


def test_who_calls_it_and_what_is_denied_or_lost() -> None:
    lines = said(answers(fleets.troubled(), "critic-agent")[EDGES])
    assert lines == [
        "called by: aol-core · from metadata",
        "called by: heart-pulse · from intention · DENIED by intention",
        "called by: this console · from calls seen · 10/s, 3 % failed",
    ]
    core = answers(fleets.troubled(), "aol-core")[EDGES]
    assert "calls: validator-agnet · from metadata · not registered" in said(core)
    assert [line.tone for line in core.lines if "not registered" in line.text] == [Tone.BAD]


def test_an_intention_for_everybody_is_told_too() -> None:
    fleet = replace(fleets.healthy(), intentions=(Intention("*", "*", False), Intention("*", "aol-core", True)))
    lines = said(answers(fleet, "critic-agent")[EDGES])
    assert "intention: any service → any service: DENIED" in lines
    assert not any("aol-core: allowed" in line for line in lines), "that is about another service"


def test_versions_side_by_side() -> None:
    assert said(answers(fleets.troubled(), "critic-agent")[VERSIONS]) == [
        "1.0.0: 2 of 3 · 1 red · 124 picks (60 %) · 5 failed (4 %) · p99 4.0 ms",
        "1.1.0: 1 of 3 · none red · 81 picks (40 %) · 0 failed · p99 6.0 ms",
    ]


def test_tags_that_not_all_have() -> None:
    assert "canary (1 of 3)" in said(answers(fleets.troubled(), "critic-agent")["Tags"])[0]


def test_history_of_another_day_has_its_date() -> None:
    history = said(answers(fleets.troubled(), "critic-agent")["History"])
    assert history[0].startswith("02:13:57: ✖ critic-agent-2  passing → critical")
    assert history[-1].startswith("13 Mar 17:54:09: ")


def test_a_name_that_is_called_and_not_registered_says_who_asks_and_what_it_resembles() -> None:
    sections = answers(fleets.troubled(), "validator-agnet")
    lines = said(sections[REGISTERED])
    assert lines[0] == "registered: not registered: nobody finds it through Consul"
    assert "Consul: answers at 127.0.0.1:8500, and has a leader" in lines
    assert lines[2].startswith("name: registered and alike: validator-agent")
    assert "asked for by: aol-core-1" in lines
    assert "called by: aol-core · from metadata" in said(sections[EDGES])
    assert any("dc2" in line for line in said(sections["What to look at"])), "it may be in another datacenter"


def test_a_name_nobody_has_resembles_nothing() -> None:
    lines = said(answers(fleets.healthy(), "billing")[REGISTERED])
    assert "name: no registered name resembles it" in lines
    assert "last seen: never, as far as this console's timeline goes back" in lines


def test_a_service_that_went_says_when() -> None:
    gone = TimelineEntry(9, NOW - 5, TimelineKind.MEMBER, Severity.WARN, "billing", "billing", new="service gone")
    fleet = fleets.healthy()
    lines = said(answers(replace(fleet, timeline=(*fleet.timeline, gone)), "billing")[REGISTERED])
    assert "last seen: billing: service gone 02:14:04" in lines


def test_while_consul_does_not_answer_that_is_looked_at_first() -> None:
    error = "Consul at 127.0.0.1:8500 cannot be reached: connection refused."
    fleet = replace(fleets.healthy(), link=Link(LinkState.STALE, fleets.ADDRESS, since=NOW - 5, error=error))
    sections = answers(fleet, "billing")
    assert f"Consul: {error} What is shown may be old." in said(sections[REGISTERED])
    assert said(sections["What to look at"])[0] == "1: Consul itself first: r tries it again now"


def test_a_service_of_many_instances_tells_of_the_worst_and_counts_the_rest() -> None:
    fleet = fleets.many(8, 100)
    lines = said(answers(fleet, "svc-0007")[TRAFFIC])
    assert len(lines) == INSTANCES_SHOWN + 2
    assert lines[1].startswith("svc-0007-1: ✖ No traffic: critical")
    assert lines[-1] == "70 more stand in panel 2"


def test_names_from_the_network_are_escaped() -> None:
    fleet = fleets.strange_names()
    texts = [line for section in service_sections(fleet, "critic-agent", NOW) for line in said(section)]
    texts += [line for section in service_sections(fleet, "\x1b[31mbilling", NOW) for line in said(section)]
    assert not any("\x1b" in text or "\x07" in text for text in texts)
    assert any("評論家" in text for text in texts)


def test_instances_that_are_not_read_yet() -> None:
    old = fleets.healthy()
    view = replace(old.services["aol-core"], instances=None, passing=7)
    fleet = replace(old, services=MappingProxyType({**old.services, "aol-core": view}))
    assert said(answers(fleet, "aol-core")[REGISTERED])[0] == (
        "registered: yes: 7 passing; its instances are being read"
    )


def test_health_decides_the_colour_of_the_answer() -> None:
    assert answers(fleets.one_critical(), "critic-agent")[REGISTERED].lines[0].tone is Tone.BAD
    assert answers(fleets.healthy(), "critic-agent")[REGISTERED].lines[0].tone is Tone.GOOD
    assert fleets.healthy().services["critic-agent"].health is Health.PASSING
