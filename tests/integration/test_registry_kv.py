"""The key-value store on a real Consul: RULES.md KV."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.model.kv import VALUE_LIMIT, KVEntry
from hp_tui.registry import (
    ConsulServiceRegistry,
    InvalidExportError,
    InvalidKeyError,
    KVConflictError,
    KVOp,
    Subscription,
    TransactionError,
    ValueTooLargeError,
)

pytestmark = pytest.mark.integration

ODD_KEYS = ["a/ü ß?x=1&y#%2F+b", "a//b", "/lead", "a/../b", "a/./b", "ctl\x01\n", "dir/", "日本/語", "..", "%", "a;b"]


async def following(updates: Subscription[Any]) -> Any:
    return await asyncio.wait_for(anext(updates), 20)


async def test_kv_1_every_write_is_check_and_set(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        kv = registry.kv
        assert await kv.get("config/rate") is None
        created = await kv.put("config/rate", "1", cas=0, flags=42)
        assert await kv.get("config/rate") == created
        mine = await kv.put("config/rate", "2", cas=created.modify_index)
        assert (mine.value, mine.flags, mine.create_index) == (b"2", 42, created.create_index)

        with pytest.raises(KVConflictError, match="changed by somebody else") as caught:
            await kv.put("config/rate", "stale", cas=created.modify_index, base=created)
        conflict = caught.value.conflict
        assert (conflict.base, conflict.mine, conflict.theirs) == (created, b"stale", mine)
        with pytest.raises(KVConflictError) as caught:
            await kv.put("config/rate", "new", cas=0)
        assert (caught.value.conflict.base, caught.value.conflict.theirs) == (None, mine)
        with pytest.raises(KVConflictError) as caught:
            await kv.delete("config/rate", cas=created.modify_index)
        assert caught.value.conflict.mine is None
        assert await kv.get("config/rate") == mine

        await kv.delete("config/rate", cas=mine.modify_index)
        await kv.delete("config/rate", cas=mine.modify_index)  # gone already
        with pytest.raises(KVConflictError) as caught:
            await kv.put("config/rate", "3", cas=mine.modify_index)
        assert caught.value.conflict.theirs is None
        assert await kv.get("config/rate") is None


async def test_kv_1_of_many_writers_at_once_one_wins(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        base = await registry.kv.put("counter", "0", cas=0)
        tries = [registry.kv.put("counter", f"writer {number}", cas=base.modify_index) for number in range(20)]
        results = await asyncio.gather(*tries, return_exceptions=True)
        (winner,) = [one for one in results if isinstance(one, KVEntry)]
        assert sum(isinstance(one, KVConflictError) for one in results) == 19
        assert await registry.kv.get("counter") == winner


async def test_kv_2_transactions_of_at_most_64_with_errors_by_key(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        kv = registry.kv
        keys = [f"many/{number:03}" for number in range(150)]
        result = await kv.batch([KVOp("cas", key, key.encode()) for key in keys])
        assert (result.done, result.errors) == (tuple(keys), ())
        assert set(result.indexes) == set(keys)
        assert await kv.keys("many/") == tuple(keys)

        await kv.put(keys[70], "moved on", cas=result.indexes[keys[70]])
        again = await kv.batch([KVOp("cas", key, b"second", result.indexes[key]) for key in keys])
        assert len(again.done) == 149
        ((key, what),) = [(error.key, error.what) for error in again.errors]
        assert key == keys[70]
        assert "stale" in what

        with pytest.raises(TransactionError, match="many/070") as caught:
            await kv.txn([KVOp("cas", keys[0], b"x", again.indexes[keys[0]]), KVOp("cas", keys[70], b"x", 1)])
        assert [error.key for error in caught.value.errors] == [keys[70]]
        entry = await kv.get(keys[0])
        assert entry is not None
        assert entry.value == b"second"  # all or none
        with pytest.raises(ValueError, match="at most 64"):
            await kv.txn([KVOp("get", key) for key in keys])


async def test_kv_3_values_are_bytes_up_to_512_kb(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        kv = registry.kv
        for value in (b"", bytes(range(256)), "grüß".encode(), b"\xff" * VALUE_LIMIT):
            entry = await kv.get("bin")
            await kv.put("bin", value, cas=entry.modify_index if entry else 0, flags=2**63)
            read = await kv.get("bin")
            assert read is not None
            assert (read.value, read.flags) == (value, 2**63)
        with pytest.raises(KVConflictError) as caught:
            await kv.put("bin", b"\x00" * VALUE_LIMIT, cas=1)
        assert caught.value.conflict.theirs == read
        with pytest.raises(ValueTooLargeError, match=str(VALUE_LIMIT + 1)):
            await kv.put("bin", b"x" * (VALUE_LIMIT + 1), cas=0)
        assert await kv.get("bin") == read


async def test_kv_3_a_key_that_a_session_holds_stays_held(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        connection = registry._connection
        session = (await connection.put("/v1/session/create", (), {"TTL": "60s"})).json(dict)["ID"]
        assert (await connection.put("/v1/kv/lock", [("acquire", session)], b"held")).body.strip() == b"true"
        held = await registry.kv.get("lock")
        assert held is not None
        assert held.session == session
        written = await registry.kv.put("lock", "edited", cas=held.modify_index)
        read = await registry.kv.get("lock")
        assert read is not None
        assert (read.session, read.value) == (session, b"edited")
        assert read.modify_index == written.modify_index


async def test_a_key_is_that_key_and_no_other(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        kv = registry.kv
        written = {key: await kv.put(key, f"at {key}", cas=0) for key in ODD_KEYS}
        assert set(await kv.keys()) == set(ODD_KEYS)
        for key, entry in written.items():
            assert await kv.get(key) == entry
        assert set(await kv.level("a/")) == {"a//", "a/../", "a/./", "a/ü ß?x=1&y#%2F+b"}
        assert await kv.level("a//") == ("a//b",)
        for key, entry in written.items():
            await kv.delete(key, cas=entry.modify_index)
            assert await kv.get(key) is None
        assert await kv.keys() == ()


async def test_kv_4_a_prefix_delete_removes_the_keys_that_were_shown_and_no_other(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        kv = registry.kv
        for key in ("a/b/1", "a/b/2", "a/b/sub/3", "a/b2", "a/b", "a/bc/1"):
            await kv.put(key, key, cas=0)
        shown = {entry.key: entry.modify_index for entry in await kv.entries("a/b/")}
        assert list(shown) == ["a/b/1", "a/b/2", "a/b/sub/3"]
        await kv.put("a/b/new", "since", cas=0)
        await kv.put("a/b/2", "changed since", cas=shown["a/b/2"])
        for prefix, expected in (("a/b/", {**shown, "a/b2": 1}), ("a/b", shown)):
            with pytest.raises(InvalidKeyError):
                await kv.delete_prefix(prefix, expected)
        result = await kv.delete_prefix("a/b/", shown)
        assert result.done == ("a/b/1", "a/b/sub/3")
        assert [error.key for error in result.errors] == ["a/b/2"]
        assert await kv.keys("a/") == ("a/b", "a/b/2", "a/b/new", "a/b2", "a/bc/1")


async def test_kv_5_levels_search_and_export(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        kv = registry.kv
        result = await kv.batch(
            [KVOp("set", f"n/{number}", f"value {number}\nNeedle {number}".encode()) for number in range(100)]
        )
        assert len(result.done) == 100
        await kv.put("needle/key", b"\xff\x00", cas=0)
        await kv.put("top", "level", cas=0)
        assert await kv.level() == ("n/", "needle/", "top")
        assert await kv.level("needle/") == ("needle/key",)
        assert await kv.level("none/") == ()
        with pytest.raises(InvalidKeyError, match="needle/"):
            await kv.level("needle")

        steps = [step async for step in kv.search("nEEDLE 4")]
        assert [step.searched for step in steps] == [64, 102]
        assert {hit.key for step in steps for hit in step.hits} == {"n/4", *(f"n/4{digit}" for digit in range(10))}
        assert steps[0].hits[0].line == "Needle 4"
        (by_key,) = [hit for step in [s async for s in kv.search("needle/")] for hit in step.hits]
        assert (by_key.key, by_key.in_key, by_key.in_value) == ("needle/key", True, False)
        (names,) = [step async for step in kv.search("n/9", values=False)]
        assert len(names.hits) == 11

        exported = await kv.export("needle/")
        assert json.loads(exported) == [{"key": "needle/key", "flags": 0, "value": "/wA="}]
        everything = await kv.export()
        await kv.delete_prefix("n/", {entry.key: entry.modify_index for entry in await kv.entries("n/")})
        assert await kv.level() == ("needle/", "top")
        assert len((await kv.import_(everything)).done) == 102
        assert await kv.export() == everything
        for bad in ("", "{}", '[{"key": "a", "value": "%"}]', '[{"flags": 1}]', '[{"key":"a"},{"key":"a"}]'):
            with pytest.raises(InvalidExportError, match="consul kv export"):
                await kv.import_(bad)


async def test_a_watched_key_and_level_follow_every_change(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        kv = registry.kv
        async with kv.watch("w/key") as key, kv.watch_level("w/") as level:
            assert (await following(key)).entry is None
            assert (await following(level)).children == ()
            entry = await kv.put("w/key", "one", cas=0)
            assert (await following(key)).entry == entry
            assert (await following(level)).children == ("w/key",)
            await kv.delete("w/key", cas=entry.modify_index)
            assert (await following(key)).entry is None
            assert (await following(level)).children == ()


async def test_kv_2_operations_on_one_key_keep_their_order_also_among_large_ones(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        kv = registry.kv
        large = b"L" * (VALUE_LIMIT - 10)
        ops = [
            KVOp("set", "k", b"first"),
            KVOp("set", "large", large),
            KVOp("set", "k", b"second"),
            KVOp("set", "large", b"small at last"),
            KVOp("delete", "gone"),
            KVOp("set", "k", b"third"),
        ]
        result = await kv.batch(ops)
        assert (sorted(result.done), result.errors) == (sorted(op.key for op in ops), ())
        read = {key: await kv.get(key) for key in ("k", "large")}
        assert {key: entry and entry.value for key, entry in read.items()} == {"k": b"third", "large": b"small at last"}
        assert {key: entry and entry.modify_index for key, entry in read.items()} == {
            key: result.indexes[key] for key in read
        }


async def test_kv_2_each_operation_is_told_once_done_or_refused(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        kv = registry.kv
        held = await kv.put("held", "x", cas=0)
        ops = [
            KVOp("cas", "held", b"wrong", held.modify_index + 1),
            KVOp("cas", "held", b"right", held.modify_index),
            KVOp("cas", "large", b"L" * (VALUE_LIMIT - 1), 77),
            KVOp("set", "other", b"y"),
        ]
        result = await kv.batch(ops)
        assert sorted([*result.done, *(error.key for error in result.errors)]) == sorted(op.key for op in ops)
        assert sorted(result.done) == ["held", "other"]
        assert sorted(error.key for error in result.errors) == ["held", "large"]


async def test_kv_2_a_consul_that_goes_away_midway_leaves_word_of_what_was_written(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        put = registry._connection.put
        sent = 0

        async def stopping(path: str, *args: Any, **options: Any) -> Any:
            nonlocal sent
            sent += 1
            if sent == 3:
                await consul.stop()
            return await put(path, *args, **options)

        registry._connection.put = stopping  # type: ignore[method-assign]
        keys = [f"many/{number:03}" for number in range(200)]
        result = await registry.kv.batch([KVOp("set", key, b"x") for key in keys])
        assert result.done == tuple(keys[:128])
        assert [error.key for error in result.errors] == keys[128:]
        assert "cannot be reached" in result.errors[0].what
        assert result.errors[-1].what.startswith("not tried")
