"""A service as a box: how large it is, how it is drawn, what stands on an arrow to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from widgets.escape import fit
from widgets.renderables.canvas import Canvas
from widgets.values import GLYPHS, Link, Node, Tone

MAX_LABEL = 22
MAX_DOTS = 8
MAX_NOTE = (14, 10)
"""Cells of a second line at most, without and with dots before it, where the name above is not longer."""
SECURE = "mTLS"
HEIGHT = 4
"""Lines of a box: two of text in a frame."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where a node stands."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn topology. ``boxes`` by node id; ``callers`` and ``callees`` are a node's neighbours along links.

    ``downward``: calls run from top to bottom instead of from left to right.
    """

    canvas: Canvas
    boxes: Mapping[str, Box]
    callers: Mapping[str, tuple[str, ...]]
    callees: Mapping[str, tuple[str, ...]]
    downward: bool = False


def label(node: Node) -> str:
    """The node's name, cut where it is long."""
    return fit(node.label, min(MAX_LABEL, cell_len(node.label)))


def note(node: Node) -> str:
    """The node's second line behind its dots, cut where it is long."""
    beside = cell_len(label(node)) - len(dots(node.dots)) - 1
    return fit(node.note, min(cell_len(node.note), max(beside, MAX_NOTE[bool(node.dots)])))


def dots(tones: Sequence[Tone]) -> list[tuple[str, Tone]]:
    """One glyph an instance, as given; beyond eight the number of the rest."""
    shown = [(GLYPHS[tone], tone) for tone in tones[:MAX_DOTS]]
    if len(tones) > MAX_DOTS:
        shown.append((f"+{len(tones) - MAX_DOTS}", Tone.MUTED))
    return shown


def width_of(node: Node) -> int:
    """Cells a node's box takes, frame included."""
    second = sum(cell_len(text) for text, _ in dots(node.dots))
    second += cell_len(note(node)) + (1 if node.dots and node.note else 0)
    return max(cell_len(label(node)), second) + 4


def link_note(link: Link) -> str:
    """What stands on an arrow."""
    return f"{SECURE} {link.note}".strip() if link.secure else link.note


def draw_node(canvas: Canvas, node: Node, box: Box, selected: bool) -> None:
    """Frame, name, dots and second line. A red service has a red frame, the selected one a heavy frame."""
    calm = Tone.INFO if selected else Tone.MUTED
    tone = node.tone if node.tone in {Tone.BAD, Tone.WARN} else calm
    canvas.box(box.x, box.y, box.width, box.height, tone, node.id, heavy=selected)
    top = box.y + 1 + (box.height - HEIGHT) // 2
    label_tone = node.tone if node.tone is Tone.BAD else Tone.PLAIN
    canvas.write(box.x + 2, top, label(node), label_tone, node.id, bold=selected or node.tone is Tone.BAD)
    x = box.x + 2
    for text, dot_tone in dots(node.dots):
        canvas.write(x, top + 1, text, dot_tone, node.id)
        x += cell_len(text)
    canvas.write(x + (1 if node.dots else 0), top + 1, note(node), Tone.MUTED, node.id)
