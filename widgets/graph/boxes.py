"""A service as a box: its size, and the text of each of its lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from rich.cells import cell_len

from hp_tui.widgets.escape import fit
from hp_tui.widgets.values import GLYPHS, Link, Node, Tone, TonedText

MAX_LABEL = 22
MAX_DOTS = 8
MAX_NOTE = (14, 10)
"""Most cells of a box's note, without and with dots before it, unless the name above is longer."""
SECURE = "mTLS"
HEIGHT = 4
"""Lines of a box: two of text in a frame."""
SMALL_HEIGHT = 1
"""Lines of a small box: one of text, without a frame above and below."""
ITSELF = "↻"
"""Drawn on the frame of a service that calls itself."""
_LOUD_FIRST = (Tone.BAD, Tone.WARN, Tone.OFF, Tone.INFO, Tone.GOOD, Tone.MUTED, Tone.PLAIN)


class Box(Struct, frozen=True):
    """The place and size of a node, in cells."""

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


def label(node: Node) -> str:
    """The node's name, cut if it is long."""
    return fit(node.label, min(MAX_LABEL, cell_len(node.label)))


def note(node: Node) -> str:
    """The text behind the node's dots, cut if it is long; ``more`` is never cut."""
    taken = sum(cell_len(text) for text, _ in dots(node.dots))
    most = max(cell_len(label(node)) - taken - 1, MAX_NOTE[bool(node.dots)])
    more = f" {node.more}" if node.more else ""
    return fit(node.note, min(cell_len(node.note), most - cell_len(more))) + more


def dots(tones: Sequence[Tone]) -> list[tuple[str, Tone]]:
    """One glyph for each instance, in the order given. Above eight instances, the number of each tone, the loudest first."""
    if len(tones) <= MAX_DOTS:
        return [(GLYPHS[tone], tone) for tone in tones]
    counts = [(tone, tones.count(tone)) for tone in _LOUD_FIRST if tone in tones]
    return [(f"{GLYPHS[tone]}{number}{' ' if (tone, number) != counts[-1] else ''}", tone) for tone, number in counts]


def width_of(node: Node) -> int:
    """The width of a node's box, in cells, frame included."""
    second = sum(cell_len(text) for text, _ in dots(node.dots))
    second += cell_len(note(node)) + (1 if node.dots and note(node) else 0)
    return max(cell_len(label(node)), second) + 4


def small_width_of(node: Node, *, itself: bool) -> int:
    """Cells that a node takes as a small box; ``itself``: it calls itself."""
    return sum(cell_len(toned.text) for toned in _small_text(node, selected=False, itself=itself)) + 4


def link_note(link: Link) -> str:
    """The text on an arrow."""
    return f"{SECURE} {link.note}".strip() if link.secure else link.note


def note_room(link: Link) -> int:
    """Cells kept free on an arrow: at least as many as its note takes now."""
    secure = len(SECURE) + (1 if link.room or link.note else 0) if link.secure else 0
    return secure + max(link.room, cell_len(link.note))


def box_line(node: Node, box: Box, line: int, selected: bool, itself: bool) -> Iterator[TonedText]:
    """The texts of line ``line`` of a box, frame included, left to right.

    A red service has a red frame, the selected one a heavy frame. ``itself`` says that it calls itself.
    """
    calm = Tone.INFO if selected else Tone.MUTED
    frame = node.tone if node.tone in {Tone.BAD, Tone.WARN} else calm
    left_top, right_top, left_bottom, right_bottom, flat, upright = "┏┓┗┛━┃" if selected else "╭╮╰╯─│"
    inner = box.width - 2
    if box.height == SMALL_HEIGHT:
        yield from _small_line(node, box, selected, itself)
    elif line == 0:
        top = flat * (inner - 2) + ITSELF + flat if itself else flat * inner
        yield TonedText(0, left_top + top + right_top, frame)
    elif line == box.height - 1:
        yield TonedText(0, left_bottom + flat * inner + right_bottom, frame)
    else:
        # Blanks have the style of the text before them: fewer changes of style are sent.
        x, end = 2, box.width - 1
        yield TonedText(0, f"{upright} ", frame)
        yield from _padded(_inside(node, line - 1 - (box.height - HEIGHT) // 2, selected), x, end, frame)
        yield TonedText(end, upright, frame)


def _padded(texts: Iterable[TonedText], x: int, end: int, tone: Tone) -> Iterator[TonedText]:
    """The texts side by side from ``x`` on, the last one with blanks up to ``end``."""
    listed = list(texts) or [TonedText(0, "", tone)]
    for number, toned in enumerate(listed, start=1):
        text = toned.text if number < len(listed) else fit(toned.text, end - x)
        yield TonedText(x, text, toned.tone, toned.bold)
        x += cell_len(text)


def _small_line(node: Node, box: Box, selected: bool, itself: bool) -> Iterator[TonedText]:
    """A small box: upright bars only where it is selected."""
    bar = "┃" if selected else " "
    yield TonedText(0, f"{bar} ", Tone.INFO)
    yield from _padded(_small_text(node, selected, itself), 2, box.width - 1, Tone.INFO)
    yield TonedText(box.width - 1, bar, Tone.INFO)


def _small_text(node: Node, selected: bool, itself: bool) -> Iterator[TonedText]:
    """Name, dots and note in one line."""
    tone = node.tone if node.tone is Tone.BAD else Tone.PLAIN
    yield TonedText(0, f"{label(node)} ", tone, bold=selected or node.tone is Tone.BAD)
    for text, dot in dots(node.dots):
        yield TonedText(0, text, dot)
    rest = " ".join(filter(None, (note(node), ITSELF if itself else "")))
    if rest:
        yield TonedText(0, f" {rest}" if node.dots else rest, Tone.MUTED)


def _inside(node: Node, row: int, selected: bool) -> Iterator[TonedText]:
    """The text within the frame, piece after piece: ``row`` 0 is the name, 1 dots and note."""
    if row == 0:
        tone = node.tone if node.tone is Tone.BAD else Tone.PLAIN
        yield TonedText(0, label(node), tone, bold=selected or node.tone is Tone.BAD)
    elif row == 1:
        shown = dots(node.dots)
        for number, (text, dot) in enumerate(shown, start=1):
            yield TonedText(0, text + (" " if number == len(shown) and note(node) else ""), dot)
        if note(node) or not shown:
            yield TonedText(0, note(node), Tone.MUTED)
