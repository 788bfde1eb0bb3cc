"""The picture of a topology: boxes apart, every call drawn from box to box, the same picture for the same graph."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from hp_tui.widgets.graph.arrange import arrange
from hp_tui.widgets.graph.boxes import Box, dots, note
from hp_tui.widgets.graph.layers import Kind, is_joint, layers
from hp_tui.widgets.graph.ordering import crossings
from hp_tui.widgets.graph.picture import Picture
from hp_tui.widgets.graph.topology import draw, structure
from hp_tui.widgets.values import Link, Node, Tone
from tests.unit.topology_graphs import GRAPHS, ROOMS


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
        assert box.right <= picture.width
        assert box.bottom <= picture.height


@settings(deadline=None)
@given(GRAPHS, st.sampled_from(ROOMS))
def test_the_same_graph_is_the_same_picture(graph: tuple[list[Node], list[Link]], room: tuple[int, int]) -> None:
    nodes, links = graph
    assert draw(nodes, links, room=room).lines() == draw(list(nodes), list(links), room=room).lines()


@settings(deadline=None)
@given(GRAPHS, st.sampled_from(ROOMS))
def test_names_stand_in_their_boxes(graph: tuple[list[Node], list[Link]], room: tuple[int, int]) -> None:
    nodes, links = graph
    picture = draw(nodes, links, room=room)
    for node in nodes:
        box = picture.boxes[node.id]
        inside = "".join(cell.text for y in range(box.y, box.bottom) for cell in picture.row(y, box.x, box.width))
        assert node.label[:10] in inside
        for y in range(box.y, box.bottom):
            assert all(cell.owner == node.id for cell in picture.row(y, box.x, box.width))


STEPS = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}
BACK = {"up": "down", "down": "up", "left": "right", "right": "left"}
ARMS = {
    "─": "left right", "╌": "left right", "│": "up down", "╎": "up down", "╭": "down right", "╮": "down left",
    "╰": "up right", "╯": "up left", "├": "up down right", "┤": "up down left", "┬": "left right down",
    "┴": "left right up", "┼": "up right down left",
}  # fmt: skip
HEADS = {"▶": "left", "◀": "right", "▼": "up", "▲": "down"}
"""Each with where its line comes from."""
UPRIGHT, LEVEL = "│╎", "─╌"


@dataclass
class Traced:
    """What an eye that follows the drawn characters finds at the ends of one line."""

    heads: set[str]
    tails: set[str]


def trace(picture: Picture) -> list[Traced]:
    """Every line, followed from arrow head to box by its characters alone; where lines cross one goes straight on."""
    lines = [[cell.text for cell in picture.row(y)] for y in range(picture.height)]
    owner = {
        (x, y): name
        for name, box in picture.boxes.items()
        for x in range(box.x, box.right)
        for y in range(box.y, box.bottom)
    }

    def char(x: int, y: int) -> str:
        return lines[y][x] if 0 <= y < len(lines) and 0 <= x < len(lines[y]) else " "

    heads = [
        (x, y) for y, line in enumerate(lines) for x, sign in enumerate(line) if sign in HEADS and (x, y) not in owner
    ]
    found: list[Traced] = []
    seen: set[tuple[int, int]] = set()
    for head in heads:
        if head in seen:
            continue
        line = Traced(set(), set())
        found.append(line)
        waiting = [(head, HEADS[char(*head)])]
        walked = set()
        while waiting:
            (x, y), direction = waiting.pop()
            if ((x, y), direction) in walked:
                continue
            walked.add(((x, y), direction))
            sign = char(x, y)
            if sign in HEADS and (x, y) not in seen:
                seen.add((x, y))
                dx, dy = STEPS[BACK[HEADS[sign]]]
                line.heads.add(owner[x + dx, y + dy])
            dx, dy = STEPS[direction]
            place = (x + dx, y + dy)
            while (direction in "left right" and char(*place) in UPRIGHT and place not in owner) or (
                direction in "up down" and char(*place) in LEVEL and place not in owner
            ):
                place = (place[0] + dx, place[1] + dy)
            if place in owner:
                line.tails.add(owner[place])
                continue
            sign = char(*place)
            came = BACK[direction]
            arms = [HEADS[sign]] if sign in HEADS else ARMS.get(sign, "").split()
            assert came in arms, f"a line ends at {place} in {sign!r}"
            waiting += [(place, arm) for arm in (arms if sign in HEADS else set(arms) - {came})]
    return found


def calls_read(picture: Picture) -> list[tuple[str, str]]:
    """Who calls whom, as it is drawn."""
    calls = []
    for line in trace(picture):
        if not line.tails:
            one, other = sorted(line.heads)
            calls += [(one, other), (other, one)]
        else:
            (source,) = line.tails
            calls += [(source, target) for target in line.heads]
    return sorted(calls)


@settings(deadline=None, max_examples=300)
@given(GRAPHS, st.sampled_from(ROOMS))
def test_from_the_drawn_characters_alone_one_reads_who_calls_whom(
    graph: tuple[list[Node], list[Link]], room: tuple[int, int]
) -> None:
    nodes, links = graph
    picture = draw(nodes, [replace(link, note="", secure=False) for link in links], room=room)
    wanted = sorted({(link.source, link.target) for link in links if link.source != link.target})
    assert calls_read(picture) == wanted, "\n" + "\n".join(picture.lines())


def test_a_box_alone_stands_below_a_line_that_passes_below_the_others() -> None:
    names = ["a", "bb", "service-c", "critic", "alone"]
    links = [Link("a", "service-c"), Link("bb", "a"), Link("bb", "service-c"), Link("bb", "critic")]
    picture = draw([Node(name, name) for name in names], links)
    assert calls_read(picture) == sorted((link.source, link.target) for link in links)


@pytest.mark.parametrize("room", [(0, 0), (20, 200)], ids=["rightward", "downward"])
@pytest.mark.parametrize(("services", "calls"), [(12, 40), (40, 120), (40, 273), (80, 200)])
def test_a_thicket_is_read_without_a_mistake(services: int, calls: int, room: tuple[int, int]) -> None:
    dice = random.Random(services * calls)
    names = [f"service-{number}" for number in range(services)]
    pairs = sorted({tuple(dice.sample(names, 2)) for _ in range(calls)})
    picture = draw([Node(name, name) for name in names], [Link(*pair) for pair in pairs], room=room)
    assert calls_read(picture) == pairs


@settings(deadline=None, max_examples=200)
@given(GRAPHS, st.sampled_from(ROOMS))
def test_no_line_runs_through_a_box(graph: tuple[list[Node], list[Link]], room: tuple[int, int]) -> None:
    nodes, links = graph
    picture = draw(nodes, links, room=room)
    for name, box in picture.boxes.items():
        inside = {(x, y) for x in range(box.x + 1, box.right - 1) for y in range(box.y + 1, box.bottom - 1)}
        for run in picture.arrangement.runs:
            (x1, x2), (y1, y2) = sorted((run.x1, run.x2)), sorted((run.y1, run.y2))
            under = {(x, y) for x in range(x1, x2 + 1) for y in range(y1, y2 + 1)} & inside
            assert not under, f"{name}\n" + "\n".join(picture.lines())


@given(GRAPHS)
def test_arrows_are_known_to_whoever_walks(graph: tuple[list[Node], list[Link]]) -> None:
    nodes, links = graph
    picture = draw(nodes, links)
    for link in links:
        if link.source != link.target:
            assert link.target in picture.callees[link.source]
            assert link.source in picture.callers[link.target]


def test_a_box_without_calls_stands_clear_of_lines_that_run_below_all_others() -> None:
    pairs = [("a", "b"), ("a", "c"), ("a", "d"), ("b", "c")]
    picture = draw([Node(name, name) for name in ("a", "b", "c", "d", "alone")], [Link(*pair) for pair in pairs])
    lowest = max(max(run.y1, run.y2) for run in picture.arrangement.runs)
    assert lowest >= max(box.bottom for name, box in picture.boxes.items() if name != "alone"), "there is such a line"
    assert picture.boxes["alone"].y > lowest
    assert calls_read(picture) == pairs


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
    drawn = sorted(link for net in plan.nets for link in net.links)
    assert drawn == [number for number, (one, other) in enumerate(pairs) if one != other]
    assert plan == layers(names, pairs)


def test_a_chain_runs_one_way_and_a_cycle_is_broken_once() -> None:
    chain = layers(["a", "b", "c"], [("a", "b"), ("b", "c")])
    assert chain.ranks == (("a",), ("b",), ("c",))
    assert {net.kind for net in chain.nets} == {Kind.FORWARD}
    ring = layers(["a", "b", "c"], [("a", "b"), ("b", "c"), ("c", "a")])
    assert [net.links for net in ring.nets if net.kind is Kind.BACKWARD] == [(2,)]


def test_two_that_call_each_other_share_a_line_with_two_heads() -> None:
    picture = draw([Node("a", "a"), Node("b", "b")], [Link("a", "b"), Link("b", "a")])
    assert any("◀" in line and "▶" in line for line in picture.lines())


def test_who_calls_itself_has_a_mark_on_its_frame() -> None:
    picture = draw([Node("a", "a"), Node("b", "b")], [Link("a", "a"), Link("a", "b")])
    assert "\n".join(picture.lines()).count("↻") == 1


def test_all_calls_of_one_service_share_a_line_and_its_joints() -> None:
    """Otherwise forty densely linked services need thousands of lines."""
    names = list("abcdefgh")
    plan = layers(names, [(one, other) for one, other in itertools.combinations(names, 2)])
    joints = [name for row in plan.ranks for name in row if is_joint(name)]
    assert len(joints) == sum(range(1, 7)), "a joint a service and rank"


def test_crossings_that_can_be_avoided_are() -> None:
    plan = layers(["a", "b", "x", "y"], [("a", "y"), ("b", "x")])
    assert crossings(plan.ranks, [(step.source, step.target) for step in plan.steps]) == 0


def test_no_nodes_is_an_empty_picture() -> None:
    assert draw([], []).lines() == []


def test_a_hub_has_a_line_of_its_own_for_each_caller() -> None:
    names = [f"s{number}" for number in range(30)]
    for room in ROOMS:
        picture = draw([Node(name, name) for name in ("db", *names)], [Link(name, "db") for name in names], room=room)
        assert len(calls_read(picture)) == 30


def test_notes_may_change_without_anything_moving() -> None:
    nodes = [Node("a", "a", (Tone.GOOD,), "1.0"), Node("b", "b", (Tone.GOOD,), "1.0")]
    before = structure(nodes, [Link("a", "b", "9/s", room=11)])
    red = [nodes[0], replace(nodes[1], dots=(Tone.BAD,), tone=Tone.BAD)]
    assert structure(red, [Link("a", "b", "10/s ✖33 %", Tone.BAD, room=11)]) == before


def test_more_than_eight_instances_are_counted_the_loudest_first() -> None:
    tones = (Tone.BAD,) * 2 + (Tone.WARN,) + (Tone.GOOD,) * 17
    assert "".join(text for text, _ in dots(tones)) == "✖2 ▲1 ●17"
    assert "".join(text for text, _ in dots(tones[:8])) == "✖✖▲●●●●●"


def test_other_versions_are_counted_however_long_the_shown_one_is() -> None:
    node = Node("a", "a", (Tone.GOOD,) * 3, "2.0.0-rc.1+build.20260314", more="+2")
    assert note(node).endswith("… +2")


def test_wide_text_takes_its_cells() -> None:
    picture = draw([Node("評論家", "評論家")], [])
    assert {cell_len(line) for line in picture.lines()} == {picture.width}


def test_a_note_without_room_beside_the_arrow_stands_on_its_line_else_it_is_told_where_the_cursor_is() -> None:
    callers = ["first-caller", "second-caller", "third-caller", "fourth-caller", "fifth-caller"]
    nodes = [Node(name, name) for name in (*callers, "db")]
    noted = {"second-caller": "10/s ✖30 %", "third-caller": "11/s ✖31 %"}
    links = [Link(name, "db", noted.get(name, ""), Tone.BAD, room=11 if name in noted else 0) for name in callers]
    picture = draw(nodes, links, "db", room=(90, 12))
    assert any("─10/s ✖30 %─" in line for line in picture.lines())
    assert [link.source for link in picture.hidden_notes()] == ["third-caller"]
    assert draw(nodes, links, "first-caller", room=(90, 12)).hidden_notes() == []


def test_a_picture_that_fits_neither_way_is_not_turned_round_for_a_few_calls_more() -> None:
    names = [f"service-{number:02d}" for number in range(30)]
    links = [Link(names[number // 3], names[number]) for number in range(1, 30)]
    new = [f"a-new-{number}" for number in range(4)]
    few = structure([Node(name, name) for name in names], links)
    more = structure(
        [Node(name, name) for name in (*new, *names)], [*(Link("service-01", name) for name in new), *links]
    )
    room = (60, 16)
    assert arrange(few, room).downward is not arrange(more, room).downward, "each alone is drawn its own way"
    for before in (True, False):
        assert arrange(few, room, before).downward is arrange(more, room, before).downward is before


def test_what_has_no_calls_is_small_and_stands_in_a_row_of_its_own_below_the_others() -> None:
    nodes = [
        Node("api", "api"),
        Node("db", "db"),
        Node("consul", "consul", (Tone.GOOD,), "1.8.7"),
        Node("cron", "cron"),
    ]
    picture = draw(nodes, [Link("api", "db"), Link("cron", "cron")], room=(60, 20))
    boxes = picture.boxes
    assert (boxes["consul"].height, boxes["cron"].height) == (1, 1)
    assert boxes["consul"].y == boxes["cron"].y > max(boxes["api"].bottom, boxes["db"].bottom)
    assert picture.lines()[-1].split() == ["consul", "●", "1.8.7", "cron", "↻"]


def test_where_nothing_has_calls_nothing_is_small() -> None:
    picture = draw([Node("api", "api"), Node("db", "db")], [], room=(60, 20))
    assert {box.height for box in picture.boxes.values()} == {4}


def test_a_small_box_under_the_cursor_has_bars() -> None:
    nodes = [Node("api", "api"), Node("db", "db"), Node("consul", "consul")]
    picture = draw(nodes, [Link("api", "db")], selected="consul", room=(60, 20))
    assert picture.lines()[-1].startswith("┃ consul ")
    assert picture.lines()[-1].endswith("┃")
