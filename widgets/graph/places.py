"""The places of the nodes of a layered graph within their ranks: numbers only.

All of it is along one axis, the one across the direction of calls: rows when calls run to the right, columns when they run
downwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hp_tui.widgets.graph.layers import Layers, is_joint

ROUNDS = 4
FAR = 10_000_000


def places(plan: Layers, sizes: Mapping[str, int], gap: int = 1, room: int = 0) -> dict[str, int]:
    """The first cell of each node: packed, then moved towards the middle of its neighbours; within ``room`` if possible."""
    at: dict[str, int] = {}
    for row in plan.ranks:
        here = 0
        for name in row:
            at[name] = here
            here += sizes[name] + (0 if is_joint(name) else gap)
    neighbours: dict[str, list[str]] = {}
    for step in plan.steps:
        neighbours.setdefault(step.source, []).append(step.target)
        neighbours.setdefault(step.target, []).append(step.source)
    for _ in range(ROUNDS):
        for row in (*plan.ranks, *reversed(plan.ranks)):
            _settle(row, neighbours, at, sizes, gap)
    at = _closed_up(at, sizes, gap + 1)
    if room:
        for row in plan.ranks:
            _squeeze(row, at, sizes, gap, room)
    return at


def _settle(
    row: Sequence[str], neighbours: Mapping[str, list[str]], at: dict[str, int], sizes: Mapping[str, int], gap: int
) -> None:
    """Move each node of a rank towards the middle of its neighbours, keeping order and distance."""
    wanted = []
    for name in row:
        near = neighbours.get(name)
        if near:
            middle = 0
            for other in near:
                middle += at[other] + sizes[other] // 2
            wanted.append(round(middle / len(near)) - sizes[name] // 2)
        else:
            wanted.append(at[name])
    first: list[int] = []  # pushed towards the end where they are in each other's way
    least = -FAR
    for name, place in zip(row, wanted, strict=True):
        first.append(max(place, least))
        least = first[-1] + sizes[name] + gap
    most = FAR  # pushed towards the beginning
    for index in range(len(row) - 1, -1, -1):
        name = row[index]
        last = min(wanted[index], most - sizes[name])
        most = last - gap
        at[name] = (first[index] + last) // 2


def _closed_up(at: Mapping[str, int], sizes: Mapping[str, int], gap: int) -> dict[str, int]:
    """Start at 0, and close every band wider than ``gap`` that is empty in all ranks: unconnected parts drift apart."""
    closed: dict[str, int] = {}
    end = shift = 0
    for name in sorted(at, key=lambda name: at[name]):
        if not closed:
            shift = end = at[name]
        elif at[name] > end + gap:
            shift += at[name] - end - gap
        end = max(end, at[name] + sizes[name])
        closed[name] = at[name] - shift
    return closed


def _squeeze(row: Sequence[str], at: dict[str, int], sizes: Mapping[str, int], gap: int, room: int) -> None:
    """Push a rank back into ``room`` from its end, then off its beginning."""
    limit = room
    for name in reversed(row):
        at[name] = min(at[name], limit - sizes[name])
        limit = at[name] - gap
    least = 0
    for name in row:
        at[name] = max(at[name], least)
        least = at[name] + sizes[name] + gap
