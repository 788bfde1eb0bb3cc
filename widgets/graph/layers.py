"""Layered layout of a directed graph: the rank of each node, which calls share a line, and the ranks that lines pass.

The usual steps (Sugiyama, Tagawa, Toda 1981): break cycles, rank by longest path, put a joint in every rank that a line
passes, order each rank by the middle of its neighbours. Different here: all calls of one service share one line that forks,
so there is one joint for each service and rank instead of one for each call. The result depends on the input alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec import Struct

from hp_tui.widgets.graph.cycles import closing
from hp_tui.widgets.graph.ordering import ordered


class Kind(StrEnum):
    """Which way the calls of a line run: along the ranks, against them, or both ways."""

    FORWARD = "forward"
    BACKWARD = "backward"
    BOTH = "both"


class Net(Struct, frozen=True):
    """Calls drawn as one line, by their numbers: all calls of one service, one that runs backwards, or the two of a pair."""

    kind: Kind
    links: tuple[int, ...]


class Step(Struct, frozen=True):
    """The part of a line between two neighbouring ranks, the lower rank first. ``links`` are the calls it carries."""

    source: str
    target: str
    net: int
    links: tuple[int, ...]


class Layers(Struct, frozen=True):
    """``ranks`` from left to right, each from top to bottom. Joints are named ``net number/rank`` after a NUL."""

    ranks: tuple[tuple[str, ...], ...]
    steps: tuple[Step, ...]
    nets: tuple[Net, ...]


def is_joint(name: str) -> bool:
    """Whether this is a joint, where a line passes a rank, and not a node."""
    return name.startswith("\0")


def layers(nodes: Sequence[str], links: Sequence[tuple[str, str]]) -> Layers:
    """Lay out ``nodes`` (ids, in the preferred order) and ``links`` (pairs of ids).

    Links to unknown nodes, from a node to itself, or given twice are left out.
    """
    known = set(nodes)
    numbers: dict[tuple[str, str], int] = {}
    for number, pair in enumerate(links):
        if pair[0] != pair[1] and set(pair) <= known:
            numbers.setdefault(pair, number)
    pairs = set(numbers)
    once = [pair for pair in numbers if pair[::-1] not in pairs or numbers[pair] < numbers[pair[::-1]]]
    backward = closing(nodes, once)
    forward = [pair[::-1] if pair in backward else pair for pair in once]
    rank = _ranks(nodes, forward)
    nets: list[Net] = []
    forks: dict[str, list[int]] = {}
    ends: list[tuple[str, list[tuple[str, int]]]] = []
    for pair, (source, target) in zip(once, forward, strict=True):
        if pair[::-1] in pairs:
            ends.append((source, [(target, len(nets))]))
            nets.append(Net(Kind.BOTH, (numbers[source, target], numbers[target, source])))
        elif pair in backward:
            ends.append((source, [(target, len(nets))]))
            nets.append(Net(Kind.BACKWARD, (numbers[pair],)))
        else:
            forks.setdefault(source, []).append(numbers[pair])
    rows: list[list[str]] = [[] for _ in range(max(rank.values(), default=-1) + 1)]
    for node in nodes:
        rows[rank[node]].append(node)
    steps: list[Step] = []
    for source, (found,) in ends:
        target, net = found
        steps += _chain(source, {target: nets[net].links}, net, rank, rows)
    for source, own in forks.items():
        steps += _chain(source, {links[number][1]: (number,) for number in own}, len(nets), rank, rows)
        nets.append(Net(Kind.FORWARD, tuple(own)))
    best = ordered(rows, [(step.source, step.target) for step in steps])
    return Layers(tuple(map(tuple, best)), tuple(steps), tuple(nets))


def _chain(
    source: str, targets: dict[str, tuple[int, ...]], net: int, rank: dict[str, int], rows: list[list[str]]
) -> Iterable[Step]:
    """Steps from ``source`` through one joint in each rank, with a branch to each target. Adds the joints to ``rows``."""
    at = source
    last = max(rank[target] for target in targets)
    for here in range(rank[source] + 1, last + 1):
        for target, carried in targets.items():
            if rank[target] == here:
                yield Step(at, target, net, carried)
        beyond = [number for target, carried in targets.items() if rank[target] > here for number in carried]
        if beyond:
            joint = f"\0{net}/{here}"
            rows[here].append(joint)
            yield Step(at, joint, net, tuple(beyond))
            at = joint


def _ranks(nodes: Sequence[str], links: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Ranks by longest path; a node that is not called goes right before the first one it calls. ``links`` has no cycle."""
    out: dict[str, list[str]] = {node: [] for node in nodes}
    waiting = dict.fromkeys(nodes, 0)
    for source, target in links:
        out[source].append(target)
        waiting[target] += 1
    uncalled = [node for node in nodes if not waiting[node]]
    rank = dict.fromkeys(nodes, 0)
    free = list(uncalled)
    for node in free:
        for target in out[node]:
            rank[target] = max(rank[target], rank[node] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                free.append(target)
    for node in uncalled:
        if out[node]:
            rank[node] = min(rank[target] for target in out[node]) - 1
    return rank
