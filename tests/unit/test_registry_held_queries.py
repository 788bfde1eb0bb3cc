"""More watches than connections: RULES.md Watch 7."""

from __future__ import annotations

import asyncio

from hp_tui.registry.held_queries import HeldQueries
from hp_tui.registry.watch import QueryDropped


async def forever(longest: float) -> str:
    await asyncio.Event().wait()
    return "never"


async def quick(longest: float) -> str:
    return "answer"


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_watch_7_a_query_is_held_as_long_as_it_likes_while_nobody_waits() -> None:
    queries = HeldQueries(2, turn=0.0)
    held = asyncio.create_task(queries.hold(forever))
    await settle()
    assert await queries.hold(quick) == "answer"
    await settle()
    assert not held.done()
    held.cancel()


async def test_watch_7_when_others_wait_a_query_gives_way_after_its_turn() -> None:
    queries = HeldQueries(2, turn=0.01)
    held = [asyncio.create_task(queries.hold(forever)) for _ in range(2)]
    await settle()
    assert await asyncio.wait_for(queries.hold(quick), 5) == "answer"
    results = await asyncio.wait_for(asyncio.gather(*held, return_exceptions=True), 5)
    assert [type(one) for one in results] == [QueryDropped, QueryDropped]


async def test_watch_7_never_more_queries_than_allowed_and_each_has_its_turn() -> None:
    queries, running, most, turns, dropped = HeldQueries(3, turn=0.002), 0, 0, [0] * 20, 0

    async def query(longest: float) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        try:
            await asyncio.sleep(min(longest, 60))
        finally:
            running -= 1

    async def watch(number: int) -> None:
        nonlocal dropped
        while True:
            try:
                await queries.hold(query)
            except QueryDropped:
                dropped += 1
            turns[number] += 1

    async with asyncio.timeout(20):
        tasks = [asyncio.create_task(watch(number)) for number in range(20)]
        while min(turns) < 3:
            await asyncio.sleep(0.005)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert most == 3
    assert max(turns) - min(turns) <= 2
    assert dropped <= 3  # those begun before it was crowded; a dropped query goes on costing the agent


async def test_a_wait_that_is_cancelled_leaves_no_trace() -> None:
    queries = HeldQueries(1, turn=60)
    held = asyncio.create_task(queries.hold(forever))
    await settle()
    waiting = asyncio.create_task(queries.hold(quick))
    await settle()
    waiting.cancel()
    await asyncio.wait([waiting])
    held.cancel()
    await asyncio.wait([held])
    assert await queries.hold(quick) == "answer"
