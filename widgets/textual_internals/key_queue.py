"""Keys one after another: each goes to where the one before it led.

Textual hands a key to whatever has the focus when it arrives. A dialog that a key opens has the focus only some messages
later. When ``m`` and a reason are typed or sent in one go, the reason's first letters would be commands to the panel behind
the dialog.
"""

from __future__ import annotations

from collections import deque
from functools import cache

from textual.app import App
from textual.events import Key, Paste
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

KeyOrPaste = Key | Paste

MAX_WAIT_SECONDS = 0.3
"""The next key is dispatched after this time, whatever the one before it is still doing."""


ROUNDS = 2
"""The first follows the key itself, which Textual acts upon when it has come up to the App; the second follows what the
action posted below."""


@cache
def handles_keys(kind: type) -> bool:
    """Whether a widget or App of this class does something with keys by itself, other than by bindings."""
    own = (vars(base) for base in kind.__mro__ if base not in {Widget, App})
    return any(name in {"on_key", "_on_key"} or name.startswith("key_") for names in own for name in names)


class KeyHandled(Message):
    """Follows key ``number`` from the focused widget up to the App, behind every message that the key caused.

    ``screen`` was on top when the key was dispatched; ``round`` counts how often this message has gone up from there.
    """

    def __init__(self, number: int, screen: Screen[object], round: int = 1) -> None:  # noqa: A002
        super().__init__()
        self.number = number
        self.screen = screen
        self.round = round


class KeyQueue:
    """The key that is being handled, and the keys and pastes that wait for it."""

    def __init__(self) -> None:
        self.number = 0
        """Of the key that was dispatched last."""
        self._busy = False
        self._waiting: deque[KeyOrPaste] = deque()

    @property
    def idle(self) -> bool:
        """Whether every key so far has been handled."""
        return not self._busy and not self._waiting

    @property
    def waiting(self) -> bool:
        """Whether keys wait for the one that is being handled."""
        return bool(self._waiting)

    def hold_back(self, event: KeyOrPaste) -> bool:
        """Queue the event if an earlier one is not finished. Returns whether it was queued."""
        if self.idle:
            return False
        self._waiting.append(event)
        return True

    def start(self) -> int:
        """A key is dispatched; returns its number."""
        self.number += 1
        self._busy = True
        return self.number

    def finish(self, number: int) -> KeyOrPaste | None:
        """The key of that number is handled: the next one, if any waits. None also for one that was finished before."""
        if number != self.number or not self._busy:
            return None
        self._busy = False
        return self._waiting.popleft() if self._waiting else None
