"""The topology as something to walk in: arrows follow links, Enter chooses a box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from widgets.escape import fit
from widgets.renderables.boxes import Picture, dots
from widgets.renderables.canvas import Cell
from widgets.renderables.topology import draw, neighbourhood
from widgets.theme import tone_style
from widgets.values import GLYPHS, Link, Node, Tone

LIST_BELOW = (34, 7)
"""Width and height below which boxes make no sense and a list is shown."""
CROWD = 40
"""Above so many nodes it opens on the neighbourhood of what is red."""


class TopologyView(ScrollView, can_focus=True):
    """Services as boxes, calls as arrows. ``set_graph`` says what is shown; ``focus_on`` narrows it to a neighbourhood.

    Too small for boxes, it is a list: each service with those it calls.
    """

    DEFAULT_CSS = "TopologyView { background: transparent; scrollbar-size: 0 0; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "walk('left')", show=False),
        Binding("right,l", "walk('right')", show=False),
        Binding("up,k", "walk('up')", show=False),
        Binding("down,j", "walk('down')", show=False),
        Binding("enter", "select", show=False),
    ]

    class NodeHighlighted(Message):
        """The cursor moved to the node ``node_id``."""

        def __init__(self, view: TopologyView, node_id: str) -> None:
            super().__init__()
            self.view = view
            self.node_id = node_id

        @property
        def control(self) -> TopologyView:
            return self.view

    class NodeSelected(NodeHighlighted):
        """Enter, or a click on the node under the cursor."""

    class MoreChanged(Message):
        """``more`` tells where the picture goes on beyond the view: arrows, '' when all of it is seen."""

        def __init__(self, view: TopologyView, more: str) -> None:
            super().__init__()
            self.view = view
            self.more = more

        @property
        def control(self) -> TopologyView:
            return self.view

    def __init__(self, *, empty: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._more = ""
        self._services: tuple[Node, ...] = ()
        self._calls: tuple[Link, ...] = ()
        self._cursor = ""
        self._centre = ""
        self._hops = 1
        self._picture: Picture | None = None
        self._empty = empty
        self._stale = False

    @property
    def cursor(self) -> str:
        """The id of the node under the cursor; '' without nodes."""
        return self._cursor

    @property
    def centre(self) -> str:
        """The id the view is narrowed to; '' while it shows everything."""
        return self._centre

    def set_graph(self, nodes: Sequence[Node], links: Sequence[Link]) -> None:
        """Show this graph; the cursor stays on its node."""
        new = (tuple(nodes), tuple(links))
        if new == (self._services, self._calls):
            return
        self._services, self._calls = new
        known = [node.id for node in self._services]
        if self._centre not in known:
            self._centre = ""
        if self._cursor not in known:
            red = next((node.id for node in self._services if node.tone is Tone.BAD), "")
            self._cursor = red or (known[0] if known else "")
            if len(known) > CROWD and red:
                self._centre = red
        self._redraw()

    def set_stale(self, stale: bool) -> None:
        """Draw everything muted: the data is old."""
        if stale != self._stale:
            self._stale = stale
            self.refresh()

    def set_empty(self, sentence: str) -> None:
        """What to say when there are no nodes."""
        if sentence != self._empty:
            self._empty = sentence
            self.refresh()

    def focus_on(self, node_id: str, hops: int = 1) -> None:
        """Show only the neighbourhood of a node; '' shows everything again."""
        self._centre, self._hops = node_id, hops
        if node_id:
            self._cursor = node_id
        self._redraw(afresh=True)

    def move_cursor(self, node_id: str) -> None:
        """Put the cursor on a node."""
        if node_id and node_id != self._cursor and any(node.id == node_id for node in self._shown()):
            self._cursor = node_id
            self._redraw()
            self.post_message(self.NodeHighlighted(self, node_id))

    def _shown(self) -> list[Node]:
        if not self._centre:
            return list(self._services)
        near = neighbourhood(self._services, self._calls, self._centre, self._hops)
        return [node for node in self._services if node.id in near]

    @property
    def _as_list(self) -> bool:
        return self.size.width < LIST_BELOW[0] or self.size.height < LIST_BELOW[1]

    def _redraw(self, afresh: bool = False) -> None:
        shown = self._shown()
        self._picture = draw(shown, self._calls, self._cursor, (self.size.width, self.size.height)) if shown else None
        if self._as_list or self._picture is None:
            self.virtual_size = Size(self.size.width, len(shown))
        else:
            self.virtual_size = Size(self._picture.canvas.width, self._picture.canvas.height)
        self._show_cursor(afresh)
        self.refresh()

    def _tell_more(self) -> None:
        """Say where the picture goes on, when that changed."""
        width, height = self.size
        wide, high = self.virtual_size
        x, y = round(self.scroll_x), round(self.scroll_y)
        beyond = (x > 0, "←"), (y > 0, "↑"), (y + height < high, "↓"), (x + width < wide, "→")
        more = "".join(arrow for there, arrow in beyond if there) if self._picture is not None else ""
        if more != self._more:
            self._more = more
            self.post_message(self.MoreChanged(self, more))

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_x(old_value, new_value)
        self._tell_more()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._tell_more()

    def _show_cursor(self, afresh: bool = False) -> None:
        """Scroll as little as needed: from where it is, or ``afresh`` from the picture's beginning."""
        self._tell_more()
        if self._picture is None or self._cursor not in self._picture.boxes:
            return
        width, height = self.size
        if self._as_list:
            row = [node.id for node in self._shown()].index(self._cursor)
            left, top, right, bottom = 0, row, 1, row + 1
        else:
            left, top, right, bottom = self._around_cursor(width, height)
        x, y = (0, 0) if afresh else (round(self.scroll_x), round(self.scroll_y))
        new_x = min(left, max(x, right - width)) if left < x or right > x + width else x
        new_y = min(top, max(y, bottom - height)) if top < y or bottom > y + height else y
        if (new_x, new_y) != (self.scroll_x, self.scroll_y):
            # Forced: Textual allows scrolling from the layout on that follows the new size, and this is before it.
            self.scroll_to(x=new_x, y=new_y, animate=False, force=True, immediate=True)

    def _around_cursor(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Edges of what is to be in view: the box under the cursor, with its neighbours where there is room for them."""
        assert self._picture is not None
        boxes = self._picture.boxes
        own = boxes[self._cursor]
        near = [own, *(boxes[name] for name in self._ends(self._cursor))]
        left, right = min(box.x for box in near), max(box.right for box in near)
        top, bottom = min(box.y for box in near), max(box.bottom for box in near)
        if right - left > width:
            left, right = own.x, own.right
        if bottom - top > height:
            top, bottom = own.y, own.bottom
        return left, top, right, bottom

    def _ends(self, name: str) -> tuple[str, ...]:
        assert self._picture is not None
        return (*self._picture.callers.get(name, ()), *self._picture.callees.get(name, ()))

    def on_resize(self) -> None:
        self._redraw(afresh=True)

    def action_walk(self, direction: str) -> None:
        """Along calls to a caller or callee, across them to the box beside; in a list to the line above or below."""
        if self._picture is None:
            return
        if self._as_list and direction in {"up", "down"}:
            names = [node.id for node in self._shown()]
            number = names.index(self._cursor) + (1 if direction == "down" else -1)
            if 0 <= number < len(names):
                self.move_cursor(names[number])
            return
        step = 1 if direction in {"right", "down"} else -1
        along = (direction in {"up", "down"}) is self._picture.downward
        found = self._called(step) if along or self._as_list else self._beside(step)
        # Drawn downwards, left and right follow calls too where nothing stands beside; and the other way round.
        self.move_cursor(found or (self._beside(step) if along else self._called(step)))

    def _called(self, step: int) -> str:
        """The nearest of those the service calls (``step`` 1) or is called by (-1); '' for none."""
        assert self._picture is not None
        ends = (self._picture.callees if step > 0 else self._picture.callers).get(self._cursor, ())
        boxes, here = self._picture.boxes, self._across(self._cursor)
        return min(ends, key=lambda end: (abs(self._across(end) - here), boxes[end].y, boxes[end].x), default="")

    def _across(self, name: str) -> int:
        """Where the middle of a box is on the axis across the direction of calls."""
        assert self._picture is not None
        box = self._picture.boxes[name]
        return box.x + box.width // 2 if self._picture.downward else box.y + box.height // 2

    def _along(self, name: str) -> int:
        assert self._picture is not None
        box = self._picture.boxes[name]
        return box.y if self._picture.downward else box.x

    def _beside(self, step: int) -> str:
        """The next box across the direction of calls: in the same rank if there is one, else in the nearest."""
        assert self._picture is not None
        here, rank = self._across(self._cursor), self._along(self._cursor)
        reach = 1 if self._picture.downward else self._picture.boxes[self._cursor].width
        others = [name for name in self._picture.boxes if (self._across(name) - here) * step > 0]
        if self._picture.downward:
            others = [name for name in others if self._along(name) == rank]
        return min(
            others,
            key=lambda name: (abs(self._along(name) - rank) > reach, abs(self._across(name) - here), name),
            default="",
        )

    def action_select(self) -> None:
        if self._cursor:
            self.post_message(self.NodeSelected(self, self._cursor))

    def on_click(self, event: events.Click) -> None:
        x, y = event.x + round(self.scroll_x), event.y + round(self.scroll_y)
        if self._picture is None:
            return
        if self._as_list:
            shown = self._shown()
            owner = shown[y].id if y < len(shown) else ""
        else:
            owner = self._picture.canvas.cell(x, y).owner
        if owner and owner == self._cursor:
            self.action_select()
        else:
            self.move_cursor(owner)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self._picture is None:
            text = self._empty if y == 1 else ""
            return Strip([Segment(fit(text, width), self._style(Cell(tone=Tone.MUTED)))])
        line = y + round(self.scroll_y)
        if self._as_list:
            return self._list_line(line, width)
        cells = self._picture.canvas.row(line, round(self.scroll_x), width)
        segments: list[Segment] = []
        start = 0
        for index in range(1, len(cells) + 1):
            if index == len(cells) or _look(cells[index]) != _look(cells[start]):
                text = "".join(cell.text for cell in cells[start:index])
                segments.append(Segment(text, self._style(cells[start])))
                start = index
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _list_line(self, line: int, width: int) -> Strip:
        shown = self._shown()
        if line >= len(shown):
            return Strip.blank(width, self.rich_style)
        node = shown[line]
        calls = [link.target for link in self._calls if link.source == node.id]
        glyph = Segment(f"{GLYPHS[node.tone]} ", self._style(Cell(tone=node.tone)))
        here = node.id == self._cursor
        name = Segment(node.label + " ", self._style(Cell(tone=Tone.PLAIN, bold=here)) + Style(reverse=here or None))
        marks = [Segment(text, self._style(Cell(tone=tone))) for text, tone in dots(node.dots)]
        tail = Segment(f"  ─▶ {', '.join(calls)}" if calls else "", self._style(Cell(tone=Tone.MUTED)))
        return Strip([glyph, name, *marks, tail]).adjust_cell_length(width, self.rich_style)

    def _style(self, cell: Cell) -> Style:
        tone = Tone.MUTED if self._stale else cell.tone
        style = self.rich_style + tone_style(tone, self.app.current_theme.dark)
        return style + Style(bold=True) if cell.bold else style


def _look(cell: Cell) -> tuple[Tone, bool]:
    return cell.tone, cell.bold
