"""The editor of one KV value: what is typed is a draft until it is written, and a write is check-and-set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.timer import Timer

from hp_tui.console.actions.action import ActionId, Scope, footer
from hp_tui.console.actions.bindings import ActionBindings, bindings
from hp_tui.console.drafts import Draft, DraftStore
from hp_tui.console.kv.actions import WriteDraft, WriteMine
from hp_tui.console.kv.conflict import ConflictScreen, decoded, text_of
from hp_tui.console.kv.rows.editor import editor_parts, not_the_language, wrong_with
from hp_tui.console.kv.rows.merge import merge
from hp_tui.console.kv.rows.tree import language_of, too_large
from hp_tui.console.kv.write_dialog import WriteDialog
from hp_tui.console.messages import RunCommand
from hp_tui.console.shared.connection import ask_token, reconnect
from hp_tui.console.shared.fleet_screen import FleetModal
from hp_tui.console.shared.rows import shell
from hp_tui.model.commands import DeleteKey, SettleConflict, WriteKey, new_id
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.kv import KVConflict
from hp_tui.widgets.bars import Hint, KeyFooter, Part, StatusHeader
from hp_tui.widgets.dialog import ConfirmDialog
from hp_tui.widgets.diffview import DiffLine
from hp_tui.widgets.editor import ValueEditor
from hp_tui.widgets.escape import visible
from hp_tui.widgets.frame import Panel

FLUSH = 0.5
"""Seconds after the last key until a draft is on disk."""


class KeyEditor(ActionBindings, FleetModal[None]):
    """Stays open after a write: one often writes twice."""

    scope = Scope.EDITOR
    live = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.EDITOR)]
    DEFAULT_CSS = """
    KeyEditor { background: $background; }
    KeyEditor > Panel { height: 1fr; }
    """

    def __init__(self, snapshot: FleetSnapshot, now: float, key: str, draft: Draft, drafts: DraftStore) -> None:
        super().__init__(snapshot, now)
        self._key = key
        self._draft = draft
        self._drafts = drafts
        self._datacenter = snapshot.cluster.datacenter
        self._language = language_of(key, draft.text)
        self._writing = ""
        """The id of the write that is under way."""
        """What was handed to Consul and not yet answered."""
        self._asked_about: KVConflict | None = None
        self._flushing: Timer | None = None
        self._problem = ""
        self._notice = ""
        """What the last save came to; it stands until something is typed."""

    def compose(self) -> ComposeResult:
        yield StatusHeader()
        yield Panel(0, "", ValueEditor())
        yield KeyFooter()

    @property
    def editor(self) -> ValueEditor:
        return self.query_one(ValueEditor)

    def on_mount(self) -> None:
        self.query_one(Panel).border_title = Content(visible(self._key))
        self._load(self._draft)
        super().on_mount()

    def _load(self, draft: Draft) -> None:
        self._draft = draft
        self._notice = ""
        self.editor.leave()
        self.editor.show(self._key, draft.text, self._language)
        self.editor.edit()
        self._judge()

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return self._draft.text.encode() != self._draft.base or self._draft.index == 0

    # Following the fleet.

    def repaint(self) -> None:
        if not self.query(KeyFooter):
            return
        self._see_answer()
        self._see_conflict()
        self.query_one(StatusHeader).set_parts(self._parts())
        self.query_one(KeyFooter).set_hints([Hint(item.key, item.label) for item in footer(self.actions())])
        self._judge()

    def _see_answer(self) -> None:
        kv = self.snapshot.kv
        if not self._writing or kv.answered.get(self._key) != self._writing:
            return
        self._writing = ""
        entry = kv.entries.get(self._key)
        if self._key in kv.errors:
            self._problem = f"not written: {kv.errors[self._key]} Your draft is kept."
        elif entry is not None and self._key not in kv.conflicts:
            self._draft = replace(self._draft, base=entry.value, index=entry.modify_index, flags=entry.flags)
            self._keep()

    def _see_conflict(self) -> None:
        conflict = self.snapshot.kv.conflicts.get(self._key)
        if conflict is not None and conflict is not self._asked_about:
            self._ask_about(conflict)

    def _parts(self) -> tuple[Part, ...]:
        index, writing = self._draft.index, bool(self._writing)
        return editor_parts(self.snapshot, self.now, self._key, index, changed=self.changed, writing=writing)

    # Typing.

    def on_value_editor_changed(self, event: ValueEditor.Changed) -> None:
        event.stop()
        if event.text == self._draft.text:
            return
        self._problem = self._notice = ""
        self._draft = replace(self._draft, text=event.text)
        self._keep(soon=True)
        self.query_one(StatusHeader).set_parts(self._parts())
        self._judge()

    def _keep(self, *, soon: bool = False) -> None:
        """The draft goes to the store while there is one; to disk at once, or when typing rests."""
        if self.changed and (self._draft.text or self._draft.index):
            self._drafts.put(self._datacenter, self._key, self._draft)
        else:
            self._drafts.drop(self._datacenter, self._key)
        if self._flushing is not None:
            self._flushing.stop()
            self._flushing = None
        if soon:
            self._flushing = self.set_timer(FLUSH, self._drafts.flush)
        else:
            self._drafts.flush()

    def _judge(self) -> None:
        """The line below the text: what a save came to, the first thing that is wrong with it, else what it is."""
        if self._notice:
            self.editor.set_verdict(self._notice)
            return
        text = self._draft.text
        wrong = self._problem or wrong_with(text, self._language)
        if wrong:
            self.editor.set_verdict(visible(wrong), bad=True)
            return
        kind = f"{self._language.upper()} · " if self._language else ""
        says = visible(self._drafts.problem) or f"{kind}{len(text.encode())} bytes"
        self.editor.set_verdict(says, edited=self.changed)

    # Doing.

    def handlers(self) -> Mapping[ActionId, Callable[[], None]]:
        handlers: dict[ActionId, Callable[[], None]] = {
            ActionId.BACK: self._leave,
            ActionId.RELOAD: self._revert,
            ActionId.TOKEN: lambda: ask_token(self.app),
            ActionId.RECONNECT: lambda: reconnect(self.app),
        }
        if not self._writing:
            handlers[ActionId.SAVE] = self._save
        return handlers

    def _leave(self) -> None:
        self._keep()
        self.dismiss(None)

    def _revert(self) -> None:
        entry = self.snapshot.kv.entries.get(self._key)

        def act(yes: bool | None) -> None:
            if not yes:
                return
            self._drafts.drop(self._datacenter, self._key)
            self._drafts.flush()
            if entry is None:
                self.dismiss(None)
            else:
                self._load(Draft.of(entry))

        if not self.changed:
            act(True)
            return
        lines = [f"What you typed for {self._key} is thrown away.", "What is stored in Consul is not touched."]
        self.app.push_screen(ConfirmDialog("Throw the draft away?", lines, "throw away"), act)

    def _save(self) -> None:
        conflict = self.snapshot.kv.conflicts.get(self._key)
        value = self._draft.text.encode()
        if conflict is not None:
            self._ask_about(conflict)
        elif not self.changed:
            self._notice = "nothing to write: it is what is stored"
            self._judge()
        elif too_large(value):
            self._judge()
        else:
            index = self._draft.index
            says = f"checked against index {index}" if index else "created, if nobody else has meanwhile"
            (lines,) = WriteDraft().preview(self.snapshot, [self._draft])
            self._confirm(f"Write {self._key}?", says, lines, value, index)

    def _confirm(
        self, title: str, says: str, lines: Sequence[DiffLine], value: bytes, index: int, *, danger: bool = False
    ) -> None:
        problem = not_the_language(decoded(value), self._language)
        warning = f"▲ {problem}" if problem else ""

        def act(yes: bool | None) -> None:
            if yes:
                self._write(value, index)

        command = shell.kv_put(self._key, shell.reach(self.snapshot), index, self._draft.flags)
        self.app.push_screen(WriteDialog(title, says, lines, warning, danger, command), act)

    def _write(self, value: bytes, index: int) -> None:
        self._problem = ""
        self._writing = new_id("write")
        self.app.post_message(RunCommand(WriteKey(self._key, value, index, self._draft.flags, id=self._writing)))
        self.repaint()

    # A conflict.

    def _ask_about(self, conflict: KVConflict) -> None:
        self._writing = ""
        self._asked_about = conflict

        def act(what: ActionId | None) -> None:
            if what is ActionId.TAKE_THEIRS:
                self._take_theirs(conflict)
            elif what is ActionId.MERGE:
                self._merge(conflict)
            elif what is ActionId.WRITE_MINE:
                self._write_mine(conflict)

        self.app.push_screen(ConflictScreen(self.snapshot, self.now, conflict), act)

    def _take_theirs(self, conflict: KVConflict) -> None:
        self._drafts.drop(self._datacenter, self._key)
        self._drafts.flush()
        self.app.post_message(RunCommand(SettleConflict(self._key)))
        if conflict.theirs is None:
            self.dismiss(None)
        else:
            self._load(Draft.of(conflict.theirs))

    def _merge(self, conflict: KVConflict) -> None:
        assert conflict.theirs is not None
        merged = merge(text_of(conflict.base), decoded(conflict.mine or b""), text_of(conflict.theirs))
        self.app.post_message(RunCommand(SettleConflict(self._key)))
        self._load(replace(Draft.of(conflict.theirs), text=merged.text))
        self._keep()

    def _write_mine(self, conflict: KVConflict) -> None:
        index = conflict.theirs.modify_index if conflict.theirs else 0
        if conflict.mine is None:
            self.app.post_message(RunCommand(SettleConflict(self._key)))
            self.app.post_message(RunCommand(DeleteKey(self._key, index)))
            self.dismiss(None)
            return
        says = f"over theirs, checked against index {index}" if index else "created again: they deleted it"
        (lines,) = WriteMine().preview(self.snapshot, [conflict])
        self._confirm(f"Write mine over theirs: {self._key}?", says, lines, conflict.mine, index, danger=True)
