"""Text folded into lines."""

from __future__ import annotations

from io import StringIO

from rich.console import Console
from rich.text import Text

_CONSOLE = Console(file=StringIO())


def folded(text: str, width: int, lines: int) -> Text:
    """``text`` in at most ``lines`` lines of ``width`` cells; where it does not fit, the last one ends in ``…``."""
    found = list(Text(text).wrap(_CONSOLE, max(1, width)))
    if len(found) > lines:
        last = Text(f"{found[lines - 1].plain.rstrip()} {found[lines].plain}")
        last.truncate(width, overflow="ellipsis")
        found[lines - 1 :] = [last]
    return Text("\n").join(found)
