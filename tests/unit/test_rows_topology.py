"""Who calls whom as boxes and arrows: what is shown, what is left out, and that nothing is left out silently."""

from __future__ import annotations

from itertools import pairwise
from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hp_tui.console.shared.rows.filter_parser import parse_filter
from hp_tui.console.topology.rows.graph import CROWDED, LINGER, Known, graph, neighbourhood
from hp_tui.console.topology.rows.scope import MOST_HOPS, TopologyScope
from hp_tui.model.catalog import Check, Instance, Intention
from hp_tui.model.fleet import Edge, EdgeSource, InstanceView, ServiceView
from hp_tui.model.health import Health
from hp_tui.widgets.values import Tone
from tests import fleets
from tests.fleets import NOW


def test_boxes_and_arrows() -> None:
    healthy = fleets.healthy()
    picture = graph(healthy.services, healthy.edges)
    nodes = {node.id: node for node in picture.nodes}
    assert nodes["critic-agent"].dots == (Tone.GOOD,) * 3
    assert nodes["hp-tui"].note == "this console"
    links = {(link.source, link.target): link for link in picture.links}
    assert links["heart-pulse", "aol-core"].secure
    assert links["hp-tui", "critic-agent"].note == "10/s"
    assert links["hp-tui", "critic-agent"].tone is Tone.GOOD


def test_dots_are_red_first_and_a_failing_edge_says_its_share() -> None:
    critical = fleets.one_critical()
    picture = graph(critical.services, critical.edges)
    node = next(node for node in picture.nodes if node.id == "critic-agent")
    assert node.dots == (Tone.BAD, Tone.GOOD, Tone.GOOD)
    link = next(link for link in picture.links if link.source == "hp-tui")
    assert (link.note, link.tone) == ("10/s ✖3 %", Tone.BAD)


def test_a_denied_edge_is_dashed_and_says_so_a_called_name_without_registration_too() -> None:
    edges = (Edge("a", "ghost", frozenset({EdgeSource.METADATA}), denied=True),)
    picture = graph({"a": ServiceView("a", instances=(), counted=True)}, edges)
    assert {node.id: node.note for node in picture.nodes} == {"a": "no instance", "ghost": "not registered"}
    assert (picture.links[0].note, picture.links[0].dashed) == ("denied", True)


def test_sidecars_have_no_box() -> None:
    services = {"a": ServiceView("a"), "a-proxy": ServiceView("a-proxy", kind="connect-proxy")}
    edges = (Edge("a-proxy", "a", frozenset({EdgeSource.CONNECT})),)
    assert [node.id for node in graph(services, edges).nodes] == ["a"]


def test_a_crowd_opens_on_what_is_red_and_says_what_is_left_out() -> None:
    many = fleets.many(300, 2)
    picture = graph(many.services, ())
    assert {node.id for node in picture.nodes} == {"svc-0007", "svc-0107", "svc-0207"}
    assert picture.note == "3 of 300: what is red · a for all"
    calm = {name: view for name, view in many.services.items() if not view.critical}
    picture = graph(calm, ())
    assert len(picture.nodes) == CROWDED
    assert "first by name" in picture.note


def test_neighbourhood_goes_both_ways() -> None:
    edges = [Edge(a, b, frozenset()) for a, b in ("ab", "bc", "cd", "de")]
    assert neighbourhood({"c"}, edges, 1) == {"b", "c", "d"}
    assert neighbourhood({"c"}, edges, 2) == {"a", "b", "c", "d", "e"}
    assert neighbourhood({"x"}, edges, 3) == {"x"}


# Intentions.


def intended(source: str, target: str, *, denied: bool = False) -> Edge:
    return Edge(source, target, frozenset({EdgeSource.INTENTION}), denied=denied)


def test_an_intention_of_every_service_is_an_arrow_from_a_box_that_says_so() -> None:
    picture = graph({"a": ServiceView("a")}, (intended("*", "a", denied=True),))
    assert {node.id: node.note for node in picture.nodes}["*"] == "any service"
    (link,) = picture.links
    assert (link.source, link.target, link.note, link.dashed) == ("*", "a", "denied", True)


def test_an_intention_about_all_services_is_told_in_the_note() -> None:
    picture = graph({"a": ServiceView("a")}, (), intentions=(Intention("*", "*", allowed=False),))
    assert picture.note == "* → * denied"


def test_every_service_joins_nobody_to_anybody() -> None:
    edges = (intended("*", "a"), intended("*", "b"), Edge("a", "c", frozenset({EdgeSource.METADATA})))
    assert neighbourhood({"a"}, edges, 3) == {"a", "c", "*"}
    assert neighbourhood({"*"}, edges, 1) == {"*", "a", "b"}


# Sidecars, versions, self-calls.


def instance(name: str, version: str = "", health: Health = Health.PASSING, **kwargs) -> InstanceView:
    meta = MappingProxyType({"version": version} if version else {})
    check = Check("c", "grpc", health)
    return InstanceView(
        Instance(f"{name}-{version}", name, "n", "127.0.0.1", 1, meta=meta, checks=(check,), **kwargs), NOW
    )


def test_a_sidecar_that_does_not_pass_is_told_on_the_box_of_its_service() -> None:
    proxy = instance("web-proxy", health=Health.CRITICAL, kind="connect-proxy", proxy_for="web")
    services = {
        "web": ServiceView("web", instances=(instance("web", "1.0"),)),
        "web-proxy": ServiceView("web-proxy", kind="connect-proxy", instances=(proxy,)),
    }
    (node,) = graph(services, ()).nodes
    assert (node.id, f"{node.note} {node.more}", node.tone) == ("web", "sidecar critical", Tone.BAD)


