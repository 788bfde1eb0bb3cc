"""A client as its calls see it: the rules they follow, whom they can pick, where they are counted and told."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Collection
from dataclasses import dataclass

from hp_tui.balancer.backend import Backend
from hp_tui.balancer.core.listeners import Listeners
from hp_tui.balancer.core.rotation import Rotation
from hp_tui.balancer.endpoints import Endpoints
from hp_tui.balancer.errors import CircuitOpenError, LoadBalancerError, NoHealthyEndpointsError
from hp_tui.balancer.panic import PanicPicker
from hp_tui.balancer.picker import Pick
from hp_tui.balancer.retry import RetryBudget, RetryPolicy


@dataclass(frozen=True, slots=True)
class CallRules:
    """What holds for every call of a client. All durations are seconds.

    ``deadline_floor``: a DEADLINE_EXCEEDED of a call with a shorter timeout says nothing about its endpoint.
    ``first_wait``: how long a call without deadline waits for a first endpoint. ``clock`` is monotonic seconds,
    ``wall_clock`` Unix seconds.
    """

    retry: RetryPolicy
    deadline_floor: float
    first_wait: float
    clock: Callable[[], float]
    wall_clock: Callable[[], float]
    rng: random.Random


class ClientCore:
    """What the calls of the client of ``service`` share. It begins to follow the service at the first call."""

    __slots__ = (
        "_closed",
        "_endpoints",
        "_ids",
        "_panic",
        "_started",
        "budget",
        "calls",
        "failed_calls",
        "listeners",
        "rotation",
        "rules",
        "service",
    )

    def __init__(
        self,
        service: str,
        rules: CallRules,
        listeners: Listeners,
        rotation: Rotation,
        endpoints: Endpoints,
        panic: PanicPicker | None,
    ) -> None:
        self.service = service
        self.rules = rules
        self.listeners = listeners
        self.rotation = rotation
        self.budget = RetryBudget(rules.retry.budget, rules.retry.budget_return)
        self.calls = 0
        self.failed_calls = 0
        self._endpoints = endpoints
        self._panic = panic
        self._ids = itertools.count(1)
        self._started = False
        self._closed = False

    # Life.

    def start(self) -> None:
        """Begin to follow the service. Does nothing the second time, or once closed. Returns at once."""
        if not self._started and not self._closed:
            self._endpoints.follow()
            self._started = True

    async def close(self) -> None:
        """Stop following, let calls in flight finish (at most the client's ``grace``), close every channel."""
        self._closed = True
        await self._endpoints.close()

    def check_usable(self) -> None:
        """Start following the service. Raises :class:`LoadBalancerError` when the client is closed."""
        if self._closed:
            raise LoadBalancerError(f"the client of {self.service!r} is closed; make a new one")
        if not self._started:
            self.start()

    # What a call asks.

    def next_call_id(self) -> int:
        """A number no other call of this client has."""
        return next(self._ids)

    def pick(
        self, last: Backend | None, unreachable: Collection[Backend], rejected: Callable[[Backend], None]
    ) -> Pick | None:
        """A backend for a call's next attempt; never waits. None when there is none now.

        ``last`` is the backend the call failed on: it is picked again only where there is no other. ``unreachable``
        are those it found without a connection. ``rejected`` is told of each whose turn it was and whose breaker refused.
        """
        picker = self.rotation.picker
        if last is None and not unreachable:
            found = picker.pick((), rejected)
        else:
            avoid = unreachable if last is None else {*unreachable, last}
            found = picker.pick(avoid, rejected)
            if found is None and last is not None and last not in unreachable:
                found = picker.pick(unreachable, None)
        if found is None and self._panic is not None:
            return self._panic.pick(unreachable)
        return found

    def refusal(self) -> CircuitOpenError | None:
        """The error when every endpoint in the rotation is refused by its breaker."""
        backends = self.rotation.picker.backends
        waits = [backend.breaker.retry_after for backend in backends]
        if not backends or any(wait == 0 for wait in waits):
            return None
        known = [wait for wait in waits if wait is not None]
        return CircuitOpenError(min(known) if known else None, service=self.service, reasons=self._endpoints.reasons())

    def nobody(self) -> NoHealthyEndpointsError:
        """The error that says why no endpoint can be picked (Balancer 6)."""
        return NoHealthyEndpointsError(self.service, self._endpoints.why_nobody(), self._endpoints.reasons())
