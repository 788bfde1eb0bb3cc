"""The whole layout: from a structure to an arrangement. Pure, so it may run in a thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from hp_tui.widgets.graph.arrangement import Arrangement, Call, Head, Run, Shape, Structure
from hp_tui.widgets.graph.boxes import HEIGHT, SMALL_HEIGHT, Box
from hp_tui.widgets.graph.channels import Wire
from hp_tui.widgets.graph.layers import Kind, Layers, Step, is_joint, layers
from hp_tui.widgets.graph.notes import notes_downward, notes_rightward
from hp_tui.widgets.graph.tracks import Sizes, Tracks, tracks

NOTE_ROOM = 16
"""Most cells of a link's note."""
UNLINKED_GAP = 3
"""Cells between two neighbouring ranks without a link between them."""
SPACIOUS = 15
"""Cells up to which a box is widened so that the lines that end at it stay apart."""
TURN_FACTOR: dict[bool | None, float] = {True: 0.6, False: 1 / 0.6, None: 1.0}
"""By the direction of the picture before: the factor for cells that are hidden when it is drawn downwards."""
WIDEST = 100
"""Columns for services without calls, where the room is not known."""


def arrange(structure: Structure, room: tuple[int, int] = (0, 0), before: bool | None = None) -> Arrangement:
    """Lay the whole graph out.

    ``room`` is the width and height, in cells, of the view it is for. Calls run to the right if that fits, else downwards if
    more is visible that way. ``before`` is whether the picture before ran downwards: if neither direction fits, it changes
    only for a large gain. Boxes without links are placed below, side by side; they are small, unless no box has links.
    """
    widths = {shape.id: shape.width for shape in structure.shapes}
    calls = structure.calls
    usable = [call for call in calls if call.source in widths and call.target in widths and call.source != call.target]
    linked = {end for call in usable for end in (call.source, call.target)}
    plan = layers([name for name in widths if name in linked], [(call.source, call.target) for call in calls])
    made, boxes = _rightward(plan, widths, calls)
    downward = False
    if room[0] and _hidden(boxes, room):
        other, standing = _downward(plan, widths, room[0])
        if _hidden(standing, room) * TURN_FACTOR[before] < _hidden(boxes, room):
            made, boxes, downward = other, standing, True
    runs = [_run(axis_run, downward=downward) for axis_run in _axis_runs(made, boxes, downward=downward)]
    heads = _heads(made, boxes, downward=downward)
    notes = (
        notes_downward(heads, runs, boxes, calls, room[0])
        if downward
        else notes_rightward(made, boxes, calls, NOTE_ROOM)
    )
    alone = [shape for shape in structure.shapes if shape.id not in linked]
    boxes |= _spread(alone, _size(boxes, runs)[1], room[0] or WIDEST, small=bool(linked))
    width, height = _size(boxes, runs)
    return Arrangement(
        boxes=boxes,
        runs=tuple(runs),
        heads=tuple(heads),
        notes=tuple(notes),
        callers=_neighbours(((call.target, call.source) for call in usable), boxes),
        callees=_neighbours(((call.source, call.target) for call in usable), boxes),
        itself=frozenset(call.source for call in calls if call.source == call.target),
        width=width,
        height=height,
        downward=downward,
    )


def _rightward(plan: Layers, widths: Mapping[str, int], calls: Sequence[Call]) -> tuple[Tracks, dict[str, Box]]:
    def gap(lanes: int, _: bool, steps: list[Step]) -> tuple[int, int]:
        if not steps:
            return UNLINKED_GAP, 0
        ending = (link for step in steps if not is_joint(step.target) for link in step.links)
        note = max((min(NOTE_ROOM, calls[link].room) for link in ending), default=0)
        return lanes + 3 + (note + 2 if note else 0), 1

    made = tracks(
        plan,
        Sizes(
            across=dict.fromkeys(widths, HEIGHT),
            rank_along=lambda names: max((widths[name] for name in names), default=3),
            gap_along=gap,
            side=lambda ports: ports + 2,
            # Right below the frame or in the middle: where there is one port it is beside the name.
            port=lambda size, ports, number: 1 + (size - 2 - ports) // 2 + number,
        ),
    )
    boxes = {}
    for rank, row in enumerate(plan.ranks):
        for name in row:
            if not is_joint(name):
                x = made.begin[rank] + (made.extent[rank] - widths[name]) // 2
                boxes[name] = Box(x, made.at[name], widths[name], made.size[name])
    return made, boxes


def _downward(plan: Layers, widths: Mapping[str, int], room: int) -> tuple[Tracks, dict[str, Box]]:
    def gap(lanes: int, headed: bool, _: list[Step]) -> tuple[int, int]:
        return int(headed) + max(1, lanes) + 1, int(headed)

    made = tracks(
        plan,
        Sizes(
            across=widths,
            rank_along=lambda _: HEIGHT,
            gap_along=gap,
            side=lambda ports: max(ports + 2, min(2 * ports + 1, SPACIOUS)),
            port=lambda size, ports, number: size * (number + 1) // (ports + 1),
            room=room,
        ),
    )
    boxes = {
        name: Box(made.at[name], made.begin[rank], made.size[name], HEIGHT)
        for rank, row in enumerate(plan.ranks)
        for name in row
        if not is_joint(name)
    }
    return made, boxes


