"""A grid of cells on which boxes and lines are drawn with box-drawing characters."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from widgets.values import Tone

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
_LOUDNESS = {Tone.MUTED: 0, Tone.PLAIN: 1, Tone.INFO: 2, Tone.GOOD: 2, Tone.OFF: 3, Tone.WARN: 4, Tone.BAD: 5}


@dataclass(slots=True)
class Cell:
    """What stands in one place: a character, or the arms of lines that pass."""

    text: str = " "
    tone: Tone = Tone.PLAIN
    owner: str = ""
    bold: bool = False


class Canvas:
    """Characters by place. Lines of one ``net`` join where they meet; lines of different nets pass over each other."""

    def __init__(self) -> None:
        self._text: dict[tuple[int, int], Cell] = {}
        self._arms: dict[tuple[int, int], tuple[int, str, Tone, bool]] = {}
        self.width = 0
        self.height = 0

    def write(self, x: int, y: int, text: str, tone: Tone, owner: str = "", bold: bool = False) -> None:
        """Put text at a place; a wide character takes two cells."""
        for char in text:
            size = cell_len(char)
            if size == 0:
                continue
            self._text[x, y] = Cell(char, tone, owner, bold)
            for extra in range(1, size):
                self._text[x + extra, y] = Cell("", tone, owner, bold)
            x += size
            self._grow(x, y)

    def box(self, x: int, y: int, width: int, height: int, tone: Tone, owner: str, heavy: bool = False) -> None:
        """A rounded box, or one in heavy lines; its inside is blanked."""
        left_top, right_top, left_bottom, right_bottom, flat, upright = "┏┓┗┛━┃" if heavy else "╭╮╰╯─│"
        inside = " " * (width - 2)
        self.write(x, y, left_top + flat * (width - 2) + right_top, tone, owner)
        for row in range(y + 1, y + height - 1):
            self.write(x, row, upright, tone, owner)
            self.write(x + 1, row, inside, tone, owner)
            self.write(x + width - 1, row, upright, tone, owner)
        self.write(x, y + height - 1, left_bottom + flat * (width - 2) + right_bottom, tone, owner)

    def line(self, start: tuple[int, int], end: tuple[int, int], net: str, tone: Tone, dashed: bool = False) -> None:
        """A straight line between two places, both included."""
        (x1, y1), (x2, y2) = start, end
        if y1 == y2:
            low, high = sorted((x1, x2))
            for x in range(low, high + 1):
                self._arm(x, y1, (LEFT if x > low else 0) | (RIGHT if x < high else 0), net, tone, dashed)
        else:
            low, high = sorted((y1, y2))
            for y in range(low, high + 1):
                self._arm(x1, y, (UP if y > low else 0) | (DOWN if y < high else 0), net, tone, dashed)

    def _arm(self, x: int, y: int, arms: int, net: str, tone: Tone, dashed: bool) -> None:
        old = self._arms.get((x, y))
        if old is None or old[1] == net:
            had, _, quiet, was_dashed = old or (0, net, tone, dashed)
            loud = tone if _LOUDNESS[tone] >= _LOUDNESS[quiet] else quiet
            self._arms[x, y] = (had | arms, net, loud, dashed and was_dashed)
        elif arms & (UP | DOWN) and not arms & (LEFT | RIGHT):
            # The upright line lies on top, so that a crossing never looks like a junction.
            self._arms[x, y] = (arms, net, tone, dashed)
        self._grow(x + 1, y)

    def _grow(self, x: int, y: int) -> None:
        self.width = max(self.width, x)
        self.height = max(self.height, y + 1)

    def cell(self, x: int, y: int) -> Cell:
        """What stands there; boxes and text lie over lines."""
        found = self._text.get((x, y))
        if found is not None:
            return found
        arms = self._arms.get((x, y))
        if arms is None:
            return Cell()
        signs = _DASHED if arms[3] else _SOLID
        return Cell(signs.get(arms[0], " "), arms[2])

    def free(self, x: int, y: int, size: int) -> bool:
        """Whether neither text nor a line stands in ``size`` cells from ``x`` on."""
        return all((place, y) not in self._text and (place, y) not in self._arms for place in range(x, x + size))

    def row(self, y: int, x: int = 0, width: int | None = None) -> list[Cell]:
        """The cells of a line from ``x`` on."""
        return [self.cell(column, y) for column in range(x, x + (self.width - x if width is None else width))]

    def lines(self) -> list[str]:
        """The picture as plain text, for tests and logs."""
        return ["".join(cell.text for cell in self.row(y)).rstrip() for y in range(self.height)]
