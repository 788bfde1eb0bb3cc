"""Parses input from the terminal: Textual's parser, with pastes taken as they are.

Textual's own reads a paste letter by letter, which takes seconds for a megabyte, and reads what follows an ESC in it as
keys: pasted text could run actions.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

START, END = "\x1b[200~", "\x1b[201~"
"""What a terminal puts around pasted text (xterm, bracketed paste)."""
PASTE_LIMIT = 8 * 1024 * 1024
"""Characters of a paste at most: sixteen times the largest KV value."""


class PasteTooLarge(Message):
    """More than :data:`PASTE_LIMIT` was pasted; nothing of it was taken."""


class PastingParser(XTermParser):
    """Emits pasted text as one event, whatever it contains, in time proportional to its length."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._fed = ""
        """The last characters outside a paste: the start marker may arrive in parts."""
        self._pasted: list[str] | None = None
        self._size = 0

    @property
    def unsure(self) -> bool:
        """Whether the last ESC may be the Escape key or the start of a sequence; :meth:`tick` decides by time."""
        return self._timeout_time is not None

    def feed(self, data: str) -> Iterable[Message]:
        while data:
            if self._pasted is None:
                before, data = self._until_start(data)
                yield from (event for event in super().feed(before) if not _empty_paste(event))
            else:
                done, data = self._until_end(data)
                if done is not None:
                    yield done

    def _until_start(self, data: str) -> tuple[str, str]:
        """Splits ``data`` into what goes to Textual's parser and the rest. If there is a rest, a paste began between them."""
        found = (self._fed + data).find(START)
        if found < 0:
            self._fed = (self._fed + data)[1 - len(START) :]
            return data, ""
        cut = found + len(START) - len(self._fed)
        self._fed = ""
        self._pasted, self._size = [], 0
        return data[:cut] + END, data[cut:]  # to Textual's parser an empty paste

    def _until_end(self, data: str) -> tuple[Message | None, str]:
        """The paste, if it ends in ``data``, and the rest."""
        assert self._pasted is not None
        last = self._pasted.pop() if self._pasted else ""
        data = last + data
        found = data.find(END)
        if found < 0:
            self._size += len(data) - len(last)
            if self._size > PASTE_LIMIT:
                self._pasted.clear()
                data = data[-len(END) :]
            # The last characters stay separate: they may be the start of the end marker.
            self._pasted += [data[: -len(END)], data[-len(END) :]]
            return None, ""
        text = "".join([*self._pasted, data[:found]]).replace("\0", "")
        too_large = self._size > PASTE_LIMIT
        self._pasted = None
        return PasteTooLarge() if too_large else events.Paste(text), data[found + len(END) :]


def _empty_paste(event: Message) -> bool:
    return isinstance(event, events.Paste) and not event.text
