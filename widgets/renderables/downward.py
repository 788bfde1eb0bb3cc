"""A layered graph drawn with calls running from top to bottom: for a place that is narrow and high."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from widgets.renderables.boxes import HEIGHT, Box, link_note, width_of
from widgets.renderables.canvas import Canvas
from widgets.renderables.layers import Layers, Step, is_joint
from widgets.renderables.places import channels, incoming, link_of, net_of, places
from widgets.values import Link, Node

BETWEEN = 1
"""Cells between two boxes of a rank."""


def draw_down(
    plan: Layers, nodes: Mapping[str, Node], links: Sequence[Link], canvas: Canvas, room: int
) -> dict[str, Box]:
    """Draw the links on ``canvas``, within ``room`` columns where that can be; return where the boxes belong."""
    widths = {name: 1 if is_joint(name) else width_of(nodes[name]) for row in plan.ranks for name in row}
    lefts = places(plan, widths, BETWEEN, room)
    into = incoming(plan)
    outs = {name: lefts[name] + widths[name] // 2 for name in lefts}
    ins = {step: _arrival(step, into, lefts, widths, outs) for step in plan.steps}
    outs |= _straightened(plan, lefts, widths, ins)
    boxes: dict[str, Box] = {}
    rows: list[int] = []
    y = 0
    for rank, row in enumerate(plan.ranks):
        rows.append(y)
        for name in row:
            if not is_joint(name):
                boxes[name] = Box(lefts[name], y, widths[name], HEIGHT)
        y += HEIGHT + _gap(plan, rank, outs, ins)
    for rank in range(len(plan.ranks)):
        _draw_rank(canvas, plan, rank, links, boxes, rows, outs, ins)
    for step in plan.steps:
        if step.target in boxes and step.link not in plan.reversed_links:
            _write_note(canvas, ins[step], boxes[step.target].y - 1, room, links[step.link])
    return boxes


def _arrival(
    step: Step,
    into: Mapping[str, list[Step]],
    lefts: Mapping[str, int],
    widths: Mapping[str, int],
    outs: Mapping[str, int],
) -> int:
    """Spread evenly over the box; a line that comes from right above keeps straight."""
    name = step.target
    if is_joint(name):
        return lefts[name]
    arrows = into[name]
    if len(arrows) == 1 and lefts[name] < outs[step.source] < lefts[name] + widths[name] - 1:
        return outs[step.source]
    return lefts[name] + widths[name] * (arrows.index(step) + 1) // (len(arrows) + 1)


def _straightened(
    plan: Layers, lefts: Mapping[str, int], widths: Mapping[str, int], ins: Mapping[Step, int]
) -> dict[str, int]:
    """Boxes with one line whose arrow is right below them let it leave above the arrow."""
    steps: dict[str, list[Step]] = {}
    for step in plan.steps:
        steps.setdefault(step.source, []).append(step)
    return {
        name: ins[own[0]]
        for name, own in steps.items()
        if len(own) == 1 and lefts[name] < ins[own[0]] < lefts[name] + widths[name] - 1
    }


def _bending(plan: Layers, rank: int, outs: Mapping[str, int], ins: Mapping[Step, int]) -> dict[str, int]:
    """The line, counted from the gap's first, on which each source's line bends; sources that run straight have none."""
    bent = {step.source for step in plan.steps if step.source in plan.ranks[rank] and outs[step.source] != ins[step]}
    lanes = channels(plan, rank, outs, ins)
    order = sorted(bent, key=lambda name: lanes[name])
    return {name: number for number, name in enumerate(order)}


def _gap(plan: Layers, rank: int, outs: Mapping[str, int], ins: Mapping[Step, int]) -> int:
    """Lines below a rank: one a bend, one for the arrow heads."""
    if rank == len(plan.ranks) - 1:
        return 0
    return max(1, len(_bending(plan, rank, outs, ins))) + 1


def _draw_rank(
    canvas: Canvas,
    plan: Layers,
    rank: int,
    links: Sequence[Link],
    boxes: Mapping[str, Box],
    rows: Sequence[int],
    outs: Mapping[str, int],
    ins: Mapping[Step, int],
) -> None:
    """What leaves a rank, and what only passes through it."""
    row, top = plan.ranks[rank], rows[rank]
    below = top + HEIGHT
    lanes = _bending(plan, rank, outs, ins)
    for name in (name for name in row if is_joint(name)):
        link = links[link_of(name, plan)]
        canvas.line((outs[name], top), (outs[name], below), net_of(name, plan), link.tone, link.dashed)
    for step in (step for step in plan.steps if step.source in row):
        link, net = links[step.link], net_of(step.source, plan)
        out, into = outs[step.source], ins[step]
        bend = below + lanes.get(step.source, 0)
        target = boxes.get(step.target)
        end = rows[rank + 1] - 1 if target else rows[rank + 1]
        # From the frame on, which the box is drawn over.
        canvas.line((out, below - 1), (out, bend), net, link.tone, link.dashed)
        if out != into:
            canvas.line((out, bend), (into, bend), net, link.tone, link.dashed)
        canvas.line((into, bend), (into, end), net, link.tone, link.dashed)
        if step.link in plan.reversed_links:
            if not is_joint(step.source):
                canvas.write(out, below, "▲", link.tone)
        elif target is not None:
            canvas.write(into, end, "▼", link.tone)


def _write_note(canvas: Canvas, x: int, y: int, room: int, link: Link) -> None:
    """Beside the arrow head, right or left of it; else in two lines, the second one there."""
    note = link_note(link)
    if not note:
        return
    size = cell_len(note)
    for start in (x + 2, x - 1 - size):
        if start >= 0 and (not room or start + size <= room) and canvas.free(start - 1, y, size + 2):
            canvas.write(start, y, note, link.tone)
            return
    first, _, rest = note.partition(" ")
    size = max(cell_len(first), cell_len(rest))
    if rest and x + 2 + size <= room and all(canvas.free(x + 1, line, size + 2) for line in (y - 1, y)):
        canvas.write(x + 2, y - 1, first, link.tone)
        canvas.write(x + 2, y, rest, link.tone)
