"""`hp-tui`: open the screen on a Consul agent."""

from __future__ import annotations

import sys

from hp_tui.settings import Settings


def run(settings: Settings) -> int:
    """Open the screen and stay until it is left. Returns the exit status (2 when there is no terminal)."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print("hp-tui: the screen needs a terminal; for scripts there is `hp-tui status --json`", file=sys.stderr)
        return 2
    from hp_tui.app import HpTuiApp
    from hp_tui.engine import Engine

    app = HpTuiApp(Engine(settings), settings)
    app.run(mouse=settings.mouse)
    return app.return_code or 0
