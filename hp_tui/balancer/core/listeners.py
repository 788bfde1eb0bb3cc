"""Who is told of a client's events."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable

from hp_tui.model.balancing import ClientEvent

log = logging.getLogger(__name__)
Listener = Callable[[ClientEvent], None]


class Listeners:
    """The listeners of the client of ``service``. Look at :attr:`active` before an event is made: it costs nothing then."""

    __slots__ = ("_listeners", "_service", "active")

    def __init__(self, service: str) -> None:
        self._service = service
        self._listeners: list[Listener] = []
        self.active = False
        """Whether there is anybody to tell."""

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell ``listener`` of every event from now on. Returns what ends the subscription; it may be called twice."""
        self._listeners.append(listener)
        self.active = True

        def end() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)
            self.active = bool(self._listeners)

        return end

    def emit(self, event: ClientEvent) -> None:
        """Tell every listener, in the order in which they subscribed. One that raises is logged and stays."""
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:
                log.exception("a listener of the client of %s failed", self._service)
