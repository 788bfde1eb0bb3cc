"""The circuit breaker: a state machine on an injected clock. Electrical meaning: open = no traffic.

CLOSED counts consecutive failures and opens at ``failure_threshold``. OPEN refuses until its time is over. HALF_OPEN is
not entered by anybody: it is what OPEN reads as once that time has passed. It admits ``half_open_permits`` probes; the
first verdict closes or re-opens. No task, timer or lock; nothing here awaits.

Rules: ``RULES.md`` "Breaker" 2 to 7 and 10. Longer re-opening follows Envoy's outlier ejection (base time x ejections, capped);
generations follow sony/gobreaker.
"""

from __future__ import annotations

import logging
import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from hp_tui.balancer.arguments import in_range, whole
from hp_tui.balancer.errors import CircuitOpenError
from hp_tui.model.balancing import BreakerSnapshot, BreakerState

log = logging.getLogger(__name__)
MAX_OPEN_TIMEOUT = 300.0
"""Seconds a breaker stays open at most, however often it re-opened (Envoy `max_ejection_time`)."""


@dataclass(frozen=True, slots=True)
class BreakerChanged:
    """A change of the state callers meet. ``at`` is the breaker's own clock, in seconds."""

    old: BreakerState
    new: BreakerState
    reason: str
    at: float


class Permit:
    """Leave to send one attempt. Settle it once: :meth:`success`, :meth:`failure` or :meth:`release`.

    A second verdict, and one from before the breaker's last change, is dropped.
    """

    __slots__ = ("_breaker", "_expires", "_generation", "_open")

    def __init__(self, breaker: CircuitBreaker, generation: int, expires: float) -> None:
        self._breaker = breaker
        self._generation = generation
        self._expires = expires
        self._open = True

    def success(self) -> None:
        """The attempt reached the server and came back."""
        if self._open:
            self._open = False
            self._breaker._succeeded(self)

    def failure(self, reason: str = "") -> None:
        """The attempt failed in a way that speaks against the endpoint; ``reason`` such as ``UNAVAILABLE``."""
        if self._open:
            self._open = False
            self._breaker._failed(self, reason)

    def release(self) -> None:
        """The result says nothing about the endpoint (the caller cancelled): the permit is handed back."""
        if self._open:
            self._open = False
            self._breaker._released(self)


