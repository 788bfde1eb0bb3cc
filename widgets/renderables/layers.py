"""Layered layout of a directed graph, left to right: ranks, order within a rank, long links broken into steps.

The usual four steps (Sugiyama, Tagawa, Toda 1981): break cycles, rank by longest path, put a joint in every rank that a
long link passes, order each rank by the middle of its neighbours. Same input, same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SWEEPS = 8
"""Passes over all ranks; crossings stop falling after a few."""


@dataclass(frozen=True, slots=True)
class Step:
    """A piece of a link between two neighbouring ranks. ``link`` is the number of the link it belongs to."""

    source: str
    target: str
    link: int


@dataclass(frozen=True, slots=True)
class Layers:
    """``ranks`` from left to right, each from top to bottom. Joints are named ``link number/rank`` after a NUL."""

    ranks: tuple[tuple[str, ...], ...]
    steps: tuple[Step, ...]
    reversed_links: frozenset[int]
    """Links that run from right to left, because they close a cycle."""


def is_joint(name: str) -> bool:
    """Whether this is a bend of a long link rather than a node."""
    return name.startswith("\0")


def layers(nodes: Sequence[str], links: Sequence[tuple[str, str]]) -> Layers:
    """Lay out ``nodes`` (by id, in the order wanted where nothing else decides) and ``links`` (by ids)."""
    known = set(nodes)
    usable = [(number, pair) for number, pair in enumerate(links) if pair[0] != pair[1] and set(pair) <= known]
    backward = _closing(nodes, usable)
    forward = [(number, pair[::-1] if number in backward else pair) for number, pair in usable]
    rank = _ranks(nodes, [pair for _, pair in forward])
    rows: list[list[str]] = [[] for _ in range(max(rank.values(), default=-1) + 1)]
    for node in nodes:
        rows[rank[node]].append(node)
    steps: list[Step] = []
    for number, (source, target) in forward:
        at = source
        for between in range(rank[source] + 1, rank[target]):
            joint = f"\0{number}/{between}"
            rows[between].append(joint)
            steps.append(Step(at, joint, number))
            at = joint
        steps.append(Step(at, target, number))
    _order(rows, steps)
    return Layers(tuple(tuple(row) for row in rows), tuple(steps), frozenset(backward))


def _closing(nodes: Sequence[str], links: Iterable[tuple[int, tuple[str, str]]]) -> set[int]:
    """Links that close a cycle when the graph is walked depth first in the given order."""
    out: dict[str, list[tuple[int, str]]] = {node: [] for node in nodes}
    for number, (source, target) in links:
        out[source].append((number, target))
    state: dict[str, int] = {}
    closing: set[int] = set()
    for root in nodes:
        if root in state:
            continue
        stack = [(root, iter(out[root]))]
        state[root] = 1
        while stack:
            node, targets = stack[-1]
            for number, target in targets:
                if state.get(target) == 1:
                    closing.add(number)
                elif target not in state:
                    state[target] = 1
                    stack.append((target, iter(out[target])))
                    break
            else:
                state[node] = 2
                stack.pop()
    return closing


def _ranks(nodes: Sequence[str], links: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Longest path from the left; a node nobody calls stands right before the first it calls."""
    rank = dict.fromkeys(nodes, 0)
    for _ in nodes:
        moved = False
        for source, target in links:
            if rank[target] < rank[source] + 1:
                rank[target] = rank[source] + 1
                moved = True
        if not moved:
            break
    called = {target for _, target in links}
    for node in nodes:
        targets = [rank[target] for source, target in links if source == node]
        if targets and node not in called:
            rank[node] = min(targets) - 1
    return rank


def _order(rows: list[list[str]], steps: Sequence[Step]) -> None:
    """Sort each rank by where its neighbours stand, forth and back; ties keep their order."""
    left: dict[str, list[str]] = {}
    right: dict[str, list[str]] = {}
    for step in steps:
        left.setdefault(step.target, []).append(step.source)
        right.setdefault(step.source, []).append(step.target)
    best = [list(row) for row in rows]
    fewest = crossings(rows, steps)
    for sweep in range(SWEEPS):
        forth = sweep % 2 == 0
        neighbours = left if forth else right
        indexes = range(1, len(rows)) if forth else range(len(rows) - 2, -1, -1)
        for index in indexes:
            place = {name: number for number, name in enumerate(rows[index - 1 if forth else index + 1])}
            own = {name: number for number, name in enumerate(rows[index])}
            rows[index].sort(key=lambda name: _middle(neighbours.get(name, ()), place, own[name]))
        now = crossings(rows, steps)
        if now < fewest:
            fewest, best = now, [list(row) for row in rows]
    rows[:] = best


def _middle(names: Sequence[str], place: dict[str, int], own: int) -> float:
    places = [place[name] for name in names if name in place]
    return sum(places) / len(places) if places else float(own)


def crossings(rows: Sequence[Sequence[str]], steps: Sequence[Step]) -> int:
    """How many pairs of steps cross."""
    place = {name: (rank, number) for rank, row in enumerate(rows) for number, name in enumerate(row)}
    by_rank: dict[int, list[tuple[int, int]]] = {}
    for step in steps:
        rank, start = place[step.source]
        by_rank.setdefault(rank, []).append((start, place[step.target][1]))
    count = 0
    for pairs in by_rank.values():
        pairs.sort()
        count += sum(a[0] < b[0] and a[1] > b[1] for i, a in enumerate(pairs) for b in pairs[i + 1 :])
    return count
