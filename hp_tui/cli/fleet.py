"""`hp-tui fleet NAME`: one service of the Heart-Pulse fleet, in the foreground."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from hp_tui.cli.global_flags import flags_given
from hp_tui.cli.parser import Parser, number, whole
from hp_tui.heartpulse import log
from hp_tui.heartpulse.config import load_config
from hp_tui.heartpulse.errors import ConfigError

SERVICE_FLAGS = (
    "allow_faults",
    "instance_id",
    "host",
    "port",
    "health_port",
    "metrics_port",
    "check_interval",
    "log_level",
)
"""Flags that override the service's own configuration; None means "not given"."""


def flags(command: Parser) -> None:
    """What the command takes."""
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
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT. Returns the exit status: 0, or 2 with one sentence on standard error."""
    name = arguments.name
    service_flags = {flag: getattr(arguments, flag) for flag in SERVICE_FLAGS}
    try:
        loaded = load_config(name, file=arguments.config, flags=service_flags, consul_flags=flags_given(arguments))
    except ConfigError as error:
        return _refuse(error)
    log.configure(name, loaded.log_level)
    from hp_tui.heartpulse.errors import PortInUseError
    from hp_tui.heartpulse.run import run_instance
    from hp_tui.registry.errors import ConfigurationError, InvalidRegistrationError

    try:
        asyncio.run(run_instance(loaded))
    except (PortInUseError, ConfigurationError, InvalidRegistrationError) as error:
        return _refuse(error)
    return 0


def _refuse(error: Exception) -> int:
    print(f"hp-tui fleet: {error}", file=sys.stderr)
    return 2
