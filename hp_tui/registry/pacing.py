"""How fast to ask again: after changes, after errors, and with which index."""

from __future__ import annotations

import random
from collections.abc import Callable


class TokenBucket:
    """``burst`` tokens, one back every ``interval`` seconds. ``clock`` is monotonic seconds."""

    def __init__(self, burst: int, interval: float, clock: Callable[[], float]) -> None:
        self._burst = burst
        self._interval = interval
        self._clock = clock
        self._tokens = float(burst)
        self._at = clock()

    def delay(self) -> float:
        """Take a token, on credit if there is none, and return the seconds to wait before using it."""
        now = self._clock()
        if self._interval <= 0:
            return 0.0
        self._tokens = min(self._burst, self._tokens + (now - self._at) / self._interval) - 1
        self._at = now
        return max(0.0, -self._tokens * self._interval)


class Backoff:
    """Growing pauses after errors: ``first``, doubled each time, at most ``longest``; each shortened by up to half.

    The jitter keeps many clients of a server that comes back from arriving together.
    """

    def __init__(self, first: float, longest: float, rng: random.Random) -> None:
        self._first = first
        self._longest = longest
        self._rng = rng
        self._failures = 0

    def failed(self) -> float:
        """Count a failure and return the seconds to pause."""
        pause = min(self._longest, self._first * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return pause * self._rng.uniform(0.5, 1.0)

    def reset(self) -> None:
        """Count from the start again."""
        self._failures = 0


def next_index(asked: int, answered: int) -> int:
    """The index to ask with next (Watch 2): an index that went down starts from 0, one below 1 becomes 1.

    0 would not block at all, and make the loop spin.
    """
    answered = max(answered, 1)
    return 0 if answered < asked else answered