def test_the_newest_version_is_shown_and_the_others_are_counted() -> None:
    views = tuple(instance("web", version) for version in ("1.9.0", "1.10.0", "1.2.0", "1.10.0"))
    (node,) = graph({"web": ServiceView("web", instances=views)}, ()).nodes
    assert (node.note, node.more) == ("1.10.0", "+2")


@given(st.lists(st.text(max_size=12), max_size=6))
def test_any_version_can_be_compared(versions: list[str]) -> None:
    views = tuple(instance("web", version) for version in versions)
    graph({"web": ServiceView("web", instances=views)}, ())


# Looking at a part.


def chain(*names: str) -> tuple[Edge, ...]:
    return tuple(Edge(one, other, frozenset({EdgeSource.METADATA})) for one, other in pairwise(names))


FIVE = {name: ServiceView(name) for name in "abcde"}


def shown(scope: TopologyScope, text: str = "") -> tuple[set[str], str]:
    picture = graph(FIVE, chain(*"abcde"), scope=scope, wanted=parse_filter(text))
    return {node.id for node in picture.nodes}, picture.note


def test_hops_widen_and_narrow_and_are_told() -> None:
    scope = TopologyScope().at("c")
    assert shown(scope) == ({"b", "c", "d"}, "around c · 1 hop")
    assert shown(scope.wider()) == (set("abcde"), "around c · 2 hops")
    assert scope.wider().narrower() == scope.narrower() == scope
    for _ in range(20):
        scope = scope.wider()
    assert scope.hops == MOST_HOPS


def test_a_hidden_service_is_counted_and_its_calls_are_gone() -> None:
    names, note = shown(TopologyScope().without("c"))
    assert names == set("abde")
    assert note == "1 hidden · U shows"
    assert shown(TopologyScope(hidden=frozenset({"long gone"}))) == (set("abcde"), "")


def test_hiding_the_centre_ends_the_narrowing() -> None:
    assert TopologyScope().at("c").without("c").centre == ""


def test_a_filter_and_hiding_go_together() -> None:
    assert shown(TopologyScope().without("a"), "re:^[ab]$") == ({"b"}, "1 of 5 · 1 hidden · U shows")


def test_a_large_fleet_is_shown_whole_when_asked_for() -> None:
    many = fleets.many(300, 2)
    picture = graph(many.services, (), scope=TopologyScope(everything=True))
    assert len(picture.nodes) == 300
    assert picture.note == "all 300 · a for what is red"
    assert picture.crowded


def test_what_recovers_stays_in_the_picture_of_a_crowd_for_a_while() -> None:
    many = fleets.many(300, 2).services
    calm = {name: replace(view, critical=0, instances=()) for name, view in many.items()}
    known, red = Known(), {"svc-0007", "svc-0107", "svc-0207"}
    assert {node.id for node in graph(many, (), known=known, now=NOW).nodes} == red
    picture = graph(calm, (), known=known, now=NOW + 1)
    assert {node.id for node in picture.nodes} == red
    assert picture.note == "3 of 300: what was red · a for all"
    assert picture.until == NOW + LINGER
    picture = graph(calm, (), known=known, now=picture.until)
    assert len(picture.nodes) == CROWDED
    assert "first by name" in picture.note
    assert graph(calm, (), known=Known(), now=NOW + 1).note == picture.note, "nothing is remembered of another panel"


def test_what_is_red_in_a_crowd_gives_way_only_to_what_is_redder() -> None:
    calm = {name: ServiceView(name, passing=1, counted=True) for name in fleets.many(300, 1).services}
    known = Known()
    late = {name: replace(view, warning=1) for name, view in calm.items() if name >= "svc-0200"}
    first = {node.id for node in graph({**calm, **late}, (), known=known, now=NOW).nodes}
    assert len(first) == CROWDED
    early = {name: replace(view, warning=1) for name, view in calm.items()}
    assert {node.id for node in graph(early, (), known=known, now=NOW + 1).nodes} == first, "as red as the others"
    early["svc-0001"] = replace(early["svc-0001"], critical=1)
    then = {node.id for node in graph(early, (), known=known, now=NOW + 2).nodes}
    assert "svc-0001" in then
    assert len(then & first) == CROWDED - 1


def test_around_a_service_of_a_large_fleet_its_neighbours_are_found_though_nobody_is_red() -> None:
    many = fleets.many(300, 2)
    edges = chain("svc-0250", "svc-0251", "svc-0252")
    picture = graph(many.services, edges, scope=TopologyScope().at("svc-0251"))
    assert [node.id for node in picture.nodes] == ["svc-0250", "svc-0251", "svc-0252"]


def test_only_a_service_that_changed_is_worked_out_again() -> None:
    known = Known()
    before = graph(fleets.healthy().services, (), known=known)
    old = fleets.healthy()
    one = graph(old.services, (), known=known)
    services = {**old.services, "aol-core": fleets.one_critical().services["critic-agent"]}
    two = graph(services, (), known=known)
    kept = [first is second for first, second in zip(one.nodes, two.nodes, strict=True)]
    assert kept == [False, True, True, True]
    assert before == one


def test_an_arrow_keeps_room_for_a_failure_before_there_is_one() -> None:
    calm, failing = fleets.healthy(), fleets.one_critical()
    before, after = (
        next(link for link in graph(it.services, it.edges).links if link.source == "hp-tui") for it in (calm, failing)
    )
    assert before.note != after.note
    assert before.room == after.room >= len(after.note)


def test_a_centre_that_left_is_no_reason_to_show_nothing() -> None:
    assert shown(TopologyScope().at("z"))[0] == set("abcde")
