"""Lines between two ranks: where each bends, so that two lines cross or keep apart and never run into one another.

Numbers only. A line leaves the first rank at one place (``out``), arrives at the second at one or more (``ins``), and between
them runs along a lane. Places are counted across the direction of calls; no two lines leave at one place, none arrive at one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

Port = tuple[int, tuple[int, ...]]
"""A place, and the numbers of the calls that pass it."""


@dataclass(slots=True)
class Wire:
    """A line in one gap. ``lane`` is its lane from 0 on; -1 for one that runs straight through."""

    net: int
    out: int
    ins: list[Port]
    lane: int = -1
    origin: Wire | None = None
    """The line of the same net from whose lane this one leaves, instead of from the rank."""
    onward: dict[int, Wire] = field(default_factory=dict)
    """By place: the line of the same net to whose lane an in goes, instead of to the rank."""

    @property
    def straight(self) -> bool:
        return len(self.ins) == 1 and self.ins[0][0] == self.out

    @property
    def span(self) -> tuple[int, int]:
        """The first and last place it touches."""
        touched = [place for place, _ in self.ins]
        return min(self.out, *touched), max(self.out, *touched)

    @property
    def links(self) -> tuple[int, ...]:
        """All calls it carries."""
        return tuple(link for _, carried in self.ins for link in carried)


def lanes(lines: Iterable[Wire]) -> list[Wire]:
    """Give each line its lane; return all, those included that had to be added.

    Where one line leaves at the place at which another arrives, the leaving one bends first: otherwise they would overlap.
    Where that goes round in circles, one of them takes a detour by a place that nobody uses.
    """
    bent = [line for line in lines if not line.straight]
    done = [line for line in lines if line.straight]
    used = {place for line in (*bent, *done) for place in (line.out, *(into for into, _ in line.ins))}
    leaving = {line.out: line for line in bent}
    before: dict[int, list[Wire]] = {id(line): _ahead(line, leaving) for line in bent}
    taken: list[list[tuple[int, int]]] = []
    waiting = sorted(bent, key=_preference)
    while waiting:
        line = next((one for one in waiting if all(other.lane >= 0 for other in before[id(one)])), None)
        if line is None:
            line = min(waiting, key=lambda one: sum(other.lane < 0 for other in before[id(one)]))
            blocking = [other for other in before[id(line)] if other.lane < 0]
            for other in blocking:
                detour = _detour(line, other, used)
                before[id(detour)] = [other, line]
                waiting.append(detour)
        waiting.remove(line)
        least = max((other.lane + 1 for other in before[id(line)]), default=0)
        line.lane = _lane(line.span, least, taken)
        done.append(line)
    return done


def _ahead(line: Wire, leaving: dict[int, Wire]) -> list[Wire]:
    """The lines that have to bend before this one."""
    found = (leaving.get(place) for place, _ in line.ins)
    return [other for other in found if other is not None and other is not line]


def _preference(line: Wire) -> tuple[int, int]:
    """Of lines that go down the lowest bends first, of lines that go up the highest: they need not cross."""
    low, high = line.span
    return (0, -line.out) if high - line.out >= line.out - low else (1, line.out)


def _detour(line: Wire, other: Wire, used: set[int]) -> Wire:
    """Let ``line`` arrive, where ``other`` leaves, by way of a free place and a lane of its own."""
    place, carried = next(port for port in line.ins if port[0] == other.out)
    free = _free(place, used)
    used.add(free)
    detour = Wire(line.net, free, [(place, carried)], origin=line)
    line.ins = [(free, carried) if port[0] == place else port for port in line.ins]
    line.onward[free] = detour
    return detour


def _free(place: int, used: set[int]) -> int:
    """The nearest place nobody uses."""
    for far in range(1, len(used) + 2):
        for candidate in (place + far, place - far):
            if candidate >= 0 and candidate not in used:
                return candidate
    raise AssertionError("among len(used) + 1 places one is free")


def _lane(span: tuple[int, int], least: int, taken: list[list[tuple[int, int]]]) -> int:
    """The first lane from ``least`` on where nothing touches ``span``; it is then taken there."""
    lane = least
    while True:
        while lane >= len(taken):
            taken.append([])
        if all(span[1] + 1 < low or high + 1 < span[0] for low, high in taken[lane]):
            taken[lane].append(span)
            return lane
        lane += 1


def count(lines: Sequence[Wire]) -> int:
    """How many lanes are in use."""
    return max((line.lane for line in lines), default=-1) + 1
