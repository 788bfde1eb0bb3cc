"""When a failed attempt is tried again: codes, pauses, pushback, budget. Pure; the client does the waiting.

Rules: ``RULES.md`` "Retry"; gRFC A6 for jitter, budget, pushback and the previous-attempts header.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import grpc
from tenacity import Retrying, TryAgain, wait_exponential
from tenacity.wait import wait_base

from hp_tui.balancer.arguments import a, every, in_range, whole

SAFE_CODES = frozenset({grpc.StatusCode.UNAVAILABLE})
IDEMPOTENT_CODES = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.DATA_LOSS,
    }
)
PREVIOUS_ATTEMPTS = "grpc-previous-rpc-attempts"
PUSHBACK = "grpc-retry-pushback-ms"


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How a call is retried.

    ``wait`` is a tenacity strategy: seconds before the n-th retry; the default gives 2, 4, 8, 10, 10 … It holds for going
    back to endpoints that failed. ``elsewhere`` is seconds before a retry on an endpoint that the call has not tried yet
    (Envoy's base interval, 25 ms), so that a deadline of a second has retries. ``jitter`` is the share (0 to 1) by which
    each pause is longer or shorter. ``idempotent`` names methods (``/pkg.Service/Method``) that may be retried on
    ``idempotent_codes`` as well. ``max_attempts`` 1 switches retries off.
    Raises ``ValueError`` for a number out of range.
    """

    max_attempts: int = 5
    wait: wait_base = field(default_factory=lambda: wait_exponential(multiplier=2, max=10))
    elsewhere: float = 0.025
    jitter: float = 0.2
    codes: frozenset[grpc.StatusCode] = SAFE_CODES
    idempotent_codes: frozenset[grpc.StatusCode] = IDEMPOTENT_CODES
    idempotent: frozenset[str] = frozenset()
    budget: float = 10.0
    budget_return: float = 0.1

    def __post_init__(self) -> None:
        whole("max_attempts", self.max_attempts, 1, 100)
        a("wait", self.wait, wait_base, "a tenacity wait strategy, such as wait_exponential(multiplier=2, max=10)")
        for name in ("codes", "idempotent_codes"):
            every(name, getattr(self, name), lambda one: isinstance(one, grpc.StatusCode), "a set of grpc.StatusCode")
        # Text would pass for a set of its letters, and match every part of itself.
        every("idempotent", self.idempotent, _is_method, "a set of methods, each '/pkg.Service/Method'")
        in_range("elsewhere", self.elsewhere, 0, 3600, "seconds")
        in_range("jitter", self.jitter, 0, 1)
        in_range("budget", self.budget, 0, 1_000)
        in_range("budget_return", self.budget_return, 0, 1_000)

    def allows(self, code: grpc.StatusCode, method: str, idempotent: bool) -> bool:
        """Whether a failure with ``code`` may be tried again at all."""
        declared = idempotent or method in self.idempotent
        return code in (self.idempotent_codes if declared else self.codes)

    def pause(self, retry: int, rng: random.Random) -> float:
        """Seconds before the ``retry``-th retry (1 is the first), jitter included."""
        wait = next(itertools.islice(waits(self.wait), retry - 1, None))
        return max(0.0, wait * rng.uniform(1 - self.jitter, 1 + self.jitter))

    def pause_elsewhere(self, rng: random.Random) -> float:
        """Seconds before a retry on an endpoint that the call has not tried yet, jitter included."""
        return self.elsewhere * rng.uniform(1 - self.jitter, 1 + self.jitter)


def waits(strategy: wait_base) -> Iterator[float]:
    """Seconds before the first retry, the second, and so on, as tenacity's own loop computes them. Never sleeps."""
    asked: list[float] = []
    for attempt in Retrying(wait=strategy, sleep=asked.append):
        if asked:
            yield float(asked.pop())
        with attempt:
            raise TryAgain


class RetryBudget:
    """A token bucket: a failure costs 1, a success returns a little, retries only above half (A6 "throttling")."""

    __slots__ = ("_back", "_size", "tokens")

    def __init__(self, size: float, back: float) -> None:
        self._size = size
        self._back = back
        self.tokens = size

    @property
    def allows(self) -> bool:
        """Whether a retry may start now. A budget of 0 does not limit."""
        return self._size == 0 or self.tokens > self._size / 2

    def failed(self) -> None:
        self.tokens = max(0.0, self.tokens - 1)

    def succeeded(self) -> None:
        if self.tokens < self._size:
            self.tokens = min(self._size, self.tokens + self._back)


def next_pause(
    policy: RetryPolicy,
    budget: RetryBudget,
    *,
    tries: int,
    trailers: Iterable[tuple[str, str | bytes]] | None,
    left: float | None,
    elsewhere: bool = False,
    rng: random.Random,
) -> tuple[float | None, str]:
    """Seconds before the next attempt, or None with the reason why there is none; the failure's code is allowed one.

    ``tries`` is how many attempts were sent, ``trailers`` those of the last, ``left`` seconds of the call's deadline.
    ``elsewhere``: an endpoint that this call has not tried yet can take it.
    """
    if tries >= policy.max_attempts:
        return None, f"tried {tries} times" if policy.max_attempts > 1 else ""
    pushed = pushback((str(name), value) for name, value in trailers or ())
    if pushed is not None and pushed < 0:
        return None, "the server asked not to retry"
    if not budget.allows:
        return None, "the retry budget is used up"
    own = policy.pause_elsewhere(rng) if elsewhere else policy.pause(max(1, tries), rng)
    pause = own if pushed is None else pushed
    if left is not None and pause >= left:
        return None, f"the next try in {pause:.1f} s does not fit the {max(0.0, left):.1f} s left"
    return pause, ""


def _is_method(value: object) -> bool:
    return isinstance(value, str) and value.startswith("/") and value.count("/") == 2 and value[-1] != "/"


def pushback(trailers: Iterable[tuple[str, str | bytes]]) -> float | None:
    """Seconds the server wants us to wait; None when it did not say; negative means: do not retry.

    A value that does not parse means the same as a negative one (A6).
    """
    for name, value in trailers:
        if name == PUSHBACK:
            try:
                return int(value) / 1000
            except ValueError:
                return -1.0
    return None
