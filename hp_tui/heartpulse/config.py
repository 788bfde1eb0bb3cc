"""A service's ``config.yaml``, the environment and the flags, merged into one frozen :class:`FleetConfig`.

Flags win over the environment, the environment over the file, the file over defaults. The ``consul:`` block is the one of the
migration guide; ``service:`` is this fleet's own. ``consul/fleet/`` has an example for each service.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hp_tui.heartpulse.errors import ConfigError
from hp_tui.heartpulse.log import LEVELS
from hp_tui.heartpulse.roster import ROSTER, VERSION, FleetService

DEFAULT_CONSUL_HOST = "consul-server"
DEFAULT_CONSUL_PORT = 8500
DEFAULT_CONSUL_GRPC = "consul-server:8502"


@dataclass(frozen=True, slots=True)
class FleetConfig:
    """The settings of one instance. Durations are seconds; a port of None is the service's default, or a free one."""

    member: FleetService
    consul_environ: Mapping[str, str]
    """CONSUL_* variables with flags and file already merged in: for ``ConsulServiceRegistry.from_env``."""
    consul_grpc_addr: str = DEFAULT_CONSUL_GRPC
    """``host:port`` of Consul's gRPC API, which configures sidecar proxies."""
    datacenter: str = ""
    connect: bool = False
    instance_id: str = ""
    """'' derives one; see :func:`hp_tui.heartpulse.identity.instance_id`."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    advertise: str = ""
    """Address to register; '' is ``host``; where that is a wildcard, this machine's address on the way to Consul."""
    port: int | None = None
    health_port: int | None = None
    metrics_port: int | None = None
    default_port: int = 0
    default_health_port: int = 0
    default_metrics_port: int = 0
    version: str = VERSION
    check_interval: float = 10.0
    check_timeout: float = 2.0
    deregister_after: float = 60.0
    shutdown_notice: float = 1.0
    shutdown_grace: float = 30.0
    call_timeout: float = 5.0
    """Timeout of a call to an upstream, its retries included."""
    log_level: str = "info"
    allow_faults: bool = False


@dataclass(frozen=True, slots=True)
class _Number:
    low: float
    high: float
    whole: bool = False

    @property
    def expected(self) -> str:
        return f"{'a whole number' if self.whole else 'a number'} from {self.low:g} to {self.high:g}"

    def read(self, key: str, given: object) -> float:
        fits = isinstance(given, int) or (isinstance(given, float) and not self.whole and math.isfinite(given))
        if isinstance(given, bool) or not fits or not self.low <= float(str(given)) <= self.high:
            raise ConfigError(key, given, self.expected)
        return int(str(given)) if self.whole else float(str(given))


@dataclass(frozen=True, slots=True)
class _Text:
    expected: str = "text"
    choices: tuple[str, ...] = ()
    may_be_empty: bool = True

    def read(self, key: str, given: object) -> str:
        if not isinstance(given, str) or not (given or self.may_be_empty):
            raise ConfigError(key, given, self.expected)
        if self.choices and given not in self.choices:
            raise ConfigError(key, given, f"one of {', '.join(self.choices)}")
        return given


@dataclass(frozen=True, slots=True)
class _Switch:
    expected: str = "true or false"

    def read(self, key: str, given: object) -> bool:
        if not isinstance(given, bool):
            raise ConfigError(key, given, self.expected)
        return given


_PORT = _Number(0, 65535, whole=True)
_Kind = _Number | _Text | _Switch
_SERVICE: Mapping[str, _Kind] = {
    "name": _Text(may_be_empty=False, expected="the service's name"),
    "instance_id": _Text(),
    "host": _Text(may_be_empty=False, expected="an address to listen on, such as 0.0.0.0"),
    "advertise": _Text(),
    "port": _PORT,
    "health_port": _PORT,
    "metrics_port": _PORT,
    "version": _Text(may_be_empty=False, expected="a version, in quotes, such as '1.0.0'"),
    "check_interval": _Number(0.1, 3600),
    "check_timeout": _Number(0.05, 60),
    "deregister_after": _Number(60, 86400),
    "shutdown_notice": _Number(0, 60),
    "shutdown_grace": _Number(0, 600),
    "call_timeout": _Number(0.1, 600),
    "log_level": _Text(choices=LEVELS),
}
_CONSUL: Mapping[str, _Kind] = {
    "host": _Text(may_be_empty=False, expected="a host name, such as consul-server"),
    "port": _Number(1, 65535, whole=True),
    "grpc_port": _Number(1, 65535, whole=True),
    "datacenter": _Text(),
}
_CONNECT: Mapping[str, _Kind] = {"enabled": _Switch()}

_ENV_OF_FLAG: Mapping[str, str] = {
    "address": "CONSUL_HTTP_ADDR",
    "token": "CONSUL_HTTP_TOKEN",
    "cacert": "CONSUL_CACERT",
    "client_cert": "CONSUL_CLIENT_CERT",
    "client_key": "CONSUL_CLIENT_KEY",
    "tls_server_name": "CONSUL_TLS_SERVER_NAME",
    "ssl": "CONSUL_HTTP_SSL",
    "ssl_verify": "CONSUL_HTTP_SSL_VERIFY",
}


