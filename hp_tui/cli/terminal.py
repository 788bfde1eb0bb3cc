"""Whether this terminal can show the screen."""

from __future__ import annotations

import codecs
import os
import sys

from hp_tui.cli.extras import without_screen


def unfit() -> str:
    """Why this terminal cannot show the screen and what to do, one sentence; '' where it can."""
    if missing := without_screen():
        return missing
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return "the screen needs a terminal; for scripts there is `hp-tui status --json`"
    kind = os.environ.get("TERM", "")
    if kind in {"dumb", "unknown"}:
        return (
            f"TERM is {kind!r}, a terminal that cannot place text: start it from one that can (TERM=xterm-256color), "
            "or use `hp-tui status`"
        )
    encoding = codecs.lookup(sys.stdout.encoding).name
    if encoding != "utf-8":
        return (
            f"this terminal's locale says {encoding}, and the screen is drawn in UTF-8: set LC_ALL=C.UTF-8 if the "
            "terminal can show it, or use `hp-tui status`"
        )
    return ""
