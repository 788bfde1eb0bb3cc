"""``/v1/txn``: many operations in one request, at most 64 of them (Consul's own limit), all or none."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import Any

from hp_tui.model.kv import KVEntry, KVOpError
from hp_tui.registry import parsing
from hp_tui.registry.connection import Connection
from hp_tui.registry.errors import ConsulForbiddenError, TransactionError
from hp_tui.registry.response import error_of
from hp_tui.registry.values import KVOp

MAX_OPS = 64
MAX_BYTES = 320 * 1024
"""Bytes of values in one transaction: in base64 and JSON they stay below ``limits.txn_max_req_len``, 512 KB."""

_REQUEST = "PUT /v1/txn"
_DENIED = "Permission denied"


async def transact(connection: Connection, ops: Sequence[KVOp]) -> tuple[KVEntry, ...]:
    """Carry out at most 64 operations, all or none, and return the entries Consul answers with.

    Raises :class:`TransactionError` with each refused operation.
    """
    response = await connection.put("/v1/txn", (), [_raw(op) for op in ops], permission="key:write", allow=(409,))
    body = response.json(dict)
    if response.status == 409:
        raise _refused(ops, body)
    found = (parsing.entry(parsing.child(item, "KV")) for item in parsing.objects(body.get("Results")))
    return tuple(entry for entry in found if entry is not None)


def raise_denied(error: TransactionError, ops: Sequence[KVOp]) -> None:
    """Raise :class:`ConsulForbiddenError` if the token's rights were the cause of ``error``."""
    for number, what in error.by_operation.items():
        if _DENIED in what:
            verb, key = ops[number].verb, ops[number].key
            right = "read" if verb.startswith(("get", "check")) else "write"
            raise ConsulForbiddenError(f"{_REQUEST} ({verb} {key!r})", f'key "{key}" policy "{right}"', what) from None


async def existing(connection: Connection, ops: Sequence[KVOp]) -> tuple[KVEntry, ...]:
    """The entries of at most 64 keys that exist: one missing key fails a transaction, so it is left out then."""
    wanted = list(ops[:MAX_OPS])
    while wanted:
        try:
            return await transact(connection, wanted)
        except TransactionError as error:
            raise_denied(error, wanted)
            missing = error.by_operation
            if not missing:
                raise
            wanted = [op for number, op in enumerate(wanted) if number not in missing]
    return ()


def weight(op: KVOp) -> int:
    """Bytes of an operation that count against :data:`MAX_BYTES`."""
    return len(op.value) + len(op.key.encode("utf-8", "replace"))


def chunks(ops: Sequence[KVOp]) -> Iterator[list[KVOp]]:
    """Cut into transactions of at most 64 operations and :data:`MAX_BYTES` of keys and values, in order.

    A key stands once in each, so that a refused operation never takes another one of its key with it, and the order of
    both is kept. A larger value stands alone.
    """
    chunk: list[KVOp] = []
    keys: set[str] = set()
    size = 0
    for op in ops:
        more = weight(op)
        if chunk and (len(chunk) == MAX_OPS or size + more > MAX_BYTES or op.key in keys):
            yield chunk
            chunk, keys, size = [], set(), 0
        chunk.append(op)
        keys.add(op.key)
        size += more
    if chunk:
        yield chunk


def _raw(op: KVOp) -> dict[str, Any]:
    body: dict[str, Any] = {"Verb": op.verb, "Key": op.key}
    if op.verb in {"set", "cas", "lock", "unlock"}:
        body |= {"Value": base64.b64encode(op.value).decode("ascii"), "Flags": op.flags}
    if op.verb in {"cas", "delete-cas", "check-index"}:
        body["Index"] = op.index
    if op.session:
        body["Session"] = op.session
    return {"KV": body}


def _refused(ops: Sequence[KVOp], body: dict[str, Any]) -> Exception:
    by_operation: dict[int, str] = {}
    for raw in parsing.objects(body.get("Errors")):
        number, what = raw.get("OpIndex"), parsing.text(raw, "What")
        if isinstance(number, int) and 0 <= number < len(ops):
            by_operation.setdefault(number, what)
    if not by_operation:
        return error_of(409, "a conflict without a word about which operation", _REQUEST)
    errors = tuple(KVOpError(ops[number].key, what) for number, what in by_operation.items())
    return TransactionError(errors, by_operation)
