"""Which picture a graph has now: kept while only looks change, laid out beside the event loop where that takes long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hp_tui.widgets.graph.arrangement import Structure
from hp_tui.widgets.graph.picture import Picture, Sketch
from hp_tui.widgets.graph.topology import sketch, structure
from hp_tui.widgets.values import Link, Node

AT_ONCE = (40, 120)
"""Boxes and calls up to which a picture is laid out at once: it takes a few milliseconds."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A graph, what of it decides the layout, and the place it is for."""

    nodes: Sequence[Node]
    links: Sequence[Link]
    shape: Structure
    room: tuple[int, int]

    def fits(self, other: _Wanted | None) -> bool:
        """Whether both have one arrangement."""
        return other is not None and self.room == other.room and self.shape == other.shape


class Drawing:
    """``picture`` is what is to be shown: None before the first one. ``changed`` is called when it is another.

    Its arrangement is made again only for another structure or room: not for a new colour, and not for the cursor.
    """

    def __init__(self, changed: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self.picture: Picture | None = None
        self._changed = changed
        self._clock = clock
        self._sketch: Sketch | None = None
        self._shown: _Wanted | None = None
        self._waiting: _Wanted | None = None
        self._cursor = ""
        self._began: float | None = None
        self._turn = 0

    def slow(self, seconds: float) -> bool:
        """Whether a picture has been on its way for longer than ``seconds``."""
        return self._began is not None and self._clock() - self._began >= seconds

    def draw(self, nodes: Sequence[Node], links: Sequence[Link], cursor: str, room: tuple[int, int]) -> bool:
        """Show this graph with this cursor. True: it takes long, and :meth:`aside` has to be run for it."""
        self._cursor = cursor
        wanted = _Wanted(nodes, links, structure(nodes, links), room)
        if wanted.fits(self._shown) and self._sketch is not None:
            self._at_once(wanted, self._sketch)
        elif len(nodes) <= AT_ONCE[0] and len(links) <= AT_ONCE[1]:
            self._at_once(wanted, sketch(wanted.shape, room, self._direction(room)))
        else:
            self._waiting = wanted
            if self._shown is not None and self._sketch is not None:
                self._adopt(self._shown, self._sketch)  # the cursor may have moved meanwhile
            if self._began is None:
                self._began = self._clock()
                return True
        return False

    async def aside(self) -> None:
        """Lay out in a thread, again while newer graphs come; a result that nobody waits for any more is dropped."""
        try:
            while self._waiting is not None:
                wanted, turn = self._waiting, self._turn
                made = await asyncio.to_thread(sketch, wanted.shape, wanted.room, self._direction(wanted.room))
                if turn != self._turn:
                    continue
                if self._waiting.fits(wanted):
                    wanted, self._waiting = self._waiting, None
                self._began = self._clock() if self._waiting is not None else None
                self._adopt(wanted, made)
        finally:
            if self._began is not None:
                self._began = None
                self._changed()

    def _direction(self, room: tuple[int, int]) -> bool | None:
        """Whether the shown picture runs downwards; None where none is shown, or one for another place."""
        if self._sketch is None or self._shown is None or self._shown.room != room or not self._shown.links:
            return None
        return self._sketch.arrangement.downward

    def _at_once(self, wanted: _Wanted, made: Sketch) -> None:
        self._waiting = None
        self._turn += 1  # what a thread brings from before is of no use
        self._adopt(wanted, made)

    def _adopt(self, wanted: _Wanted, made: Sketch) -> None:
        self._shown, self._sketch = wanted, made
        self.picture = Picture(made, wanted.nodes, wanted.links, self._cursor) if wanted.nodes else None
        self._changed()
