"""The command line. Imports nothing heavy at the top: `hp-tui --help` loads neither textual nor grpc.

Exit status: 0 ok, 1 the answer is bad, 2 usage, 3 Consul not reachable.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from hp_tui import __version__
from hp_tui.settings import Settings, SettingsError, load_settings

app = typer.Typer(
    name="hp-tui",
    help="A console for gRPC services that find each other through Consul: health, breakers, topology, KV, test calls.",
    epilog="Exit status: 0 ok, 1 the answer is bad, 2 usage, 3 Consul not reachable.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
kv_app = typer.Typer(
    help="Read and change Consul KV, every write check-and-set.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(kv_app, name="kv")


@dataclass(frozen=True, slots=True)
class _Flags:
    """The global flags as given; None means "not given"."""

    values: dict[str, Any]

    def settings(self, **overrides: Any) -> Settings:
        """Merge with environment and file; a bad one is a usage error."""
        try:
            return load_settings({**self.values, **overrides})
        except SettingsError as error:
            typer.echo(f"hp-tui: {error}", err=True)
            raise typer.Exit(2) from None


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hp-tui {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def attach(
    context: typer.Context,
    address: Annotated[
        str | None,
        typer.Option("--address", "-a", help="host:port, http(s)://host:port or unix:///socket [CONSUL_HTTP_ADDR]"),
    ] = None,
    token: Annotated[str | None, typer.Option(help="ACL token [CONSUL_HTTP_TOKEN, CONSUL_HTTP_TOKEN_FILE]")] = None,
    datacenter: Annotated[str | None, typer.Option(help="Datacenter; the agent's own when left out")] = None,
    cacert: Annotated[str | None, typer.Option(help="CA file for https [CONSUL_CACERT]")] = None,
    client_cert: Annotated[str | None, typer.Option(help="Client certificate [CONSUL_CLIENT_CERT]")] = None,
    client_key: Annotated[str | None, typer.Option(help="Its key [CONSUL_CLIENT_KEY]")] = None,
    tls_server_name: Annotated[
        str | None, typer.Option(help="Name expected in the certificate [CONSUL_TLS_SERVER_NAME]")
    ] = None,
    ssl: Annotated[bool | None, typer.Option("--ssl/--no-ssl", help="Speak https [CONSUL_HTTP_SSL]")] = None,
    ssl_verify: Annotated[
        bool | None,
        typer.Option("--ssl-verify/--no-ssl-verify", help="Check the certificate [CONSUL_HTTP_SSL_VERIFY]"),
    ] = None,
    read_only: Annotated[
        bool | None, typer.Option("--read-only", help="Leave out every action that changes something")
    ] = None,
    mouse: Annotated[
        bool | None,
        typer.Option(
            "--mouse/--no-mouse", help="Let the screen use the mouse, or leave it to the terminal's selection"
        ),
    ] = None,
    theme: Annotated[str | None, typer.Option(help="auto, dark or light [HP_TUI_THEME]")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave")
    ] = False,
) -> None:
    """Open the screen on a Consul agent (127.0.0.1:8500 unless told otherwise)."""
    context.obj = _Flags(
        {
            "address": address,
            "token": token,
            "datacenter": datacenter,
            "cacert": cacert,
            "client_cert": client_cert,
            "client_key": client_key,
            "tls_server_name": tls_server_name,
            "ssl": ssl,
            "ssl_verify": ssl_verify,
            "read_only": read_only or None,
            "mouse": mouse,
            "theme": theme,
        }
    )
    if context.invoked_subcommand is None:
        settings = context.obj.settings()
        from hp_tui.commands import attach as command

        raise typer.Exit(command.run(settings))


@app.command()
def demo(
    context: typer.Context,
    headless: Annotated[bool, typer.Option(help="A scripted tour in plain text instead of the screen")] = False,
    consul_bin: Annotated[
        str | None, typer.Option(help="Consul executable to run [HP_TUI_CONSUL_BIN]", envvar="HP_TUI_CONSUL_BIN")
    ] = None,
    fetch_only: Annotated[bool, typer.Option(help="Only make sure that a Consul executable is there")] = False,
) -> None:
    """Start a private Consul with the Heart-Pulse fleet and open the screen on it.

    Without a terminal on standard output it runs the same thing as a scripted tour and
    exits 0 only if every step held. Everything it started is gone when it ends.
    """
    from hp_tui.commands import demo as command

    # The demo's Consul is its own: what CONSUL_HTTP_ADDR names must not leak in.
    given = context.obj.values
    try:
        settings = Settings(mouse=given.get("mouse") is not False, theme=given.get("theme") or "auto")
    except SettingsError as error:
        typer.echo(f"hp-tui: {error}", err=True)
        raise typer.Exit(2) from None
    raise typer.Exit(command.run(settings, headless=headless, consul_bin=consul_bin, fetch_only=fetch_only))


@app.command()
def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
    svg: Annotated[Path | None, typer.Option(help="Write the screen as an SVG picture")] = None,
    record: Annotated[
        Path | None, typer.Option(help="Write what the screen shows, to be shown again by --from")
    ] = None,
    source: Annotated[Path | None, typer.Option("--from", help="Show a recording instead of asking Consul")] = None,
    size: Annotated[str, typer.Option(help="Columns and lines of the picture")] = "120x40",
) -> None:
    """Print one picture of every service, instance and check, and leave.

    With --svg or --record nothing is printed unless --json is given too. Exit status 1 when an instance is critical,
    3 when Consul does not answer.
    """
    from hp_tui.commands import status as command

    output = command.Output(as_json, svg, record, source, size)
    raise typer.Exit(command.run(context.obj.settings(), output))


@app.command()
def call(
    context: typer.Context,
    service: Annotated[str, typer.Argument(help="Service name in Consul")],
    method: Annotated[str, typer.Option(help="pkg.Service/Method, found by server reflection")] = (
        "grpc.health.v1.Health/Check"
    ),
    data: Annotated[str, typer.Option(help="Request as JSON, @FILE, or - for standard input")] = "{}",
    count: Annotated[int, typer.Option("-n", "--count", help="How many calls")] = 1,
    rate: Annotated[float, typer.Option(help="Calls a second, at most 500; 0: one after another")] = 0.0,
    timeout: Annotated[float, typer.Option(help="Seconds for a whole call, retries included")] = 5.0,
    metadata: Annotated[list[str] | None, typer.Option("--metadata", "-H", help="name: value, repeatable")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON an attempt, then a summary")] = False,
) -> None:
    """Fire test calls through the balanced client and show who was picked.

    Exit status 1 if any call failed.
    """
    from hp_tui.commands import call as command

    raise typer.Exit(
        command.run(
            context.obj.settings(),
            service,
            method=method,
            data=data,
            count=count,
            rate=rate,
            timeout=timeout,
            metadata=metadata or [],
            as_json=as_json,
        )
    )


@app.command()
def fleet(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="aol-core, heart-pulse, critic-agent or validator-agent")],
    config: Annotated[Path | None, typer.Option(help="Its config.yaml")] = None,
    allow_faults: Annotated[bool, typer.Option(help="Serve the fault switch, for demos and tests")] = False,
    instance_id: Annotated[str | None, typer.Option(help="Service ID in Consul")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on and to register")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="gRPC port; 0 takes a free one")] = None,
    health_port: Annotated[int | None, typer.Option(min=0, max=65535, help="HTTP /health port")] = None,
    metrics_port: Annotated[int | None, typer.Option(min=0, max=65535, help="HTTP /metrics port")] = None,
    check_interval: Annotated[float | None, typer.Option(min=0.1, help="Seconds between Consul's checks")] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info (the default), warning or error")] = None,
) -> None:
    """Run one service of the Heart-Pulse fleet in the foreground."""
    from hp_tui.commands import fleet as command

    raise typer.Exit(
        command.run(
            name,
            flags=context.obj.values,
            config=config,
            allow_faults=allow_faults,
            instance_id=instance_id,
            host=host,
            port=port,
            health_port=health_port,
            metrics_port=metrics_port,
            check_interval=check_interval,
            log_level=log_level,
        )
    )


@kv_app.command("get")
def kv_get(context: typer.Context, key: Annotated[str, typer.Argument(help="The whole key")]) -> None:
    """Print a value, byte for byte when the output is no terminal."""
    from hp_tui.commands import kv

    raise typer.Exit(kv.get(context.obj.settings(), key))


@kv_app.command("put")
def kv_put(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="The whole key")],
    value: Annotated[str, typer.Argument(help="The value, @FILE, or - for standard input")],
    cas: Annotated[int | None, typer.Option(min=0, help="The index it was read at; refused if it has changed")] = None,
    create: Annotated[bool, typer.Option("--create", help="Only if it does not exist")] = False,
) -> None:
    """Write a value with check-and-set. Exit status 1 when somebody else changed it meanwhile."""
    from hp_tui.commands import kv

    raise typer.Exit(kv.put(context.obj.settings(), key, value, cas=cas, create=create))


@kv_app.command("delete")
def kv_delete(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="The whole key; never a prefix")],
    cas: Annotated[int | None, typer.Option(min=0, help="The index it was read at")] = None,
) -> None:
    """Delete one key with check-and-set."""
    from hp_tui.commands import kv

    raise typer.Exit(kv.delete(context.obj.settings(), key, cas=cas))


@kv_app.command("ls")
def kv_ls(context: typer.Context, prefix: Annotated[str, typer.Argument(help="A folder, ending in /")] = "") -> None:
    """List one level of the tree."""
    from hp_tui.commands import kv

    raise typer.Exit(kv.ls(context.obj.settings(), prefix))


@kv_app.command("export")
def kv_export(context: typer.Context, prefix: Annotated[str, typer.Argument(help="Keys that begin so")] = "") -> None:
    """Print keys and values in the format of `consul kv export`."""
    from hp_tui.commands import kv

    raise typer.Exit(kv.export(context.obj.settings(), prefix))


@kv_app.command("import")
def kv_import(
    context: typer.Context, source: Annotated[str, typer.Argument(help="A file of `consul kv export`, or -")]
) -> None:
    """Write what `consul kv export` printed."""
    from hp_tui.commands import kv

    raise typer.Exit(kv.import_(context.obj.settings(), source))


def main() -> None:
    """Entry point of the `hp-tui` command."""
    # gRPC's own log lines would be drawn over the screen; failures reach the user as statuses.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
