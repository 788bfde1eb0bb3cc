"""The picture of a topology: boxes in ranks, arrows between them. Pure: nodes and links in, a picture out."""

from __future__ import annotations

from collections.abc import Sequence

from hp_tui.widgets.graph.arrange import arrange
from hp_tui.widgets.graph.arrangement import Call, Shape, Structure
from hp_tui.widgets.graph.boxes import note_room, small_width_of, width_of
from hp_tui.widgets.graph.picture import IndexedArrangement, Picture
from hp_tui.widgets.values import Link, Node


def structure(nodes: Sequence[Node], links: Sequence[Link]) -> Structure:
    """The part of a graph that decides its layout: equal structures have equal arrangements."""
    itself = {link.source for link in links if link.source == link.target}
    return Structure(
        tuple(Shape(node.id, width_of(node), small_width_of(node, itself=node.id in itself)) for node in nodes),
        tuple(Call(link.source, link.target, note_room(link)) for link in links),
    )


def arrange_graph(shape: Structure, room: tuple[int, int] = (0, 0), before: bool | None = None) -> IndexedArrangement:
    """Lay out as :func:`arrange` does, and index the result. Pure: it may run in a thread."""
    return IndexedArrangement(arrange(shape, room, before))


def draw(nodes: Sequence[Node], links: Sequence[Link], selected: str = "", room: tuple[int, int] = (0, 0)) -> Picture:
    """Lay out and draw. ``selected`` is the id of the node with the heavy frame."""
    return Picture(arrange_graph(structure(nodes, links), room), nodes, links, selected)
