"""What is worked out of a service, once as long as it stays the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Given = TypeVar("Given")
Found = TypeVar("Found")

KEPT = 8192
"""Services whose answer is remembered."""


class PerService(Generic[Given, Found]):
    """``make``'s answers by the name of a service, as long as what it was given is the same object.

    Pictures share with the one before what did not change, so that a large datacenter is not looked through anew for each.
    What is given must be frozen. The older of two for one name is forgotten.
    """

    def __init__(self, make: Callable[[Given], Found]) -> None:
        self._make = make
        self._known: dict[str, tuple[Given, Found]] = {}

    def __call__(self, name: str, given: Given) -> Found:
        """What ``make`` gives for ``given``, which belongs to the service of that name."""
        kept = self._known.get(name)
        if kept is None or kept[0] is not given:
            if len(self._known) >= KEPT:
                self._known.clear()
            kept = self._known[name] = given, self._make(given)
        return kept[1]
