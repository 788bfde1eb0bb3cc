"""Nearest-rank percentile, one definition for every figure on screen."""

from __future__ import annotations

from collections.abc import Sequence


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The value at ``share`` (0 to 1) of sorted values; None without any."""
    if not ordered:
        return None
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]
