"""Sessions, locks and elections on a real Consul."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.registry import (
    ConfigurationError,
    ConsulServiceRegistry,
    ConsulUnreachableError,
    InvalidKeyError,
    KVOp,
    LockLostError,
    RegistryClosedError,
)

pytestmark = pytest.mark.integration

Eventually = Callable[..., Awaitable[Any]]
KEY = "locks/a b/é"
"""A key that must be quoted."""


@pytest.fixture
async def consul(consul: ConsulAgent, eventually: Eventually) -> ConsulAgent:
    """Its node's own check is what sessions hang on: a Consul that has just started may not have it yet."""
    async with ConsulServiceRegistry(consul.http_addr) as registry:

        async def checked() -> bool:
            return any(one.has_agent for one in await registry.instances("consul"))

        await eventually(checked)
    return consul


async def sessions(registry: ConsulServiceRegistry) -> list[str]:
    listed = (await registry._connection.get("/v1/session/list")).json()
    return [one["ID"] for one in listed]


async def test_locks_1_a_session_lives_as_long_as_its_block(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        async with registry.session("mine", ttl=10) as session:
            assert session.id in await sessions(registry)
            assert session.lost == ""
            waiting = asyncio.create_task(session.wait_lost())
        assert session.id not in await sessions(registry)
        assert "closed" in await waiting


async def test_locks_1_a_session_that_consul_ended_or_that_could_not_be_renewed_is_lost(consul: ConsulAgent) -> None:
    async with (
        ConsulServiceRegistry(consul.http_addr) as registry,
        registry.session("ended", ttl=10) as ended,
        registry.session("cut off", ttl=10) as cut_off,
    ):
        await registry._connection.put(f"/v1/session/destroy/{ended.id}")
        assert "no longer has the session" in await asyncio.wait_for(ended.wait_lost(), 30)
        await consul.stop()
        assert "could not be renewed for 10 s" in await asyncio.wait_for(cut_off.wait_lost(), 60)


async def test_locks_2_one_holds_it_and_the_next_gets_it_on_release(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        first, second = registry.lock(KEY, "first"), registry.lock(KEY, "second")
        async with first:
            assert first.held
            holder = await second.holder()
            assert holder is not None
            assert holder.value == b"first"
            with pytest.raises(TimeoutError):
                await second.acquire(timeout=0.5)
            waiting = asyncio.create_task(second.acquire())
            await asyncio.sleep(0)
        await asyncio.wait_for(waiting, 30)
        assert (first.held, second.held) == (False, True)
        await second.release()
        assert await second.holder() is None
        assert await sessions(registry) == []


async def test_locks_2_many_who_want_it_hold_it_one_at_a_time(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        inside, most, turns = 0, 0, 0

        async def work() -> None:
            nonlocal inside, most, turns
            async with registry.lock(KEY, lock_delay=0):
                inside += 1
                most = max(most, inside)
                await registry.leader()
                inside -= 1
                turns += 1

        async with asyncio.timeout(60):
            await asyncio.gather(*(work() for _ in range(6)))
        assert (most, turns) == (1, 6)


@pytest.mark.parametrize("how", ["session ended", "key deleted", "key released", "consul closed"])
async def test_locks_3_a_lost_lock_is_told_and_ends_the_work_it_protects(consul: ConsulAgent, how: str) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as other:
        registry = ConsulServiceRegistry(consul.http_addr)
        lock = registry.lock(KEY, "me", ttl=10)
        await lock.acquire()
        held = await other.kv.get(KEY)
        assert held is not None
        ended = asyncio.Event()

        async def work() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        running = asyncio.create_task(lock.run(work()))
        await asyncio.sleep(0)
        if how == "session ended":
            await other._connection.put(f"/v1/session/destroy/{held.session}")
        elif how == "key deleted":
            await other.kv.txn([KVOp("delete", KEY)])
        elif how == "key released":
            await other.kv.txn([KVOp("unlock", KEY, b"", session=held.session)])
        else:
            await registry.close()
        with pytest.raises(LockLostError, match=f"the lock on {KEY!r} is lost: .*Stop what it protects"):
            await asyncio.wait_for(running, 30)
        assert ended.is_set()
        assert not lock.held
        await lock.release()
        await registry.close()


async def test_locks_4_a_wait_that_is_cancelled_leaves_no_session(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry, registry.lock(KEY) as held:
        before = await sessions(registry)
        waiting = asyncio.create_task(registry.lock(KEY).acquire())
        while len(await sessions(registry)) == len(before):
            await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await sessions(registry) == before
        assert await held.run(asyncio.sleep(0, "done")) == "done"


async def test_locks_5_one_candidate_leads_and_another_takes_over(consul: ConsulAgent, eventually: Eventually) -> None:
    heard: list[bool] = []
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        one = registry.election("service/leader", "one", lock_delay=0, listener=heard.append)
        two = registry.election("service/leader", "two", lock_delay=0)
        async with two:
            async with one:
                await asyncio.wait(
                    {asyncio.create_task(e.wait_elected(30)) for e in (one, two)}, return_when="FIRST_COMPLETED"
                )
                assert one.is_leader != two.is_leader
                leader, other = (one, two) if one.is_leader else (two, one)
                assert await other.leader() == ("one" if leader is one else "two")
                terms = 0

                async def work() -> None:
                    nonlocal terms
                    terms += 1
                    if terms == 1:
                        await asyncio.Event().wait()  # until the lead is lost

                leading = asyncio.create_task(leader.lead(work))
                await eventually(lambda: terms)
                holder = await registry.kv.get("service/leader")
                assert holder is not None
                await registry._connection.put(f"/v1/session/destroy/{holder.session}")
                await eventually(lambda: one.is_leader or two.is_leader)
                leading.cancel()
                await asyncio.wait([leading])
            await two.wait_elected(30)
            assert await one.leader() == "two"
        assert await one.leader() == ""
        with pytest.raises(RegistryClosedError, match="closed"):
            await two.wait_elected()
    assert heard == [True, False] * (len(heard) // 2)


async def test_what_cannot_be_locked_is_refused_and_without_consul_there_is_no_lock(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        with pytest.raises(InvalidKeyError):
            registry.lock("a//b")
        with pytest.raises(ConfigurationError, match="ttl is 5; expected 10 to 86400 seconds"):
            registry.session(ttl=5)
        lock = registry.lock(KEY)
        with pytest.raises(LockLostError, match="not held"):
            await lock.wait_lost()
        await consul.stop()
        with pytest.raises(ConsulUnreachableError):
            await lock.acquire()
