"""What each command takes, and how what was given is handed to it. Loaded once a command is given.

What a command does is loaded when it is done: `hp-tui call --help` loads no gRPC.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hp_tui.cli.global_flags import complain, flags_given, settings_of
from hp_tui.cli.parser import Parser, number, whole
from hp_tui.settings import Settings, SettingsError

if TYPE_CHECKING:
    from types import ModuleType


def _demo_flags(command: Parser) -> None:
    command.add_argument("--headless", action="store_true", help="a scripted tour in plain text instead of the screen")
    command.add_argument(
        "--consul-bin", default=os.environ.get("HP_TUI_CONSUL_BIN"), help="Consul executable [HP_TUI_CONSUL_BIN]"
    )
    command.add_argument("--fetch-only", action="store_true", help="only make sure that a Consul executable is there")
    command.set_defaults(run=_demo)


def _demo(arguments: argparse.Namespace) -> int:
    from hp_tui.cli import demo

    # The demo's Consul is its own: what CONSUL_HTTP_ADDR names must not leak in.
    try:
        settings = Settings(mouse=arguments.mouse is not False, theme=arguments.theme or "auto")
    except SettingsError as error:
        complain(error)
    return demo.run(
        settings,
        headless=arguments.headless,
        consul_bin=arguments.consul_bin or None,
        fetch_only=arguments.fetch_only,
    )


def _status_flags(command: Parser) -> None:
    command.add_argument("--json", action="store_true", help="print JSON")
    command.add_argument("--svg", type=Path, metavar="FILE", help="write the screen as an SVG picture")
    command.add_argument(
        "--record", type=Path, metavar="FILE", help="write what the screen shows, to be shown again by --from"
    )
    command.add_argument(
        "--from", dest="source", type=Path, metavar="FILE", help="show a recording instead of asking Consul"
    )
    command.add_argument("--size", default="120x40", help="columns and lines of the picture (120x40)")
    command.set_defaults(run=_status)


def _status(arguments: argparse.Namespace) -> int:
    from hp_tui.cli import status

    output = status.Output(arguments.json, arguments.svg, arguments.record, arguments.source, arguments.size)
    return status.run(settings_of(arguments), output)


def _call_flags(command: Parser) -> None:
    command.add_argument("service", metavar="SERVICE", nargs="?", help="service name in Consul")
    command.add_argument("--saved", metavar="NAME", help="a saved request; what else is given overrides it")
    command.add_argument("--list-saved", action="store_true", help="list the saved requests and leave")
    command.add_argument(
        "--method", help="pkg.Service/Method, found by server reflection (grpc.health.v1.Health/Check)"
    )
    command.add_argument("--data", help="request as JSON, @FILE, or - for standard input ({})")
    command.add_argument("-n", "--count", type=whole(), help="how many calls (1)")
    command.add_argument("--rate", type=number(), help="calls a second, at most 500; 0: one after another (0)")
    command.add_argument("--timeout", type=number(), help="seconds for a whole call, retries included (5)")
    command.add_argument("-H", "--metadata", action="append", default=[], help="name: value, repeatable")
    command.add_argument("--json", action="store_true", help="a line of JSON an attempt, then a summary")
    command.set_defaults(run=_call)


def _call(arguments: argparse.Namespace) -> int:
    from hp_tui.cli import call
    from hp_tui.cli.call_input import Given

    settings = settings_of(arguments)
    if arguments.list_saved:
        return call.list_saved(settings, arguments.json)
    given = Given(
        arguments.service,
        arguments.saved,
        arguments.method,
        arguments.data,
        arguments.count,
        arguments.rate,
        arguments.timeout,
        tuple(arguments.metadata),
    )
    return call.run(settings, given, arguments.json)


def _kv_commands(group: Parser) -> None:
    group.set_defaults(run=lambda _: _help(group))
    kv = group.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    index = whole(0)

    get = kv.add_parser("get", help="print a value, byte for byte when the output is no terminal")
    get.add_argument("key", metavar="KEY", help="the whole key")
    get.set_defaults(run=lambda given: _kv().get(settings_of(given), given.key))

    put = kv.add_parser(
        "put",
        help="write a value",
        description="Write a value with check-and-set. Exit status 1 when somebody else changed it meanwhile.",
    )
    put.add_argument("key", metavar="KEY", help="the whole key")
    put.add_argument("value", metavar="VALUE", help="the value, @FILE, or - for standard input")
    put.add_argument("--cas", type=index, help="the index it was read at; refused if it has changed")
    put.add_argument("--create", action="store_true", help="only if it does not exist")
    put.set_defaults(
        run=lambda given: _kv().put(settings_of(given), given.key, given.value, cas=given.cas, create=given.create)
    )

    delete = kv.add_parser("delete", help="delete one key")
    delete.add_argument("key", metavar="KEY", help="the whole key; never a prefix")
    delete.add_argument("--cas", type=index, help="the index it was read at")
    delete.set_defaults(run=lambda given: _kv().delete(settings_of(given), given.key, cas=given.cas))

    ls = kv.add_parser("ls", help="list one level of the tree")
    ls.add_argument("prefix", metavar="PREFIX", nargs="?", default="", help="a folder, ending in /")
    ls.set_defaults(run=lambda given: _kv().ls(settings_of(given), given.prefix))

    export = kv.add_parser("export", help="print keys and values in the format of `consul kv export`")
    export.add_argument("prefix", metavar="PREFIX", nargs="?", default="", help="keys that begin so")
    export.set_defaults(run=lambda given: _kv().export(settings_of(given), given.prefix))

    bring = kv.add_parser("import", help="write what `consul kv export` printed")
    bring.add_argument("source", metavar="SOURCE", help="a file of `consul kv export`, or -")
    bring.set_defaults(run=lambda given: _kv().import_(settings_of(given), given.source))


def _kv() -> ModuleType:
    from hp_tui.cli import kv

    return kv


def _help(command: Parser) -> int:
    command.print_help(sys.stderr)
    return 2


def _fleet_flags(command: Parser) -> None:
    port = whole(0, 65535)
    command.add_argument("name", metavar="NAME", help="aol-core, heart-pulse, critic-agent or validator-agent")
    command.add_argument("--config", type=Path, help="its config.yaml")
    command.add_argument("--allow-faults", action="store_true", help="serve the fault switch, for demos and tests")
    command.add_argument("--instance-id", help="service ID in Consul")
    command.add_argument("--host", help="address to listen on and to register")
    command.add_argument("--port", type=port, help="gRPC port; 0 takes a free one")
    command.add_argument("--health-port", type=port, help="HTTP /health port")
    command.add_argument("--metrics-port", type=port, help="HTTP /metrics port")
    command.add_argument("--check-interval", type=number(0.1), help="seconds between Consul's checks")
    command.add_argument("--log-level", help="debug, info (the default), warning or error")
    command.set_defaults(run=_fleet)


def _fleet(arguments: argparse.Namespace) -> int:
    from hp_tui.cli import fleet

    return fleet.run(
        arguments.name,
        flags=flags_given(arguments),
        config=arguments.config,
        allow_faults=arguments.allow_faults,
        instance_id=arguments.instance_id,
        host=arguments.host,
        port=arguments.port,
        health_port=arguments.health_port,
        metrics_port=arguments.metrics_port,
        check_interval=arguments.check_interval,
        log_level=arguments.log_level,
    )


FLAGS: dict[str, Callable[[Parser], None]] = {
    "demo": _demo_flags,
    "status": _status_flags,
    "call": _call_flags,
    "kv": _kv_commands,
    "fleet": _fleet_flags,
}
"""By command: adds what it takes to its parser."""
