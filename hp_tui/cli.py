"""The command line. Imports nothing heavy at the top: `hp-tui --help` loads neither textual nor grpc.

Exit status: 0 ok, 1 the answer is bad, 2 usage, 3 Consul not reachable.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from hp_tui import __version__
from hp_tui.arguments import Commands, Parser, number, whole
from hp_tui.settings import Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from types import ModuleType

GLOBAL = (
    "address",
    "token",
    "datacenter",
    "cacert",
    "client_cert",
    "client_key",
    "tls_server_name",
    "ssl",
    "ssl_verify",
    "read_only",
    "mouse",
    "theme",
)
"""Flags that stand before a command: each sets the setting of its name, None where it was not given."""


def parser() -> Parser:
    """Every command and flag. What a command does is ``run`` of the parsed arguments, which takes them."""
    top = Parser(
        prog="hp-tui",
        description="A console for gRPC services that find each other through Consul: health, breakers, topology, KV, "
        "test calls. Without a command it opens the screen on a Consul agent.",
    )
    top.set_defaults(run=_attach)
    _global_flags(top)
    commands = top.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    _demo_command(commands)
    _status_command(commands)
    _call_command(commands)
    _kv_command(commands)
    _fleet_command(commands)
    return top


def _global_flags(top: Parser) -> None:
    flags = top.add_argument_group("connection", "Before the command, for every command")
    flags.add_argument("-a", "--address", help="host:port, http(s)://host:port or unix:///socket [CONSUL_HTTP_ADDR]")
    flags.add_argument("--token", help="ACL token [CONSUL_HTTP_TOKEN, CONSUL_HTTP_TOKEN_FILE]")
    flags.add_argument("--datacenter", help="datacenter; the agent's own when left out")
    flags.add_argument("--cacert", help="CA file for https [CONSUL_CACERT]")
    flags.add_argument("--client-cert", help="client certificate [CONSUL_CLIENT_CERT]")
    flags.add_argument("--client-key", help="its key [CONSUL_CLIENT_KEY]")
    flags.add_argument("--tls-server-name", help="name expected in the certificate [CONSUL_TLS_SERVER_NAME]")
    either = argparse.BooleanOptionalAction
    flags.add_argument("--ssl", action=either, help="speak https [CONSUL_HTTP_SSL]")
    flags.add_argument("--ssl-verify", action=either, help="check the certificate [CONSUL_HTTP_SSL_VERIFY]")
    screen = top.add_argument_group("screen")
    screen.add_argument(
        "--read-only", action="store_const", const=True, help="leave out every action that changes something"
    )
    screen.add_argument(
        "--mouse", action=either, help="let the screen use the mouse, or leave it to the terminal's selection"
    )
    screen.add_argument("--theme", help="auto, dark or light [HP_TUI_THEME]")
    top.add_argument("--version", action="version", version=f"hp-tui {__version__}", help="print the version and leave")


def _settings(arguments: argparse.Namespace) -> Settings:
    """Flags merged with environment and file; a bad one ends the program as a usage error."""
    try:
        return load_settings(_given(arguments))
    except SettingsError as error:
        _complain(error)


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    return {name: getattr(arguments, name) for name in GLOBAL}


def _complain(error: SettingsError) -> NoReturn:
    sys.stderr.write(f"hp-tui: {error}\n")
    raise SystemExit(2)


def _attach(arguments: argparse.Namespace) -> int:
    from hp_tui.commands import attach

    return attach.run(_settings(arguments))


def _demo_command(commands: Commands) -> None:
    commands.add_parser(
        "demo",
        help="a private Consul with the Heart-Pulse fleet, and the screen on it",
        description="Start a private Consul with the Heart-Pulse fleet and open the screen on it. Without a terminal on "
        "standard output it runs the same thing as a scripted tour and exits 0 only if every step held. "
        "Everything it started is gone when it ends.",
        fill=_demo_flags,
    )


def _demo_flags(command: Parser) -> None:
    command.add_argument("--headless", action="store_true", help="a scripted tour in plain text instead of the screen")
    command.add_argument(
        "--consul-bin", default=os.environ.get("HP_TUI_CONSUL_BIN"), help="Consul executable [HP_TUI_CONSUL_BIN]"
    )
    command.add_argument("--fetch-only", action="store_true", help="only make sure that a Consul executable is there")
    command.set_defaults(run=_demo)


def _demo(arguments: argparse.Namespace) -> int:
    from hp_tui.commands import demo

    # The demo's Consul is its own: what CONSUL_HTTP_ADDR names must not leak in.
    try:
        settings = Settings(mouse=arguments.mouse is not False, theme=arguments.theme or "auto")
    except SettingsError as error:
        _complain(error)
    return demo.run(
        settings,
        headless=arguments.headless,
        consul_bin=arguments.consul_bin or None,
        fetch_only=arguments.fetch_only,
    )


def _status_command(commands: Commands) -> None:
    commands.add_parser(
        "status",
        help="one picture of every service, instance and check",
        description="Print one picture of every service, instance and check, and leave. With --svg or --record nothing "
        "is printed unless --json is given too. Exit status 1 when an instance is critical, 3 when Consul does not answer.",
        fill=_status_flags,
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
    from hp_tui.commands import status

    output = status.Output(arguments.json, arguments.svg, arguments.record, arguments.source, arguments.size)
    return status.run(_settings(arguments), output)


def _call_command(commands: Commands) -> None:
    commands.add_parser(
        "call",
        help="fire test calls through the balanced client",
        description="Fire test calls through the balanced client and show who was picked. Exit status 1 if any call failed.",
        fill=_call_flags,
    )


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
    from hp_tui.commands import call
    from hp_tui.commands.call_input import Given

    settings = _settings(arguments)
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


def _kv_command(commands: Commands) -> None:
    commands.add_parser(
        "kv",
        help="read and change Consul KV",
        description="Read and change Consul KV, every write check-and-set.",
        fill=_kv_commands,
    )


def _kv_commands(group: Parser) -> None:
    group.set_defaults(run=lambda _: _help(group))
    kv = group.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    index = whole(0)

    get = kv.add_parser("get", help="print a value, byte for byte when the output is no terminal")
    get.add_argument("key", metavar="KEY", help="the whole key")
    get.set_defaults(run=lambda given: _kv().get(_settings(given), given.key))

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
        run=lambda given: _kv().put(_settings(given), given.key, given.value, cas=given.cas, create=given.create)
    )

    delete = kv.add_parser("delete", help="delete one key")
    delete.add_argument("key", metavar="KEY", help="the whole key; never a prefix")
    delete.add_argument("--cas", type=index, help="the index it was read at")
    delete.set_defaults(run=lambda given: _kv().delete(_settings(given), given.key, cas=given.cas))

    ls = kv.add_parser("ls", help="list one level of the tree")
    ls.add_argument("prefix", metavar="PREFIX", nargs="?", default="", help="a folder, ending in /")
    ls.set_defaults(run=lambda given: _kv().ls(_settings(given), given.prefix))

    export = kv.add_parser("export", help="print keys and values in the format of `consul kv export`")
    export.add_argument("prefix", metavar="PREFIX", nargs="?", default="", help="keys that begin so")
    export.set_defaults(run=lambda given: _kv().export(_settings(given), given.prefix))

    bring = kv.add_parser("import", help="write what `consul kv export` printed")
    bring.add_argument("source", metavar="SOURCE", help="a file of `consul kv export`, or -")
    bring.set_defaults(run=lambda given: _kv().import_(_settings(given), given.source))


def _kv() -> ModuleType:
    from hp_tui.commands import kv

    return kv


def _help(command: Parser) -> int:
    command.print_help(sys.stderr)
    return 2


def _fleet_command(commands: Commands) -> None:
    commands.add_parser(
        "fleet",
        help="one service of the Heart-Pulse fleet",
        description="Run one service of the Heart-Pulse fleet in the foreground.",
        fill=_fleet_flags,
    )


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
    from hp_tui.commands import fleet

    return fleet.run(
        arguments.name,
        flags=_given(arguments),
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
