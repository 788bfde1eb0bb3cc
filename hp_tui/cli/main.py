"""The command line. Imports nothing heavy at the top: `hp-tui --help` loads neither textual nor grpc.

Exit status: 0 ok, 1 the answer is bad, 2 usage, 3 Consul not reachable.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import NoReturn

from hp_tui.cli.global_flags import add_global_flags
from hp_tui.cli.parser import Commands, Parser

DEMO = """Start a private Consul with the Heart-Pulse fleet and open the screen on it. Without a terminal on standard output it
runs the same thing as a scripted tour and exits 0 only if every step held. Everything it started is gone when it ends."""
STATUS = """Print one picture of every service, instance and check, and leave. With --svg or --record nothing is printed
unless --json is given too. Exit status 1 when an instance is critical, 3 when Consul does not answer."""
CALL = "Fire test calls through the balanced client and show who was picked. Exit status 1 if any call failed."
COMMANDS = {
    "demo": ("a private Consul with the Heart-Pulse fleet, and the screen on it", DEMO),
    "status": ("one picture of every service, instance and check", STATUS),
    "call": ("fire test calls through the balanced client", CALL),
    "kv": ("read and change Consul KV", "Read and change Consul KV, every write check-and-set."),
    "fleet": (
        "one service of the Heart-Pulse fleet",
        "Run one service of the Heart-Pulse fleet in the foreground.",
    ),
}
"""By name: the line in the list of commands, and the text above its flags. Each is a module of this package, loaded when
its command is the one that was given: ``flags(parser)`` adds what it takes, and ``run`` of the parsed arguments does it.
"""


def parser() -> Parser:
    """Every command and flag. What a command does is ``run`` of the parsed arguments, which takes them."""
    top = Parser(
        prog="hp-tui",
        description="A console for gRPC services that find each other through Consul: health, breakers, topology, KV, "
        "test calls. Without a command it opens the screen on a Consul agent.",
    )
    top.set_defaults(run=_attach)
    add_global_flags(top)
    commands: Commands = top.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    for name, (line, description) in COMMANDS.items():
        commands.add_parser(name, help=line, description=description, fill=partial(_fill, name))
    return top


def _fill(command: str, parser: Parser) -> None:
    import_module(f"hp_tui.cli.{command}").flags(parser)


def _attach(arguments: argparse.Namespace) -> int:
    from hp_tui.cli import attach

    return attach.run(arguments)


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Entry point of the `hp-tui` command: does what ``argv`` (by default the process's own) says, and exits."""
    # gRPC's own log lines would be drawn over the screen; failures reach the user as statuses.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    try:
        arguments = parser().parse_args(argv)
        run: Callable[[argparse.Namespace], int] = arguments.run
        sys.exit(run(arguments))
    except KeyboardInterrupt:
        sys.exit(130)
