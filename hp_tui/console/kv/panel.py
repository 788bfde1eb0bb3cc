"""Panel 4: the KV store: tree at the left, the value under the cursor at the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widget import AwaitMount, Widget

from hp_tui.console.actions.action import ActionId, Scope
from hp_tui.console.actions.bindings import bindings
from hp_tui.console.drafts import DraftStore
from hp_tui.console.kv.actions import KEY_ACTIONS
from hp_tui.console.kv.open_folders import OpenFolders
from hp_tui.console.messages import RunCommand
from hp_tui.console.shared.filter_bar import FilterBar
from hp_tui.console.shared.panel import FleetPanel
from hp_tui.console.shared.rows.filter_parser import Filter
from hp_tui.model.fleet import FleetSnapshot, KVView, LinkState
from hp_tui.model.kv import KVLevel
from hp_tui.widgets.escape import visible
from hp_tui.widgets.still import StillText
from hp_tui.widgets.values import Badge, Tone

if TYPE_CHECKING:
    from hp_tui.widgets.editor import ValueEditor
    from hp_tui.widgets.tree import LazyTree

NOTHING_READ = KVLevel("", (), 0.0)
REST = 0.2
"""Seconds the cursor rests on a key before it is read."""


class KVPanel(FleetPanel):
    """Levels are loaded as they are opened, values as the cursor rests on them."""

    scope = Scope.KV
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.KV)]
    DEFAULT_CSS = """
    KVPanel Horizontal { height: 1fr; }
    KVPanel LazyTree { width: 2fr; max-width: 48; }
    KVPanel #value { width: 3fr; border-left: solid $foreground 25%; padding: 0 0 0 1; }
    KVPanel TextArea { scrollbar-size: 1 1; }
    KVPanel #kv-problem { height: auto; color: $error; display: none; }
    KVPanel #kv-problem.-shown { display: block; }
    KVPanel.-refused #value { border-left: none; }
    """

    def __init__(self, snapshot: FleetSnapshot, now: float, drafts: DraftStore) -> None:
        super().__init__(4, "KV", snapshot, now)
        self.levels = OpenFolders(snapshot.cluster.datacenter, self._ask_level)
        self._drafts = drafts
        self._drawn: tuple[KVView, frozenset[str], frozenset[str], Filter] | None = None
        self._value: tuple[str, object, object] | None = None
        self._resting: Timer | None = None
        self._sought = ""
        """What the cursor is to go to as soon as it is loaded."""
        self._tree: LazyTree | None = None
        self._furnished = False
        """Whether tree and editor are there to be filled."""

    def compose(self) -> ComposeResult:
        yield StillText(id="kv-problem", markup=False)
        yield Horizontal()
        yield FilterBar()

    def _furnish(self) -> LazyTree:
        """Make tree and editor, behind the first list of instances: that is what everybody waits for."""
        if self._tree is None:
            from hp_tui.widgets.editor import ValueEditor
            from hp_tui.widgets.tree import LazyTree

            self._tree = LazyTree(id="tree")
            mounting = self.query_one(Horizontal).mount(self._tree, ValueEditor(id="value"))
            self.call_later(self._settle, mounting)
        return self._tree

    async def _settle(self, mounting: AwaitMount) -> None:
        await mounting
        self._furnished = True
        self.repaint()

    @property
    def key_tree(self) -> LazyTree:
        from hp_tui.widgets.tree import LazyTree

        return self.query_one("#tree", LazyTree)

    @property
    def _editor(self) -> ValueEditor:
        from hp_tui.widgets.editor import ValueEditor

        return self.query_one("#value", ValueEditor)

    def body(self) -> Widget:
        return self._furnish()

    @property
    def path(self) -> str:
        """What the cursor stands on; '' for nothing."""
        if not self._furnished:
            return ""
        from hp_tui.console.kv.rows.tree import is_note

        path = self.key_tree.path
        return "" if is_note(path) else path

    def repaint(self) -> None:
        if not self._furnished:
            if self.has_class("-active") or _others_are_shown(self.snapshot):
                self.call_after_refresh(self._furnish)
            return
        from hp_tui.console.kv.rows.tree import tree

        kv = self.snapshot.kv
        if self.levels.follow(self.snapshot):
            self._sought = ""
        drafts = self._drafts.keys(self.snapshot.cluster.datacenter)
        state = (kv, frozenset(self.levels.opened), drafts, self.wanted)
        if self._drawn is None or self._drawn[0] is not kv or self._drawn[1:] != state[1:]:
            self._drawn = state
            self.key_tree.set_empty(self._empty(kv))
            self.key_tree.set_items(tree(kv, self.levels.opened, drafts, self.wanted))
            problem = self.query_one("#kv-problem", StillText)
            problem.update(visible(kv.error))
            problem.set_class(bool(kv.error), "-shown")
            self.set_class(bool(kv.error) and not kv.levels.get("", NOTHING_READ).children, "-refused")
            self._seek()
        self._show_value()

    def _seek(self) -> None:
        if self._sought and self._furnished:
            self.key_tree.move_cursor(self._sought)
            if self.path == self._sought:
                self._sought = ""

    def on_key(self) -> None:
        """A user who moves the cursor keeps it where it is."""
        self._sought = ""

    def _empty(self, kv: KVView) -> str:
        if self.wanted:
            return "nothing matches"
        level = kv.levels.get("")
        if level is None or level.loading:
            return "" if kv.error else "loading…" if self.levels.root_is_asked else "…"
        return visible(level.error) or "no keys yet: n creates one"

    def _ask_level(self, prefix: str) -> None:
        from hp_tui.model.commands import OpenLevel

        self.app.post_message(RunCommand(OpenLevel(prefix)))

    def _ask_key(self, path: str) -> None:
        from hp_tui.model.commands import ReadKey

        self.app.post_message(RunCommand(ReadKey(path)))

    def _show_value(self) -> None:
        path, kv = self.path, self.snapshot.kv
        entry, error = kv.entries.get(path), kv.errors.get(path, "")
        draft = path in self._drafts.keys(self.snapshot.cluster.datacenter)
        state = (path, entry, (error, path in kv.busy, path in kv.missing, path in kv.conflicts, draft))
        if (
            self._value is not None
            and self._value[0] == path
            and self._value[1] is entry
            and self._value[2] == state[2]
        ):
            return
        from hp_tui.console.kv.rows.tree import value_at, value_note

        self._value = state
        shown = value_at(kv, path)
        editor = self._editor
        editor.show(path, shown.text, shown.language)
        editor.set_verdict(visible(error) or shown.note, bad=bool(error))
        self.note = value_note(kv, path, draft=draft)

    def badge(self, snapshot: FleetSnapshot) -> Badge:
        conflicts = len(snapshot.kv.conflicts)
        return Badge(f"▲{conflicts}", Tone.WARN) if conflicts else Badge("")

    def select(self, key: str) -> bool:
        """Open the folders that lead to ``key`` and put the cursor on it as soon as it is there."""
        self.levels.open_to(key, self.snapshot.kv)
        self._sought = key
        if self.wanted and not self.wanted(key):
            self.show_everything()
        self.repaint()
        self._seek()
        return self.path == key

    def handlers(self) -> Mapping[ActionId, Callable[[], None]]:
        path = self.path
        handlers: dict[ActionId, Callable[[], None]] = {ActionId.RELOAD: self._reload}
        if not self.snapshot.kv.error:
            handlers[ActionId.NEW_KEY] = partial(self.take, KEY_ACTIONS[ActionId.NEW_KEY], path)
        if path:
            handlers[ActionId.DETAIL] = self.key_tree.action_select
        if path and not path.endswith("/"):
            handlers |= {
                name: partial(self.take, action, path)
                for name, action in KEY_ACTIONS.items()
                if name is not ActionId.NEW_KEY
            }
        return handlers

    def _reload(self) -> None:
        path = self.path
        prefix = path if path.endswith("/") else path.rpartition("/")[0] + "/" if "/" in path else ""
        self._ask_level(prefix)
        if path and not path.endswith("/"):
            self._ask_key(path)

    def on_lazy_tree_opened(self, event: LazyTree.Opened) -> None:
        event.stop()
        self.levels.open(event.path, self.snapshot.kv)
        self.repaint()

    def on_lazy_tree_closed(self, event: LazyTree.Closed) -> None:
        event.stop()
        self.levels.close(event.path)
        self.repaint()

    def on_lazy_tree_selected(self, event: LazyTree.Selected) -> None:
        event.stop()
        if self.path:
            self._ask_key(self.path)
            self._editor.area.focus()

    def go_back(self) -> bool:
        """From the value back to the tree; else as any panel."""
        if self._furnished and self._editor.area.has_focus:
            self.key_tree.focus()
            return True
        return super().go_back()

    def on_lazy_tree_highlighted(self, event: LazyTree.Highlighted) -> None:
        event.stop()
        self._show_value()
        self.post_message(self.Selected(self))
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(REST, self._read_rested)

    def _read_rested(self) -> None:
        path, kv = self.path, self.snapshot.kv
        known = path in kv.entries or path in kv.busy or path in kv.missing or path in kv.errors
        if path and not path.endswith("/") and not known:
            self._ask_key(path)


def _others_are_shown(snapshot: FleetSnapshot) -> bool:
    """Whether the other panels have what there is."""
    if not snapshot.services:
        return snapshot.loaded or snapshot.link.state not in (LinkState.CONNECTING, LinkState.LIVE)
    return any(view.instances is not None for view in snapshot.services.values())
