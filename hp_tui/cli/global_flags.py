"""Flags that stand before a command, and the settings made from them."""

from __future__ import annotations

import argparse
import sys
from typing import Any, NoReturn

from hp_tui import __version__
from hp_tui.cli.output import USAGE, complain
from hp_tui.cli.parser import Parser
from hp_tui.settings import Settings, SettingsError, load_settings

_GLOBAL = (
    "address",
    "token",
    "token_file",
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
"""Each sets the setting of the same name; None where it was not given."""


def add_global_flags(top: Parser) -> None:
    """Give the program's parser the flags for every command."""
    flags = top.add_argument_group("connection", "Before the command, for every command")
    flags.add_argument("-a", "--address", help="host:port, http(s)://host:port or unix:///socket [CONSUL_HTTP_ADDR]")
    flags.add_argument("--token", help="ACL token [CONSUL_HTTP_TOKEN]")
    flags.add_argument(
        "--token-file", help="file with the ACL token, read again when it changes [CONSUL_HTTP_TOKEN_FILE]"
    )
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


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Flags merged with environment and file; a bad one ends the program as a usage error."""
    try:
        return load_settings(flags_given(arguments))
    except SettingsError as error:
        refuse(error)


def flags_given(arguments: argparse.Namespace) -> dict[str, Any]:
    """Settings by name; None for those that no flag sets."""
    return {name: getattr(arguments, name) for name in _GLOBAL}


def refuse(error: SettingsError) -> NoReturn:
    """End the program as a usage error does."""
    complain(str(error))
    raise SystemExit(USAGE)


def show_help(command: Parser) -> int:
    """The run of a command that has only subcommands. Returns the exit status of a usage error."""
    command.print_help(sys.stderr)
    return USAGE
