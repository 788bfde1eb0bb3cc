"""A layered graph drawn with calls running from left to right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from widgets.escape import fit
from widgets.renderables.boxes import HEIGHT, Box, link_note, width_of
from widgets.renderables.canvas import Canvas
from widgets.renderables.layers import Layers, Step, is_joint
from widgets.renderables.places import channels, incoming, link_of, net_of, nets, places
from widgets.values import Link, Node

NOTE_ROOM = 14
"""Cells of a link's note at most."""
APART = 3
"""Cells between two ranks that no link joins."""


def draw_right(plan: Layers, nodes: Mapping[str, Node], links: Sequence[Link], canvas: Canvas) -> dict[str, Box]:
    """Draw the links on ``canvas``; return where the boxes belong."""
    into = incoming(plan)
    heights = {
        # A box is as high as it has arrows coming in, so that each has a line of its own.
        name: 1 if is_joint(name) else max(HEIGHT, len(into.get(name, ())) + 2)
        for row in plan.ranks
        for name in row
    }
    tops = places(plan, heights)
    outs = {name: tops[name] + (heights[name] - 1) // 2 for name in tops}
    ins = {step: _arrival(step, into, tops, heights) for step in plan.steps}
    boxes: dict[str, Box] = {}
    columns: list[tuple[int, int]] = []
    x = 0
    for rank, row in enumerate(plan.ranks):
        width = max((width_of(nodes[name]) for name in row if not is_joint(name)), default=3)
        columns.append((x, width))
        for name in row:
            if not is_joint(name):
                own = width_of(nodes[name])
                boxes[name] = Box(x + (width - own) // 2, tops[name], own, heights[name])
        x += width + _gap(plan, rank, links)
    for rank in range(len(plan.ranks)):
        _draw_rank(canvas, plan, rank, links, boxes, columns, outs, ins)
    return boxes


def _gap(plan: Layers, rank: int, links: Sequence[Link]) -> int:
    steps = [step for step in plan.steps if step.source in plan.ranks[rank]]
    if not steps:
        return APART
    notes = [link_note(links[step.link]) for step in steps if not is_joint(step.target)]
    room = max((min(NOTE_ROOM, cell_len(note)) + 2 for note in notes if note), default=0)
    return len(nets(plan, rank)) + 3 + room


def _arrival(step: Step, into: Mapping[str, list[Step]], tops: Mapping[str, int], heights: Mapping[str, int]) -> int:
    if is_joint(step.target):
        return tops[step.target]
    arrows = into[step.target]
    first = tops[step.target] + 1 + (heights[step.target] - 2 - len(arrows)) // 2
    return first + arrows.index(step)


def _draw_rank(
    canvas: Canvas,
    plan: Layers,
    rank: int,
    links: Sequence[Link],
    boxes: Mapping[str, Box],
    columns: Sequence[tuple[int, int]],
    outs: Mapping[str, int],
    ins: Mapping[Step, int],
) -> None:
    """What leaves a rank, and what only passes through it."""
    row = plan.ranks[rank]
    x, width = columns[rank]
    lanes = channels(plan, rank, outs, ins)
    for name in (name for name in row if is_joint(name)):
        link = links[link_of(name, plan)]
        canvas.line((x, outs[name]), (x + width, outs[name]), net_of(name, plan), link.tone, link.dashed)
    for step in (step for step in plan.steps if step.source in row):
        link, net = links[step.link], net_of(step.source, plan)
        out, into = outs[step.source], ins[step]
        start = boxes[step.source].right if step.source in boxes else x + width
        bend = x + width + 1 + lanes[step.source]
        target = boxes.get(step.target)
        end = target.x - 1 if target else columns[rank + 1][0]
        canvas.line((start, out), (bend, out), net, link.tone, link.dashed)
        if out != into:
            canvas.line((bend, out), (bend, into), net, link.tone, link.dashed)
        canvas.line((bend, into), (end, into), net, link.tone, link.dashed)
        if step.link in plan.reversed_links:
            if not is_joint(step.source):
                canvas.write(start, out, "◀", link.tone)
        elif target is not None:
            canvas.write(end, into, "▶", link.tone)
            note = link_note(link)
            size = min(NOTE_ROOM, cell_len(note))
            if note and end - bend - 2 >= size:
                canvas.write(end - 1 - size, into, fit(note, size), link.tone)
