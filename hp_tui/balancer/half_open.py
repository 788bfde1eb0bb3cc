"""Tells when open breakers become half-open: they do so by time alone, and no breaker has a timer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from hp_tui.balancer.breaker import CircuitBreaker

ANNOUNCE_SLACK = 0.02
"""Seconds after a breaker's open time at which listeners are told that it is half-open; they hear within 0.1 s."""


class HalfOpenTimer:
    """One timer for all of ``breakers()``, at the next moment one of them becomes half-open."""

    def __init__(self, breakers: Callable[[], Iterable[CircuitBreaker]]) -> None:
        self._breakers = breakers
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = False

    def set(self) -> None:
        """Look anew at when that is; to be called when a breaker has changed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waits = [breaker.retry_after or 0.0 for breaker in self._breakers()]
        due = [wait for wait in waits if wait > 0]
        if due and not self._stopped:
            self._timer = asyncio.get_running_loop().call_later(min(due) + ANNOUNCE_SLACK, self._announce)

    def stop(self) -> None:
        """Tell nothing any more."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()

    def _announce(self) -> None:
        self._timer = None
        for breaker in list(self._breakers()):
            breaker.announce()
        self.set()
