"""Small graphs of every kind for property tests of the topology: cycles, self-calls, pairs, wide and long names."""

from __future__ import annotations

from hypothesis import strategies as st

from hp_tui.widgets.values import Link, Node, Tone

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
