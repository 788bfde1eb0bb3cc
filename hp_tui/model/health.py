"""Consul health: the four states and which one wins."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Health(StrEnum):
    """State of a check or of an instance, in Consul's words."""

    PASSING = "passing"
    WARNING = "warning"
    CRITICAL = "critical"
    MAINTENANCE = "maintenance"

    @property
    def rank(self) -> int:
        """0 (passing) to 3 (maintenance); higher wins. Order: maintenance > critical > warning > passing."""
        return _RANK[self]


_RANK = {Health.PASSING: 0, Health.WARNING: 1, Health.CRITICAL: 2, Health.MAINTENANCE: 3}


def worst(states: Iterable[Health]) -> Health:
    """The state that decides an instance's health; an instance without checks is passing, as in Consul."""
    return max(states, key=_RANK.__getitem__, default=Health.PASSING)
