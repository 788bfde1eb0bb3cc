"""``/v1/txn``: many operations in one request, at most 64 of them (Consul's own limit).

A transaction is atomic. A batch of more operations than fit is several transactions, so it is not; what a batch did and
did not do is therefore always told by key.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import Any

from hp_tui.model.kv import KVEntry, KVOpError
from hp_tui.registry import parsing
from hp_tui.registry.connection import Connection
from hp_tui.registry.errors import ConsulForbiddenError, ConsulResponseError, TransactionError
from hp_tui.registry.response import error_of
from hp_tui.registry.values import BatchResult, KVOp

MAX_OPS = 64
MAX_BYTES = 320 * 1024
"""Bytes of values in one transaction: in base64 and JSON they stay below ``limits.txn_max_req_len``, 512 KB."""

_ASKED = "PUT /v1/txn"


async def transact(connection: Connection, ops: Sequence[KVOp]) -> tuple[KVEntry, ...]:
    """Carry out at most 64 operations, all or none, and return the entries Consul answers with.

    Raises :class:`TransactionError` with each refused operation, :class:`ConsulForbiddenError` when the token was
    the cause, :class:`ValueError` for more operations than fit.
    """
    if len(ops) > MAX_OPS:
        raise ValueError(f"{len(ops)} operations in a transaction; expected at most {MAX_OPS}: use a batch")
    response = await connection.put("/v1/txn", (), [_raw(op) for op in ops], permission="key:write", allow=(409,))
    body = response.json(dict)
    if response.status == 409:
        raise _refused(ops, body)
    found = (parsing.entry(parsing.child(item, "KV")) for item in parsing.objects(body.get("Results")))
    return tuple(entry for entry in found if entry is not None)


async def existing(connection: Connection, ops: Sequence[KVOp]) -> tuple[KVEntry, ...]:
    """The entries of at most 64 keys that exist: one missing key fails a transaction, so it is left out then."""
    wanted = list(ops[:MAX_OPS])
    while wanted:
        try:
            return await transact(connection, wanted)
        except TransactionError as error:
            missing = {one.key for one in error.errors}
            left = [op for op in wanted if op.key not in missing]
            if len(left) == len(wanted):
                raise
            wanted = left
    return ()


async def batch(connection: Connection, ops: Sequence[KVOp]) -> BatchResult:
    """Carry out any number of operations in as few transactions as fit, each operation on its own merit.

    An operation that Consul refuses is reported with its key; the others of its transaction are sent again without
    it. An error that is not about single operations (Consul gone, say) ends the batch: what was not reached is
    reported with that error, for the caller to see what was done before it.
    """
    done: list[str] = []
    errors: list[KVOpError] = []
    indexes: dict[str, int] = {}
    queue = list(chunks(ops))
    while queue:
        chunk = queue.pop(0)
        try:
            entries = await transact(connection, chunk)
        except TransactionError as error:
            errors.extend(error.errors)
            refused = {one.key for one in error.errors}
            rest = [op for op in chunk if op.key not in refused]
            if rest and len(rest) < len(chunk):
                queue.insert(0, rest)
            continue
        except ConsulResponseError as error:
            errors.extend(KVOpError(op.key, str(error)) for op in chunk)
            continue
        except Exception as error:
            errors.extend(KVOpError(op.key, str(error)) for op in [*chunk, *(op for later in queue for op in later)])
            break
        done.extend(op.key for op in chunk)
        indexes.update((entry.key, entry.modify_index) for entry in entries)
    return BatchResult(tuple(done), tuple(errors), indexes)


def chunks(ops: Sequence[KVOp]) -> Iterator[list[KVOp]]:
    """Cut into transactions of at most 64 operations and :data:`MAX_BYTES` of keys and values, in order."""
    chunk: list[KVOp] = []
    size = 0
    for op in ops:
        weight = len(op.value) + len(op.key.encode("utf-8", "replace"))
        if chunk and (len(chunk) == MAX_OPS or size + weight > MAX_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(op)
        size += weight
    if chunk:
        yield chunk


def _raw(op: KVOp) -> dict[str, Any]:
    body: dict[str, Any] = {"Verb": op.verb, "Key": op.key}
    if op.verb in {"set", "cas"}:
        body |= {"Value": base64.b64encode(op.value).decode("ascii"), "Flags": op.flags}
    if op.verb in {"cas", "delete-cas", "check-index"}:
        body["Index"] = op.index
    return {"KV": body}


def _refused(ops: Sequence[KVOp], body: dict[str, Any]) -> Exception:
    errors = []
    for raw in parsing.objects(body.get("Errors")):
        number = parsing.number(raw, "OpIndex")
        key = ops[number].key if 0 <= number < len(ops) else ""
        what = parsing.text(raw, "What")
        if "Permission denied" in what:
            return ConsulForbiddenError(f"{_ASKED} ({ops[number].verb} {key!r})", f'key "{key}" policy "write"', what)
        errors.append(KVOpError(key, what))
    if not errors:
        return error_of(409, "a conflict without a word about which operation", _ASKED)
    return TransactionError(tuple(errors))
