"""Rates of the console's own calls, by service."""

from __future__ import annotations

from collections import deque

from hp_tui.model.fleet import Rate

WINDOW = 10.0
"""Seconds over which a rate is taken."""


class Meter:
    """Counts finished calls by service. Times are Unix seconds given by the caller."""

    def __init__(self) -> None:
        self._calls: dict[str, deque[tuple[float, bool]]] = {}

    def note(self, service: str, at: float, ok: bool) -> None:
        """Count one finished call."""
        self._calls.setdefault(service, deque()).append((at, ok))

    def rates(self, now: float) -> dict[str, Rate]:
        """Rates over the last :data:`WINDOW` seconds; a service without calls in that time is left out."""
        found = {}
        for service in list(self._calls):
            calls = self._calls[service]
            while calls and calls[0][0] <= now - WINDOW:
                calls.popleft()
            if not calls:
                del self._calls[service]
                continue
            failed = sum(not ok for _, ok in calls)
            found[service] = Rate(per_second=len(calls) / WINDOW, error_share=failed / len(calls))
        return found
