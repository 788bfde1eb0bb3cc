"""The watch loop on a fake clock: RULES.md Watch."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from hp_tui.model.visibility import Visibility
from hp_tui.registry.errors import ConsulForbiddenError, ConsulUnreachableError, NoLeaderError, RegistryError
from hp_tui.registry.pacing import Backoff, TokenBucket, next_index
from hp_tui.registry.watch import Fetched, Observed, ReadMode, Watch, WatchRules

GONE = ConsulUnreachableError("127.0.0.1:8500", "connection refused")


class FakeTime:
    """A clock that moves only when somebody sleeps on it; sleeps are recorded."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


class Script:
    """Answers queries one after another; past the last one it hangs, as a blocking query with nothing new does."""

    def __init__(self, *answers: Fetched[Any] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[int, bool]] = []
        self.modes: list[ReadMode] = []
        self.waits: list[float] = []
        self.drained = asyncio.Event()

    async def __call__(self, index: int, *, mode: ReadMode, wait: float) -> Fetched[Any]:
        self.waits.append(wait)
        self.asked.append((index, mode is ReadMode.STALE))
        self.modes.append(mode)
        if not self.answers:
            self.drained.set()
            await asyncio.Event().wait()
        response = self.answers.pop(0)
        if isinstance(response, Exception):
            raise response
        return response

    @property
    def indexes(self) -> list[int]:
        return [index for index, _ in self.asked]


async def play(
    *answers: Fetched[Any] | Exception,
    rules: WatchRules | None = None,
    sleep: Callable[[float], Awaitable[None]] | None = None,
) -> tuple[Script, list[Observed[Any]], FakeTime]:
    """Run a watch over the script until it hangs."""
    time, script, published = FakeTime(), Script(*answers), list[Observed[Any]]()
    watch: Watch[Any] = Watch(
        script,
        published.append,
        rules or WatchRules(),
        clock=time,
        monotonic=time,
        sleep=sleep or time.sleep,
        rng=random.Random(1),
    )
    task = asyncio.create_task(watch.run())
    async with asyncio.timeout(5):
        await script.drained.wait()
    task.cancel()
    await asyncio.wait([task])
    return script, published, time


def values(published: list[Observed[Any]]) -> list[Any]:
    return [one.value for one in published]


async def test_watch_1_asks_with_the_index_it_was_given_and_never_sleeps_between_changes() -> None:
    script, published, time = await play(Fetched("a", 5), Fetched("b", 9))
    assert script.indexes == [0, 5, 9]
    assert values(published) == ["a", "b"]
    assert sum(time.slept) <= WatchRules().interval


async def test_watch_1_the_wait_grows_with_the_age_of_the_watch_up_to_its_bound() -> None:
    churn = [Fetched(number, number + 1) for number in range(40)]
    script, _, _ = await play(*churn, rules=WatchRules(interval=10.0))
    assert script.waits[:3] == [2.0, 2.0, 10.0]
    assert script.waits == sorted(script.waits)
    assert script.waits[-1] == 300.0


async def test_watch_2_an_index_that_went_down_starts_again_from_zero() -> None:
    script, published, _ = await play(Fetched("a", 50), Fetched("b", 7), Fetched("b", 7))
    assert script.indexes == [0, 50, 0, 7]
    assert values(published) == ["a", "b"]


async def test_watch_2_an_index_that_went_down_is_believed_from_a_consistent_read_only() -> None:
    """A restarted server answers before it has read its log again: less than it knows, at an index of long ago."""
    early = Fetched((), 3, empty=True)
    script, published, _ = await play(Fetched(("a", "b"), 50), GONE, early, Fetched(("a", "b"), 51))
    assert script.modes == ["default", "default", "default", "consistent", "default"]
    assert script.indexes == [0, 50, 0, 0, 51]
    assert values(published) == [("a", "b")] * 3  # good, stale, good again; never ()


async def test_watch_2_a_state_that_was_really_lost_is_believed() -> None:
    lost = Fetched((), 3, empty=True)
    script, published, _ = await play(Fetched(("a",), 50), GONE, lost, lost)
    assert values(published)[-1] == ()
    assert script.indexes[-1] == 3


