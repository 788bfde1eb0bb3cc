"""Where in a JSON value something is, and on which line of its text."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

Steps = tuple[str | int, ...]

_SPACE = re.compile(r"\s*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class JSONPath:
    """A path into a JSON value: ``text`` for people, ``steps`` (names and numbers) for :func:`line_of`."""

    text: str = ""
    steps: Steps = ()

    def field(self, name: str) -> JSONPath:
        """A field of the message here: ``leaf.label``."""
        return JSONPath(f"{self.text}.{name}" if self.text else name, (*self.steps, name))

    def item(self, number: int) -> JSONPath:
        """An element of the array here: ``leaves[1]``."""
        return JSONPath(f"{self.text}[{number}]", (*self.steps, number))

    def key(self, key: str) -> JSONPath:
        """A value of the map here: ``labels['k']``."""
        return JSONPath(f"{self.text}[{key!r}]", (*self.steps, key))


def line_of(text: str, steps: Steps) -> int | None:
    """The line of valid JSON ``text``, counted from 1, on which the value (for a name: the name) at ``steps`` stands."""
    at = found = _skip(text, 0)
    try:
        for step in steps:
            at, found = _member(text, at, step) if isinstance(step, str) else _element(text, at, step)
    except (ValueError, IndexError, RecursionError):
        return None
    return text.count("\n", 0, found) + 1


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _member(text: str, at: int, name: str) -> tuple[int, int]:
    """Where the value of ``name`` begins in the object at ``at``, and where the name does."""
    if text[at] != "{":
        raise ValueError
    at = _skip(text, at + 1)
    while True:
        start = at
        found, at = _DECODER.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)  # the colon
        if found == name:
            return at, start
        at = _next(text, at)


def _element(text: str, at: int, number: int) -> tuple[int, int]:
    if text[at] != "[":
        raise ValueError
    at = _skip(text, at + 1)
    for _ in range(number):
        at = _next(text, at)
    return at, at


def _next(text: str, at: int) -> int:
    """Behind the value at ``at`` and the comma after it."""
    _, at = _DECODER.raw_decode(text, at)
    at = _skip(text, at)
    if text[at] != ",":
        raise ValueError
    return _skip(text, at + 1)
