"""A lazily loaded tree: the caller knows what is open; only lines on the screen are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from hp_tui.widgets.table import FleetTable
from hp_tui.widgets.values import Badge, Column, Row, Tone, TreeItem


class LazyTree(FleetTable):
    """Lines of :class:`TreeItem`, parents before children. Opening a folder posts ``Opened``; the caller loads and sets.

    Enter opens or closes a folder and selects a leaf; right opens, left closes or goes to the parent.
    """

    DEFAULT_CSS = "LazyTree { background: transparent; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "unfold", show=False),
        Binding("left,h", "fold", show=False),
    ]

    class Opened(Message):
        """The user opened the folder ``path``."""

        def __init__(self, tree: LazyTree, path: str) -> None:
            super().__init__()
            self.tree = tree
            self.path = path

        @property
        def control(self) -> LazyTree:
            return self.tree

    class Closed(Opened):
        """The user closed the folder ``path``."""

    class Selected(Opened):
        """Enter on the leaf ``path``."""

    class Highlighted(Opened):
        """The cursor moved to ``path``."""

    def __init__(self, *, empty: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__((Column("name", "", 8, grow=1),), empty=empty, id=id)
        self._items: dict[str, TreeItem] = {}

    @property
    def path(self) -> str:
        """The path under the cursor; '' without lines."""
        return self.cursor_key

    def set_items(self, items: Sequence[TreeItem]) -> None:
        """Show these lines; the cursor stays on its path."""
        self._items = {item.path: item for item in items}
        self.set_rows([self._row(item) for item in items])

    @staticmethod
    def _row(item: TreeItem) -> Row:
        sign = ("▾ " if item.open else "▸ ") if item.folder else "  "
        note = f"  {item.note}" if item.note else ""
        tone = item.tone if item.tone is not Tone.PLAIN or not item.folder else Tone.INFO
        return Row(item.path, {"name": Badge("  " * item.depth + sign + item.label + note, tone)})

    def action_unfold(self) -> None:
        item = self._items.get(self.path)
        if item is not None and item.folder and not item.open:
            self.post_message(self.Opened(self, item.path))

    def action_fold(self) -> None:
        item = self._items.get(self.path)
        if item is None:
            return
        if item.folder and item.open:
            self.post_message(self.Closed(self, item.path))
            return
        parent = item.path.rstrip("/").rpartition("/")[0]
        if parent:
            self.move_cursor(parent + "/")

    def action_select(self) -> None:
        item = self._items.get(self.path)
        if item is None:
            return
        if not item.folder:
            self.post_message(self.Selected(self, item.path))
        elif item.open:
            self.post_message(self.Closed(self, item.path))
        else:
            self.post_message(self.Opened(self, item.path))

    def on_fleet_table_row_highlighted(self, event: FleetTable.RowHighlighted) -> None:
        event.stop()
        self.post_message(self.Highlighted(self, event.key))
