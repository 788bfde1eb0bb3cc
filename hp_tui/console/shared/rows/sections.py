"""What a drawer shows: titled runs of lines."""

from __future__ import annotations

from dataclasses import dataclass

from hp_tui.widgets.values import Tone


@dataclass(frozen=True, slots=True)
class DetailLine:
    """A line of a drawer, with an optional label in front; ``wide`` lets it begin below the labels."""

    text: str
    tone: Tone = Tone.PLAIN
    label: str = ""
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A titled run of lines."""

    title: str
    lines: tuple[DetailLine, ...]