@pytest.mark.parametrize("index", [0, -4])
async def test_watch_2_an_index_below_one_is_taken_as_one(index: int) -> None:
    script, _, _ = await play(Fetched("a", index))
    assert script.indexes == [0, 1]


async def test_watch_2_equal_content_publishes_nothing() -> None:
    _, published, _ = await play(Fetched(("a",), 5), Fetched(("a",), 6), Fetched(("a",), 6))
    assert values(published) == [("a",)]


def test_watch_2_next_index() -> None:
    assert [next_index(*pair) for pair in ((0, 5), (5, 5), (9, 5), (1, 0), (0, 0))] == [5, 5, 0, 1, 1]


async def test_watch_3_constant_churn_slows_to_one_fetch_an_interval_and_ends_on_the_truth() -> None:
    churn = [Fetched(number, number + 1) for number in range(100)]
    script, published, time = await play(*churn, rules=WatchRules(burst=2, interval=0.5))
    assert values(published)[-1] == 99
    assert time.now - 1000 == pytest.approx((len(script.asked) - 2) * 0.5)


def test_watch_3_token_bucket_allows_its_burst_then_one_an_interval() -> None:
    time = FakeTime()
    bucket = TokenBucket(2, 1.0, time)
    assert [bucket.delay() for _ in range(4)] == [0.0, 0.0, 1.0, 2.0]
    time.now += 3600
    assert [bucket.delay() for _ in range(3)] == [0.0, 0.0, 1.0]


async def test_watch_4_an_error_keeps_the_last_good_value_and_its_age() -> None:
    _, published, _ = await play(Fetched("good", 5), GONE, GONE)
    good, stale = published
    assert (stale.value, stale.at, stale.index) == ("good", good.at, 5)
    assert stale.stale
    assert "127.0.0.1:8500" in stale.error


async def test_watch_4_comes_back_by_itself_and_reads_anew() -> None:
    script, published, _ = await play(Fetched("good", 5), GONE, Fetched("good", 6))
    assert script.indexes == [0, 5, 0, 6]
    assert [(one.value, one.stale, one.error == "") for one in published] == [
        ("good", False, True),
        ("good", True, False),
        ("good", False, True),
    ]


async def test_watch_4_backs_off_exponentially_up_to_sixty_seconds_with_jitter() -> None:
    _, _, time = await play(*[GONE] * 14, rules=WatchRules(interval=0))
    nominal = [min(60.0, 0.5 * 2**number) for number in range(14)]
    assert all(0.5 * most <= slept <= most for slept, most in zip(time.slept, nominal, strict=True))
    assert len(set(time.slept[-4:])) == 4


def test_watch_4_backoff_starts_again_after_a_success() -> None:
    backoff = Backoff(1.0, 60.0, random.Random(0))
    for _ in range(2000):
        assert backoff.failed() <= 60.0
    backoff.reset()
    assert backoff.failed() <= 1.0


async def test_watch_4_a_failure_before_any_answer_is_published_too() -> None:
    _, published, _ = await play(GONE)
    assert [(one.value, one.at, one.stale) for one in published] == [(None, 0.0, True)]


async def test_watch_4_another_error_is_published_the_same_one_is_not() -> None:
    forbidden = ConsulForbiddenError("GET /v1/x", "service:read")
    _, published, _ = await play(GONE, GONE, forbidden, forbidden)
    assert [one.error for one in published] == [str(GONE), str(forbidden)]


async def test_watch_4_never_dies_of_a_bug_in_parsing() -> None:
    _, published, _ = await play(Fetched("a", 5), KeyError("boom"), Fetched("b", 6))
    assert values(published) == ["a", "a", "b"]
    assert "KeyError" in published[1].error


