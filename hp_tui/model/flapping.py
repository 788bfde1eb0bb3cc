"""Flapping: an instance whose health changes again and again. Pure; the caller gives all times."""

from __future__ import annotations

from msgspec import Struct

FLAPPING_CHANGES = 3
"""Changes of health within :data:`FLAPPING_WITHIN` seconds from which an instance counts as flapping."""
FLAPPING_WITHIN = 300.0
"""Seconds."""
CHANGE_LIMIT = 20
"""Newest times of change that are remembered of one instance."""


class Flapping(Struct, frozen=True):
    """``changes`` of health within the last ``seconds``."""

    changes: int
    seconds: float

    def __str__(self) -> str:
        """``flapping: 5 changes in 2m``."""
        minutes = round(self.seconds / 60)
        return f"flapping: {self.changes} changes in {f'{minutes}m' if self.seconds >= 100 else f'{self.seconds:.0f}s'}"


def remembered(changes: tuple[float, ...], at: float) -> tuple[float, ...]:
    """``changes`` (Unix seconds, oldest first) with one more at ``at``; those that are too old to count are dropped."""
    return (*(one for one in changes if at - one < FLAPPING_WITHIN), at)[-CHANGE_LIMIT:]


def flapping(changes: tuple[float, ...], now: float) -> Flapping | None:
    """Whether and how an instance flaps at ``now``."""
    recent = [one for one in changes if now - one < FLAPPING_WITHIN]
    return Flapping(len(recent), max(0.0, now - recent[0])) if len(recent) >= FLAPPING_CHANGES else None


def flapping_ends(changes: tuple[float, ...], now: float) -> float | None:
    """Unix seconds at which an instance stops flapping unless it changes again; None for one that does not flap."""
    recent = [one for one in changes if now - one < FLAPPING_WITHIN]
    return recent[-FLAPPING_CHANGES] + FLAPPING_WITHIN if len(recent) >= FLAPPING_CHANGES else None
