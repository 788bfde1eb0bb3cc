"""The circuit breaker, on a clock of the test's own. Names follow the rules of "Breaker"."""

from __future__ import annotations

import asyncio
import random
import threading
import time

import pytest

from hp_tui.balancer import BreakerState, CircuitBreaker, CircuitOpenError

CLOSED, OPEN, HALF_OPEN = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def make(clock: Clock, **settings) -> CircuitBreaker:
    return CircuitBreaker(clock=clock, rng=random.Random(1), **settings)


def opened(clock: Clock, **settings) -> CircuitBreaker:
    breaker = make(clock, **settings)
    for _ in range(breaker.failure_threshold):
        breaker.acquire().failure("UNAVAILABLE")
    return breaker


def test_breaker_2_opens_at_five_consecutive_failures(clock):
    breaker = make(clock)
    for _ in range(4):
        breaker.acquire().failure("UNAVAILABLE")
    assert (breaker.state, breaker.consecutive_failures) == (CLOSED, 4)
    breaker.acquire().failure("UNAVAILABLE")
    assert breaker.state is OPEN
    assert breaker.snapshot().reason == "5 × UNAVAILABLE"


def test_breaker_2_a_success_resets_the_count(clock):
    breaker = make(clock)
    for _ in range(3):
        for _ in range(4):
            breaker.acquire().failure()
        breaker.acquire().success()
    assert (breaker.state, breaker.consecutive_failures) == (CLOSED, 0)


def test_breaker_3_open_rejects_at_once_and_says_for_how_long(clock):
    breaker = opened(clock)
    clock.now += 13
    with pytest.raises(CircuitOpenError) as refused:
        breaker.acquire()
    assert refused.value.retry_after == pytest.approx(47)
    assert "47.0 s" in str(refused.value)


def test_breaker_3_half_open_comes_by_time_alone(clock):
    breaker = opened(clock)
    clock.now += 59.999
    assert breaker.state is OPEN
    clock.now += 0.001
    assert breaker.state is HALF_OPEN
    assert breaker.retry_after == 0.0


def test_breaker_4_half_open_admits_one(clock):
    breaker = opened(clock)
    clock.now += 60
    admitted = [permit for permit in (breaker.try_acquire() for _ in range(1_000)) if permit]
    assert len(admitted) == 1


@pytest.mark.parametrize("permits", [1, 3, 17])
def test_breaker_4_half_open_admits_exactly_its_permits_and_gives_them_back(clock, permits):
    breaker = opened(clock, half_open_permits=permits)
    clock.now += 60
    admitted = [permit for permit in (breaker.try_acquire() for _ in range(1_000)) if permit]
    assert len(admitted) == permits
    admitted[0].release()
    assert breaker.try_acquire() is not None
    assert breaker.try_acquire() is None
    assert breaker.state is HALF_OPEN


def test_breaker_4_success_closes_and_failure_opens_again(clock):
    breaker = opened(clock)
    clock.now += 60
    breaker.acquire().failure("INTERNAL")
    assert (breaker.state, breaker.snapshot().reason) == (OPEN, "probe failed: INTERNAL")
    clock.now += 300
    breaker.acquire().success()
    assert (breaker.state, breaker.consecutive_failures) == (CLOSED, 0)


def test_breaker_4_a_probe_that_is_never_settled_frees_its_permit(clock):
    breaker = opened(clock, probe_timeout=10.0)
    clock.now += 60
    assert breaker.try_acquire() is not None
    clock.now += 9.9
    assert breaker.try_acquire() is None
    clock.now += 0.1
    assert breaker.try_acquire() is not None


def test_breaker_5_opens_longer_each_time_up_to_the_cap(clock):
    breaker = opened(clock, jitter=0.0)
    waits = [breaker.retry_after]
    for _ in range(6):
        clock.now += breaker.retry_after
        breaker.acquire().failure()
        waits.append(breaker.retry_after)
    assert waits == [60, 120, 180, 240, 300, 300, 300]