def load_config(
    name: str,
    *,
    file: Path | None = None,
    flags: Mapping[str, Any] | None = None,
    consul_flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> FleetConfig:
    """The configuration of the service ``name``.

    ``flags`` are the service's settings by their name in the file's ``service:`` block, and ``allow_faults``;
    ``consul_flags`` those of the whole command line (``address``, ``token``, ``datacenter``, ``cacert`` …). A None
    value means "not given". Raises :class:`ConfigError` naming the key.
    """
    if name not in ROSTER:
        raise ConfigError("service name", name, f"one of {', '.join(ROSTER)}")
    member = ROSTER[name]
    environ = os.environ if environ is None else environ
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    allow_faults = bool(given.pop("allow_faults", False))
    consul_given = {key: value for key, value in (consul_flags or {}).items() if value is not None}
    raw = _from_file(file) if file is not None else {}
    service = _block(raw.get("service"), "service", _SERVICE)
    if service.pop("name", name) != name:
        raise ConfigError("service.name", raw["service"]["name"], f"{name!r}, the service that was asked for")
    consul = _consul_block(raw.get("consul"))
    merged = service | {key: _SERVICE[key].read(f"--{key.replace('_', '-')}", value) for key, value in given.items()}
    for port in ("port", "health_port", "metrics_port"):
        merged[f"default_{port}"] = service.get(port, getattr(member, port))
        merged[port] = given.get(port)
    return FleetConfig(
        member,
        _consul_environ(consul, consul_given, environ),
        consul_grpc_addr=_grpc_addr(consul, environ),
        datacenter=str(consul_given.get("datacenter", consul.get("datacenter", ""))),
        connect=bool(consul.get("connect", {}).get("enabled", False)),
        allow_faults=allow_faults,
        **merged,
    )


def _from_file(file: Path) -> dict[str, Any]:
    import yaml

    try:
        raw = yaml.safe_load(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigError("--config", str(file), f"a readable YAML file ({error.strerror})") from None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        said = " ".join(str(error).split())
        raise ConfigError("--config", str(file), f"a YAML file; it does not parse: {said}") from None
    if raw is None:
        return {}
    if isinstance(raw, dict) and "discovery" in raw:
        raise ConfigError(
            "discovery",
            raw["discovery"],
            "no such block: discovery through the Docker socket is gone; remove it and add consul: with host and port",
        )
    if not isinstance(raw, dict) or (unknown := next((key for key in raw if key not in ("service", "consul")), None)):
        key = unknown if isinstance(raw, dict) else str(file)
        raise ConfigError(str(key), raw.get(unknown) if isinstance(raw, dict) else raw, "service: and consul: blocks")
    return raw


def _block(raw: object, where: str, kinds: Mapping[str, _Kind]) -> dict[str, Any]:
    """The checked values of one block."""
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        raise ConfigError(where, raw, f"a block with {', '.join(kinds)}")
    for key, value in raw.items():
        if key not in kinds:
            raise ConfigError(f"{where}.{key}", value, f"no such key; {where} has {', '.join(kinds)}")
    return {key: kinds[key].read(f"{where}.{key}", value) for key, value in raw.items()}


def _consul_block(raw: object) -> dict[str, Any]:
    if not isinstance(raw, dict) or "connect" not in raw:
        return _block(raw, "consul", _CONSUL)
    plain = {key: value for key, value in raw.items() if key != "connect"}
    return _block(plain, "consul", _CONSUL) | {"connect": _block(raw["connect"], "consul.connect", _CONNECT)}


def _consul_environ(
    consul: Mapping[str, Any], flags: Mapping[str, Any], environ: Mapping[str, str]
) -> Mapping[str, str]:
    """The environment that ``ConsulServiceRegistry.from_env`` reads, with the address always set."""
    found = {key: value for key, value in environ.items() if key.startswith("CONSUL_")}
    found |= {
        variable: str(flags[flag]).lower() if isinstance(flags[flag], bool) else str(flags[flag])
        for flag, variable in _ENV_OF_FLAG.items()
        if flag in flags
    }
    if found.get("CONSUL_HTTP_TOKEN") != environ.get("CONSUL_HTTP_TOKEN"):
        found.pop("CONSUL_HTTP_TOKEN_FILE", None)  # the flag wins over the file too
    if not found.get("CONSUL_HTTP_ADDR", "").strip():
        host, port = consul.get("host", DEFAULT_CONSUL_HOST), consul.get("port", DEFAULT_CONSUL_PORT)
        found["CONSUL_HTTP_ADDR"] = f"{host}:{port}"
    return found


def _grpc_addr(consul: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    given = environ.get("CONSUL_GRPC_ADDR", "").strip()
    if not given:
        host = consul.get("host", DEFAULT_CONSUL_HOST)
        return f"{host}:{consul.get('grpc_port', 8502)}"
    host, _, port = given.removeprefix("http://").removeprefix("https://").rpartition(":")
    if not host or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise ConfigError("CONSUL_GRPC_ADDR", given, "host:port, such as consul-server:8502")
    return given