async def test_watch_4_kick_ends_a_pause() -> None:
    pausing, script, published = asyncio.Event(), Script(GONE), list[Observed[Any]]()

    async def sleep_forever(_: float) -> None:
        pausing.set()
        await asyncio.Event().wait()

    watch: Watch[Any] = Watch(script, published.append, WatchRules(interval=0), sleep=sleep_forever)
    task = asyncio.create_task(watch.run())
    async with asyncio.timeout(5):
        await pausing.wait()
        script.answers.append(Fetched("back", 4))
        watch.wake()
        await script.drained.wait()
    assert values(published) == [None, "back"]
    task.cancel()
    await asyncio.wait([task])


@pytest.mark.parametrize("token_changed", [False, True])
async def test_watch_4_kick_drops_a_query_that_may_hang_and_asks_from_zero(token_changed: bool) -> None:
    script = Script(Fetched("a", 5))
    watch: Watch[Any] = Watch(script, lambda _: None, WatchRules(interval=0))
    task = asyncio.create_task(watch.run())
    async with asyncio.timeout(5):
        await script.drained.wait()
        script.drained.clear()
        if not token_changed:
            watch.mark_stale("no answer within 3 s")
        watch.wake(drop=token_changed)
        await script.drained.wait()
    assert script.indexes == [0, 5, 0]
    task.cancel()
    await asyncio.wait([task])


async def test_watch_7_kick_leaves_a_healthy_query_alone() -> None:
    script = Script(Fetched("a", 5))
    watch: Watch[Any] = Watch(script, lambda _: None, WatchRules(interval=0))
    task = asyncio.create_task(watch.run())
    async with asyncio.timeout(5):
        await script.drained.wait()
    for _ in range(10):
        watch.wake()
        await asyncio.sleep(0)
    assert script.indexes == [0, 5]
    task.cancel()
    await asyncio.wait([task])


async def test_watch_7_a_query_is_dropped_no_more_often_than_the_rules_say() -> None:
    script = Script(Fetched("a", 5))
    watch: Watch[Any] = Watch(script, lambda _: None, WatchRules(interval=0, drop_every=0.3))
    task = asyncio.create_task(watch.run())
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.timeout(10):
        while len(script.asked) < 5:  # the first answer, the query after it, and three drops
            watch.wake(drop=True)
            await asyncio.sleep(0.005)
    assert loop.time() - began >= 2 * 0.3
    task.cancel()
    await asyncio.wait([task])


async def test_watch_4_suspicion_is_cleared_by_the_next_answer() -> None:
    script, published = Script(Fetched("a", 5)), list[Observed[Any]]()
    watch: Watch[Any] = Watch(script, published.append, WatchRules(interval=0))
    task = asyncio.create_task(watch.run())
    async with asyncio.timeout(5):
        await script.drained.wait()
        watch.mark_stale("no answer within 3 s")
        script.drained.clear()
        script.answers.append(Fetched("a", 5))
        watch.wake()
        await script.drained.wait()
    assert [(one.value, one.error) for one in published] == [("a", ""), ("a", "no answer within 3 s"), ("a", "")]
    task.cancel()
    await asyncio.wait([task])


async def test_watch_5_an_empty_set_without_leader_keeps_the_last_good_one() -> None:
    empty = Fetched((), 6, known_leader=False, empty=True)
    _, published, _ = await play(Fetched(("a",), 5), empty, Fetched(("b",), 7))
    assert values(published) == [("a",), ("a",), ("b",)]
    assert published[1].stale
    assert "no leader" in published[1].error


async def test_watch_5_no_leader_as_an_error_keeps_the_last_good_set() -> None:
    _, published, _ = await play(Fetched(("a",), 5), NoLeaderError("GET /v1/x"))
    assert (published[-1].value, published[-1].stale) == (("a",), True)


async def test_watch_5_an_empty_set_with_a_leader_is_believed() -> None:
    _, published, _ = await play(Fetched(("a",), 5), Fetched((), 6, empty=True))
    assert values(published) == [("a",), ()]


async def test_watch_6_stale_reads_are_off_unless_allowed() -> None:
    script, _, _ = await play(Fetched("a", 5, last_contact=30.0))
    assert script.asked == [(0, False), (5, False)]