class CircuitBreaker:
    """One endpoint's breaker.

    ``open_timeout``: seconds (0.001 to 3600) the first opening lasts exactly; the n-th in a row lasts n times as long, give
    or take ``jitter`` (share, 0 to 1), at most 300 s or ``open_timeout`` if that is more; ``lengthen=False`` keeps them
    all equal. ``probe_timeout``: seconds after which a probe that was never settled no longer holds its permit.
    ``clock`` is monotonic seconds. Raises ``ValueError`` for a number out of range.
    """

    def __init__(
        self,
        *,
        failure_threshold: int = 5,
        open_timeout: float = 60.0,
        half_open_permits: int = 1,
        lengthen: bool = True,
        jitter: float = 0.1,
        probe_timeout: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        whole("failure_threshold", failure_threshold, 1, 1_000_000)
        in_range("open_timeout", open_timeout, 0.001, 3600, "seconds")
        whole("half_open_permits", half_open_permits, 1, 1_000_000)
        in_range("jitter", jitter, 0, 1)
        in_range("probe_timeout", probe_timeout, 0.001, 3600, "seconds")
        self.failure_threshold = failure_threshold
        self.open_timeout = open_timeout
        self.half_open_permits = half_open_permits
        self._lengthen = lengthen
        self._jitter = jitter
        self._probe_timeout = probe_timeout
        self._clock = clock
        self._rng = rng or random.Random()
        self._listeners: list[Callable[[BreakerChanged], None]] = []
        self._generation = 0
        self._failures = 0
        self._open_until: float | None = None
        self._opens = 0
        self._probes: list[Permit] = []
        self._forced_open = False
        self._reason = ""
        self._told = BreakerState.CLOSED
        self._news: deque[BreakerChanged] = deque()
        self._telling = False
        self._changed_at = clock()

    # What it is. Reading changes nothing.

    @property
    def computed(self) -> BreakerState:
        """The state that failures and time alone give."""
        if self._open_until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self._clock() < self._open_until else BreakerState.HALF_OPEN

    @property
    def state(self) -> BreakerState:
        """The state that callers meet."""
        return BreakerState.OPEN if self._forced_open else self.computed

    @property
    def forced(self) -> BreakerState | None:
        """OPEN while tripped by hand, else None."""
        return BreakerState.OPEN if self._forced_open else None

    @property
    def retry_after(self) -> float | None:
        """Seconds until traffic may be tried; 0.0 when it may now, None when only a hand can allow it."""
        if self._forced_open:
            return None
        return 0.0 if self._open_until is None else max(0.0, self._open_until - self._clock())

    @property
    def consecutive_failures(self) -> int:
        """Failures since the last success, counted while closed."""
        return self._failures

    def snapshot(self) -> BreakerSnapshot:
        """A frozen view; seconds as of now."""
        return BreakerSnapshot(
            state=self.state,
            computed=self.computed,
            forced=self.forced,
            consecutive_failures=self._failures,
            failure_threshold=self.failure_threshold,
            retry_after=self.retry_after,
            in_state=self._in_state(),
            opens=self._opens,
            reason=self._reason,
        )

    def _in_state(self) -> float:
        now = self._clock()
        if self.state is BreakerState.HALF_OPEN and self._open_until is not None:
            return now - max(self._open_until, self._changed_at)
        return now - self._changed_at

    # What callers do.

    def acquire(self) -> Permit:
        """Leave for one attempt. Raises :class:`CircuitOpenError` when no traffic is allowed; never waits."""
        permit = self.try_acquire()
        if permit is None:
            raise CircuitOpenError(self.retry_after)
        return permit

    def try_acquire(self) -> Permit | None:
        """Like :meth:`acquire`, with None instead of the error."""
        if self._open_until is None and not self._forced_open:
            return Permit(self, self._generation, 0.0)
        if self.state is BreakerState.OPEN:
            return None
        self.announce()
        if self.state is not BreakerState.HALF_OPEN:  # a listener that heard of it has tripped or reset the breaker
            return self.try_acquire()
        now = self._clock()
        self._probes = [probe for probe in self._probes if now < probe._expires]
        if len(self._probes) >= self.half_open_permits:
            return None
        probe = Permit(self, self._generation, now + self._probe_timeout)
        self._probes.append(probe)
        return probe

    def trip(self, reason: str = "tripped by hand") -> None:
        """Force it open until :meth:`reset` or :meth:`release`. Verdicts on attempts from before no longer count."""
        self._forced_open = True
        self._next_generation()
        self._move(reason)

    def reset(self, reason: str = "reset by hand") -> None:
        """Close it and forget its failures, forced or not."""
        self._forced_open = False
        self._close(reason)

    def release(self, reason: str = "released by hand") -> None:
        """End a forced state; the computed one counts again."""
        self._forced_open = False
        self._move(reason)

    def retry_now(self, reason: str) -> None:
        """End the open time early, on news such as a connection that is back: HALF_OPEN, so a probe decides.

        Only the first opening ends so. After a probe that failed the waiting is to grow, or a server that accepts
        connections and then fails would be probed for ever.
        """
        if self.computed is BreakerState.OPEN and self._opens == 1:
            self._open_until = self._clock()
            self._move(reason)

    def subscribe(self, listener: Callable[[BreakerChanged], None]) -> Callable[[], None]:
        """Tell ``listener`` of every change of :attr:`state`. Returns what ends the subscription.

        One that raises is logged and keeps its subscription; the breaker, its caller and the other listeners go on. One
        that changes the breaker again is told of that afterwards: all hear of all changes in order.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def announce(self) -> None:
        """Tell listeners that time alone has changed the state (OPEN to HALF_OPEN). For whoever owns a timer."""
        if self.state is not self._told:
            self._move("open time is over")

    # What permits report.

    def _succeeded(self, permit: Permit) -> None:
        if permit._generation != self._generation:
            return
        if self._open_until is None:
            self._failures = 0
        else:
            self._close("probe succeeded")

    def _failed(self, permit: Permit, reason: str) -> None:
        if permit._generation != self._generation:
            return
        if self._open_until is not None:
            self._open(f"probe failed: {reason}" if reason else "probe failed")
            return
        self._failures += 1
        if self._failures >= self.failure_threshold:
            self._open(f"{self._failures} × {reason or 'failure'}")

    def _released(self, permit: Permit) -> None:
        if permit in self._probes:
            self._probes.remove(permit)

    # Transitions.

    def _open(self, reason: str) -> None:
        self._opens += 1
        self._open_until = self._clock() + self._open_for()
        self._next_generation()
        self._move(reason)

    def _open_for(self) -> float:
        if self._opens == 1 or not self._lengthen:
            return self.open_timeout
        longer = self.open_timeout * self._opens * self._rng.uniform(1 - self._jitter, 1 + self._jitter)
        return min(max(MAX_OPEN_TIMEOUT, self.open_timeout), longer)

    def _close(self, reason: str) -> None:
        self._open_until = None
        self._opens = 0
        self._failures = 0
        self._next_generation()
        self._move(reason)

    def _next_generation(self) -> None:
        self._generation += 1
        self._probes.clear()

    def _move(self, reason: str) -> None:
        old, new = self._told, self.state
        self._reason = reason
        if old is new:
            return
        self._told = new
        self._changed_at = self._clock()
        self._news.append(BreakerChanged(old, new, reason, self._changed_at))
        if not self._telling:
            self._tell()

    def _tell(self) -> None:
        """Tell listeners of every change, in order: one of them may cause the next."""
        self._telling = True
        try:
            while self._news:
                change = self._news.popleft()
                for listener in tuple(self._listeners):
                    try:
                        listener(change)
                    except Exception:
                        # It is told from within a caller's verdict, which must be counted all the same.
                        log.exception("a listener of a circuit breaker failed")
        finally:
            self._telling = False
