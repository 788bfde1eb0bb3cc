"""What the terminal can do, according to terminfo(5)."""

from __future__ import annotations

ERASE = b"\x1b[%p1%dX"
"""``ech`` of every terminal that has ECMA-48's ECH, the sequence that the screen buffer sends."""


def erases_to_background(fileno: int) -> bool:
    """Whether erased cells get the current background colour (``bce`` and ``ech``).

    GNU screen, for example, gives them the default background. False also for a terminal without a description.
    """
    try:
        import _curses
    except ImportError:  # a Python built without it
        return False
    try:
        _curses.setupterm(None, fileno)
    except _curses.error:
        return False
    return _curses.tigetflag("bce") > 0 and _curses.tigetstr("ech") == ERASE
