"""The picker and the subset: pure. Names follow the rules of "Balancer"."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pytest

from hp_tui.balancer import CircuitBreaker
from hp_tui.balancer.picker import Picker
from hp_tui.balancer.subset import subset
from hp_tui.model.balancing import BreakerState, Connectivity, Endpoint


@dataclass(eq=False)
class Place:
    """All a picker looks at of a backend."""

    name: str
    connectivity: Connectivity = Connectivity.READY
    breaker: CircuitBreaker = field(default_factory=CircuitBreaker)


def picker(*places: Place, start: int = 0) -> Picker:
    return Picker(places, start)


def names(picker: Picker, count: int, **kwargs) -> list[str]:
    return [found.backend.name if (found := picker.pick(**kwargs)) else "" for _ in range(count)]


@pytest.mark.parametrize("start", [0, 1, 2, 7])
def test_balancer_1_every_window_of_full_rounds_is_even(start):
    picks = names(picker(Place("a"), Place("b"), Place("c"), start=start), 90)
    for begin in range(60):
        assert set(Counter(picks[begin : begin + 30]).values()) == {10}


def test_balancer_1_the_rest_stays_even_when_one_is_refused():
    refused = Place("b")
    refused.breaker.trip()
    told: list[str] = []
    picks = names(picker(Place("a"), refused, Place("c")), 60, rejected=lambda place: told.append(place.name))
    assert Counter(picks) == {"a": 30, "c": 30}
    assert told == ["b"] * 30


def test_balancer_1_nobody_is_picked_when_all_refuse():
    places = [Place("a"), Place("b")]
    for place in places:
        place.breaker.trip()
    assert picker(*places).pick() is None
    assert picker().pick() is None


@pytest.mark.parametrize("state", [Connectivity.IDLE, Connectivity.CONNECTING, Connectivity.SHUTDOWN])
def test_balancer_3_what_is_not_connected_yet_is_passed_over_without_blame(state):
    waiting = Place("b", state)
    assert Counter(names(picker(Place("a"), waiting), 10)) == {"a": 10}
    assert waiting.breaker.consecutive_failures == 0


def test_a_lost_connection_is_picked_as_such_for_its_breaker_to_count():
    lost = Place("b", Connectivity.TRANSIENT_FAILURE)
    found = picker(lost).pick()
    assert found is not None
    assert not found.connected


def test_breaker_4_a_probe_waits_for_the_connection_to_come_back():
    now = [0.0]
    lost = Place("a", Connectivity.TRANSIENT_FAILURE, CircuitBreaker(failure_threshold=1, clock=lambda: now[0]))
    lost.breaker.acquire().failure("gone")
    now[0] = 60.0
    assert lost.breaker.state is BreakerState.HALF_OPEN
    assert picker(lost).pick() is None
    assert lost.breaker.state is BreakerState.HALF_OPEN
    lost.connectivity = Connectivity.READY
    found = picker(lost).pick()
    assert found is not None
    found.permit.success()
    assert lost.breaker.state is BreakerState.CLOSED


def test_breaker_4_no_probe_is_spent_on_an_endpoint_that_is_known_to_be_unconnected():
    now = [0.0]
    dead = Place("b", Connectivity.TRANSIENT_FAILURE, CircuitBreaker(clock=lambda: now[0]))
    both = picker(Place("a"), dead)
    for _ in range(10):
        if (found := both.pick()) and not found.connected:
            found.permit.failure("not connected")
    assert dead.breaker.state is BreakerState.OPEN
    for _ in range(10):
        now[0] += 300
        assert names(both, 10) == ["a"] * 10
    assert (dead.breaker.state, dead.breaker.snapshot().opens) == (BreakerState.HALF_OPEN, 1)
    dead.connectivity = Connectivity.READY
    assert sorted(names(both, 2)) == ["a", "b"]  # the probe


def test_retry_4_goes_elsewhere():
    first, second = Place("a"), Place("b")
    both = picker(first, second)
    assert names(both, 4, avoid={first}) == ["b"] * 4
    assert both.pick(avoid={first, second}) is None


def endpoints(count: int) -> list[Endpoint]:
    return [Endpoint(f"i-{n}", f"10.0.0.{n}:50051") for n in range(count)]


def test_balancer_4_a_subset_is_stable_and_differs_between_clients():
    mine = subset(endpoints(100), 10, "client-1")
    assert mine == subset(reversed(endpoints(100)), 10, "client-1")
    assert len(mine) == 10
    assert mine != subset(endpoints(100), 10, "client-2")


def test_balancer_4_one_endpoint_more_or_less_moves_at_most_one():
    before = subset(endpoints(100), 10, "client-1")
    for gone in endpoints(100):
        left = [item for item in endpoints(100) if item != gone]
        assert len(before - subset(left, 10, "client-1")) <= 1


def test_balancer_4_subsets_share_the_load():
    load = Counter(item for n in range(300) for item in subset(endpoints(30), 5, f"client-{n}"))
    assert min(load.values()) > 20
    assert max(load.values()) < 90
