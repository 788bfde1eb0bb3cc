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
VISIBLE_ON_BLANKS = frozenset({"4", "7", "9", "21", "51", "52", "53"})
"""Underline, reverse, strike through, frame, overline: what is visible also where there is no letter."""


class TerminalStyle(Struct, frozen=True):
    """A style as SGR parameters; '' and no attributes are the terminal's own colours."""

    attributes: frozenset[str] = frozenset()
    foreground: str = ""
    background: str = ""

    @property
    def blank(self) -> bool:
        """Whether a blank in this style shows the background and nothing else."""
        return not self.attributes & VISIBLE_ON_BLANKS

    @property
    def parameters(self) -> tuple[str, ...]:
        """All parameters of the style, without repeats."""
        return tuple(part for part in (*sorted(self.attributes), self.foreground, self.background) if part)


@lru_cache(maxsize=1024)
def around(style: Style | None, console: Console) -> tuple[str, str]:
    """The sequences before and after a text in this style."""
    before, _, after = Strip([Segment("\0", style)]).render(console).partition("\0")
    return before, after


@lru_cache(maxsize=1024)
def terminal_style(style: Style | None, console: Console) -> TerminalStyle | None:
    """The terminal style of a Rich style; None where SGR cannot say all of it, such as a link."""
    before, after = around(style, console)
    if after not in {RESET, ""}:
        return None
    attributes, foreground, background = set(), "", ""
    for code in _codes(before[2:-1]):
        number = int(code.partition(";")[0] or 0)
        if 30 <= number < 40 or 90 <= number < 98:
            foreground = code
        elif 40 <= number < 50 or 100 <= number < 108:
            background = code
        else:
            attributes.add(code)
    return TerminalStyle(frozenset(attributes), foreground, background)


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
def switch(current: TerminalStyle | None, wanted: TerminalStyle) -> str:
    """The sequence that switches from one style to another; '' where they are the same. ``current`` None: it is not known."""
    if current == wanted:
        return ""
    if wanted == TerminalStyle():
        return RESET
    if current is None or not current.attributes <= wanted.attributes:
        return f"\x1b[{';'.join(('0', *wanted.parameters))}m"
    parts = sorted(wanted.attributes - current.attributes)
    if wanted.foreground != current.foreground:
        parts.append(wanted.foreground or "39")
    if wanted.background != current.background:
        parts.append(wanted.background or "49")
    return f"\x1b[{';'.join(parts)}m"
