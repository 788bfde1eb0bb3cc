"""Keys one after another: each goes to the place that the one before it led to.

Textual hands a key to whatever has the focus when it arrives. What a key opens, a dialog say, has the focus only some
messages later: of `m` and a reason typed or sent in one go the beginning would be commands to the panel behind the dialog.
"""

from __future__ import annotations

from collections import deque
from functools import cache

from textual.app import App
from textual.events import Key, Paste
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

Typed = Key | Paste

PATIENCE = 0.3
"""Seconds after which the next key goes on its way, whatever the one before it is still doing."""


LAPS = 2
"""The first follows the key itself, which Textual acts upon when it has come up to the App; the second follows what the
action posted below."""


@cache
def listens(kind: type) -> bool:
    """Whether a widget or App of this kind does something with keys by itself, other than by bindings."""
    own = (vars(base) for base in kind.__mro__ if base not in {Widget, App})
    return any(name in {"on_key", "_on_key"} or name.startswith("key_") for names in own for name in names)


class Settled(Message):
    """Follows key ``number`` from the focus up to the App, behind all that the key caused.

    ``screen`` was on top when it set out, on lap number ``lap`` of that screen.
    """

    def __init__(self, number: int, screen: Screen[object], lap: int = 1) -> None:
        super().__init__()
        self.number = number
        self.screen = screen
        self.lap = lap


class TypeAhead:
    """What was typed and waits for its turn, and which key is under way."""

    def __init__(self) -> None:
        self.number = 0
        """Of the key that set out last."""
        self._under_way = False
        self._waiting: deque[Typed] = deque()

    @property
    def idle(self) -> bool:
        """Whether every key so far has been done with."""
        return not self._under_way and not self._waiting

    @property
    def more(self) -> bool:
        """Whether keys wait for the one under way."""
        return bool(self._waiting)

    def waits(self, event: Typed) -> bool:
        """Whether the event has to wait for an earlier one; it is kept then."""
        if self._under_way or self._waiting:
            self._waiting.append(event)
            return True
        return False

    def set_out(self) -> int:
        """A key goes on its way; its number."""
        self.number += 1
        self._under_way = True
        return self.number

    def next(self, number: int) -> Typed | None:
        """The key of that number is done with: what comes next. None also for one that was done with before."""
        if number != self.number or not self._under_way:
            return None
        self._under_way = False
        return self._waiting.popleft() if self._waiting else None
