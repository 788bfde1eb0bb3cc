"""Panic (Envoy's word): when too few endpoints are healthy in Consul, any connected one is better than none."""

from __future__ import annotations

from collections.abc import Collection

from hp_tui.balancer.backend import Backend
from hp_tui.balancer.endpoints import Endpoints
from hp_tui.balancer.picker import Pick
from hp_tui.model.balancing import Connectivity
from hp_tui.model.health import Health


class PanicPicker:
    """Picks among all of ``endpoints`` once at most ``threshold`` of them (a share, 0 to 1) are healthy in Consul.

    Never one in maintenance, and never one whose breaker refuses: somebody, or its own failures, took it out (Breaker 9).
    """

    def __init__(self, endpoints: Endpoints, threshold: float) -> None:
        self._endpoints = endpoints
        self._threshold = threshold
        self._turn = 0

    def pick(self, avoid: Collection[Backend]) -> Pick | None:
        """The next connected backend that is not in ``avoid``; None when there is none, or no reason to panic."""
        backends = [backend for backend in self._endpoints.backends.values() if not backend.outside]
        healthy = sum(self._endpoints.usable(backend) for backend in backends)
        if not backends or healthy / len(backends) > self._threshold:
            return None
        able = [one for one in backends if one not in avoid and _may_take_calls(one)]
        for step in range(len(able)):
            backend = able[(self._turn + step) % len(able)]
            permit = backend.breaker.try_acquire()
            if permit is not None:
                self._turn += step + 1
                return Pick(backend, permit)
        return None


def _may_take_calls(backend: Backend) -> bool:
    return backend.connectivity is Connectivity.READY and backend.health is not Health.MAINTENANCE