def test_breaker_5_jitter_stays_in_bounds_and_spares_the_first(clock):
    breaker = opened(clock, jitter=0.1)
    assert breaker.retry_after == 60
    clock.now += 60
    breaker.acquire().failure()
    assert 108 <= breaker.retry_after <= 132


def test_breaker_5_can_be_switched_off(clock):
    breaker = opened(clock, lengthen=False)
    for _ in range(5):
        clock.now += 60
        breaker.acquire().failure()
        assert breaker.retry_after == 60


def test_breaker_6_results_from_before_the_last_change_are_dropped(clock):
    breaker = make(clock)
    late = [breaker.acquire() for _ in range(3)]
    for _ in range(5):
        breaker.acquire().failure()
    late[0].success()
    assert breaker.state is OPEN
    clock.now += 60
    late[1].failure()
    assert breaker.state is HALF_OPEN
    breaker.acquire().success()
    late[2].failure()
    assert (breaker.state, breaker.consecutive_failures) == (CLOSED, 0)


def test_breaker_6_a_permit_counts_once(clock):
    breaker = make(clock)
    permit = breaker.acquire()
    for _ in range(9):
        permit.failure()
    assert breaker.consecutive_failures == 1


def test_a_forced_state_is_shown_as_forced_and_differs_from_the_computed(clock):
    breaker = make(clock)
    breaker.trip("bad deploy")
    assert (breaker.state, breaker.computed, breaker.forced) == (OPEN, CLOSED, OPEN)
    assert breaker.retry_after is None
    clock.now += 10_000
    with pytest.raises(CircuitOpenError, match="released by hand"):
        breaker.acquire()
    breaker.release()
    assert (breaker.state, breaker.forced) == (CLOSED, None)


def test_release_returns_to_what_was_computed_and_reset_forgets_it(clock):
    breaker = opened(clock)
    breaker.trip()
    breaker.release()
    assert breaker.state is OPEN
    breaker.reset()
    assert (breaker.state, breaker.retry_after, breaker.snapshot().opens) == (CLOSED, 0.0, 0)


def test_reading_changes_nothing(clock):
    breaker = opened(clock)
    clock.now += 60
    heard = []
    breaker.subscribe(heard.append)
    for _ in range(100):
        assert breaker.state is HALF_OPEN
        breaker.snapshot()
        _ = breaker.retry_after, breaker.computed, breaker.forced, breaker.consecutive_failures
    assert heard == []
    assert breaker.try_acquire() is not None


def test_observers_hear_every_change_once_and_in_order(clock):
    breaker = make(clock, failure_threshold=1)
    heard = []
    end = breaker.subscribe(heard.append)
    breaker.acquire().failure("UNAVAILABLE")
    clock.now += 60
    breaker.announce()
    breaker.announce()
    breaker.acquire().success()
    assert [(change.old, change.new) for change in heard] == [(CLOSED, OPEN), (OPEN, HALF_OPEN), (HALF_OPEN, CLOSED)]
    assert [change.at for change in heard] == [100, 160, 160]
    end()
    breaker.trip()
    assert len(heard) == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("failure_threshold", 0),
        ("failure_threshold", 2.5),
        ("failure_threshold", True),
        ("open_timeout", 0),
        ("open_timeout", -1),
        ("open_timeout", float("nan")),
        ("open_timeout", "60"),
        ("half_open_permits", 0),
        ("jitter", 1.1),
        ("probe_timeout", 0),
    ],
)
def test_a_number_out_of_range_is_named_with_its_value(name, value):
    with pytest.raises(ValueError, match=f"{name} is {value!r}; expected"):
        CircuitBreaker(**{name: value})


def test_breaker_4_a_thousand_callers_in_as_many_tasks_get_its_permits(clock):
    breaker = opened(clock, half_open_permits=7)
    clock.now += 60

    async def caller() -> bool:
        await asyncio.sleep(0)
        permit = breaker.try_acquire()
        await asyncio.sleep(0)
        return permit is not None

    async def together() -> list[bool]:
        return await asyncio.gather(*(caller() for _ in range(1_000)))

    assert sum(asyncio.run(together())) == 7


