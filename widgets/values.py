"""The values that widgets show: frozen, comparable, without markup.

Text in these values is drawn as it is: the code that makes them escapes control characters first.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct


class Tone(StrEnum):
    """A meaning, not a colour: the theme maps tones to colours, :data:`GLYPHS` maps them to glyphs."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    OFF = "off"
    """Taken out on purpose: maintenance, forced open."""
    INFO = "info"
    MUTED = "muted"
    PLAIN = "plain"


GLYPHS: Mapping[Tone, str] = {
    Tone.GOOD: "●",
    Tone.WARN: "▲",
    Tone.BAD: "✖",
    Tone.OFF: "◼",
    Tone.INFO: "•",
    Tone.MUTED: "○",
    Tone.PLAIN: " ",
}
"""One glyph a tone, so that nothing is told by hue alone."""


class Badge(Struct, frozen=True):
    """A short text with a tone. ``sort`` orders rows by this cell (the text when None)."""

    text: str
    tone: Tone = Tone.PLAIN
    sort: float | str | None = None
    bold: bool = False


class TonedText(Struct, frozen=True):
    """Text with one tone. ``x`` is its column, counted from the left edge of what it belongs to."""

    x: int
    text: str
    tone: Tone
    bold: bool = False
    reverse: bool = False


class Column(Struct, frozen=True):
    """A table column. When space is short, columns of the highest ``drop`` go first; 0 never goes."""

    key: str
    label: str
    width: int
    """Cells at least."""
    grow: int = 0
    """Share of spare width; 0 keeps ``width``."""
    right: bool = False
    drop: int = 0


class Row(Struct, frozen=True):
    """A table row. ``key`` is its identity across refreshes. A group heading has ``heading`` True."""

    key: str
    cells: Mapping[str, Badge]
    group: str = ""
    heading: bool = False


class Node(Struct, frozen=True):
    """A box of the topology: a service, one dot an instance, red first."""

    id: str
    label: str
    dots: tuple[Tone, ...] = ()
    note: str = ""
    """Second line, such as the version or '3/4 passing'."""
    tone: Tone = Tone.PLAIN
    more: str = ""
    """What follows the note and is kept whole where that is cut, such as '+2'."""


class Link(Struct, frozen=True):
    """An arrow of the topology, by node ids. ``note`` is drawn on it where there is room."""

    source: str
    target: str
    note: str = ""
    tone: Tone = Tone.MUTED
    dashed: bool = False
    secure: bool = False
    """mTLS, which is said before the note."""
    room: int = 0
    """Cells kept for the note, so that the picture stays as it is while the note changes."""


class Mark(StrEnum):
    """One attempt on a lane, with the glyph that shows it."""

    OK = "●"
    FAILED = "×"
    RETRIED = "↷"
    REJECTED = "⊘"


class Lane(Struct, frozen=True):
    """Attempts on one endpoint, oldest first; ``tail`` stands right of the cells (share, percentiles)."""

    key: str
    label: str
    marks: tuple[Mark, ...]
    tail: str = ""
    tone: Tone = Tone.PLAIN


class TimelineItem(Struct, frozen=True):
    """A line of the timeline. ``key`` is its identity."""

    key: str
    time: str
    subject: str
    text: str
    tone: Tone = Tone.PLAIN
    target: str = ""
    """What to jump to on Enter: an instance id or a KV key."""


class TreeItem(Struct, frozen=True):
    """A line of a lazily loaded tree."""

    path: str
    label: str
    depth: int
    folder: bool
    open: bool = False
    tone: Tone = Tone.PLAIN
    note: str = ""
