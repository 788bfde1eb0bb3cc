"""Panel 4: the opened part of the KV store as a tree, and notes on a value."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Set
from dataclasses import dataclass

from hp_tui.console.shared.rows.filter_parser import EVERYTHING, Filter
from hp_tui.model.fleet import KVView
from hp_tui.model.kv import VALUE_LIMIT, KVEntry
from hp_tui.widgets.editor import hex_lines
from hp_tui.widgets.escape import visible
from hp_tui.widgets.values import Tone, TreeItem

HEX_SHOWN = 4096
"""Bytes of a value that is not text shown as hex."""

REMARK = "\udfff"
"""In the path of a line that is no key: half a surrogate pair, which no key of Consul's can hold; a NUL it can."""


def tree(
    kv: KVView, opened: Set[str], drafts: Set[str] = frozenset(), wanted: Filter = EVERYTHING
) -> tuple[TreeItem, ...]:
    """The lines of the tree: ``opened`` folders with their children, drafts and conflicts marked.

    A filter keeps the keys whose path matches, and the folders that lead to them.
    """
    items = tuple(_level(kv, "", 0, opened, drafts))
    return _filtered(items, wanted) if wanted else items


def _level(kv: KVView, prefix: str, depth: int, opened: Set[str], drafts: Set[str]) -> Iterator[TreeItem]:
    level = kv.levels.get(prefix)
    for path in level.children if level else ():
        folder = path.endswith("/")
        is_open = folder and path in opened
        tone, note = _marks(kv, path, drafts)
        label = visible(path[len(prefix) :].rstrip("/") + ("/" if folder else "")) or "(empty name)"
        yield TreeItem(path, label, depth, folder, is_open, tone, note)
        if is_open:
            yield from _inside(kv, path, depth + 1, opened, drafts)
    if depth == 0:
        known = set(level.children) if level else set()
        for key in sorted(key for key in drafts if not _reachable(kv, key) and key not in known):
            yield TreeItem(key, visible(key), 0, folder=False, tone=Tone.WARN, note="draft")


def _reachable(kv: KVView, key: str) -> bool:
    head, slash, _ = key.rpartition("/")
    level = kv.levels.get(head + slash)
    return level is not None and key in level.children


def _inside(kv: KVView, path: str, depth: int, opened: Set[str], drafts: Set[str]) -> Iterator[TreeItem]:
    level = kv.levels.get(path)
    if level is None or (level.loading and not level.children):
        yield TreeItem(f"{path}{REMARK}loading", "loading…", depth, folder=False, tone=Tone.MUTED)
    elif level.error:
        yield TreeItem(f"{path}{REMARK}error", visible(level.error), depth, folder=False, tone=Tone.BAD)
    elif not level.children:
        yield TreeItem(f"{path}{REMARK}empty", "(empty)", depth, folder=False, tone=Tone.MUTED)
    yield from _level(kv, path, depth, opened, drafts)


def _marks(kv: KVView, path: str, drafts: Set[str]) -> tuple[Tone, str]:
    if path in kv.conflicts:
        return Tone.BAD, "conflict"
    if path in drafts:
        return Tone.WARN, "draft"
    if path in kv.errors:
        return Tone.BAD, "failed"
    return (Tone.MUTED, "…") if path in kv.busy else (Tone.PLAIN, "")


def is_note(path: str) -> bool:
    """Whether a tree line is a remark (loading, empty, error) and not a key."""
    return REMARK in path


