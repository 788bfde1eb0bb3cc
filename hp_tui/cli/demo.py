"""`hp-tui demo`: a private Consul, the Heart-Pulse fleet, and the screen or the scripted tour on them."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import sys
from dataclasses import replace
from pathlib import Path

from hp_tui.cli.global_flags import refuse
from hp_tui.cli.output import BAD, OK, USAGE, complain
from hp_tui.cli.parser import Parser
from hp_tui.cli.signals import run_until_signal
from hp_tui.cli.terminal import unfit
from hp_tui.demo.consul_binary import find_consul
from hp_tui.demo.errors import DemoError
from hp_tui.settings import Settings, SettingsError

log = logging.getLogger(__name__)

OPEN_TIMEOUT = 15.0
"""Seconds a breaker stays open on the demo's screen: long enough to watch the countdown, short enough to wait for."""


def flags(command: Parser) -> None:
    """What the command takes."""
    command.add_argument("--headless", action="store_true", help="a scripted tour in plain text instead of the screen")
    command.add_argument(
        "--consul-bin", default=os.environ.get("HP_TUI_CONSUL_BIN"), help="Consul executable [HP_TUI_CONSUL_BIN]"
    )
    command.add_argument("--fetch-only", action="store_true", help="only make sure that a Consul executable is there")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the demo. Returns 0; 1 when a step of the tour failed or something did not start; 2 where no screen can be."""
    # The demo's Consul is its own: CONSUL_HTTP_ADDR must not reach it.
    try:
        settings = Settings(mouse=arguments.mouse is not False, theme=arguments.theme or "auto")
    except SettingsError as error:
        refuse(error)
    try:
        binary = find_consul(arguments.consul_bin or None, report=lambda line: print(line, file=sys.stderr, flush=True))
    except DemoError as error:
        complain(str(error))
        return BAD
    if arguments.fetch_only:
        print(f"Consul: {binary}")
        return OK
    on_screen = sys.stdout.isatty() and sys.stdin.isatty() and not arguments.headless
    if on_screen and (problem := unfit()):
        complain(f"{problem}; `hp-tui demo --headless` runs without a screen")
        return USAGE
    try:
        return run_until_signal(_screen(settings, binary) if on_screen else _tour(binary))
    except DemoError as error:
        complain(str(error))
        return BAD
    except Exception as error:
        from hp_tui.crash import report

        complain(report(error))
        return BAD


async def _tour(binary: Path) -> int:
    from hp_tui.demo.stage import DemoStage
    from hp_tui.demo.tour import CHECK_INTERVAL, Tour

    async with DemoStage(binary, check_interval=CHECK_INTERVAL) as stage:
        return OK if await Tour(stage).run() else BAD


async def _screen(settings: Settings, binary: Path) -> int:
    from hp_tui.console.app import HpTuiApp
    from hp_tui.demo.stage import DemoStage
    from hp_tui.engine import Engine
    from hp_tui.logs import log_to_file

    log_to_file()
    async with DemoStage(binary) as stage:
        settings = replace(settings, address=stage.address, open_timeout=OPEN_TIMEOUT)
        app = HpTuiApp(Engine(settings, chaos=stage.fleet), settings)
        # The screen paints before Consul runs; what fails to start is told when the screen is left.
        starting = asyncio.ensure_future(stage.start())
        try:
            await app.run_async(mouse=settings.mouse)
        finally:
            starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await starting
        return app.return_code or OK
