"""A cache of values derived from each service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Source = TypeVar("Source")
Derived = TypeVar("Derived")

CACHE_LIMIT = 8192
"""Services whose value is cached."""


class PerService(Generic[Source, Derived]):
    """Caches ``make(source)`` by the name of a service, for as long as ``source`` is the same object.

    Snapshots share what did not change with the one before, so that only changed services are computed again. ``source``
    must be frozen. One value is cached for each name.
    """

    def __init__(self, make: Callable[[Source], Derived]) -> None:
        self._make = make
        self._cache: dict[str, tuple[Source, Derived]] = {}

    def __call__(self, name: str, source: Source) -> Derived:
        """``make(source)``; ``source`` belongs to the service ``name``."""
        cached = self._cache.get(name)
        if cached is None or cached[0] is not source:
            if len(self._cache) >= CACHE_LIMIT:
                self._cache.clear()
            cached = self._cache[name] = source, self._make(source)
        return cached[1]
