"""The picture of a topology: boxes in ranks, arrows between them. Pure: nodes and links in, a canvas out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from widgets.renderables.boxes import HEIGHT, Box, Picture, dots, draw_node, width_of
from widgets.renderables.canvas import Canvas
from widgets.renderables.downward import draw_down
from widgets.renderables.layers import layers
from widgets.renderables.rightward import draw_right
from widgets.values import Link, Node

__all__ = ["Box", "Picture", "dots", "draw", "neighbourhood"]

WIDEST = 100
"""Columns over which services that nobody calls are spread, where the place is not known."""


def draw(nodes: Sequence[Node], links: Sequence[Link], selected: str = "", room: tuple[int, int] = (0, 0)) -> Picture:
    """Draw the whole graph. ``selected`` is the id of the node whose frame is to stand out.

    ``room`` is the width and height of the place it is for: calls run to the right where that fits, else downwards where
    more of it can be seen so. Nodes without links stand below, side by side.
    """
    by_id = {node.id: node for node in nodes}
    usable = [link for link in links if link.source in by_id and link.target in by_id and link.source != link.target]
    linked = {end for link in usable for end in (link.source, link.target)}
    plan = layers([node.id for node in nodes if node.id in linked], [(link.source, link.target) for link in usable])
    canvas, downward = Canvas(), False
    boxes = draw_right(plan, by_id, usable, canvas)
    if room[0] and hidden(boxes, room):
        other = Canvas()
        down = draw_down(plan, by_id, usable, other, room[0])
        if hidden(down, room) < hidden(boxes, room):
            canvas, boxes, downward = other, down, True
    _spread([node for node in nodes if node.id not in linked], boxes, room[0] or WIDEST)
    for name, box in boxes.items():
        draw_node(canvas, by_id[name], box, name == selected)
    callers, callees = _neighbours(usable, boxes, forth=False), _neighbours(usable, boxes, forth=True)
    return Picture(canvas, boxes, callers, callees, downward)


def canvas_size(boxes: Mapping[str, Box]) -> tuple[int, int]:
    """Width and height of what holds all boxes."""
    return max((box.right for box in boxes.values()), default=0), max((box.bottom for box in boxes.values()), default=0)


def hidden(boxes: Mapping[str, Box], room: tuple[int, int]) -> int:
    """How many cells of what holds all boxes a place of ``room`` does not show at once."""
    width, height = canvas_size(boxes)
    return width * height - min(width, room[0]) * min(height, room[1])


def _spread(nodes: Sequence[Node], boxes: dict[str, Box], room: int) -> None:
    """Nodes without links in lines below the others, in columns where they are of like width."""
    _, bottom = canvas_size(boxes)
    y = bottom + 1 if boxes else 0
    column = max((width_of(node) for node in nodes), default=0)
    each = max(1, (room + 1) // (column + 1)) if column else 1
    for number, node in enumerate(nodes):
        line, place = divmod(number, each)
        boxes[node.id] = Box(place * (column + 1), y + line * (HEIGHT + 1), column, HEIGHT)


def neighbourhood(nodes: Sequence[Node], links: Sequence[Link], centre: str, hops: int) -> set[str]:
    """Ids within ``hops`` links of ``centre``, in either direction, ``centre`` included."""
    found = {centre} if any(node.id == centre for node in nodes) else set()
    edge = set(found)
    for _ in range(hops):
        edge = {
            end
            for link in links
            for start, end in ((link.source, link.target), (link.target, link.source))
            if start in edge and end not in found
        }
        found |= edge
    return found


def _neighbours(links: Sequence[Link], boxes: Mapping[str, Box], *, forth: bool) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for link in links:
        start, end = (link.source, link.target) if forth else (link.target, link.source)
        found.setdefault(start, set()).add(end)
    return {
        name: tuple(sorted(ends, key=lambda end: (boxes[end].y, boxes[end].x, end))) for name, ends in found.items()
    }
