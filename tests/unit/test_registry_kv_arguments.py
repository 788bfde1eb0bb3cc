"""Arguments of the key-value store are refused before anything is sent, each by name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hp_tui.model.kv import VALUE_LIMIT
from hp_tui.registry import ConfigurationError, ConsulServiceRegistry, InvalidKeyError, KVOp, ValueTooLargeError
from hp_tui.registry.transaction import MAX_BYTES, MAX_OPS, chunks, weight

NOBODY = "127.0.0.1:1"
"""Refuses every connection: an argument that got through would be ConsulUnreachableError."""


@pytest.mark.parametrize("cas", [None, -1, True, 1.5, "7", 2**64])
async def test_kv_1_a_write_without_the_index_that_was_read_is_refused(cas: Any) -> None:
    async with ConsulServiceRegistry(NOBODY) as registry:
        with pytest.raises(ConfigurationError, match=r"cas is .*expected the ModifyIndex that was read, 0 to create"):
            await registry.kv.put("a", b"x", cas=cas)
        with pytest.raises(ConfigurationError, match="cas is"):
            await registry.kv.delete("a", cas=cas)


@pytest.mark.parametrize("value", [5, None, 1.5, ["x"], {"a": 1}])
async def test_kv_3_a_value_that_is_neither_bytes_nor_text_is_refused(value: Any) -> None:
    async with ConsulServiceRegistry(NOBODY) as registry:
        with pytest.raises(ConfigurationError, match=r"the value of 'a' is .*expected bytes"):
            await registry.kv.put("a", value, cas=0)
        with pytest.raises(ConfigurationError, match=r"the value of 'a' is .*expected bytes"):
            await registry.kv.batch([KVOp("set", "a", value)])


@pytest.mark.parametrize(
    ("op", "error"),
    [
        (KVOp("overwrite", "a"), ConfigurationError),
        (KVOp("set", ""), InvalidKeyError),
        (KVOp("set", "a\ud800"), InvalidKeyError),
        (KVOp("cas", "a", index=-1), ConfigurationError),
        (KVOp("set", "a", flags=2**64), ConfigurationError),
        (KVOp("set", "a", b"x" * (VALUE_LIMIT + 1)), ValueTooLargeError),
        ("set a", ConfigurationError),
    ],
)
async def test_kv_2_one_bad_operation_and_nothing_of_the_batch_is_sent(op: Any, error: type[Exception]) -> None:
    async with ConsulServiceRegistry(NOBODY) as registry:
        with pytest.raises(error):
            await registry.kv.batch([KVOp("set", "fine", b"x"), op])
        with pytest.raises(error):
            await registry.kv.txn([op])


async def test_kv_2_a_transaction_that_does_not_fit_is_refused() -> None:
    async with ConsulServiceRegistry(NOBODY) as registry:
        with pytest.raises(ConfigurationError, match="65 operations in a transaction; expected at most 64"):
            await registry.kv.txn([KVOp("get", f"a{number}") for number in range(MAX_OPS + 1)])
        with pytest.raises(ConfigurationError, match="bytes of keys and values; expected at most"):
            await registry.kv.txn([KVOp("set", f"a{number}", b"x" * 10_000) for number in range(MAX_OPS)])


OPS = st.lists(
    st.builds(
        KVOp,
        st.just("set"),
        st.sampled_from(["a", "b", "c", "dd"]),
        st.integers(0, 3 * MAX_BYTES // 2).map(bytes),
    ),
    max_size=90,
)


@given(OPS)
def test_kv_2_chunks_hold_every_operation_once_in_order_and_each_key_once(ops: list[KVOp]) -> None:
    cut = list(chunks(ops))
    assert [op for chunk in cut for op in chunk] == ops
    for chunk in cut:
        assert len({op.key for op in chunk}) == len(chunk) <= MAX_OPS
        assert len(chunk) == 1 or sum(weight(op) for op in chunk) <= MAX_BYTES
