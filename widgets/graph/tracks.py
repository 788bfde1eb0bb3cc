"""A layered graph with coordinates: ``along`` the direction of calls, and ``across`` it.

This module does not know which of the two is x.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hp_tui.widgets.graph.channels import Wire, count, lanes
from hp_tui.widgets.graph.layers import Kind, Layers, Step, is_joint
from hp_tui.widgets.graph.places import places


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes that differ between drawing to the right and drawing downwards."""

    across: Mapping[str, int]
    """Cells that each box needs across the direction of calls; joints take one."""
    rank_along: Callable[[list[str]], int]
    """Cells that a rank's boxes take along the direction of calls."""
    gap_along: Callable[[int, bool, list[Step]], tuple[int, int]]
    """By number of lanes, whether there are heads at its start, and steps: the cells of a gap, and its first lane."""
    side: Callable[[int], int]
    """By the number of ports: the least cells of that side of a box."""
    port: Callable[[int, int, int], int]
    """By cells of a side, number of ports, and the port's number: the place of the port."""
    gap_across: int = 1
    room: int = 0


@dataclass(slots=True)
class Tracks:
    """``begin`` is where each rank begins along, ``extent`` its cells; ``at`` and ``size`` are a node's across.

    ``first`` is the first lane of the gap after each rank, ``wires`` the wires in it.
    """

    plan: Layers
    begin: list[int] = field(default_factory=list)
    extent: list[int] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    wires: list[list[Wire]] = field(default_factory=list)
    at: dict[str, int] = field(default_factory=dict)
    size: dict[str, int] = field(default_factory=dict)
    outs: dict[tuple[str, int], int] = field(default_factory=dict)
    """Where the line of a net leaves a node, across."""
    ins: dict[tuple[str, int], int] = field(default_factory=dict)
    """Where it arrives."""
    passing: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """The calls that pass a joint."""


def tracks(plan: Layers, sizes: Sizes) -> Tracks:
    """Give every node its place, and every line in every gap its lane."""
    made = Tracks(plan)
    leaving, arriving = _ports(plan)
    for row in plan.ranks:
        for name in row:
            need = max(len(leaving.get(name, ())), len(arriving.get(name, ())))
            made.size[name] = 1 if is_joint(name) else max(sizes.across[name], sizes.side(need))
    made.at = places(plan, made.size, sizes.gap_across, sizes.room)
    order = {name: number for row in plan.ranks for number, name in enumerate(row)}
    made.outs = _spread(leaving, lambda step: order[step.target], made, sizes)
    made.ins = _spread(arriving, lambda step: order[step.source], made, sizes)
    made.passing = {step.target: step.links for step in plan.steps if is_joint(step.target)}
    _straighten(plan, leaving, arriving, made)
    along = 0
    for rank, row in enumerate(plan.ranks):
        made.begin.append(along)
        made.extent.append(sizes.rank_along([name for name in row if not is_joint(name)]))
        steps = [step for name in row for own in leaving.get(name, {}).values() for step in own]
        found = lanes(_wires(steps, made))
        headed = any(plan.nets[step.net].kind is not Kind.FORWARD and not is_joint(step.source) for step in steps)
        last = rank == len(plan.ranks) - 1
        gap, first = (0, 0) if last else sizes.gap_along(count(found), headed, steps)
        made.wires.append(found)
        made.first.append(along + made.extent[rank] + first)
        along += made.extent[rank] + gap
    return made


Ports = dict[str, dict[int, list[Step]]]
"""By node, by net: the steps that leave it, or that arrive at it."""


def _ports(plan: Layers) -> tuple[Ports, Ports]:
    leaving: Ports = {}
    arriving: Ports = {}
    for step in plan.steps:
        leaving.setdefault(step.source, {}).setdefault(step.net, []).append(step)
        arriving.setdefault(step.target, {}).setdefault(step.net, []).append(step)
    return leaving, arriving


def _spread(ports: Ports, order: Callable[[Step], int], made: Tracks, sizes: Sizes) -> dict[tuple[str, int], int]:
    """The place across of each port, by node and net; in the order of the other ends."""
    found = {}
    for name, nets in ports.items():
        middle = {net: sum(map(order, steps)) / len(steps) for net, steps in nets.items()}
        for number, net in enumerate(sorted(nets, key=lambda net: (middle[net], net))):
            inside = 0 if is_joint(name) else sizes.port(made.size[name], len(nets), number)
            found[name, net] = made.at[name] + inside
    return found


def _straighten(
    plan: Layers,
    leaving: Ports,
    arriving: Ports,
    made: Tracks,
) -> None:
    """Where the only line of a side can run straight if its port moves along the side, it does."""
    outs, ins = made.outs, made.ins
    for step in plan.steps:
        out, into = outs[step.source, step.net], ins[step.target, step.net]
        if out == into or len(leaving[step.source][step.net]) > 1:
            continue
        if len(leaving[step.source]) == 1 and _within(into, step.source, made):
            outs[step.source, step.net] = into
        elif len(arriving[step.target]) == 1 and _within(out, step.target, made):
            ins[step.target, step.net] = out


def _within(place: int, name: str, made: Tracks) -> bool:
    return not is_joint(name) and made.at[name] < place < made.at[name] + made.size[name] - 1


def _wires(steps: list[Step], made: Tracks) -> list[Wire]:
    """The lines of one gap."""
    found: dict[int, Wire] = {}
    for step in steps:
        line = found.setdefault(step.net, Wire(step.net, made.outs[step.source, step.net], []))
        line.ins.append((made.ins[step.target, step.net], step.links))
    return list(found.values())
