"""One watcher for all who watch the same thing: RULES.md Watch 7."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import pytest

from hp_tui.registry import RegistryClosedError
from hp_tui.registry.subscription import Subscription, WatchHub
from hp_tui.registry.watch import Observed


class Source:
    """A watch driven by hand."""

    started = 0
    running = 0

    def __init__(self, publish: Callable[[Observed[Any]], None]) -> None:
        self.publish = publish
        Source.started += 1

    def wake(self, *, drop: bool = False) -> None: ...

    def mark_stale(self, error: str) -> None:
        self.publish(Observed("suspect", error=error, stale=True))

    async def run(self) -> None:
        Source.running += 1
        try:
            await asyncio.Event().wait()
        finally:
            Source.running -= 1


@pytest.fixture(autouse=True)
def _fresh() -> None:
    Source.started = Source.running = 0


class Bench:
    def __init__(self) -> None:
        self.hub = WatchHub()
        self.sources: list[Source] = []

    def subscribe(self, key: str = "k") -> Subscription[Any]:
        def make(publish: Callable[[Observed[Any]], None]) -> Source:
            self.sources.append(Source(publish))
            return self.sources[-1]

        return Subscription(self.hub, key, make, lambda seen: seen.value)


async def soon(subscription: Subscription[Any]) -> Any:
    return await asyncio.wait_for(anext(subscription), 2)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_watch_7_one_watcher_serves_all_and_a_late_one_gets_the_newest() -> None:
    bench = Bench()
    first, second = bench.subscribe(), bench.subscribe()
    waiting = asyncio.create_task(soon(first))
    await settle()
    bench.sources[0].publish(Observed("one"))
    assert await waiting == "one"
    assert await soon(second) == "one"
    assert Source.started == 1
    await bench.hub.close()


async def test_watch_7_the_watcher_ends_with_the_last_reader() -> None:
    bench = Bench()
    readers = [bench.subscribe(), bench.subscribe()]
    tasks = [asyncio.create_task(soon(reader)) for reader in readers]
    await settle()
    bench.sources[0].publish(Observed("x"))
    await asyncio.gather(*tasks)
    await readers[0].aclose()
    await settle()
    assert Source.running == 1
    await readers[1].aclose()
    await settle()
    assert (Source.running, len(bench.hub)) == (0, 0)


async def test_a_dropped_iterator_leaves_by_itself() -> None:
    bench = Bench()

    async def read() -> None:
        async for _ in bench.subscribe():
            pass

    task = asyncio.create_task(read())
    await settle()
    assert Source.running == 1
    task.cancel()
    await asyncio.wait([task])
    del task
    gc.collect()
    await settle()
    assert Source.running == 0


async def test_an_iterator_that_is_never_read_starts_nothing() -> None:
    Bench().subscribe()
    await settle()
    assert Source.started == 0


async def test_a_slow_reader_gets_the_newest_not_the_backlog() -> None:
    bench = Bench()
    reader = bench.subscribe()
    waiting = asyncio.create_task(soon(reader))
    await settle()
    for number in range(100):
        bench.sources[0].publish(Observed(number))
    assert await waiting == 99
    await bench.hub.close()


async def test_a_read_that_timed_out_can_go_on() -> None:
    bench = Bench()
    reader = bench.subscribe()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(reader), 0.01)
    bench.sources[0].publish(Observed("later"))
    assert await soon(reader) == "later"
    await bench.hub.close()


async def test_closing_wakes_whoever_waits_with_an_error_that_says_closed_and_ends_every_task() -> None:
    bench = Bench()
    waiting = [asyncio.create_task(soon(bench.subscribe(key))) for key in ("a", "b")]
    await settle()
    await bench.hub.close()
    for task in waiting:
        with pytest.raises(RegistryClosedError, match="closed"):
            await task
    assert Source.running == 0
    with pytest.raises(RegistryClosedError, match="closed"):
        await soon(bench.subscribe("c"))


async def test_a_subscription_that_is_closed_wakes_who_waits_on_it_and_then_has_ended() -> None:
    bench = Bench()
    reader = bench.subscribe()
    waiting = asyncio.create_task(soon(reader))
    await settle()
    await reader.aclose()
    with pytest.raises(RegistryClosedError, match="this subscription was closed"):
        await waiting
    assert [one async for one in reader] == []
    await bench.hub.close()


async def test_watch_9_the_heartbeat_runs_as_long_as_any_watch_does() -> None:
    beats: list[Source] = []

    def beat(publish: Callable[[Observed[Any]], None]) -> Source:
        beats.append(Source(publish))
        return beats[-1]

    bench = Bench()
    bench.hub = WatchHub(beat)
    readers = [bench.subscribe("a"), bench.subscribe("b")]
    tasks = [asyncio.create_task(soon(reader)) for reader in readers]
    await settle()
    assert (len(beats), len(bench.hub), Source.running) == (1, 2, 3)
    for source in bench.sources:
        source.publish(Observed("x"))
    await asyncio.gather(*tasks)
    for reader in readers:
        await reader.aclose()
    await settle()
    assert (len(bench.hub), Source.running) == (0, 0)
    await bench.hub.close()