def _filtered(items: tuple[TreeItem, ...], wanted: Filter) -> tuple[TreeItem, ...]:
    matched = {item.path for item in items if not is_note(item.path) and wanted(item.path)}
    kept = {item.path for item in items if item.folder and any(path.startswith(item.path) for path in matched)}
    return tuple(item for item in items if item.path in matched | kept)


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as the panel shows it. ``editable`` False comes with ``note`` saying why."""

    text: str
    language: str = ""
    editable: bool = True
    note: str = ""


def shown_value(entry: KVEntry) -> Shown:
    """Text as it is; bytes that are not UTF-8 as a hex dump, read-only."""
    text = entry.text
    if text is None:
        dump = hex_lines(entry.value, HEX_SHOWN)
        more = f", the first {HEX_SHOWN} shown" if len(entry.value) > HEX_SHOWN else ""
        return Shown(
            dump, editable=False, note=f"{len(entry.value)} bytes that are not UTF-8{more}: shown as hex, not edited"
        )
    return Shown(visible(text, lines=True), language_of(entry.key, text))


def value_at(kv: KVView, path: str) -> Shown:
    """What stands at ``path``; a folder has no value."""
    entry = kv.entries.get(path)
    if entry is not None:
        return shown_value(entry)
    if not path or path.endswith("/"):
        return Shown("")
    return Shown("", note="does not exist" if path in kv.missing else "reading…")


def value_note(kv: KVView, path: str, *, draft: bool) -> str:
    """What the panel's frame says about the value at ``path``. ``draft``: an unsaved edit of it exists."""
    if path in kv.conflicts:
        return "changed by somebody else · e shows both"
    entry = kv.entries.get(path)
    if entry is None:
        return "draft" if draft else ""
    return f"{'draft · ' if draft else ''}{len(entry.value)} B · CAS {entry.modify_index}"


_BY_ENDING = {"json": "json", "yaml": "yaml", "yml": "yaml", "toml": "toml", "hcl": "hcl"}


def language_of(key: str, text: str) -> str:
    """``json``, ``yaml``, ``toml``, ``hcl`` by the key's ending; JSON also by its look; '' for plain text."""
    ending = key.rpartition(".")[2].lower() if "." in key.rpartition("/")[2] else ""
    if ending in _BY_ENDING:
        return _BY_ENDING[ending]
    return "json" if text.lstrip()[:1] in {"{", "["} and not ending else ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a text, and where (lines and columns from 1)."""

    text: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.text}"


def validate(language: str, text: str) -> Problem | None:
    """The first thing that keeps ``text`` from being ``language``; None when it is fine, or when that cannot be checked."""
    check = _CHECKS.get(language)
    return check(text) if check else None


def _json(text: str) -> Problem | None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return Problem(error.msg, error.lineno, error.colno)
    except RecursionError:
        return Problem("nested too deeply to check")
    return None


def _yaml(text: str) -> Problem | None:
    import yaml

    try:
        for _ in yaml.parse(text, Loader=yaml.SafeLoader):
            pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        return Problem(error.problem or "not YAML", mark.line + 1 if mark else 1, mark.column + 1 if mark else 1)
    except yaml.YAMLError as error:
        return Problem(first_of(str(error)))
    except RecursionError:
        return Problem("nested too deeply to check")
    return None


def _toml(text: str) -> Problem | None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said, _, where = str(error).partition(" (at ")
        if where.startswith("end"):
            lines = text.split("\n")
            return Problem(said, len(lines), len(lines[-1]) + 1)
        numbers = [
            int(part) for part in where.rstrip(")").replace("column", "").replace(",", " ").split() if part.isdigit()
        ]
        line, column = [*numbers, 1, 1][:2]
        return Problem(said, line, column)
    except RecursionError:
        return Problem("nested too deeply to check")
    return None


_CHECKS = {"json": _json, "yaml": _yaml, "toml": _toml}


def first_of(text: str) -> str:
    return text.splitlines()[0] if text else ""


def too_large(value: bytes) -> str:
    """Why a value cannot be written, '' when its size is fine."""
    if len(value) <= VALUE_LIMIT:
        return ""
    return (
        f"the value has {len(value)} bytes; Consul takes at most {VALUE_LIMIT} (512 KB). "
        "Nothing was sent: shorten it or split it over several keys."
    )
