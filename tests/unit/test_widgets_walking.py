"""Walking in the topology: arrow keys follow the lines, and lead from every box to every other."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hp_tui.widgets.graph.picture import Picture
from hp_tui.widgets.graph.topology import draw
from hp_tui.widgets.values import Link, Node
from tests.unit.topology_graphs import GRAPHS, ROOMS

AHEAD = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


def reached(picture: Picture, start: str) -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        for other in picture.walk[waiting.pop()].values():
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return seen


@settings(deadline=None, max_examples=200)
@given(GRAPHS, st.sampled_from(ROOMS))
def test_every_box_is_reached_from_every_other(graph: tuple[list[Node], list[Link]], room: tuple[int, int]) -> None:
    nodes, links = graph
    picture = draw(nodes, links, room=room)
    for node in nodes:
        assert reached(picture, node.id) == {other.id for other in nodes}, "\n" + "\n".join(picture.lines())


@pytest.mark.parametrize("room", [(0, 0), (20, 200), (116, 32)])
@pytest.mark.parametrize(("services", "calls"), [(12, 30), (40, 60), (40, 273), (120, 200)])
def test_a_thicket_can_be_walked_everywhere(services: int, calls: int, room: tuple[int, int]) -> None:
    dice = random.Random(services + calls)
    names = [f"service-{number}" for number in range(services)]
    pairs = sorted({tuple(dice.sample(names, 2)) for _ in range(calls)})
    picture = draw([Node(name, name) for name in names], [Link(*pair) for pair in pairs], room=room)
    assert reached(picture, names[0]) == reached(picture, names[-1]) == set(names)


@settings(deadline=None)
@given(GRAPHS, st.sampled_from(ROOMS))
def test_along_the_calls_a_key_leads_to_a_neighbour_on_that_side_if_there_is_one(
    graph: tuple[list[Node], list[Link]], room: tuple[int, int]
) -> None:
    nodes, links = graph
    picture = draw(nodes, links, room=room)
    boxes = picture.boxes
    for name, box in boxes.items():
        for direction in ("up", "down") if picture.downward else ("left", "right"):
            dx, dy = AHEAD[direction]
            linked = {*picture.callers.get(name, ()), *picture.callees.get(name, ())}
            beyond = {
                other
                for other in linked
                if (dx and (boxes[other].x - box.right >= 0 if dx > 0 else boxes[other].right <= box.x))
                or (dy and (boxes[other].y >= box.bottom if dy > 0 else boxes[other].bottom <= box.y))
            }
            if beyond:
                assert picture.walk[name][direction] in beyond