def test_breaker_7_the_closed_path_starts_nothing_and_does_not_look_at_the_clock(clock):
    """No event loop runs here: a task or timer would raise. A clock read would be the closed path's whole cost."""
    breaker = make(clock)
    looked = []
    breaker._clock = lambda: looked.append(1) or 0.0
    threads = threading.active_count()
    for _ in range(100):
        breaker.acquire().success()
        breaker.acquire().failure()
    assert looked == []
    assert threading.active_count() == threads


def test_breaker_7_the_clock_is_monotonic_unless_a_test_says_otherwise(monkeypatch):
    now = [1_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    breaker = CircuitBreaker(failure_threshold=1, open_timeout=3_600)
    breaker.acquire().failure()
    now[0] += 1e9  # somebody sets the wall clock
    assert breaker.state is OPEN


def test_breaker_3_news_may_end_the_first_opening_early_with_a_probe_to_decide(clock):
    breaker = opened(clock)
    heard = []
    breaker.subscribe(heard.append)
    clock.now += 2
    breaker.retry_now("connected again")
    assert (breaker.state, breaker.retry_after, breaker.snapshot().in_state) == (HALF_OPEN, 0.0, 0)
    assert [(change.old, change.new, change.reason) for change in heard] == [(OPEN, HALF_OPEN, "connected again")]
    permits = [breaker.try_acquire(), breaker.try_acquire()]
    assert permits[1] is None
    permits[0].failure()
    breaker.retry_now("connected again")
    assert breaker.state is OPEN  # rule 5: after a failed probe it waits longer, whatever the news


def test_breaker_3_news_changes_nothing_while_closed_or_forced(clock):
    breaker = make(clock)
    breaker.retry_now("connected again")
    assert breaker.state is CLOSED
    breaker.trip()
    breaker.retry_now("connected again")
    assert breaker.state is OPEN


def test_breaker_10_a_listener_that_raises_disturbs_nobody(clock, caplog):
    breaker = make(clock, failure_threshold=1)
    heard = []

    def failing(change):
        raise LookupError("boom")

    breaker.subscribe(failing)
    breaker.subscribe(heard.append)
    breaker.acquire().failure("UNAVAILABLE")
    assert breaker.state is OPEN
    assert [change.new for change in heard] == [OPEN]
    assert "a listener of a circuit breaker failed" in caplog.text
    clock.now += 60
    breaker.acquire().success()
    assert [change.new for change in heard] == [OPEN, HALF_OPEN, CLOSED]


def test_breaker_10_a_listener_that_trips_on_half_open_lets_no_probe_through(clock):
    breaker = opened(clock)
    heard = []

    def trip(change):
        if change.new is HALF_OPEN:
            breaker.trip("not yet")

    breaker.subscribe(trip)
    breaker.subscribe(lambda change: heard.append((change.old, change.new)))
    clock.now += 60
    with pytest.raises(CircuitOpenError):
        breaker.acquire()
    assert breaker.forced is OPEN
    assert heard == [(OPEN, HALF_OPEN), (HALF_OPEN, OPEN)], "in order, also for the one that is told later"


def test_breaker_10_a_listener_that_resets_on_half_open_lets_callers_through(clock):
    breaker = opened(clock)
    breaker.subscribe(lambda change: breaker.reset() if change.new is HALF_OPEN else None)
    clock.now += 60
    breaker.acquire().failure()
    assert (breaker.state, breaker.consecutive_failures) == (CLOSED, 1)


def test_breaker_10_a_verdict_from_before_a_trip_is_dropped(clock):
    breaker = make(clock, failure_threshold=1)
    before = breaker.acquire()
    breaker.trip()
    breaker.release()
    before.failure("UNAVAILABLE")
    assert (breaker.state, breaker.consecutive_failures) == (CLOSED, 0)
