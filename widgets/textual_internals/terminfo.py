"""What the terminal's own description says that it can do (terminfo(5))."""

from __future__ import annotations

ERASE = b"\x1b[%p1%dX"
"""``ech`` of every terminal that has ECMA-48's ECH, which is what we would send."""


def erases_to_background(fileno: int) -> bool:
    """Whether erased cells get the background that is on: ``bce`` and ``ech``.

    GNU screen, for one, gives them the default background. False also where the terminal is not described.
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
