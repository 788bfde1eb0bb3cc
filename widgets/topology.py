"""The topology with a cursor: arrow keys follow links, Enter chooses a box."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from hp_tui.widgets.changed_lines import ChangedLines
from hp_tui.widgets.escape import fit
from hp_tui.widgets.graph import viewport
from hp_tui.widgets.textual_internals.virtual_size import set_virtual_size
from hp_tui.widgets.theme import tone_style
from hp_tui.widgets.values import Link, Node, Tone, TonedText

if TYPE_CHECKING:
    from hp_tui.widgets.background_layout import BackgroundLayout
    from hp_tui.widgets.graph.arrangement import Arrangement

LIST_BELOW = (34, 7)
"""Width and height below which boxes make no sense and a list is shown."""
SLOW = 0.25
"""Seconds after which the panel says that a layout is being made."""


class TopologyView(ChangedLines, ScrollView, can_focus=True):
    """Services as boxes, calls as arrows; ``set_graph`` sets what is shown. Where boxes do not fit, it is a list.

    A large graph is laid out in a thread; until that is done the old picture stays.
    """

    DEFAULT_CSS = "TopologyView { background: transparent; scrollbar-size: 0 0; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "walk('left')", show=False),
        Binding("right,l", "walk('right')", show=False),
        Binding("up,k", "walk('up')", show=False),
        Binding("down,j", "walk('down')", show=False),
        Binding("enter", "select", show=False),
    ]

    class ViewMessage(Message):
        """A message of a :class:`TopologyView`."""

        def __init__(self, view: TopologyView) -> None:
            super().__init__()
            self.view = view

        @property
        def control(self) -> TopologyView:
            return self.view

    class NodeHighlighted(ViewMessage):
        """The cursor moved to the node ``node_id``."""

        def __init__(self, view: TopologyView, node_id: str) -> None:
            super().__init__(view)
            self.node_id = node_id

    class NodeSelected(NodeHighlighted):
        """Enter, or a click on the node under the cursor."""

    class StatusChanged(ViewMessage):
        """``more``, ``busy`` or ``hidden_notes`` changed."""

    def __init__(self, *, empty: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.more = ""
        """Arrows that tell where the picture goes on beyond the view; '' when all of it is visible."""
        self.busy = False
        """Whether a layout has taken longer than :data:`SLOW`."""
        self.hidden_notes: tuple[Link, ...] = ()
        """The calls of the node under the cursor whose notes have no room in the picture."""
        self._services: tuple[Node, ...] = ()
        self._calls: tuple[Link, ...] = ()
        self._cursor = ""
        self._chosen = ""  # where the cursor belongs as soon as it is there again
        self._reset = False
        self._scrolled_for: tuple[Arrangement | None, str, Size] | None = None
        self._empty = empty
        self._stale = False

    @cached_property
    def _graph_layout(self) -> BackgroundLayout:
        """Made with the first graph: a first paint has nothing to lay out."""
        from hp_tui.widgets.background_layout import BackgroundLayout

        return BackgroundLayout(self._drawn)

    @property
    def cursor(self) -> str:
        """The id of the node under the cursor; '' without nodes."""
        return self._cursor

    def neighbours(self) -> tuple[str, ...]:
        """The ids of the callers and callees of the node under the cursor, without repeats."""
        picture, cursor = self._graph_layout.picture, self._cursor
        if picture is None:
            return ()
        return tuple(dict.fromkeys((*picture.callers.get(cursor, ()), *picture.callees.get(cursor, ()))))

    def set_graph(self, nodes: Sequence[Node], links: Sequence[Link], *, reset: bool = False) -> None:
        """Show this graph; the cursor stays on its node. ``reset``: it is another part of the fleet, shown from its start."""
        new = (tuple(nodes), tuple(links))
        if new == (self._services, self._calls):
            return
        self._services, self._calls = new
        known = [node.id for node in self._services]
        if self._chosen in known:
            self._cursor = self._chosen
        elif self._cursor not in known or not (self._chosen or self.has_focus):
            self._cursor = self._first()
        self._redraw(reset)

    def _first(self) -> str:
        """The node for the cursor before the user moved it: a red one, else one that calls others and is not called."""
        callers = {link.source for link in self._calls} - {link.target for link in self._calls}
        order = sorted(self._services, key=lambda node: (node.tone is not Tone.BAD, node.id not in callers))
        return order[0].id if order else ""

    def set_stale(self, stale: bool) -> None:
        """Draw everything muted: the data is old."""
        if stale != self._stale:
            self._stale = stale
            self.refresh_changed_lines()

    def set_empty(self, sentence: str) -> None:
        """What to say when there are no nodes."""
        if sentence != self._empty:
            self._empty = sentence
            self.refresh_changed_lines()

    def move_cursor(self, node_id: str) -> None:
        """Put the cursor on a node."""
        if node_id and node_id != self._cursor and any(node.id == node_id for node in self._services):
            self._cursor = self._chosen = node_id
            self._redraw()
            self.post_message(self.NodeHighlighted(self, node_id))

    @property
    def _as_list(self) -> bool:
        return self.size.width < LIST_BELOW[0] or self.size.height < LIST_BELOW[1]

    def _redraw(self, reset: bool = False) -> None:
        self._reset |= reset
        if not self._services and "_graph_layout" not in self.__dict__:
            return
        if self._as_list:
            self._drawn()
        elif self._graph_layout.show(self._services, self._calls, self._cursor, (self.size.width, self.size.height)):
            self.run_worker(self._graph_layout.run(), group="layout")
            self.set_timer(SLOW, self._update_status)

    def _drawn(self) -> None:
        """Called when the layout has another picture."""
        picture = self._graph_layout.picture
        if self._as_list or picture is None:
            set_virtual_size(self, Size(self.size.width, len(self._services)))
        else:
            set_virtual_size(self, Size(picture.width, picture.height))
        seen = (picture.arrangement if picture is not None else None, self._cursor, self.size)
        if self._reset or seen != self._scrolled_for:
            # Not for a change of colour: whoever scrolled elsewhere stays there.
            if not self._keep_in_place(seen):
                self._show_cursor(self._reset)
            self._reset, self._scrolled_for = False, seen
        self._update_status()
        self.refresh_changed_lines()

    def _keep_in_place(self, seen: tuple[Arrangement | None, str, Size]) -> bool:
        """After a new layout, keep the box under the cursor in its place. Returns whether it is then visible."""
        old, cursor, _ = self._scrolled_for or (None, "", None)
        new = seen[0]
        if self._reset or cursor != self._cursor or old is None or new is None:
            return False
        if cursor not in old.boxes or cursor not in new.boxes:
            return False
        size = self.size.width, self.size.height
        here = round(self.scroll_x), round(self.scroll_y)
        place = viewport.keep_in_place(old.boxes[cursor], new.boxes[cursor], here, size, (new.width, new.height))
        self._scroll(place)
        return viewport.fully_visible(new.boxes[cursor], place, size)

    def _scroll(self, place: tuple[int, int]) -> None:
        if place != (self.scroll_x, self.scroll_y):
            # Forced: Textual allows scrolling from the layout on that follows the new size, and this is before it.
            self.scroll_to(x=place[0], y=place[1], animate=False, force=True, immediate=True)

    def _update_status(self) -> None:
        """Post :class:`StatusChanged` if what it tells of has changed."""
        width, height = self.size
        wide, high = self.virtual_size
        x, y = round(self.scroll_x), round(self.scroll_y)
        beyond = (x > 0, "←"), (y > 0, "↑"), (y + height < high, "↓"), (x + width < wide, "→")
        more = "".join(arrow for there, arrow in beyond if there) if self._services and not self._as_list else ""
        layout = self._graph_layout if self._services else None
        busy = layout is not None and layout.slow(SLOW)
        hidden_notes = tuple(layout.picture.hidden_notes()) if layout and layout.picture and not self._as_list else ()
        if (more, busy, hidden_notes) != (self.more, self.busy, self.hidden_notes):
            self.more, self.busy, self.hidden_notes = more, busy, hidden_notes
            self.post_message(self.StatusChanged(self))

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_x(old_value, new_value)
        self._update_status()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._update_status()

    def _show_cursor(self, reset: bool = False) -> None:
        """Scroll as little as needed: from where it is, or ``reset`` from the picture's beginning."""
        size = self.size.width, self.size.height
        if self._as_list:
            row = next((row for row, node in enumerate(self._services) if node.id == self._cursor), 0)
            area = 0, row, 1, row + 1
        elif self._graph_layout.picture is not None and self._cursor in self._graph_layout.picture.boxes:
            area = self._graph_layout.picture.around(self._cursor, size)
        else:
            return
        here = (0, 0) if reset else (round(self.scroll_x), round(self.scroll_y))
        self._scroll(viewport.scroll_to_show(area, here, size))

    def on_resize(self) -> None:
        self._redraw(reset=True)

    def action_walk(self, direction: str) -> None:
        """Along calls to a caller or callee, across them to the box beside; in a list to the line above or below."""
        if self._as_list:
            names = [node.id for node in self._services]
            if direction in {"up", "down"} and names:
                number = names.index(self._cursor) + (1 if direction == "down" else -1)
                self.move_cursor(names[number] if 0 <= number < len(names) else "")
            elif direction == "right":
                self.move_cursor(next((link.target for link in self._calls if link.source == self._cursor), ""))
            elif direction == "left":
                self.move_cursor(next((link.source for link in self._calls if link.target == self._cursor), ""))
        elif self._graph_layout.picture is not None:
            self.move_cursor(self._graph_layout.picture.walk.get(self._cursor, {}).get(direction, ""))

    def action_select(self) -> None:
        if self._cursor:
            self._chosen = self._cursor
            self.post_message(self.NodeSelected(self, self._cursor))

    def on_click(self, event: events.Click) -> None:
        x, y = event.x + round(self.scroll_x), event.y + round(self.scroll_y)
        if self._as_list:
            owner = self._services[y].id if y < len(self._services) else ""
        else:
            owner = self._graph_layout.picture.cell(x, y).owner if self._graph_layout.picture is not None else ""
        if owner and owner == self._cursor:
            self.action_select()
        else:
            self.move_cursor(owner)

    def style_key(self) -> object:
        return self._stale, self.dark

    def line_key(self, y: int) -> Sequence[TonedText]:
        width = self.size.width
        if not self._services or (self._graph_layout.picture is None and not self._as_list):
            return [TonedText(0, fit(self._empty if y == 1 and not self._services else "", width), Tone.MUTED)]
        line = y + round(self.scroll_y)
        return list(self._list_texts(line) if self._as_list else self._picture_texts(line, width))

    def render_line(self, y: int) -> Strip:
        texts = self.line_key(y)
        segments = [Segment(toned.text, self._style(toned.tone, toned.bold, toned.reverse)) for toned in texts]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _list_texts(self, line: int) -> Iterable[TonedText]:
        if line >= len(self._services):
            return ()
        from hp_tui.widgets.graph.listing import list_line

        node = self._services[line]
        labels = {node.id: node.label for node in self._services}
        links = [link for link in self._calls if link.source == node.id]
        return list_line(node, links, labels, node.id == self._cursor)

    def _picture_texts(self, line: int, width: int) -> Iterable[TonedText]:
        assert self._graph_layout.picture is not None
        return self._graph_layout.picture.texts(line, round(self.scroll_x), width)

    def _style(self, tone: Tone, bold: bool = False, reverse: bool = False) -> Style:
        style = self.rich_style + tone_style(Tone.MUTED if self._stale else tone, self.dark)
        return style + Style(bold=bold or None, reverse=reverse or None)