AxisRun = tuple[int, int, int, int, int, tuple[int, ...]]
"""A run in terms of the direction of calls: along, across, along, across, net, links."""


def _run(axis_run: AxisRun, *, downward: bool) -> Run:
    along1, across1, along2, across2, net, links = axis_run
    if downward:
        return Run(across1, along1, across2, along2, net, links)
    return Run(along1, across1, along2, across2, net, links)


def _axis_runs(made: Tracks, boxes: Mapping[str, Box], *, downward: bool) -> Iterable[AxisRun]:
    """The runs of all lines, gap by gap, then those of lines that only pass a rank."""
    edge = _edges(made, boxes, downward=downward)
    for rank, wires in enumerate(made.wires):
        for wire in wires:
            yield from _wire_runs(wire, made, rank, edge)
    for rank, row in enumerate(made.plan.ranks):
        for name in row:
            if is_joint(name):
                net = int(name[1:].partition("/")[0])
                links = made.passing[name]
                here = made.at[name]
                yield made.begin[rank], here, made.begin[rank] + made.extent[rank], here, net, links


def _edges(made: Tracks, boxes: Mapping[str, Box], *, downward: bool) -> dict[tuple[int, int, bool], int]:
    """Where lines begin and end along the direction of calls: by rank, place and whether it is the far side of the rank."""
    found = {}
    for rank, row in enumerate(made.plan.ranks):
        for name in row:
            box = boxes.get(name)
            near, far = made.begin[rank], made.begin[rank] + made.extent[rank]
            if box is not None and not downward:
                near, far = box.x - 1, box.right
            elif box is not None:
                near, far = box.y - 1, box.bottom - 1  # from the frame on, over which the box is painted
            for place in range(made.at[name], made.at[name] + made.size[name]):
                found[rank, place, False], found[rank, place, True] = near, far
    return found


def _wire_runs(wire: Wire, made: Tracks, rank: int, edge: Mapping[tuple[int, int, bool], int]) -> Iterable[AxisRun]:
    first = made.first[rank]
    here = first + wire.lane
    if wire.straight and wire.lane < 0:
        place = wire.out
        yield edge[rank, place, True], place, edge[rank + 1, place, False], place, wire.net, wire.links
        return
    start = edge[rank, wire.out, True] if wire.origin is None else first + wire.origin.lane
    yield start, wire.out, here, wire.out, wire.net, wire.links
    for place, carried in wire.ins:
        if place not in wire.onward:
            yield here, place, edge[rank + 1, place, False], place, wire.net, carried
    touched = sorted({wire.out, *(place for place, _ in wire.ins)})
    for low, high in pairwise(touched):
        links = tuple(
            link
            for place, carried in wire.ins
            if min(place, wire.out) <= low and high <= max(place, wire.out)
            for link in carried
        )
        yield here, low, here, high, wire.net, links


def _heads(made: Tracks, boxes: Mapping[str, Box], *, downward: bool) -> list[Head]:
    """The arrow heads: at the end of a line, or at its start if it runs backwards."""
    forward, back = ("▼", "▲") if downward else ("▶", "◀")
    found = []
    for step in made.plan.steps:
        kind, links = made.plan.nets[step.net].kind, made.plan.nets[step.net].links
        end, start = boxes.get(step.target), boxes.get(step.source)
        if end is not None and kind is not Kind.BACKWARD:
            place = made.ins[step.target, step.net]
            x, y = (place, end.y - 1) if downward else (end.x - 1, place)
            found.append(Head(x, y, forward, step.links[0]))
        if start is not None and kind is not Kind.FORWARD:
            place = made.outs[step.source, step.net]
            x, y = (place, start.bottom) if downward else (start.right, place)
            found.append(Head(x, y, back, links[-1]))
    return found


def _size(boxes: Mapping[str, Box], runs: Iterable[Run] = ()) -> tuple[int, int]:
    """Width and height of all boxes and lines together."""
    width = max((box.right for box in boxes.values()), default=0)
    height = max((box.bottom for box in boxes.values()), default=0)
    for run in runs:
        width, height = max(width, run.x2 + 1, run.x1 + 1), max(height, run.y2 + 1, run.y1 + 1)
    return width, height


def _hidden(boxes: Mapping[str, Box], room: tuple[int, int]) -> int:
    """How many cells of the picture do not fit into a view of ``room``."""
    width, height = _size(boxes)
    return width * height - min(width, room[0]) * min(height, room[1])


def _spread(shapes: Sequence[Shape], bottom: int, room: int, *, small: bool) -> dict[str, Box]:
    """Boxes without links, in rows below all others, in columns of equal width."""
    y = bottom + 1 if bottom else 0
    column = max((shape.small_width if small else shape.width for shape in shapes), default=0)
    height, line_height = (SMALL_HEIGHT, SMALL_HEIGHT) if small else (HEIGHT, HEIGHT + 1)
    each = max(1, (room + 1) // (column + 1)) if column else 1
    found = {}
    for number, shape in enumerate(shapes):
        line, place = divmod(number, each)
        found[shape.id] = Box(place * (column + 1), y + line * line_height, column, height)
    return found


def _neighbours(pairs: Iterable[tuple[str, str]], boxes: Mapping[str, Box]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for start, end in pairs:
        found.setdefault(start, set()).add(end)
    return {
        name: tuple(sorted(ends, key=lambda end: (boxes[end].y, boxes[end].x, end))) for name, ends in found.items()
    }
