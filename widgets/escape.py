"""Makes text from outside safe to draw, and makes it fit.

Names, tags, check outputs, KV values and replies come from the network. None of their characters may reach the terminal as
a control sequence or reorder the line they are on.
"""

from __future__ import annotations

import unicodedata

_REPLACEMENTS = {code: chr(0x2400 + code) for code in range(0x20)}
_REPLACEMENTS[0x7F] = "\u2421"
# C1 controls are as good as ESC to a terminal.
_REPLACEMENTS |= dict.fromkeys(range(0x80, 0xA0), "\ufffd")
# Bidirectional overrides and isolates reorder what follows; zero-width characters hide in names.
_REPLACEMENTS |= dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C], "\u2426")
_REPLACEMENTS |= dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x2028, 0x2029], "\u2423")
_REPLACEMENTS |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_KEEP_TABS = {code: sign for code, sign in _REPLACEMENTS.items() if code != 0x09}
_KEEP_LINES = {code: sign for code, sign in _REPLACEMENTS.items() if code not in (0x0A, 0x09)}
_KEEP_LINES[0x09] = "    "


def visible(text: str, *, lines: bool = False) -> str:
    """``text`` with every control, bidirectional and zero-width character replaced by a visible sign.

    ``lines`` True keeps line breaks (and widens tabs); otherwise they become signs too.
    """
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_KEEP_LINES if lines else _REPLACEMENTS)


def editable(line: str) -> str:
    """A line as an editor shows it: one sign for each character, so that its cursor counts right; tabs stay."""
    return line if line.isascii() and line.isprintable() else line.translate(_KEEP_TABS)


def fit(text: str, width: int, *, right: bool = False) -> str:
    """``text`` in exactly ``width`` terminal cells: padded, or cut with ``…``. Wide characters count as two.

    ``right`` aligns to the right.
    """
    # Not at the top: the command line shows text without the screen's libraries.
    from rich.cells import cell_len, set_cell_size

    if width <= 0:
        return ""
    length = cell_len(text)
    if length > width:
        return set_cell_size(_cut(text, width - 1) + "…", width)
    padding = " " * (width - length)
    return padding + text if right else text + padding


def _cut(text: str, width: int) -> str:
    """As many whole characters as fit; combining marks stay with their base."""
    from rich.cells import cell_len

    kept = used = 0
    for char in text:
        size = cell_len(char)
        if used + size > width and not unicodedata.combining(char):
            break
        used += size
        kept += 1
    return text[:kept]
