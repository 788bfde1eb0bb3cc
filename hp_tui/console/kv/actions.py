"""Changing the KV store: edit, create, delete; every write is check-and-set."""

from __future__ import annotations

from collections.abc import Callable

from textual.screen import Screen

from hp_tui.console.drafts import Draft, DraftStore
from hp_tui.console.health.instance_actions import copy_one_of
from hp_tui.console.kv.rows.tree import bad_key
from hp_tui.console.messages import RunCommand, ShowNotice
from hp_tui.console.shared.rows import shell
from hp_tui.console.shared.rows.text import in_short
from hp_tui.model.commands import DeleteKey, ReadKey
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.kv import KVConflict, KVEntry
from hp_tui.model.timeline import Severity
from hp_tui.widgets.dialog import ConfirmDialog, PromptDialog
from hp_tui.widgets.escape import visible


class KeyActions:
    """Dialogs and the editor on behalf of ``screen``."""

    def __init__(
        self,
        screen: Screen[None],
        snapshot: Callable[[], FleetSnapshot],
        now: Callable[[], float],
        drafts: DraftStore,
    ) -> None:
        self._screen = screen
        self._snapshot = snapshot
        self._now = now
        self._drafts = drafts

    def edit(self, key: str) -> None:
        """Open the editor on the kept draft, else on what is stored."""
        snapshot = self._snapshot()
        entry = snapshot.kv.entries.get(key)
        draft = self._drafts.get(snapshot.cluster.datacenter, key)
        conflict = snapshot.kv.conflicts.get(key)
        if conflict is not None and draft is None:
            draft = _of_conflict(conflict)
        if draft is None and entry is None:
            self._screen.app.post_message(RunCommand(ReadKey(key)))
            self._say(f"{key} is being read; press e again when it is there")
            return
        if entry is not None and entry.text is None:
            self._say(f"{key} is not UTF-8 text; it is shown as hex and not edited here")
            return
        self._open(key, draft or Draft.of(entry or KVEntry(key, b"", 0)))

    def create(self, path: str) -> None:
        """Ask for the name of a new key, in the folder under the cursor."""
        folder = path if path.endswith("/") else path.rpartition("/")[0] + "/" if "/" in path else ""
        if visible(folder) != folder:  # an input shows what stands in it as it is
            folder = ""

        def act(answer: str | None) -> None:
            if answer is None:
                return
            key = answer.strip()
            problem = bad_key(key)
            if problem:
                self._say(problem)
            elif key in self._snapshot().kv.entries:
                self._say(f"{key} exists already; e edits it")
            else:
                kept = self._drafts.get(self._snapshot().cluster.datacenter, key)
                self._open(key, kept or Draft("", b"", 0))

        self._screen.app.push_screen(PromptDialog("New key", "Path of the key:", folder, select=False), act)

    def _open(self, key: str, draft: Draft) -> None:
        from hp_tui.console.kv.editor import KeyEditor

        self._screen.app.push_screen(KeyEditor(self._snapshot(), self._now(), key, draft, self._drafts))

    def delete(self, key: str) -> None:
        """With a preview; only at the index that was read."""
        snapshot = self._snapshot()
        entry = snapshot.kv.entries.get(key)
        if entry is None:
            self._screen.app.post_message(RunCommand(ReadKey(key)))
            self._say(f"{key} is being read; press D again when it is there")
            return
        command = shell.kv_delete(key, shell.reach(snapshot), entry.modify_index)
        lines = [
            f"Delete  {key}",
            f"  {len(entry.value)} bytes, modified at index {entry.modify_index}",
            f"  {in_short(' '.join((entry.text or 'not text').split()), 60)}",
            "",
            "This one key and no other. It is refused if somebody changed it meanwhile.",
            "",
            command,
        ]

        def act(yes: bool | None) -> None:
            if yes:
                self._screen.app.post_message(RunCommand(DeleteKey(key, entry.modify_index)))

        self._screen.app.push_screen(ConfirmDialog(f"Delete {key}?", lines, "delete", commands=[command]), act)

    def copy(self, path: str) -> None:
        """The path, the value, or a command."""
        snapshot = self._snapshot()
        entry = snapshot.kv.entries.get(path)
        at = shell.reach(snapshot)
        texts = {
            "path": path,
            "value": (entry.text or "") if entry else "",
            "get": "" if path.endswith("/") else shell.kv_get(path, at),
            "set": shell.kv_put(path, at, entry.modify_index, entry.flags) if entry else "",
        }
        copy_one_of(self._screen, f"Copy of {path}", texts, {"path": "its path", "value": "its value"})

    def _say(self, text: str) -> None:
        self._screen.app.post_message(ShowNotice(text, Severity.WARN))


def _of_conflict(conflict: KVConflict) -> Draft:
    """What the user wanted to write when somebody else came first."""
    base = conflict.base
    mine = conflict.mine if conflict.mine is not None else base.value if base else b""
    return Draft(mine.decode("utf-8", "replace"), base.value if base else b"", base.modify_index if base else 0)
