"""The picture of a topology: boxes apart, every call drawn from box to box, the same picture for the same graph."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from widgets.renderables.boxes import Box, Picture
from widgets.renderables.canvas import DOWN, LEFT, RIGHT, UP, Canvas
from widgets.renderables.layers import crossings, is_joint, layers
from widgets.renderables.topology import draw, neighbourhood
from widgets.values import Link, Node, Tone

NAMES = ["a", "bb", "service-c", "評論家", "a-very-long-name-of-a-service-indeed", "f", "g"]
ROOMS = [(0, 0), (40, 12), (120, 40), (20, 200)]


@st.composite
def graphs(make: st.DrawFn) -> tuple[list[Node], list[Link]]:
    names = make(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    tones = st.lists(st.sampled_from(list(Tone)), max_size=12)
    nodes = [Node(name, name, tuple(make(tones)), make(st.sampled_from(["", "1.0.0"]))) for name in names]
    pairs = make(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=10, unique=True))
    notes = st.sampled_from(["", "10/s ✖33 %"])
    links = [
        Link(one, other, make(notes), secure=make(st.booleans()), dashed=make(st.booleans())) for one, other in pairs
    ]
    return nodes, links


GRAPHS = graphs()


def overlap(one: Box, other: Box) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


@settings(deadline=None)
@given(GRAPHS, st.sampled_from(ROOMS))
def test_boxes_stand_apart_and_lie_within_the_picture(
    graph: tuple[list[Node], list[Link]], room: tuple[int, int]
) -> None:
    nodes, links = graph
    picture = draw(nodes, links, room=room)
    assert set(picture.boxes) == {node.id for node in nodes}
    for one, other in itertools.combinations(picture.boxes.values(), 2):
        assert not overlap(one, other)
    for box in picture.boxes.values():
        assert box.x >= 0
        assert box.y >= 0
        assert box.right <= picture.canvas.width
        assert box.bottom <= picture.canvas.height


@settings(deadline=None)
@given(GRAPHS, st.sampled_from(ROOMS))
def test_the_same_graph_is_the_same_picture(graph: tuple[list[Node], list[Link]], room: tuple[int, int]) -> None:
    nodes, links = graph
    assert draw(nodes, links, room=room).canvas.lines() == draw(list(nodes), list(links), room=room).canvas.lines()


@settings(deadline=None)
@given(GRAPHS, st.sampled_from(ROOMS))
def test_names_stand_in_their_boxes(graph: tuple[list[Node], list[Link]], room: tuple[int, int]) -> None:
    nodes, links = graph
    picture = draw(nodes, links, room=room)
    for node in nodes:
        box = picture.boxes[node.id]
        inside = "".join(
            cell.text for y in range(box.y, box.bottom) for cell in picture.canvas.row(y, box.x, box.width)
        )
        assert node.label[:10] in inside
        for y in range(box.y, box.bottom):
            assert all(cell.owner == node.id for cell in picture.canvas.row(y, box.x, box.width))


STEPS = {UP: (0, -1), DOWN: (0, 1), LEFT: (-1, 0), RIGHT: (1, 0)}


def beside(box: Box) -> set[tuple[int, int]]:
    """The places next to a box, corners left out."""
    across = {(x, y) for x in (box.x - 1, box.right) for y in range(box.y, box.bottom)}
    return across | {(x, y) for y in (box.y - 1, box.bottom) for x in range(box.x, box.right)}


def reaches(canvas: Canvas, net: str, start: Box, end: Box) -> bool:
    """Whether one can walk along the line of ``net`` from box to box; where lines cross one goes straight on."""
    arms = canvas._arms
    waiting = [place for place in beside(start) if place in arms and arms[place][1] == net]
    seen = set(waiting)
    while waiting:
        x, y = waiting.pop()
        if (x, y) in beside(end):
            return True
        for arm, (dx, dy) in STEPS.items():
            if not arms[x, y][0] & arm:
                continue
            place = (x + dx, y + dy)
            while place in arms and arms[place][1] != net:
                place = (place[0] + dx, place[1] + dy)
            if place in arms and place not in seen:
                seen.add(place)
                waiting.append(place)
    return False


def drawn(picture: Picture, link: Link) -> bool:
    one, other = picture.boxes[link.source], picture.boxes[link.target]
    return reaches(picture.canvas, link.source, one, other) or reaches(picture.canvas, link.target, other, one)


@settings(deadline=None, max_examples=200)
@given(GRAPHS, st.sampled_from(ROOMS))
def test_every_call_is_a_line_from_box_to_box(graph: tuple[list[Node], list[Link]], room: tuple[int, int]) -> None:
    nodes, links = graph
    picture = draw(nodes, links, room=room)
    for link in links:
        if link.source != link.target:
            assert drawn(picture, link), f"{link}\n" + "\n".join(picture.canvas.lines())


@settings(deadline=None, max_examples=200)
@given(GRAPHS, st.sampled_from(ROOMS))
def test_no_line_runs_through_a_box(graph: tuple[list[Node], list[Link]], room: tuple[int, int]) -> None:
    nodes, links = graph
    picture = draw(nodes, links, room=room)
    for name, box in picture.boxes.items():
        under = [(x, y) for x, y in picture.canvas._arms if box.x < x < box.right - 1 and box.y < y < box.bottom - 1]
        assert not under, f"{name}\n" + "\n".join(picture.canvas.lines())


@given(GRAPHS)
def test_arrows_are_known_to_whoever_walks(graph: tuple[list[Node], list[Link]]) -> None:
    nodes, links = graph
    picture = draw(nodes, links)
    for link in links:
        if link.source != link.target:
            assert link.target in picture.callees[link.source]
            assert link.source in picture.callers[link.target]


# Layers.


@settings(deadline=None)
@given(GRAPHS)
def test_layers_keep_every_node_once_and_every_step_between_neighbours(graph: tuple[list[Node], list[Link]]) -> None:
    nodes, links = graph
    names = [node.id for node in nodes]
    pairs = [(link.source, link.target) for link in links]
    plan = layers(names, pairs)
    assert sorted(name for row in plan.ranks for name in row if not is_joint(name)) == sorted(names)
    rank = {name: number for number, row in enumerate(plan.ranks) for name in row}
    assert all(rank[step.target] - rank[step.source] == 1 for step in plan.steps)
    for number, (one, other) in enumerate(pairs):
        if one == other:
            continue
        chain = [step for step in plan.steps if step.link == number]
        ends = (chain[0].source, chain[-1].target)
        assert ends == ((other, one) if number in plan.reversed_links else (one, other))
    assert plan == layers(names, pairs)


def test_a_chain_runs_one_way_and_a_cycle_is_broken_once() -> None:
    chain = layers(["a", "b", "c"], [("a", "b"), ("b", "c")])
    assert chain.ranks == (("a",), ("b",), ("c",))
    assert chain.reversed_links == frozenset()
    ring = layers(["a", "b", "c"], [("a", "b"), ("b", "c"), ("c", "a")])
    assert ring.reversed_links == {2}


def test_crossings_that_can_be_avoided_are() -> None:
    plan = layers(["a", "b", "x", "y"], [("a", "y"), ("b", "x")])
    assert crossings(plan.ranks, plan.steps) == 0


def test_no_nodes_is_an_empty_picture() -> None:
    picture = draw([], [])
    assert picture.canvas.lines() == []
    assert neighbourhood([], [], "x", 2) == set()


@pytest.mark.parametrize("dashed", [False, True])
def test_lines_of_one_source_join_and_others_pass_over(dashed: bool) -> None:
    canvas = Canvas()
    canvas.line((0, 1), (4, 1), "one", Tone.MUTED, dashed)
    canvas.line((2, 0), (2, 2), "one", Tone.MUTED, dashed)
    assert canvas.cell(2, 1).text == "┼"
    canvas.line((3, 0), (3, 2), "other", Tone.BAD, dashed)
    assert canvas.cell(3, 1).text == ("╎" if dashed else "│"), "a crossing never looks like a junction"


def test_wide_text_takes_its_cells() -> None:
    canvas = Canvas()
    canvas.write(0, 0, "評a", Tone.PLAIN)
    assert canvas.lines() == ["評a"]
    assert canvas.width == cell_len("評a")
