"""`hp-tui fleet NAME`: one service of the Heart-Pulse fleet, in the foreground."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hp_tui.heartpulse import log
from hp_tui.heartpulse.config import load_config
from hp_tui.heartpulse.errors import ConfigError


def run(
    name: str,
    *,
    flags: Mapping[str, Any] | None = None,
    config: Path | None = None,
    allow_faults: bool = False,
    instance_id: str | None = None,
    host: str | None = None,
    port: int | None = None,
    health_port: int | None = None,
    metrics_port: int | None = None,
    check_interval: float | None = None,
    log_level: str | None = None,
) -> int:
    """Serve until SIGTERM or SIGINT. Returns the exit status: 0, or 2 with one sentence on standard error.

    ``flags`` are those of the whole command line (``address``, ``token``, ``datacenter`` …); None means "not given".
    """
    service_flags = {
        "allow_faults": allow_faults,
        "instance_id": instance_id,
        "host": host,
        "port": port,
        "health_port": health_port,
        "metrics_port": metrics_port,
        "check_interval": check_interval,
        "log_level": log_level,
    }
    try:
        loaded = load_config(name, file=config, flags=service_flags, consul_flags=flags)
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
