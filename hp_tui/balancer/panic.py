"""Panic (Envoy's word): when too many endpoints are unhealthy or open, any connected one is better than none."""

from __future__ import annotations

from collections.abc import Callable, Collection

from hp_tui.balancer.backend import Backend
from hp_tui.balancer.breaker import CircuitBreaker
from hp_tui.balancer.endpoints import Endpoints
from hp_tui.balancer.picker import Pick
from hp_tui.model.balancing import Connectivity


class PanicPicker:
    """Picks among all of ``endpoints`` once more than ``threshold`` of them (a share, 0 to 1) is bad.

    ``clock`` is monotonic seconds.
    """

    def __init__(self, endpoints: Endpoints, threshold: float, clock: Callable[[], float]) -> None:
        self._endpoints = endpoints
        self._threshold = threshold
        self._clock = clock
        self._turn = 0

    def pick(self, avoid: Collection[Backend]) -> Pick | None:
        """The next connected backend that is not in ``avoid``; None when there is none, or no reason to panic."""
        backends = [backend for backend in self._endpoints.backends.values() if not backend.outside]
        bad = sum(not self._endpoints.usable(backend) or backend.breaker.retry_after != 0 for backend in backends)
        if not backends or bad / len(backends) <= self._threshold:
            return None
        ready = [b for b in backends if b.connectivity is Connectivity.READY and b not in avoid]
        if not ready:
            return None
        self._turn += 1
        backend = ready[self._turn % len(ready)]
        # A breaker of its own, thrown away: results in panic change no state.
        return Pick(backend, CircuitBreaker(clock=self._clock).acquire())
