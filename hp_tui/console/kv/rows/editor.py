"""What the editor says about a KV value: in its header, and what is wrong with the text."""

from __future__ import annotations

from hp_tui.console.kv.rows.tree import too_large, validate
from hp_tui.console.shared.rows.text import age
from hp_tui.model.fleet import FleetSnapshot, LinkState
from hp_tui.widgets.bars import Part
from hp_tui.widgets.values import Tone


def editor_parts(
    snapshot: FleetSnapshot, now: float, key: str, index: int, *, changed: bool, writing: bool
) -> tuple[Part, ...]:
    """The header's: ``index`` is what the draft is based on, ``changed`` whether there is anything to write."""
    entry, saved = snapshot.kv.entries.get(key), snapshot.kv.saved.get(key)
    parts = [
        Part("edit", Tone.INFO, bold=True),
        Part(f"CAS {index}" if index else "new key", Tone.MUTED, drop=2),
    ]
    if writing:
        parts.append(Part("writing…", Tone.INFO))
    elif changed:
        parts.append(Part("draft, not written", Tone.WARN, bold=True))
    elif saved is not None:
        parts.append(Part(f"written {age(now - saved)} ago", Tone.GOOD))
    if entry is not None and index and entry.modify_index != index:
        parts.append(Part(f"▲ now at index {entry.modify_index}: saving shows both", Tone.WARN, drop=1))
    if snapshot.link.state is not LinkState.LIVE:
        parts.append(Part(f"Consul: {snapshot.link.state.value}", Tone.BAD, bold=True))
    return tuple(parts)


def wrong_with(text: str, language: str) -> str:
    """The first thing that is wrong with a text, '' when nothing is. One that is still empty is no bad JSON."""
    return too_large(text.encode()) or (not_the_language(text, language) if text.strip() else "")


def not_the_language(text: str, language: str) -> str:
    """Why the text is not in the language of its key's name; '' when it is, or when that cannot be checked."""
    problem = validate(language, text)
    return f"not {language.upper()}: {problem}" if problem else ""
