"""The picture of a topology, in any room: boxes apart, every arrow there, the shape that shows most."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from widgets.renderables.boxes import Box
from widgets.renderables.topology import draw
from widgets.values import Link, Node, Tone

NAMES = [f"service-{number}" for number in range(9)]
LINKS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=14, unique=True)
ROOMS = st.tuples(st.integers(0, 140), st.integers(0, 50))

CHAIN = [Link("heart-pulse", "aol-core"), Link("aol-core", "critic-agent"), Link("aol-core", "validator-agent")]
SERVICES = [
    Node(name, name, (Tone.GOOD,), "1.0.0") for name in ("aol-core", "critic-agent", "heart-pulse", "validator-agent")
]


def nodes(names: list[str]) -> list[Node]:
    return [Node(name, name, (Tone.GOOD, Tone.BAD), "1.0.0", Tone.BAD) for name in names]


def apart(one: Box, other: Box) -> bool:
    return one.right <= other.x or other.right <= one.x or one.bottom <= other.y or other.bottom <= one.y


@settings(max_examples=150, deadline=None)
@given(LINKS, ROOMS)
def test_boxes_never_overlap_and_arrows_are_all_there(links, room):
    picture = draw(nodes(NAMES), [Link(*ends) for ends in links], "service-3", room)
    boxes = list(picture.boxes.values())
    assert sorted(picture.boxes) == NAMES
    assert all(apart(one, other) for number, one in enumerate(boxes) for other in boxes[number + 1 :])
    assert all(box.x >= 0 and box.y >= 0 for box in boxes)
    drawn = "\n".join(picture.canvas.lines())
    heads = sum(drawn.count(head) for head in "▶▼◀▲")
    wanted = {ends for ends in links if ends[0] != ends[1]}
    assert bool(heads) is bool(wanted)
    assert {(source, target) for source, targets in picture.callees.items() for target in targets} == wanted


def test_calls_run_right_where_that_fits():
    picture = draw(SERVICES, CHAIN, room=(80, 20))
    assert not picture.downward
    assert picture.boxes["heart-pulse"].x < picture.boxes["aol-core"].x < picture.boxes["critic-agent"].x


def test_calls_run_downwards_in_a_narrow_panel():
    picture = draw(SERVICES, CHAIN, room=(38, 20))
    assert picture.downward
    assert picture.boxes["heart-pulse"].y < picture.boxes["aol-core"].y < picture.boxes["critic-agent"].y
    assert picture.canvas.width <= 38
    assert picture.canvas.height <= 20


def test_services_nobody_calls_stand_side_by_side():
    boxes = draw(nodes(NAMES), [], room=(60, 20)).boxes
    assert len({box.y for box in boxes.values()}) == 3
    assert max(box.right for box in boxes.values()) <= 60


def test_parts_without_links_between_stand_close():
    links = [Link("service-0", "service-1"), Link("service-2", "service-3"), Link("service-2", "service-4")]
    picture = draw(nodes(NAMES[:5]), links, room=(200, 50))
    rows = {line for box in picture.boxes.values() for line in range(box.y, box.bottom)}
    missing = [line for line in range(max(rows)) if line not in rows]
    assert len(missing) <= 3
