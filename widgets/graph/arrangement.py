"""Where each part of a topology's picture is: boxes, lines, arrow heads, notes. Values only, without colours or texts.

An arrangement depends on a :class:`Structure` alone, so it is made once and painted many times.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from hp_tui.widgets.graph.boxes import Box


class Shape(Struct, frozen=True):
    """A box to be placed. ``width`` and ``small_width`` are its cells as a box with a frame and as a small one."""

    id: str
    width: int
    small_width: int


class Call(Struct, frozen=True):
    """An arrow to be drawn, by box ids; ``room`` cells are kept for its note."""

    source: str
    target: str
    room: int = 0


class Structure(Struct, frozen=True):
    """All that an arrangement depends on, besides the size of the view."""

    shapes: tuple[Shape, ...]
    calls: tuple[Call, ...]


class Run(Struct, frozen=True):
    """A straight stretch of a line, both ends included. Runs of one ``net`` join where they meet, others cross.

    ``links``: the numbers of the calls it carries.
    """

    x1: int
    y1: int
    x2: int
    y2: int
    net: int
    links: tuple[int, ...]


class Head(Struct, frozen=True):
    """An arrow head of call number ``link``."""

    x: int
    y: int
    glyph: str
    link: int


class NotePlace(Struct, frozen=True):
    """Where the note of call number ``link`` may stand: at most ``size`` cells, ending at the arrow where ``right``.

    ``part``: 0 is the whole note, 1 its first word, 2 what follows it.
    """

    x: int
    y: int
    size: int
    link: int
    right: bool = False
    part: int = 0


class Arrangement(Struct, frozen=True):
    """Places only. ``boxes`` by node id; ``callers`` and ``callees`` are a node's neighbours along calls.

    ``downward``: calls run from top to bottom instead of from left to right.
    """

    boxes: Mapping[str, Box]
    runs: tuple[Run, ...]
    heads: tuple[Head, ...]
    notes: tuple[NotePlace, ...]
    callers: Mapping[str, tuple[str, ...]]
    callees: Mapping[str, tuple[str, ...]]
    itself: frozenset[str]
    """The ids of nodes that call themselves."""
    width: int
    height: int
    downward: bool = False
