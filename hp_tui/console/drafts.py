"""Edits that are not written yet. Kept in the state directory too, so that neither a lost line nor a crash takes them."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

from hp_tui.model.kv import KVEntry
from hp_tui.private_files import replace_private


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed for a key, and the value it was based on. ``index`` 0: the write creates the key."""

    text: str
    base: bytes
    index: int
    flags: int = 0

    @classmethod
    def of(cls, entry: KVEntry) -> Draft:
        """An edit of what is stored, nothing typed yet."""
        return cls(entry.text or "", entry.value, entry.modify_index, entry.flags)


class DraftStore:
    """Drafts by datacenter and key. ``path`` None keeps them in memory only.

    The file is readable by its owner only: values may be secrets. A file that cannot be read or written is not an
    error: the drafts are then in memory, and ``problem`` says why.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._drafts: dict[str, dict[str, Draft]] | None = None
        self._dirty = False
        self.problem = ""

    @classmethod
    def in_state_directory(cls) -> DraftStore:
        """The store of this user."""
        from platformdirs import user_state_path

        return cls(user_state_path("hp-tui") / "drafts.json")

    def get(self, datacenter: str, key: str) -> Draft | None:
        return self._all().get(datacenter, {}).get(key)

    def keys(self, datacenter: str) -> frozenset[str]:
        """Keys with a draft."""
        return frozenset(self._all().get(datacenter, {}))

    def put(self, datacenter: str, key: str, draft: Draft) -> None:
        """Keep a draft, in memory until :meth:`flush`; the same one again costs nothing."""
        drafts = self._all().setdefault(datacenter, {})
        if drafts.get(key) != draft:
            drafts[key] = draft
            self._dirty = True

    def drop(self, datacenter: str, key: str) -> None:
        """Forget a draft: it was written or given up."""
        if self._all().get(datacenter, {}).pop(key, None) is not None:
            self._dirty = True

    def _all(self) -> dict[str, dict[str, Draft]]:
        if self._drafts is None:
            self._drafts = self._load()
        return self._drafts

    def _load(self) -> dict[str, dict[str, Draft]]:
        if self._path is None:
            return {}
        import json  # nothing has been asked for before the first paint

        try:
            raw = json.loads(self._path.read_text("utf-8"))
            return {
                datacenter: {
                    key: Draft(item["text"], base64.b64decode(item["base"]), int(item["index"]), int(item["flags"]))
                    for key, item in drafts.items()
                }
                for datacenter, drafts in raw.items()
            }
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            self.problem = f"drafts in {self._path} cannot be read ({error}); they are kept in memory only"
            self._path = None
            return {}

    def flush(self) -> None:
        """Write what changed to the state directory."""
        if self._path is None or not self._dirty:
            return
        import json

        self._dirty = False
        raw = {
            datacenter: {
                key: {
                    "text": draft.text,
                    "base": base64.b64encode(draft.base).decode(),
                    "index": draft.index,
                    "flags": draft.flags,
                }
                for key, draft in drafts.items()
            }
            for datacenter, drafts in self._all().items()
            if drafts
        }
        try:
            replace_private(self._path, json.dumps(raw).encode())
        except OSError as error:
            self.problem = f"drafts cannot be kept in {self._path} ({error.strerror}); they are in memory only"
