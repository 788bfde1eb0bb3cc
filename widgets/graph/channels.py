"""Wires between two ranks: on which lane each bends, so that two wires cross or stay apart and never overlap.

Numbers only, as in channel routing. A wire leaves the first rank at one place (``out``), arrives at the second at one or
more (``ins``), and runs along a lane between them. Places are counted across the direction of calls. No two wires leave at
the same place, and no two arrive at the same place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

Port = tuple[int, tuple[int, ...]]
"""A place, and the numbers of the calls that pass it."""


@dataclass(slots=True)
class Wire:
    """A wire in the gap between two ranks. ``lane`` counts from 0; -1 is a wire that runs straight through."""

    net: int
    out: int
    ins: list[Port]
    lane: int = -1
    origin: Wire | None = None
    """The wire of the same net whose lane this one starts from, instead of from the rank."""
    onward: dict[int, Wire] = field(default_factory=dict)
    """By place: the wire of the same net whose lane an ``in`` leads to, instead of to the rank."""

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
        """The numbers of all calls it carries."""
        return tuple(link for _, carried in self.ins for link in carried)


def lanes(wires: Iterable[Wire]) -> list[Wire]:
    """Give each wire its lane. Returns all wires, including detours that had to be added.

    Where one wire leaves at the place at which another arrives, the leaving one bends first: otherwise they would overlap.
    If that is circular, one of them takes a detour over a free place (a dogleg).
    """
    bent = [wire for wire in wires if not wire.straight]
    done = [wire for wire in wires if wire.straight]
    used = {place for wire in (*bent, *done) for place in (wire.out, *(into for into, _ in wire.ins))}
    leaving = {wire.out: wire for wire in bent}
    before: dict[int, list[Wire]] = {id(wire): _ahead(wire, leaving) for wire in bent}
    taken: list[list[tuple[int, int]]] = []
    waiting = sorted(bent, key=_preference)
    while waiting:
        wire = next((one for one in waiting if all(other.lane >= 0 for other in before[id(one)])), None)
        if wire is None:
            wire = min(waiting, key=lambda one: sum(other.lane < 0 for other in before[id(one)]))
            blocking = [other for other in before[id(wire)] if other.lane < 0]
            for other in blocking:
                detour = _detour(wire, other, used)
                before[id(detour)] = [other, wire]
                waiting.append(detour)
        waiting.remove(wire)
        least = max((other.lane + 1 for other in before[id(wire)]), default=0)
        wire.lane = _lane(wire.span, least, taken)
        done.append(wire)
    return done


def _ahead(wire: Wire, leaving: dict[int, Wire]) -> list[Wire]:
    """The wires that have to bend before this one."""
    found = (leaving.get(place) for place, _ in wire.ins)
    return [other for other in found if other is not None and other is not wire]


def _preference(wire: Wire) -> tuple[int, int]:
    """Sort key: of wires that go down the lowest bends first, of those that go up the highest, so that they need not cross."""
    low, high = wire.span
    return (0, -wire.out) if high - wire.out >= wire.out - low else (1, wire.out)


def _detour(wire: Wire, other: Wire, used: set[int]) -> Wire:
    """Let ``wire`` arrive where ``other`` leaves, over a free place and a lane of its own."""
    place, carried = next(port for port in wire.ins if port[0] == other.out)
    free = _free(place, used)
    used.add(free)
    detour = Wire(wire.net, free, [(place, carried)], origin=wire)
    wire.ins = [(free, carried) if port[0] == place else port for port in wire.ins]
    wire.onward[free] = detour
    return detour


def _free(place: int, used: set[int]) -> int:
    """The nearest free place."""
    for far in range(1, len(used) + 2):
        for candidate in (place + far, place - far):
            if candidate >= 0 and candidate not in used:
                return candidate
    raise AssertionError("among len(used) + 1 places one is free")


def _lane(span: tuple[int, int], least: int, taken: list[list[tuple[int, int]]]) -> int:
    """The first lane from ``least`` on that is free along ``span``; it is then taken."""
    lane = least
    while True:
        while lane >= len(taken):
            taken.append([])
        if all(span[1] + 1 < low or high + 1 < span[0] for low, high in taken[lane]):
            taken[lane].append(span)
            return lane
        lane += 1


def count(wires: Sequence[Wire]) -> int:
    """The number of lanes in use."""
    return max((wire.lane for wire in wires), default=-1) + 1
