"""The command line. Imports nothing heavy at the top: `hp-tui --help` loads neither textual nor grpc.

Exit status: 0 ok, 1 the answer is bad, 2 usage, 3 Consul not reachable.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from hp_tui.cli.global_flags import add_global_flags, settings_of
from hp_tui.cli.parser import Commands, Parser


def parser() -> Parser:
    """Every command and flag. What a command does is ``run`` of the parsed arguments, which takes them."""
    top = Parser(
        prog="hp-tui",
        description="A console for gRPC services that find each other through Consul: health, breakers, topology, KV, "
        "test calls. Without a command it opens the screen on a Consul agent.",
    )
    top.set_defaults(run=_attach)
    add_global_flags(top)
    commands = top.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    _add_commands(commands)
    return top


def _add_commands(commands: Commands) -> None:
    commands.add_parser(
        "demo",
        help="a private Consul with the Heart-Pulse fleet, and the screen on it",
        description="Start a private Consul with the Heart-Pulse fleet and open the screen on it. Without a terminal on "
        "standard output it runs the same thing as a scripted tour and exits 0 only if every step held. "
        "Everything it started is gone when it ends.",
        fill=_flags_of("demo"),
    )
    commands.add_parser(
        "status",
        help="one picture of every service, instance and check",
        description="Print one picture of every service, instance and check, and leave. With --svg or --record nothing "
        "is printed unless --json is given too. Exit status 1 when an instance is critical, 3 when Consul does not answer.",
        fill=_flags_of("status"),
    )
    commands.add_parser(
        "call",
        help="fire test calls through the balanced client",
        description="Fire test calls through the balanced client and show who was picked. Exit status 1 if any call failed.",
        fill=_flags_of("call"),
    )
    commands.add_parser(
        "kv",
        help="read and change Consul KV",
        description="Read and change Consul KV, every write check-and-set.",
        fill=_flags_of("kv"),
    )
    commands.add_parser(
        "fleet",
        help="one service of the Heart-Pulse fleet",
        description="Run one service of the Heart-Pulse fleet in the foreground.",
        fill=_flags_of("fleet"),
    )


def _flags_of(command: str) -> Callable[[Parser], None]:
    """What adds the flags of a command to its parser, loaded when the command is the one that was given."""

    def fill(parser: Parser) -> None:
        from hp_tui.cli.command_flags import FLAGS

        FLAGS[command](parser)

    return fill


def _attach(arguments: argparse.Namespace) -> int:
    from hp_tui.cli import attach

    return attach.run(settings_of(arguments))


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