@pytest.mark.parametrize("old", [{"last_contact": 2.5}, {"known_leader": False}])
async def test_watch_6_a_stale_read_that_is_too_old_asks_the_leader(old: dict[str, Any]) -> None:
    script, published, _ = await play(Fetched("old", 5, **old), Fetched("new", 8), rules=WatchRules(allow_stale=True))
    assert script.asked == [(0, True), (0, False), (8, True)]
    assert values(published) == ["new"]


async def test_watch_6_a_stale_read_within_two_seconds_is_good() -> None:
    script, published, _ = await play(Fetched("a", 5, last_contact=1.9), rules=WatchRules(allow_stale=True))
    assert script.asked == [(0, True), (5, True)]
    assert not published[0].stale


@pytest.mark.parametrize("bad", [{"burst": 0}, {"interval": -1}, {"max_backoff": 1e9}, {"first_backoff": float("nan")}])
def test_rules_refuse_numbers_out_of_their_range(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        WatchRules(**bad)


def test_every_error_has_one_base() -> None:
    import hp_tui.registry.errors as errors

    for name, kind in vars(errors).items():
        if isinstance(kind, type) and kind.__module__ == errors.__name__:
            assert issubclass(kind, RegistryError)
            assert name in (errors.__doc__ or "")


async def test_watch_5_a_whole_answer_that_is_filtered_now_is_kept_with_the_right_that_is_missing() -> None:
    whole, part = Fetched(("a", "b"), 5), Fetched(("a",), 6, missing="node:read")
    script, published, _ = await play(whole, part, part, Fetched(("a",), 7))
    assert values(published) == [("a", "b"), ("a", "b"), ("a",)]
    assert (published[1].stale, published[1].visibility) == (True, Visibility.FILTERED)
    assert published[1].error.startswith("rights lost: node:read")
    assert (published[2].stale, published[2].visibility) == (False, Visibility.WHOLE)
    assert max(script.waits[2:4]) <= 10.0  # no index moves when a policy changes: ask again soon


async def test_watch_5_a_token_that_never_saw_all_is_believed_but_for_an_empty_answer() -> None:
    some = [Fetched((letter,), 5, missing="node:read") for letter in "ab"]
    empty = Fetched((), 7, empty=True, missing="node:read")
    _, published, _ = await play(*some, empty)
    assert [(one.value, one.stale) for one in published] == [(("a",), False), (("b",), False), (("b",), True)]
    _, published, _ = await play(empty)
    assert [(one.value, one.visibility) for one in published] == [((), Visibility.FILTERED)]


async def test_watch_5_refused_and_unreachable_are_two_things() -> None:
    _, published, _ = await play(Fetched("a", 5), ConsulForbiddenError("GET /x", "service:read"), GONE)
    assert [one.visibility for one in published] == [Visibility.WHOLE, Visibility.DENIED, Visibility.UNREACHABLE]
    assert values(published) == ["a", "a", "a"]


async def test_watch_3_without_an_index_it_asks_at_a_stated_rate_and_says_so() -> None:
    script, published, time = await play(*[Fetched("a", 0, indexed=False)] * 4)
    assert script.indexes == [0] * 5
    assert time.now - 1000 >= 4 * 5.0
    assert published[0].note == "a proxy strips X-Consul-Index: asked every 5 s only"
    assert len(published) == 1


async def test_watch_6_without_a_leader_the_first_answer_is_what_any_server_knows_marked_with_its_age() -> None:
    script, published, _ = await play(NoLeaderError(), Fetched(("a",), 5, last_contact=30.0), Fetched(("a",), 6))
    assert script.modes[:3] == ["default", "stale", "default"]
    first = published[0]
    assert (first.value, first.stale, first.at) == (("a",), True, 1000.0 - 30.0)
    assert "no leader" in first.error
    assert (published[-1].value, published[-1].stale) == (("a",), False)


async def test_watch_5_a_server_that_never_had_a_leader_is_not_believed_to_know_of_nothing() -> None:
    _, published, _ = await play(NoLeaderError(), Fetched((), 1, empty=True))
    assert [(one.value, one.stale) for one in published] == [(None, True)]
