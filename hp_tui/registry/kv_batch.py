"""Many operations on keys, in as few transactions as fit, each on its own merit (RULES.md KV 2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from hp_tui.model.kv import KVEntry, KVOpError
from hp_tui.registry.connection import Connection
from hp_tui.registry.errors import ConsulResponseError, KVError, RegistryError, TransactionError
from hp_tui.registry.transaction import MAX_BYTES, chunks, transact
from hp_tui.registry.values import BatchResult, KVOp

WriteLarge = Callable[[KVOp], Awaitable[KVEntry]]
"""Writes a value that is too large for a transaction."""


class Batch:
    """Carries out operations in their order and notes what became of each: done, or refused, never both or neither."""

    def __init__(self, connection: Connection, write_large: WriteLarge) -> None:
        self._connection = connection
        self._write_large = write_large
        self._done: list[str] = []
        self._errors: list[KVOpError] = []
        self._indexes: dict[str, int] = {}

    async def run(self, ops: Sequence[KVOp]) -> BatchResult:
        """Carry out ``ops``. An error that is not about single operations (Consul gone, say) ends the batch.

        What was not reached is reported with that error, so that the caller sees what was written before it.
        """
        queue = list(chunks(ops))
        while queue:
            chunk = queue.pop(0)
            try:
                if rest := await self._carry_out(chunk):
                    queue.insert(0, rest)
            except ConsulResponseError as error:
                self._refuse(chunk, str(error))
            except RegistryError as error:
                self._refuse(chunk, str(error))
                for later in queue:
                    self._refuse(later, f"not tried: {error}")
                break
        return BatchResult(tuple(self._done), tuple(self._errors), self._indexes)

    async def _carry_out(self, chunk: list[KVOp]) -> list[KVOp]:
        """One transaction, or one large value. Returns the operations that are to be tried again without the others."""
        if len(chunk) == 1 and len(chunk[0].value) > MAX_BYTES:
            await self._carry_out_large(chunk[0])
            return []
        try:
            entries = await transact(self._connection, chunk)
        except TransactionError as error:
            return self._without_refused(chunk, error)
        self._done.extend(op.key for op in chunk)
        self._indexes.update((entry.key, entry.modify_index) for entry in entries)
        return []

    async def _carry_out_large(self, op: KVOp) -> None:
        try:
            entry = await self._write_large(op)
        except KVError as error:
            self._refuse([op], str(error))
            return
        self._done.append(op.key)
        self._indexes[op.key] = entry.modify_index

    def _without_refused(self, chunk: list[KVOp], error: TransactionError) -> list[KVOp]:
        refused = error.by_operation
        if not refused:  # Consul does not say which: nothing of it was written
            self._refuse(chunk, str(error))
            return []
        for number, what in refused.items():
            self._refuse([chunk[number]], what)
        return [op for number, op in enumerate(chunk) if number not in refused]

    def _refuse(self, ops: Sequence[KVOp], what: str) -> None:
        self._errors.extend(KVOpError(op.key, what) for op in ops)
