"""Round robin over a fixed set of backends. A change of the set makes a new picker; this one never changes but its turn.

"Pick should not block" (grpc-go `balancer.Picker`): nothing here awaits, and nothing here sends.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from hp_tui.balancer.backend import Backend
from hp_tui.balancer.breaker import Permit
from hp_tui.model.balancing import BreakerState, Connectivity


@dataclass(frozen=True, slots=True)
class Pick:
    """A backend and the leave to use it. ``connected`` False: its connection is down, and an attempt would fail unsent."""

    backend: Backend
    permit: Permit
    connected: bool = True


class Picker:
    """Fair within one pick over any window of full rounds among the backends that admit traffic.

    ``start`` is where the first round begins: a random place, so that many clients do not march in step.
    """

    __slots__ = ("_turn", "backends")

    def __init__(self, backends: tuple[Backend, ...], start: int = 0) -> None:
        self.backends = backends
        self._turn = start % len(backends) if backends else 0

    def pick(self, avoid: Collection[Backend] = (), rejected: Callable[[Backend], None] | None = None) -> Pick | None:
        """The next backend, None when none admits traffic. Backends in ``avoid`` are passed over.

        ``rejected`` is told of each backend whose turn it was and whose breaker refused. A backend that is reconnecting
        is passed over; one whose connection failed is picked with ``connected`` False, for its breaker to count, unless
        that breaker is half-open: a probe is a call that was sent, so it waits for the connection to come back.
        """
        backends = self.backends
        count = len(backends)
        turn = self._turn
        for step in range(count):
            index = turn + step
            if index >= count:
                index -= count
            backend = backends[index]
            if avoid and backend in avoid:
                continue
            state = backend.connectivity
            if state is not Connectivity.READY and state is not Connectivity.TRANSIENT_FAILURE:
                continue
            connected = state is Connectivity.READY
            if not connected and backend.breaker.state is BreakerState.HALF_OPEN:
                continue
            permit = backend.breaker.try_acquire()
            if permit is None:
                if rejected is not None:
                    rejected(backend)
                continue
            self._turn = index + 1 if index + 1 < count else 0
            return Pick(backend, permit, connected)
        return None
