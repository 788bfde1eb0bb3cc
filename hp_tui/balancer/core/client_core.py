"""A client as its calls see it: the rules they follow, whom they can pick, where they are counted and told."""

from __future__ import annotations

import asyncio
import itertools
import math
import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from hp_tui.balancer.backend import Backend
from hp_tui.balancer.core.listeners import Listeners
from hp_tui.balancer.core.rotation import Rotation
from hp_tui.balancer.endpoints import Endpoints
from hp_tui.balancer.errors import CircuitOpenError, ClientClosedError, NoHealthyEndpointsError
from hp_tui.balancer.panic import PanicPicker
from hp_tui.balancer.picker import Pick
from hp_tui.balancer.retry import RetryBudget, RetryPolicy
from hp_tui.model.balancing import Connectivity, Endpoint


@dataclass(frozen=True, slots=True)
class CallRules:
    """What holds for every call of a client. All durations are seconds.

    ``deadline_floor``: a DEADLINE_EXCEEDED of an attempt that had less time says nothing about its endpoint.
    ``first_wait``: how long a call without deadline waits for a first endpoint. ``clock`` is monotonic seconds,
    ``wall_clock`` Unix seconds.
    """

    retry: RetryPolicy
    deadline_floor: float
    first_wait: float
    clock: Callable[[], float]
    wall_clock: Callable[[], float]
    rng: random.Random


@dataclass(frozen=True, slots=True)
class _Refused:
    """What was seen when all breakers refused: it holds ``until`` a time, unless the rotation has ``changed`` before."""

    changed: asyncio.Event | None
    until: float
    reasons: Mapping[Endpoint, str]


class ClientCore:
    """What the calls of the client of ``service`` share. It begins to follow the service at the first call."""

    __slots__ = (
        "_closed",
        "_endpoints",
        "_ids",
        "_panic",
        "_refused",
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
        self._refused = _Refused(None, 0.0, {})

    # Life.

    def start(self) -> None:
        """Begin to follow the service. Does nothing the second time, or once closed. Returns at once."""
        if not self._started and not self._closed:
            self._endpoints.follow()
            self._started = True

    async def close(self) -> None:
        """Stop following, let calls in flight finish (at most the client's ``grace``), close every channel.

        Calls that wait for an endpoint fail at once with :class:`ClientClosedError`.
        """
        self._closed = True
        self.rotation.wake()
        await self._endpoints.close()

    def check_usable(self) -> None:
        """Start following the service. Raises :class:`ClientClosedError` when the client is closed."""
        if self._closed:
            raise ClientClosedError(self.service)
        if not self._started:
            self.start()

    # What a call asks.

    def next_call_id(self) -> int:
        """A number no other call of this client has."""
        return next(self._ids)

    def pick(
        self,
        last: Backend | None,
        tried: Collection[Backend],
        unreachable: Collection[Backend],
        rejected: Callable[[Backend], None],
    ) -> Pick | None:
        """A backend for a call's next attempt; never waits. None when there is none now.

        A call goes to a backend it has not ``tried`` where there is one, and back to the ``last`` it failed on only where
        there is no other (Retry 4). ``unreachable`` are those it found without a connection. ``rejected`` is told of each
        whose turn it was and whose breaker refused.
        """
        if self._refused_until() is not None and not self.listeners.active:
            return None
        picker = self.rotation.picker
        if last is None and not unreachable:
            found = picker.pick((), rejected)
        else:
            found = picker.pick({*unreachable, *tried}, rejected)
            if found is None and last is not None:
                found = picker.pick({*unreachable, last}, None)
                if found is None and last not in unreachable:
                    found = picker.pick(unreachable, None)
        if found is None and self._panic is not None:
            return self._panic.pick(unreachable)
        return found

    def untried(self, tried: Collection[Backend]) -> bool:
        """Whether a connected endpoint that admits traffic is not among ``tried``."""
        return any(
            backend not in tried and backend.connectivity is Connectivity.READY and backend.breaker.retry_after == 0
            for backend in self.rotation.picker.backends
        )

    def refusal(self) -> CircuitOpenError | None:
        """The error when every endpoint in the rotation is refused by its breaker.

        Costs the same however many endpoints there are, until the next change of one.
        """
        until = self._refused_until()
        if until is None:
            until = self._look_for_refusal()
        if until is None:
            return None
        left = None if math.isinf(until) else max(0.0, until - self.rules.clock())
        return CircuitOpenError(left, service=self.service, reasons=self._refused.reasons)

    def _refused_until(self) -> float | None:
        """When the first breaker admits traffic again, if all were seen to refuse and none has changed since."""
        seen = self._refused
        return seen.until if seen.changed is self.rotation.changed and self.rules.clock() < seen.until else None

    def _look_for_refusal(self) -> float | None:
        backends = self.rotation.picker.backends
        waits = [backend.breaker.retry_after for backend in backends]
        if not backends or any(wait == 0 for wait in waits):
            return None
        known = [wait for wait in waits if wait is not None]
        until = self.rules.clock() + min(known) if known else math.inf
        self._refused = _Refused(self.rotation.changed, until, self._endpoints.reasons())
        return until

    def nobody(self) -> NoHealthyEndpointsError:
        """The error that says why no endpoint can be picked (Balancer 6)."""
        return NoHealthyEndpointsError(self.service, self._endpoints.why_nobody(), self._endpoints.reasons())
