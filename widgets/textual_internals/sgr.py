"""Switching a terminal from one style to another in few bytes (ECMA-48, SGR: select graphic rendition)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

RESET = "\x1b[0m"
"""Ends every style."""
SEEN_ON_BLANKS = frozenset({"4", "7", "9", "21", "51", "52", "53"})
"""Underlined, reversed, struck through, framed, overlined: what shows also where there is no letter."""


class Look(Struct, frozen=True):
    """What makes a text look as it does, as SGR parameters; '' and no attributes are the terminal's own."""

    attributes: frozenset[str] = frozenset()
    ink: str = ""
    ground: str = ""

    @property
    def blank(self) -> bool:
        """Whether a blank of it shows its ground and nothing else."""
        return not self.attributes & SEEN_ON_BLANKS

    @property
    def parameters(self) -> tuple[str, ...]:
        """All of them, none twice."""
        return tuple(part for part in (*sorted(self.attributes), self.ink, self.ground) if part)


@lru_cache(maxsize=1024)
def around(style: Style | None, console: Console) -> tuple[str, str]:
    """What stands before and after a text of this style."""
    before, _, after = Strip([Segment("\0", style)]).render(console).partition("\0")
    return before, after


@lru_cache(maxsize=1024)
def look_of(style: Style | None, console: Console) -> Look | None:
    """The look of a style; None where it is more than a look, such as a link."""
    before, after = around(style, console)
    if after not in {RESET, ""}:
        return None
    attributes, ink, ground = set(), "", ""
    for code in _codes(before[2:-1]):
        number = int(code.partition(";")[0] or 0)
        if 30 <= number < 40 or 90 <= number < 98:
            ink = code
        elif 40 <= number < 50 or 100 <= number < 108:
            ground = code
        else:
            attributes.add(code)
    return Look(frozenset(attributes), ink, ground)


def _codes(parameters: str) -> Iterator[str]:
    """``1;38;2;9;9;9;40`` is 1, 38;2;9;9;9 and 40."""
    parts = iter(parameters.split(";") if parameters else ())
    for part in parts:
        if part in {"38", "48"}:
            kind = next(parts)
            yield ";".join((part, kind, *(next(parts) for _ in range(3 if kind == "2" else 1))))
        else:
            yield part


@lru_cache(maxsize=4096)
def change(worn: Look | None, wanted: Look) -> str:
    """What switches from one look to another; '' where they are the same. ``worn`` None: nobody knows what is on."""
    if worn == wanted:
        return ""
    if wanted == Look():
        return RESET
    if worn is None or not worn.attributes <= wanted.attributes:
        return f"\x1b[{';'.join(('0', *wanted.parameters))}m"
    parts = sorted(wanted.attributes - worn.attributes)
    if wanted.ink != worn.ink:
        parts.append(wanted.ink or "39")
    if wanted.ground != worn.ground:
        parts.append(wanted.ground or "49")
    return f"\x1b[{';'.join(parts)}m"
