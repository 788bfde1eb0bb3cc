"""Changing the KV store, an object an action: edit, create, delete. Every write is check-and-set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from hp_tui.console.actions.action_id import ActionId
from hp_tui.console.actions.stage import ActionStage
from hp_tui.console.actions.verb import Verb
from hp_tui.console.drafts import Draft
from hp_tui.console.kv.rows.naming import bad_key
from hp_tui.console.shared.rows import shell
from hp_tui.console.shared.rows.text import in_short
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.kv import KVConflict, KVEntry
from hp_tui.model.timeline import Severity
from hp_tui.widgets.escape import visible

if TYPE_CHECKING:
    from hp_tui.widgets.diffview import DiffLine


class KeyAction(Verb):
    """An action on the key under the cursor, or on the folder it stands in."""

    commands: ClassVar[tuple[str, ...]] = ("WriteKey",)

    def start(self, stage: ActionStage, path: str) -> None:
        """Ask what has to be asked; ``path`` is what the cursor stands on."""
        raise NotImplementedError


class EditKey(KeyAction):
    """Open the editor on the kept draft, else on what is stored."""

    id = ActionId.EDIT

    def start(self, stage: ActionStage, path: str) -> None:
        snapshot = stage.snapshot()
        entry = snapshot.kv.entries.get(path)
        draft = stage.drafts.get(snapshot.cluster.datacenter, path)
        conflict = snapshot.kv.conflicts.get(path)
        if conflict is not None and draft is None:
            draft = _of_conflict(conflict)
        if draft is None and entry is None:
            _read_first(stage, path, "e")
        elif entry is not None and entry.text is None:
            stage.tell(f"{path} is not UTF-8 text; it is shown as hex and not edited here", Severity.WARN)
        else:
            _open(stage, path, draft or Draft.of(entry or KVEntry(path, b"", 0)))


class CreateKey(KeyAction):
    """Ask for the name of a new key, in the folder under the cursor."""

    id = ActionId.NEW_KEY

    def start(self, stage: ActionStage, path: str) -> None:
        from hp_tui.widgets.dialog import PromptDialog

        folder = path if path.endswith("/") else path.rpartition("/")[0] + "/" if "/" in path else ""
        if visible(folder) != folder:  # an input shows what stands in it as it is
            folder = ""

        def act(answer: str | None) -> None:
            if answer is None:
                return
            key = answer.strip()
            problem = bad_key(key)
            if problem:
                stage.tell(problem, Severity.WARN)
            elif key in stage.snapshot().kv.entries:
                stage.tell(f"{key} exists already; e edits it", Severity.WARN)
            else:
                kept = stage.drafts.get(stage.snapshot().cluster.datacenter, key)
                _open(stage, key, kept or Draft("", b"", 0))

        stage.screen.app.push_screen(PromptDialog("New key", "Path of the key:", folder, select=False), act)


class DeleteKeyAction(KeyAction):
    """Only at the index that was read, after a preview."""

    id = ActionId.DELETE_KEY
    commands = ("DeleteKey",)
    destructive = True

    def preview(
        self, snapshot: FleetSnapshot, targets: Sequence[KVEntry], /, choice: str = ""
    ) -> tuple[list[str], ...]:
        """The lines of the dialog for each entry; the last one is the command that does the same from a shell."""
        return tuple(
            [
                f"Delete  {entry.key}",
                f"  {len(entry.value)} bytes, modified at index {entry.modify_index}",
                f"  {in_short(' '.join((entry.text or 'not text').split()), 60)}",
                "",
                "This one key and no other. It is refused if somebody changed it meanwhile.",
                "",
                shell.kv_delete(entry.key, shell.reach(snapshot), entry.modify_index),
            ]
            for entry in targets
        )

    def start(self, stage: ActionStage, path: str) -> None:
        from hp_tui.model.commands import DeleteKey
        from hp_tui.widgets.dialog import ConfirmDialog

        snapshot = stage.snapshot()
        entry = snapshot.kv.entries.get(path)
        if entry is None:
            _read_first(stage, path, "D")
            return
        (lines,) = self.preview(snapshot, (entry,))

        def act(yes: bool | None) -> None:
            if yes:
                stage.submit(DeleteKey(path, entry.modify_index))

        stage.screen.app.push_screen(ConfirmDialog(f"Delete {path}?", lines, "delete", commands=lines[-1:]), act)


class WriteDraft(Verb):
    """Writes what stands in the editor, after a preview of the difference."""

    id = ActionId.SAVE
    commands = ("WriteKey",)

    def preview(self, snapshot: FleetSnapshot, targets: Sequence[Draft], /, choice: str = "") -> list[list[DiffLine]]:
        """What the write changes of what was read, line by line, for each draft."""
        return [_difference(draft.base, draft.text.encode()) for draft in targets]


class MergeConflict(Verb):
    """Opens both changes merged in the editor; writing them is its next step."""

    id = ActionId.MERGE
    commands = ("WriteKey",)


class WriteMine(Verb):
    """Writes one side of a conflict over the other, checked against the other's index."""

    id = ActionId.WRITE_MINE
    commands = ("WriteKey",)
    destructive = True

    def preview(
        self, snapshot: FleetSnapshot, targets: Sequence[KVConflict], /, choice: str = ""
    ) -> list[list[DiffLine]]:
        """What the write changes of what is stored now, line by line, for each conflict."""
        return [
            _difference(conflict.theirs.value if conflict.theirs else b"", conflict.mine or b"") for conflict in targets
        ]


KEY_ACTIONS: dict[ActionId, KeyAction] = {action.id: action for action in (EditKey(), CreateKey(), DeleteKeyAction())}


def copy_key(stage: ActionStage, path: str) -> None:
    """Offer to copy the path, the value, or a command."""
    from hp_tui.console.shared.copying import copy_one_of

    snapshot = stage.snapshot()
    entry = snapshot.kv.entries.get(path)
    at = shell.reach(snapshot)
    texts = {
        "path": path,
        "value": (entry.text or "") if entry else "",
        "get": "" if path.endswith("/") else shell.kv_get(path, at),
        "set": shell.kv_put(path, at, entry.modify_index, entry.flags) if entry else "",
    }
    copy_one_of(stage.screen, f"Copy of {path}", texts, {"path": "its path", "value": "its value"})


def _difference(old: bytes, new: bytes) -> list[DiffLine]:
    from hp_tui.widgets.diffview import diff

    return list(diff(old.decode("utf-8", "replace"), new.decode("utf-8", "replace")))


def _open(stage: ActionStage, key: str, draft: Draft) -> None:
    from hp_tui.console.kv.editor import KeyEditor

    stage.screen.app.push_screen(KeyEditor(stage.snapshot(), stage.now(), key, draft, stage.drafts))


def _read_first(stage: ActionStage, path: str, key: str) -> None:
    from hp_tui.model.commands import ReadKey

    stage.submit(ReadKey(path))
    stage.tell(f"{path} is being read; press {key} again when it is there", Severity.WARN)


def _of_conflict(conflict: KVConflict) -> Draft:
    """What the user wanted to write when somebody else came first."""
    base = conflict.base
    mine = conflict.mine if conflict.mine is not None else base.value if base else b""
    return Draft(mine.decode("utf-8", "replace"), base.value if base else b"", base.modify_index if base else 0)
