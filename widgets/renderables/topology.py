"""The picture of a topology: boxes in columns, arrows between them. Pure: nodes and links in, a canvas out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from widgets.escape import fit
from widgets.renderables.canvas import Canvas
from widgets.renderables.layers import Layers, Step, is_joint, layers
from widgets.values import GLYPHS, Link, Node, Tone

MAX_LABEL = 22
MAX_DOTS = 8
NOTE_ROOM = 11
"""Cells of a link's note at most."""
LOCK = "⚿"


@dataclass(frozen=True, slots=True)
class Box:
    """Where a node stands."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn topology. ``boxes`` by node id; ``left`` and ``right`` are a node's neighbours along links, top first."""

    canvas: Canvas
    boxes: Mapping[str, Box]
    left: Mapping[str, tuple[str, ...]]
    right: Mapping[str, tuple[str, ...]]


def draw(nodes: Sequence[Node], links: Sequence[Link], selected: str = "") -> Picture:
    """Draw the whole graph. ``selected`` is the id of the node whose frame is to stand out."""
    by_id = {node.id: node for node in nodes}
    usable = [link for link in links if link.source in by_id and link.target in by_id and link.source != link.target]
    plan = layers([node.id for node in nodes], [(link.source, link.target) for link in usable])
    incoming = _incoming(plan)
    heights = {name: _height(name, incoming) for row in plan.ranks for name in row}
    tops = _tops(plan, heights)
    canvas = Canvas()
    boxes: dict[str, Box] = {}
    gaps = [_gap(plan, rank, usable, tops, heights) for rank in range(len(plan.ranks))]
    x = 0
    columns: list[tuple[int, int]] = []
    for rank, row in enumerate(plan.ranks):
        width = max((_width(by_id[name]) for name in row if not is_joint(name)), default=3)
        columns.append((x, width))
        for name in row:
            if not is_joint(name):
                own = _width(by_id[name])
                boxes[name] = Box(x + (width - own) // 2, tops[name], own, heights[name])
        x += width + gaps[rank]
    _draw_links(canvas, plan, usable, boxes, columns, tops, heights, incoming)
    for name, box in boxes.items():
        _draw_node(canvas, by_id[name], box, name == selected)
    return Picture(canvas, boxes, _neighbours(usable, boxes, forth=False), _neighbours(usable, boxes, forth=True))


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


def _label(node: Node) -> str:
    return fit(node.label, min(MAX_LABEL, cell_len(node.label)))


def dots(tones: Sequence[Tone]) -> list[tuple[str, Tone]]:
    """One glyph an instance, as given; beyond eight the number of the rest."""
    shown = [(GLYPHS[tone], tone) for tone in tones[:MAX_DOTS]]
    if len(tones) > MAX_DOTS:
        shown.append((f"+{len(tones) - MAX_DOTS}", Tone.MUTED))
    return shown


def _second_line(node: Node) -> int:
    size = sum(cell_len(text) for text, _ in dots(node.dots))
    return size + (cell_len(node.note) + 1 if node.note else 0)


def _width(node: Node) -> int:
    return max(cell_len(_label(node)), _second_line(node)) + 4


def _incoming(plan: Layers) -> dict[str, list[Step]]:
    found: dict[str, list[Step]] = {}
    place = {name: number for row in plan.ranks for number, name in enumerate(row)}
    for step in sorted(plan.steps, key=lambda step: place[step.source]):
        found.setdefault(step.target, []).append(step)
    return found


def _height(name: str, incoming: Mapping[str, list[Step]]) -> int:
    """A box is as high as it has arrows coming in, so that each has a line of its own."""
    return 1 if is_joint(name) else max(2, len(incoming.get(name, ()))) + 2


def _tops(plan: Layers, heights: Mapping[str, int]) -> dict[str, int]:
    """Top line of each box: packed first, then drawn towards the middle of its neighbours."""
    tops: dict[str, int] = {}
    for row in plan.ranks:
        y = 0
        for name in row:
            tops[name] = y
            y += heights[name] + (0 if is_joint(name) else 1)
    neighbours: dict[str, list[str]] = {}
    for step in plan.steps:
        neighbours.setdefault(step.source, []).append(step.target)
        neighbours.setdefault(step.target, []).append(step.source)
    for _ in range(4):
        for row in (*plan.ranks, *reversed(plan.ranks)):
            _settle(row, neighbours, tops, heights)
    lowest = min(tops.values(), default=0)
    return {name: top - lowest for name, top in tops.items()}


def _settle(
    row: Sequence[str], neighbours: Mapping[str, list[str]], tops: dict[str, int], heights: Mapping[str, int]
) -> None:
    """Move each of a column towards the middle of its neighbours, keeping order and distance."""
    wanted = []
    for name in row:
        near = neighbours.get(name, ())
        middle = [tops[other] + heights[other] // 2 for other in near]
        wanted.append(round(sum(middle) / len(middle)) - heights[name] // 2 if middle else tops[name])
    for index, name in enumerate(row):
        above = row[index - 1] if index else None
        least = tops[above] + heights[above] + 1 if above else -10_000
        tops[name] = max(wanted[index], least)
    for index in range(len(row) - 2, -1, -1):
        below, name = row[index + 1], row[index]
        if wanted[index] < tops[name]:
            room = tops[below] - heights[name] - 1
            above = row[index - 1] if index else None
            least = tops[above] + heights[above] + 1 if above else -10_000
            tops[name] = max(least, min(tops[name], room, wanted[index]))


def _nets(plan: Layers, rank: int) -> list[str]:
    """Sources of the steps that leave a rank, top first: all steps of one source share an upright line."""
    leaving = {step.source for step in plan.steps}
    return [name for name in plan.ranks[rank] if name in leaving]


def _gap(plan: Layers, rank: int, links: Sequence[Link], tops: Mapping[str, int], heights: Mapping[str, int]) -> int:
    steps = [step for step in plan.steps if step.source in plan.ranks[rank]]
    if not steps:
        return 3
    notes = [_note(links[step.link]) for step in steps if not is_joint(step.target)]
    room = max((min(NOTE_ROOM, cell_len(note)) + 2 for note in notes if note), default=0)
    return len(_nets(plan, rank)) + 4 + room


def _note(link: Link) -> str:
    return f"{LOCK} {link.note}".strip() if link.secure else link.note


def _out_row(name: str, tops: Mapping[str, int], heights: Mapping[str, int]) -> int:
    return tops[name] + (heights[name] - 1) // 2


def _in_row(step: Step, incoming: Mapping[str, list[Step]], tops: Mapping[str, int], heights: Mapping[str, int]) -> int:
    if is_joint(step.target):
        return tops[step.target]
    arrows = incoming[step.target]
    first = tops[step.target] + 1 + (heights[step.target] - 2 - len(arrows)) // 2
    return first + arrows.index(step)


def _draw_links(
    canvas: Canvas,
    plan: Layers,
    links: Sequence[Link],
    boxes: Mapping[str, Box],
    columns: Sequence[tuple[int, int]],
    tops: Mapping[str, int],
    heights: Mapping[str, int],
    incoming: Mapping[str, list[Step]],
) -> None:
    for rank, row in enumerate(plan.ranks):
        x, width = columns[rank]
        channels = _channels(plan, rank, incoming, tops, heights)
        for name in row:
            net = _net_of(name, plan)
            if is_joint(name):
                link = links[plan.steps[_first_step(name, plan)].link]
                canvas.line((x, tops[name]), (x + width, tops[name]), net, link.tone, link.dashed)
        for step in (step for step in plan.steps if step.source in row):
            link = links[step.link]
            net = _net_of(step.source, plan)
            start = boxes[step.source].x + boxes[step.source].width if step.source in boxes else x + width
            out, into = _out_row(step.source, tops, heights), _in_row(step, incoming, tops, heights)
            bend = x + width + 1 + channels[step.source]
            box = boxes.get(step.target)
            end = box.x - 1 if box else columns[rank + 1][0]
            canvas.line((start, out), (bend, out), net, link.tone, link.dashed)
            if out != into:
                canvas.line((bend, out), (bend, into), net, link.tone, link.dashed)
            canvas.line((bend, into), (end, into), net, link.tone, link.dashed)
            backward = step.link in plan.reversed_links
            if backward and not is_joint(step.source):
                canvas.write(start, out, "◀", link.tone)
            elif not backward and box is not None:
                canvas.write(end, into, "▶", link.tone)
                note = _note(link)
                if note and end - bend - 2 >= min(NOTE_ROOM, cell_len(note)):
                    canvas.write(
                        end - 1 - min(NOTE_ROOM, cell_len(note)),
                        into,
                        fit(note, min(NOTE_ROOM, cell_len(note))),
                        link.tone,
                    )


def _channels(
    plan: Layers,
    rank: int,
    incoming: Mapping[str, list[Step]],
    tops: Mapping[str, int],
    heights: Mapping[str, int],
) -> dict[str, int]:
    """The column of each source's upright line in the gap after a rank.

    Where one line leaves on the row on which another arrives, the leaving one bends first: otherwise they would overlap.
    """
    nets = _nets(plan, rank)
    arrive = {
        net: {_in_row(step, incoming, tops, heights) for step in plan.steps if step.source == net} for net in nets
    }
    order: list[str] = []
    waiting = list(nets)
    while waiting:
        free = next(
            (
                net
                for net in waiting
                if not any(_out_row(other, tops, heights) in arrive[net] for other in waiting if other != net)
            ),
            waiting[0],
        )
        waiting.remove(free)
        order.append(free)
    # `free` has nobody leaving on its arriving rows, so everybody it blocks comes to its left.
    order.reverse()
    order.sort(key=lambda net: _rank_of_blocking(net, nets, arrive, tops, heights))
    return {net: number for number, net in enumerate(order)}


def _rank_of_blocking(
    net: str,
    nets: Sequence[str],
    arrive: Mapping[str, set[int]],
    tops: Mapping[str, int],
    heights: Mapping[str, int],
) -> int:
    """0 for a line that leaves where another arrives (it bends first), 1 for the others."""
    out = _out_row(net, tops, heights)
    return 0 if any(out in arrive[other] for other in nets if other != net) else 1


def _net_of(name: str, plan: Layers) -> str:
    """Lines join only where they come from the same box: a joint belongs to the source of its link."""
    while is_joint(name):
        name = next(step.source for step in plan.steps if step.target == name)
    return name


def _first_step(name: str, plan: Layers) -> int:
    return next(number for number, step in enumerate(plan.steps) if step.source == name)


def _draw_node(canvas: Canvas, node: Node, box: Box, selected: bool) -> None:
    tone = Tone.INFO if selected else (node.tone if node.tone in {Tone.BAD, Tone.WARN} else Tone.MUTED)
    canvas.box(box.x, box.y, box.width, box.height, tone, node.id, bold=selected)
    top = box.y + 1 + (box.height - 4) // 2
    label_tone = node.tone if node.tone is Tone.BAD else Tone.PLAIN
    canvas.write(box.x + 2, top, _label(node), label_tone, node.id, bold=selected or node.tone is Tone.BAD)
    x = box.x + 2
    for text, dot_tone in dots(node.dots):
        canvas.write(x, top + 1, text, dot_tone, node.id)
        x += cell_len(text)
    if node.note:
        canvas.write(x + (1 if node.dots else 0), top + 1, node.note, Tone.MUTED, node.id)


def _neighbours(links: Sequence[Link], boxes: Mapping[str, Box], *, forth: bool) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for link in links:
        start, end = (link.source, link.target) if forth else (link.target, link.source)
        found.setdefault(start, set()).add(end)
    return {name: tuple(sorted(ends, key=lambda end: (boxes[end].y, end))) for name, ends in found.items()}
