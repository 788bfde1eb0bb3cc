"""The order of the nodes within each rank, for few crossings. The same graph always gets the same order."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence

SWEEPS = 12
"""Most passes over all ranks."""
PATIENCE = 3
"""Passes without improvement after which it stops."""

Pair = tuple[str, str]
"""Two names in neighbouring ranks that a line joins, the lower rank first."""


def ordered(rows: Sequence[Sequence[str]], pairs: Sequence[Pair]) -> list[list[str]]:
    """Sort each rank by the places of its neighbours, forwards and backwards; ties keep their order."""
    left: dict[str, list[str]] = {}
    right: dict[str, list[str]] = {}
    for source, target in pairs:
        left.setdefault(target, []).append(source)
        right.setdefault(source, []).append(target)
    now = [list(row) for row in rows]
    best = [list(row) for row in rows]
    fewest = crossings(rows, pairs)
    tried = 0
    for sweep in range(SWEEPS):
        if not fewest or tried == PATIENCE:
            break
        forward = sweep % 2 == 0
        neighbours = left if forward else right
        for index in range(1, len(now)) if forward else range(len(now) - 2, -1, -1):
            place = {name: number for number, name in enumerate(now[index - 1 if forward else index + 1])}
            _sort(now[index], neighbours, place)
            _swap(now[index], neighbours, place)
        count = crossings(now, pairs)
        tried += 1
        if count < fewest:
            fewest, tried, best = count, 0, [list(row) for row in now]
    return best


def _sort(row: list[str], neighbours: dict[str, list[str]], place: dict[str, int]) -> None:
    """Sort by the mean place of the neighbours; a node without neighbours keeps its place."""
    middle: dict[str, float] = {}
    for own, name in enumerate(row):
        places = [place[other] for other in neighbours.get(name, ())]
        middle[name] = sum(places) / len(places) if places else float(own)
    row.sort(key=middle.__getitem__)


def _swap(row: list[str], neighbours: dict[str, list[str]], place: dict[str, int]) -> None:
    """Swap neighbours in the rank where that saves crossings."""
    ends = {name: sorted(place[other] for other in neighbours.get(name, ())) for name in row}
    for index in range(len(row) - 1):
        above, below = ends[row[index]], ends[row[index + 1]]
        if above and below and above[-1] > below[0] and _crossed(above, below) > _crossed(below, above):
            row[index], row[index + 1] = row[index + 1], row[index]


def _crossed(above: Sequence[int], below: Sequence[int]) -> int:
    """Crossings of the lines of two neighbours, by the sorted places where they end."""
    return sum(len(above) - bisect_right(above, end) for end in below)


def crossings(rows: Sequence[Sequence[str]], pairs: Sequence[Pair]) -> int:
    """How many pairs of lines cross."""
    place = {name: (rank, number) for rank, row in enumerate(rows) for number, name in enumerate(row)}
    by_rank: dict[int, list[tuple[int, int]]] = {}
    for source, target in pairs:
        rank, start = place[source]
        by_rank.setdefault(rank, []).append((start, place[target][1]))
    count = 0
    for lines in by_rank.values():
        passed: list[int] = []
        for _, end in sorted(lines):
            count += len(passed) - bisect_right(passed, end)
            insort(passed, end)
    return count
