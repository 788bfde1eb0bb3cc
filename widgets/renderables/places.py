"""Where the nodes of a layered graph stand within their ranks, and in which channel a line bends: numbers only.

All of it is along one axis, the one across the direction of calls: rows when calls run to the right, columns when they run
downwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from widgets.renderables.layers import Layers, Step, is_joint

ROUNDS = 4
FAR = 10_000


def places(plan: Layers, sizes: Mapping[str, int], gap: int = 1, room: int = 0) -> dict[str, int]:
    """The first cell of each node: packed, then drawn towards the middle of its neighbours; within ``room`` where it can be."""
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
    """Move each of a rank towards the middle of its neighbours, keeping order and distance."""
    wanted = []
    for name in row:
        middle = [at[other] + sizes[other] // 2 for other in neighbours.get(name, ())]
        wanted.append(round(sum(middle) / len(middle)) - sizes[name] // 2 if middle else at[name])
    for index, name in enumerate(row):
        at[name] = max(wanted[index], _least(row, index, at, sizes, gap))
    for index in range(len(row) - 2, -1, -1):
        after, name = row[index + 1], row[index]
        if wanted[index] < at[name]:
            last = at[after] - sizes[name] - gap
            at[name] = max(_least(row, index, at, sizes, gap), min(at[name], last, wanted[index]))


def _least(row: Sequence[str], index: int, at: Mapping[str, int], sizes: Mapping[str, int], gap: int) -> int:
    before = row[index - 1] if index else None
    return at[before] + sizes[before] + gap if before else -FAR


def _closed_up(at: Mapping[str, int], sizes: Mapping[str, int], gap: int) -> dict[str, int]:
    """Begin at 0, and leave no band wider than ``gap`` that is empty in every rank: parts without links between drift apart."""
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


def incoming(plan: Layers) -> dict[str, list[Step]]:
    """The steps into each node, in the order of their sources."""
    found: dict[str, list[Step]] = {}
    place = {name: number for row in plan.ranks for number, name in enumerate(row)}
    for step in sorted(plan.steps, key=lambda step: place[step.source]):
        found.setdefault(step.target, []).append(step)
    return found


def nets(plan: Layers, rank: int) -> list[str]:
    """Sources of the steps that leave a rank, in order: all steps of one source share a channel."""
    leaving = {step.source for step in plan.steps}
    return [name for name in plan.ranks[rank] if name in leaving]


def channels(plan: Layers, rank: int, outs: Mapping[str, int], ins: Mapping[Step, int]) -> dict[str, int]:
    """The channel of each source in the gap after a rank, 0 next to it.

    ``outs``: where a node's line leaves; ``ins``: where a step arrives. Where one line leaves at the place at which another
    arrives, the leaving one bends first: otherwise they would overlap.
    """
    names = nets(plan, rank)
    arrive = {net: {ins[step] for step in plan.steps if step.source == net} for net in names}
    order: list[str] = []
    waiting = list(names)
    while waiting:
        free = next(
            (net for net in waiting if not any(outs[other] in arrive[net] for other in waiting if other != net)),
            waiting[0],
        )
        waiting.remove(free)
        order.append(free)
    # `free` has nobody leaving where it arrives, so everybody it blocks comes before it.
    order.reverse()
    order.sort(key=lambda net: 0 if any(outs[net] in arrive[other] for other in names if other != net) else 1)
    return {net: number for number, net in enumerate(order)}


def net_of(name: str, plan: Layers) -> str:
    """Lines join only where they come from the same box: a joint belongs to the source of its link."""
    while is_joint(name):
        name = next(step.source for step in plan.steps if step.target == name)
    return name


def link_of(joint: str, plan: Layers) -> int:
    """The number of the link that a joint is a piece of."""
    return next(step.link for step in plan.steps if step.source == joint)
