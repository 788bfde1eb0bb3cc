"""One call's way over its attempts: picking, settling with the breaker, deciding whether to go on.

The unary and the streaming calls share it; they differ in how an attempt is sent and read.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any

import grpc
import grpc.aio

from hp_tui.balancer.backend import Backend
from hp_tui.balancer.core.client_core import ClientCore
from hp_tui.balancer.errors import CallFailedError, LoadBalancerError
from hp_tui.balancer.picker import Pick
from hp_tui.balancer.retry import PREVIOUS_ATTEMPTS, next_pause
from hp_tui.balancer.status import is_our_own, never_sent, speaks_against_endpoint
from hp_tui.model.balancing import (
    Attempt,
    AttemptFinished,
    AttemptOutcome,
    CallFinished,
    Connectivity,
    Picked,
    PickRejected,
    RetryScheduled,
)

RECHECK = 1.0
"""Seconds after which a call that waits for an endpoint looks again unasked: a probe's permit runs out silently."""

MetadataLike = Any
"""``grpc.aio.Metadata`` or a sequence of pairs, as grpc.aio takes."""


class Attempts:
    """The attempts of one call. Times are seconds of the client's monotonic clock unless named otherwise."""

    __slots__ = (
        "attempts",
        "call_id",
        "core",
        "deadline",
        "idempotent",
        "last",
        "last_error",
        "metadata",
        "method",
        "moved",
        "moves",
        "pick",
        "sent_at",
        "started",
        "tag",
        "timeout",
        "tried",
        "tries",
    )

    def __init__(
        self,
        core: ClientCore,
        method: str,
        tag: str,
        timeout: float | None,
        metadata: MetadataLike,
        idempotent: bool,
    ) -> None:
        self.core = core
        self.method = method
        self.tag = tag
        self.timeout = timeout
        self.metadata = metadata
        self.idempotent = idempotent
        self.started = core.rules.clock()
        self.deadline = None if timeout is None else self.started + timeout
        self.call_id = core.next_call_id()
        self.attempts: list[Attempt] = []
        self.last: Backend | None = None
        """The backend this call failed on: the next attempt goes elsewhere where there is an elsewhere."""
        self.last_error: grpc.aio.AioRpcError | None = None
        """The status of the last attempt that left: the caller gets it, whatever keeps the call from another one."""
        self.tried: set[Backend] = set()
        """Every backend this call failed on."""
        self.moved: set[Backend] = set()
        """Backends that could not be reached in this round; not asked again before the next."""
        self.pick: Pick | None = None
        self.sent_at = self.started
        self.tries = 0
        """Attempts that may have left; those that never did are ``moves``."""
        self.moves = 0

    def remaining(self) -> float | None:
        """Seconds left of the call's deadline; None without one."""
        return None if self.deadline is None else self.deadline - self.core.rules.clock()

    def try_pick(self) -> bool:
        """Pick a connected backend without waiting. False when there is none now.

        A backend whose connection is down counts as a failed attempt that never left, and the next one's turn comes.
        """
        core = self.core
        while True:
            pick = core.pick(self.last, self.tried, self.moved, self.rejected)
            if pick is None:
                return False
            backend = pick.backend
            backend.began()
            self.pick = pick
            self.sent_at = core.rules.clock()
            if core.listeners.active:
                core.listeners.emit(Picked(*self._who(), self.number(), backend.endpoint))
            if pick.connected:
                self.tries += 1
                return True
            self._settle(grpc.StatusCode.UNAVAILABLE, "not connected")
            self._move_on(backend, "UNAVAILABLE", "not connected; nothing was sent")

    def number(self) -> int:
        """The number of the attempt under way, 1 for the first."""
        return len(self.attempts) + 1

    async def find(self, wait_for_ready: bool | None) -> None:
        """Pick a connected backend, waiting for one within the deadline.

        Raises the error that says why there is none: at once where waiting cannot help, else when time is up.
        """
        core = self.core
        patience = self.deadline if self.deadline is not None else core.rules.clock() + core.rules.first_wait
        while not self.try_pick():
            core.check_usable()
            changed = core.rotation.changed
            if not wait_for_ready:
                self._give_up_early()
            left = patience - core.rules.clock()
            if left <= 0:
                raise self._over(core.nobody())
            try:
                async with asyncio.timeout(min(left, RECHECK)):
                    await changed.wait()
            except TimeoutError:
                pass
            self.moved = {backend for backend in self.moved if backend.connectivity is not Connectivity.READY}

    def _give_up_early(self) -> None:
        """Raise where no change within this call's time is to be expected."""
        refusal = self.core.refusal()
        if refusal is not None:
            raise self._over(refusal)
        if self.core.rotation.all_down():
            raise UnsentError

    def _over(self, ours: LoadBalancerError) -> LoadBalancerError:
        """The error that ends the call: a server's own status where there is one, else ``ours`` (Balancer 7)."""
        if self.last_error is None:
            return self.finish(ours)
        return self.finish(self._error(self.last_error, note=f"no further attempt: {ours}"))

    async def pause(self, seconds: float) -> None:
        """Wait before the next attempt; less when an endpoint that was not connected becomes READY (Retry 4)."""
        core = self.core
        before = _ready(core.rotation.picker.backends)
        until = core.rules.clock() + seconds
        while (left := until - core.rules.clock()) > 0:
            core.check_usable()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await core.rotation.changed.wait()
            if _ready(core.rotation.picker.backends) - before:
                return

    def send_metadata(self) -> MetadataLike:
        """The caller's metadata; on a retry with the number of attempts before it (A6)."""
        if self.tries <= 1:
            return self.metadata
        return (*tuple(self.metadata or ()), (PREVIOUS_ATTEMPTS, str(self.tries - 1)))

    def succeeded(self) -> None:
        """The attempt under way came back OK: the call is done."""
        core = self.core
        pick = self.pick
        assert pick is not None
        ms = (core.rules.clock() - self.sent_at) * 1000
        pick.backend.finished(True, ms)
        pick.permit.success()
        core.budget.succeeded()
        core.calls += 1
        self.pick = None
        if core.listeners.active:
            attempt = Attempt(self.number(), pick.backend.endpoint, AttemptOutcome.OK, "OK", ms)
            self.attempts.append(attempt)
            core.listeners.emit(AttemptFinished(*self._who(), attempt))
            core.listeners.emit(CallFinished(*self._who(), True, "OK", self._total_ms(), len(self.attempts)))

    def failed(self, error: grpc.aio.AioRpcError, may_retry: bool = True) -> float:
        """The attempt under way failed. Returns the seconds to wait before the next; raises when there is none to be.

        Raises :class:`CallFailedError` with every attempt of the call.
        """
        pick = self.pick
        assert pick is not None
        code, details = error.code(), error.details() or ""
        self._settle(code, code.name, local=is_our_own(details))
        backend = pick.backend
        if may_retry and never_sent(code, details) and not backend.connected_now():
            self.tries -= 1
            round_over = self.moves >= len(self.core.rotation.picker.backends)
            self._move_on(backend, code.name, details)
            return self.unsent() if round_over else 0.0
        self.last = backend
        self.last_error = error
        self.tried.add(backend)
        self.moved.clear()
        return self._next_pause(error, backend, may_retry)

    def unsent(self) -> float:
        """No endpoint was connected. Seconds until the next round; raises when there is none to be."""
        self.tries += 1
        self.moves = 0
        self.moved.clear()
        error = self.last_error or grpc.aio.AioRpcError(
            grpc.StatusCode.UNAVAILABLE,
            grpc.aio.Metadata(),
            grpc.aio.Metadata(),
            details=f"none of {len(self.core.rotation.picker.backends)} endpoints is connected",
        )
        return self._next_pause(error)

    def gave_up(self, error: Exception) -> None:
        """An error on our side of the wire ended the call, such as a message that does not serialize."""
        self._hand_back()
        core = self.core
        core.calls += 1
        core.failed_calls += 1
        if core.listeners.active:
            said = f"{type(error).__name__}: {error}"
            core.listeners.emit(
                CallFinished(*self._who(), False, "UNKNOWN", self._total_ms(), len(self.attempts), said)
            )

    def _hand_back(self) -> None:
        """End the attempt under way, if there is one, without a verdict on its endpoint."""
        if self.pick is not None:
            pick, self.pick = self.pick, None
            pick.backend.finished(True, None)
            pick.permit.release()
            self.core.rotation.wake()

    def cancelled(self) -> None:
        """The caller let go: says nothing about the endpoint."""
        self._hand_back()
        core = self.core
        core.calls += 1
        if core.listeners.active:
            core.listeners.emit(CallFinished(*self._who(), False, "CANCELLED", self._total_ms(), len(self.attempts)))

    def finish(self, error: LoadBalancerError) -> LoadBalancerError:
        """Count the call as failed and hand back its error, to be raised."""
        core = self.core
        core.calls += 1
        core.failed_calls += 1
        if core.listeners.active:
            code = error.code().name if isinstance(error, grpc.RpcError) else "UNKNOWN"
            core.listeners.emit(
                CallFinished(*self._who(), False, code, self._total_ms(), len(self.attempts), str(error))
            )
        return error

    def rejected(self, backend: Backend) -> None:
        """It was this backend's turn and its breaker refused."""
        if self.core.listeners.active:
            self.core.listeners.emit(PickRejected(*self._who(), backend.endpoint, backend.breaker.retry_after))

    def _next_pause(self, error: grpc.aio.AioRpcError, backend: Backend | None = None, may_retry: bool = True) -> float:
        """Record the failure and decide: seconds to wait, or the call's error raised."""
        code = error.code()
        core = self.core
        if self._costs_budget(code, backend):
            core.budget.failed()
        pause, note = None, ""
        if may_retry and core.rules.retry.allows(code, self.method, self.idempotent):
            pause, note = next_pause(
                core.rules.retry,
                core.budget,
                tries=self.tries,
                trailers=error.trailing_metadata(),
                left=self.remaining(),
                elsewhere=backend is not None and core.untried(self.tried),
                rng=core.rules.rng,
            )
        if backend is not None:
            outcome = AttemptOutcome.FAILED if pause is None else AttemptOutcome.RETRIED
            self._record(backend, outcome, code.name, error.details() or "")
        if pause is None:
            raise self.finish(self._error(error, note)) from None
        if core.listeners.active:
            core.listeners.emit(RetryScheduled(*self._who(), self.number(), pause, code.name))
        return pause

    def _costs_budget(self, code: grpc.StatusCode, backend: Backend | None) -> bool:
        """Whether a failure is one for the retry budget: of a code that may be retried (A6), sent, and news.

        The budget keeps retries from a server that has too much to do; what never left (no ``backend``) asks nothing
        of it. Calls that were under way together when one failed tell the same news again: counted one by one, a server
        that dies under load would use up the budget, and with it the retries that would have saved its calls.
        """
        if backend is None or not self.core.rules.retry.allows(code, self.method, self.idempotent):
            return False
        return backend.fails_anew(self.sent_at, self.core.rules.clock())

    def _move_on(self, backend: Backend, status: str, details: str) -> None:
        """An attempt that never left: another endpoint's turn at once, without a pause."""
        self.moves += 1
        self.moved.add(backend)
        self._record(backend, AttemptOutcome.RETRIED, status, details)

    def _settle(self, code: grpc.StatusCode, reason: str, *, local: bool = False) -> None:
        pick, self.pick = self.pick, None
        assert pick is not None
        took = self.core.rules.clock() - self.sent_at
        # Blame for a deadline goes to who used it up, not to whom was tried last with little left.
        hasty = code is grpc.StatusCode.DEADLINE_EXCEEDED and took < self.core.rules.deadline_floor
        against = speaks_against_endpoint(code) and not local
        pick.backend.finished(not against, None if against else took * 1000)
        if hasty or local:
            pick.permit.release()
            self.core.rotation.wake()
        elif against:
            pick.permit.failure(reason)
        else:
            pick.permit.success()

    def _record(self, backend: Backend, outcome: AttemptOutcome, status: str, details: str) -> None:
        ms = (self.core.rules.clock() - self.sent_at) * 1000
        attempt = Attempt(self.number(), backend.endpoint, outcome, status, ms, details)
        self.attempts.append(attempt)
        if self.core.listeners.active:
            self.core.listeners.emit(AttemptFinished(*self._who(), attempt))

    def _error(self, error: grpc.aio.AioRpcError, note: str) -> CallFailedError:
        return CallFailedError(
            self.method,
            tuple(self.attempts),
            error.code(),
            error.details() or "",
            initial_metadata=error.initial_metadata(),
            trailing_metadata=error.trailing_metadata(),
            note=note,
        )

    def _who(self) -> tuple[float, str, int, str, str]:
        return self.core.rules.wall_clock(), self.core.service, self.call_id, self.tag, self.method

    def _total_ms(self) -> float:
        return (self.core.rules.clock() - self.started) * 1000


class UnsentError(Exception):
    """Every endpoint's connection is down: worth a pause and another try, as for any UNAVAILABLE."""


def _ready(backends: Iterable[Backend]) -> set[Backend]:
    return {backend for backend in backends if backend.connectivity is Connectivity.READY}
