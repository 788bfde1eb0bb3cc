"""An arrangement with tones and texts, drawn line by line when a line is asked for: lines that are not visible cost nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rich.cells import cell_len

from hp_tui.widgets.escape import fit
from hp_tui.widgets.graph.arrangement import Arrangement, Head, NotePlace, Run
from hp_tui.widgets.graph.boxes import Box, box_line, link_note
from hp_tui.widgets.graph.walking import walk
from hp_tui.widgets.values import Link, Node, Tone, TonedText

UP, RIGHT, DOWN, LEFT = 1, 2, 4, 8
_SOLID = {
    RIGHT | LEFT: "─",
    UP | DOWN: "│",
    RIGHT: "─",
    LEFT: "─",
    UP: "│",
    DOWN: "│",
    DOWN | RIGHT: "╭",
    DOWN | LEFT: "╮",
    UP | RIGHT: "╰",
    UP | LEFT: "╯",
    UP | DOWN | RIGHT: "├",
    UP | DOWN | LEFT: "┤",
    RIGHT | LEFT | DOWN: "┬",
    RIGHT | LEFT | UP: "┴",
    UP | RIGHT | DOWN | LEFT: "┼",
}
_DASHED = _SOLID | {RIGHT | LEFT: "╌", UP | DOWN: "╎"}
LOUDNESS = {Tone.MUTED: 0, Tone.PLAIN: 1, Tone.INFO: 2, Tone.GOOD: 2, Tone.OFF: 3, Tone.WARN: 4, Tone.BAD: 5}
BLOCK = 16
"""Lines of the picture that share an index of what runs through them."""


Placed = TypeVar("Placed", Head, NotePlace)


@dataclass(slots=True)
class ScreenCell:
    """One cell of the picture. ``owner`` is the id of the box it belongs to, '' for none."""

    text: str = " "
    tone: Tone = Tone.PLAIN
    owner: str = ""
    bold: bool = False


class IndexedArrangement:
    """An arrangement indexed by screen line. All pictures of one arrangement share it."""

    def __init__(self, arrangement: Arrangement) -> None:
        self.arrangement = arrangement
        self._level: dict[int, list[Run]] = {}
        self._upright: dict[int, list[Run]] = {}
        self._boxes: dict[int, list[tuple[str, Box]]] = {}
        for run in arrangement.runs:
            if run.y1 == run.y2:
                self._level.setdefault(run.y1, []).append(run)
            else:
                for block in range(min(run.y1, run.y2) // BLOCK, max(run.y1, run.y2) // BLOCK + 1):
                    self._upright.setdefault(block, []).append(run)
        for name, box in arrangement.boxes.items():
            for block in range(box.y // BLOCK, (box.bottom - 1) // BLOCK + 1):
                self._boxes.setdefault(block, []).append((name, box))
        self.walk = walk(arrangement)
        self.heads = _by_line(arrangement.heads)
        self.notes = _by_line(arrangement.notes)

    def level(self, y: int) -> Sequence[Run]:
        """The runs along line ``y``."""
        return self._level.get(y, ())

    def upright(self, y: int) -> Iterator[Run]:
        """The runs from above to below that touch line ``y``."""
        for run in self._upright.get(y // BLOCK, ()):
            if run.y1 <= y <= run.y2 or run.y2 <= y <= run.y1:
                yield run

    def boxes(self, y: int) -> Iterator[tuple[str, Box]]:
        """The boxes that line ``y`` runs through."""
        for name, box in self._boxes.get(y // BLOCK, ()):
            if box.y <= y < box.bottom:
                yield name, box


def _by_line(things: Iterable[Placed]) -> dict[int, list[Placed]]:
    found: dict[int, list[Placed]] = {}
    for thing in things:
        found.setdefault(thing.y, []).append(thing)
    return found


@dataclass(slots=True)
class _Joint:
    """The arms of lines in one place."""

    arms: int
    net: int
    tone: Tone
    dashed: bool


class Picture:
    """A drawn topology: :meth:`row` gives the cells of a line."""

    def __init__(
        self, indexed: IndexedArrangement, nodes: Sequence[Node], links: Sequence[Link], selected: str = ""
    ) -> None:
        """``nodes`` and ``links`` are those of the arrangement, with any tones and texts; ``selected`` is an id."""
        self._indexed = indexed
        self.arrangement = indexed.arrangement
        self._nodes = {node.id: node for node in nodes}
        self._links = links
        self._selected = selected
        self._rows: dict[int, dict[int, ScreenCell]] = {}
        self.boxes: Mapping[str, Box] = indexed.arrangement.boxes
        self.callers = indexed.arrangement.callers
        self.callees = indexed.arrangement.callees
        self.downward = indexed.arrangement.downward
        self.walk = indexed.walk
        self.width = indexed.arrangement.width
        self.height = indexed.arrangement.height

    def cell(self, x: int, y: int) -> ScreenCell:
        """What stands there."""
        return self._row(y).get(x) or ScreenCell()

    def row(self, y: int, x: int = 0, width: int | None = None) -> list[ScreenCell]:
        """The cells of a line from ``x`` on."""
        cells = self._row(y)
        return [
            cells.get(column) or ScreenCell() for column in range(x, x + (self.width - x if width is None else width))
        ]

    def texts(self, y: int, x: int, width: int) -> Iterator[TonedText]:
        """The same as texts; neighbouring cells of one style are one text."""
        cells = self.row(y, x, width)
        if cells and not cells[0].text:
            cells[0] = ScreenCell(" ", cells[0].tone)  # the second half of a wide character
        start = 0
        for index in range(1, len(cells) + 1):
            first = cells[start]
            if index == len(cells) or (cells[index].tone, cells[index].bold) != (first.tone, first.bold):
                yield TonedText(start, "".join(cell.text for cell in cells[start:index]), first.tone, first.bold)
                start = index

    def hidden_notes(self) -> list[Link]:
        """The calls of the selected node whose notes had no room in the picture, the loudest first."""
        told = {place.link for place in self.arrangement.notes}
        found = [
            link
            for number, link in enumerate(self._links)
            if self._selected in {link.source, link.target} and link_note(link) and number not in told
        ]
        return sorted(found, key=lambda link: -LOUDNESS[link.tone])

    def around(self, name: str, room: tuple[int, int]) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of what is to be in view: a box, with its neighbours where there is room for them."""
        own = self.boxes[name]
        near = [own, *(self.boxes[end] for end in (*self.callers.get(name, ()), *self.callees.get(name, ())))]
        left, right = min(box.x for box in near), max(box.right for box in near)
        top, bottom = min(box.y for box in near), max(box.bottom for box in near)
        if right - left > room[0]:
            left, right = own.x, own.right
        if bottom - top > room[1]:
            top, bottom = own.y, own.bottom
        return left, top, right, bottom

    def lines(self) -> list[str]:
        """The picture as plain text, for tests and logs."""
        return ["".join(cell.text for cell in self.row(y)).rstrip() for y in range(self.height)]

    def _row(self, y: int) -> dict[int, ScreenCell]:
        found = self._rows.get(y)
        if found is None:
            found = self._rows[y] = self._drawn(y)
        return found

    def _drawn(self, y: int) -> dict[int, ScreenCell]:
        cells = self._line_cells(y)
        for head in self._indexed.heads.get(y, ()):
            _write(cells, head.x, TonedText(0, head.glyph, self._links[head.link].tone))
        for place in self._indexed.notes.get(y, ()):
            link = self._links[place.link]
            text = link_note(link)
            if place.part:
                first, _, rest = text.partition(" ")
                text = first if place.part == 1 else rest
            text = fit(text, min(place.size, cell_len(text)))
            x = place.x + place.size - cell_len(text) if place.right else place.x
            _write(cells, x, TonedText(0, text, link.tone))
        itself = self._indexed.arrangement.itself
        for name, box in self._indexed.boxes(y):
            for toned in box_line(self._nodes[name], box, y - box.y, name == self._selected, name in itself):
                _write(cells, box.x, toned, name)
        return cells

    def _line_cells(self, y: int) -> dict[int, ScreenCell]:
        """The lines that run along or across line ``y``."""
        joints: dict[int, _Joint] = {}
        for run in self._indexed.level(y):
            low, high = sorted((run.x1, run.x2))
            tone, dashed = self._line_style(run)
            for x in range(low, high + 1):
                _join(joints, x, (LEFT if x > low else 0) | (RIGHT if x < high else 0), run.net, tone, dashed)
        for run in self._indexed.upright(y):
            low, high = sorted((run.y1, run.y2))
            tone, dashed = self._line_style(run)
            _join(joints, run.x1, (UP if y > low else 0) | (DOWN if y < high else 0), run.net, tone, dashed)
        return {
            x: ScreenCell((_DASHED if joint.dashed else _SOLID).get(joint.arms, " "), joint.tone)
            for x, joint in joints.items()
        }

    def _line_style(self, run: Run) -> tuple[Tone, bool]:
        """The loudest tone of the calls on it; dashed if all of them are."""
        links = [self._links[link] for link in run.links]
        tone = max((link.tone for link in links), key=LOUDNESS.__getitem__)
        return tone, all(link.dashed for link in links)


def _join(joints: dict[int, _Joint], x: int, arms: int, net: int, tone: Tone, dashed: bool) -> None:
    old = joints.get(x)
    if old is None or old.net != net:
        # Lines of two nets only ever cross. The upright one lies on top, so that a crossing never looks like a junction.
        joints[x] = _Joint(arms, net, tone, dashed)
    else:
        old.arms |= arms
        old.tone = tone if LOUDNESS[tone] >= LOUDNESS[old.tone] else old.tone
        old.dashed = old.dashed and dashed


def _write(cells: dict[int, ScreenCell], x: int, toned: TonedText, owner: str = "") -> None:
    """Put text at a place; a wide character takes two cells."""
    x += toned.x
    for char in toned.text:
        size = cell_len(char)
        if size == 0:
            if x - 1 in cells and cells[x - 1].owner == owner:
                cells[x - 1].text += char  # a combining mark belongs to what is before it
            continue
        cells[x] = ScreenCell(char, toned.tone, owner, toned.bold)
        for extra in range(1, size):
            cells[x + extra] = ScreenCell("", toned.tone, owner, toned.bold)
        x += size
