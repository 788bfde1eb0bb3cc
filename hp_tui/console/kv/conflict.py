"""Somebody changed the key while it was edited: both changes, against what both began with, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid
from textual.widgets import Static

from hp_tui.console.actions.action import ActionId, Scope, footer
from hp_tui.console.actions.bindings import ActionBindings, bindings
from hp_tui.console.kv.rows.merge import merge
from hp_tui.console.shared.fleet_screen import FleetModal
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.kv import KVConflict, KVEntry
from hp_tui.widgets.bars import Hint, KeyFooter
from hp_tui.widgets.diffview import DiffLine, DiffView, diff
from hp_tui.widgets.escape import visible
from hp_tui.widgets.frame import Panel

SIDE_BY_SIDE = 100
"""Columns from which the two changes stand beside each other."""


class ConflictScreen(ActionBindings, FleetModal[ActionId]):
    """Returns TAKE_THEIRS, WRITE_MINE, MERGE, or None to decide later. Writes nothing itself."""

    scope = Scope.CONFLICT
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.CONFLICT)]
    DEFAULT_CSS = """
    ConflictScreen { background: $background; }
    ConflictScreen #what { height: auto; padding: 0 1; color: $warning; text-style: bold; }
    ConflictScreen Grid { grid-size: 1 2; height: 1fr; }
    ConflictScreen.-wide Grid { grid-size: 2 1; }
    ConflictScreen DiffView { height: 1fr; }
    ConflictScreen #merge { height: auto; padding: 0 1; }
    """

    def __init__(self, snapshot: FleetSnapshot, now: float, conflict: KVConflict) -> None:
        super().__init__(snapshot, now)
        self._conflict = conflict

    def compose(self) -> ComposeResult:
        conflict = self._conflict
        base, mine, theirs = text_of(conflict.base), conflict.mine, text_of(conflict.theirs)
        yield Static(self._what(), id="what", markup=False)
        with Grid():
            yield Panel(0, "", DiffView(*self._side("you", base, None if mine is None else decoded(mine))), id="mine")
            yield Panel(
                0, "", DiffView(*self._side("they", base, None if conflict.theirs is None else theirs)), id="theirs"
            )
        yield Static(self._merge(), id="merge", markup=False)
        yield KeyFooter()

    def _what(self) -> str:
        conflict = self._conflict
        read = f"index {conflict.base.modify_index}" if conflict.base else "no such key"
        now = f"index {conflict.theirs.modify_index}" if conflict.theirs else "deleted"
        return f"▲ {visible(conflict.key)} was changed by somebody else: you read {read}, now it is {now}. Nothing was written."

    def _side(self, who: str, base: str, text: str | None) -> tuple[str, list[DiffLine]]:
        if text is None:
            return f"{who} deleted it", []
        lines = diff(base, text)
        return f"what {who} changed" if lines else f"{who} changed nothing", lines

    def _merge(self) -> str:
        if not self._mergeable():
            return "One side deleted the key: there is nothing to merge."
        merged = merge(
            text_of(self._conflict.base), decoded(self._conflict.mine or b""), text_of(self._conflict.theirs)
        )
        if merged.clashes:
            places = "one place" if merged.clashes == 1 else f"{merged.clashes} places"
            return f"Both changed {places}: merging marks it with <<<<<<< and >>>>>>> for you to settle."
        return "The two changes do not touch each other: merging has both."

    def _mergeable(self) -> bool:
        return self._conflict.mine is not None and self._conflict.theirs is not None

    def on_mount(self) -> None:
        self.query_one("#mine", Panel).border_title = "Mine"
        self.query_one("#theirs", Panel).border_title = "Theirs"
        self.set_class(self.app.size.width >= SIDE_BY_SIDE, "-wide")
        super().on_mount()

    def on_resize(self) -> None:
        self.set_class(self.app.size.width >= SIDE_BY_SIDE, "-wide")

    def repaint(self) -> None:
        if self.query(KeyFooter):
            self.query_one(KeyFooter).set_hints([Hint(item.key, item.label) for item in footer(self.actions())])

    def handlers(self) -> Mapping[ActionId, Callable[[], None]]:
        handlers: dict[ActionId, Callable[[], None]] = {
            ActionId.TAKE_THEIRS: lambda: self._settle(ActionId.TAKE_THEIRS),
            ActionId.WRITE_MINE: lambda: self._settle(ActionId.WRITE_MINE),
            ActionId.BACK: lambda: self._settle(None),
        }
        if self._mergeable():
            handlers[ActionId.MERGE] = lambda: self._settle(ActionId.MERGE)
        return handlers

    def _settle(self, what: ActionId | None) -> None:
        self.dismiss(what)


def text_of(entry: KVEntry | None) -> str:
    """The text of an entry; '' where there is none."""
    return decoded(entry.value) if entry else ""


def decoded(value: bytes) -> str:
    """Text for comparing: what is not UTF-8 is shown as replacement signs."""
    return value.decode("utf-8", "replace")
