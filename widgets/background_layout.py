"""The current picture of a graph. Its layout is reused while only colours change; a large one is made in a thread."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hp_tui.widgets.graph.arrangement import Structure
from hp_tui.widgets.graph.picture import IndexedArrangement, Picture
from hp_tui.widgets.graph.topology import arrange_graph, structure
from hp_tui.widgets.values import Link, Node

AT_ONCE = (40, 120)
"""Boxes and calls up to which a graph is laid out on the event loop: it takes a few milliseconds."""


@dataclass(frozen=True, slots=True)
class LayoutRequest:
    """A graph to lay out: its nodes and links, the structure that decides the layout, and the room in cells."""

    nodes: Sequence[Node]
    links: Sequence[Link]
    shape: Structure
    room: tuple[int, int]

    def fits(self, other: LayoutRequest | None) -> bool:
        """Whether both have the same arrangement."""
        return other is not None and self.room == other.room and self.shape == other.shape


class BackgroundLayout:
    """``picture`` is what to show, None before the first one. ``changed`` is called when it has changed.

    An arrangement is made only for a new structure or room, not for a new colour or cursor.
    """

    def __init__(self, changed: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self.picture: Picture | None = None
        self._changed = changed
        self._clock = clock
        self._arranged: IndexedArrangement | None = None
        self._shown: LayoutRequest | None = None
        self._waiting: LayoutRequest | None = None
        self._cursor = ""
        self._began: float | None = None
        self._turn = 0

    def slow(self, seconds: float) -> bool:
        """Whether a layout has been under way for longer than ``seconds``."""
        return self._began is not None and self._clock() - self._began >= seconds

    def show(self, nodes: Sequence[Node], links: Sequence[Link], cursor: str, room: tuple[int, int]) -> bool:
        """Show this graph with this cursor. Returns whether the layout takes long, so that :meth:`run` has to be started."""
        self._cursor = cursor
        wanted = LayoutRequest(nodes, links, structure(nodes, links), room)
        if wanted.fits(self._shown) and self._arranged is not None:
            self._at_once(wanted, self._arranged)
        elif len(nodes) <= AT_ONCE[0] and len(links) <= AT_ONCE[1]:
            self._at_once(wanted, arrange_graph(wanted.shape, room, self._direction(room)))
        else:
            self._waiting = wanted
            if self._shown is not None and self._arranged is not None:
                self._adopt(self._shown, self._arranged)  # the cursor may have moved meanwhile
            if self._began is None:
                self._began = self._clock()
                return True
        return False

    async def run(self) -> None:
        """Lay out in a thread, again while newer graphs come. A result that is out of date is dropped."""
        try:
            while self._waiting is not None:
                wanted, turn = self._waiting, self._turn
                made = await asyncio.to_thread(arrange_graph, wanted.shape, wanted.room, self._direction(wanted.room))
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
        if self._arranged is None or self._shown is None or self._shown.room != room or not self._shown.links:
            return None
        return self._arranged.arrangement.downward

    def _at_once(self, wanted: LayoutRequest, made: IndexedArrangement) -> None:
        self._waiting = None
        self._turn += 1  # what a thread brings from before is of no use
        self._adopt(wanted, made)

    def _adopt(self, wanted: LayoutRequest, made: IndexedArrangement) -> None:
        self._shown, self._arranged = wanted, made
        self.picture = Picture(made, wanted.nodes, wanted.links, self._cursor) if wanted.nodes else None
        self._changed()
