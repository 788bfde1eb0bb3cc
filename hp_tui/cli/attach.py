"""`hp-tui`: open the screen on a Consul agent."""

from __future__ import annotations

import argparse
import time

from hp_tui import startup
from hp_tui.cli.global_flags import settings_of
from hp_tui.cli.output import BAD, OK, USAGE, complain
from hp_tui.cli.signals import run_until_signal
from hp_tui.cli.terminal import unfit
from hp_tui.engine.port import EnginePort
from hp_tui.settings import Settings


def run(arguments: argparse.Namespace) -> int:
    """Show the screen until the user leaves it. Returns the exit status: 2 where the terminal cannot show it."""
    if problem := unfit():
        complain(problem)
        return USAGE
    settings = settings_of(arguments)
    startup.begin()
    try:
        return run_until_signal(_screen(settings))
    except Exception as error:
        from hp_tui.crash import report

        complain(report(error))
        return BAD


async def _screen(settings: Settings) -> int:
    from hp_tui.console.app import HpTuiApp
    from hp_tui.engine.deferred import DeferredEngine
    from hp_tui.engine.first_snapshot import first_snapshot

    engine = DeferredEngine(lambda: _engine(settings), first_snapshot(settings, chaos=False, at=time.time()))
    app = HpTuiApp(engine, settings)
    await app.run_async(mouse=settings.mouse)
    return app.return_code or OK


def _engine(settings: Settings) -> EnginePort:
    from platformdirs import user_state_path

    from hp_tui.engine import Engine
    from hp_tui.logs import log_to_file

    log_to_file()
    return Engine(settings, state=user_state_path("hp-tui"))
