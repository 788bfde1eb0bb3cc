"""Where settings come from: flags, then CONSUL_* in the environment, then the config file, then defaults.

Environment names are those of Consul's own CLI (developer.hashicorp.com, "Consul CLI: environment variables").
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

DEFAULT_ADDRESS = "127.0.0.1:8500"
THEMES = ("auto", "dark", "light")
"""``auto`` follows the terminal's background, as far as it says."""


class SettingsError(ValueError):
    """A setting that cannot be used: the message names it, what was given and what is expected."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings that all commands share."""

    address: str = DEFAULT_ADDRESS
    """``host:port``, ``http://…``, ``https://…`` or ``unix:///path``."""
    token: str = ""
    token_file: str = ""
    """Path of a file with the token, read again when it changes; ``token`` is what it held at the start."""
    datacenter: str = ""
    """'' is the agent's own."""
    namespace: str = ""
    """Of Consul Enterprise; '' is the token's own."""
    partition: str = ""
    """Of Consul Enterprise; '' is the agent's own."""
    http_auth: str = field(default="", repr=False)
    """``user:password`` for a proxy that wants it."""
    cacert: str = ""
    capath: str = ""
    client_cert: str = ""
    client_key: str = ""
    tls_server_name: str = ""
    ssl: bool = False
    ssl_verify: bool = True
    read_only: bool = False
    mouse: bool = True
    theme: str = "auto"
    """One of :data:`THEMES`; another raises :class:`SettingsError`."""
    requests: str = ""
    """File of saved requests; '' is ``requests.json`` in the user's configuration directory."""
    open_timeout: float = 60.0
    """Seconds a breaker of the console's own client stays open."""
    failure_threshold: int = 5
    timeout: float = 10.0
    """Seconds for one request to Consul that is not a watch."""
    datacenters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, compare=False, repr=False)
    """What the config file sets, by datacenter; under '' the general values, for datacenters that set nothing."""

    def in_datacenter(self, name: str) -> Settings:
        """These settings for another datacenter, with what the config file sets for it."""
        return replace(self, **{**self.datacenters.get("", {}), **self.datacenters.get(name, {}), "datacenter": name})

    def __post_init__(self) -> None:
        if self.theme not in THEMES:
            raise SettingsError(f"theme is {self.theme!r}: expected one of {', '.join(THEMES)}")


_ENVIRONMENT = {
    "CONSUL_HTTP_ADDR": "address",
    "CONSUL_HTTP_TOKEN": "token",
    "CONSUL_HTTP_AUTH": "http_auth",
    "CONSUL_NAMESPACE": "namespace",
    "CONSUL_PARTITION": "partition",
    "CONSUL_CACERT": "cacert",
    "CONSUL_CAPATH": "capath",
    "CONSUL_CLIENT_CERT": "client_cert",
    "CONSUL_CLIENT_KEY": "client_key",
    "CONSUL_TLS_SERVER_NAME": "tls_server_name",
    "CONSUL_HTTP_SSL": "ssl",
    "CONSUL_HTTP_SSL_VERIFY": "ssl_verify",
    "HP_TUI_READ_ONLY": "read_only",
    "HP_TUI_THEME": "theme",
    "HP_TUI_REQUESTS": "requests",
}
_KINDS: Mapping[str, type] = {
    one.name: {"str": str, "bool": bool, "float": float, "int": int}[str(one.type)]
    for one in fields(Settings)
    if one.name != "datacenters"
}


def load_settings(
    flags: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    config: Path | None = None,
) -> Settings:
    """Merge flags (a None value means "not given"), environment and config file into one :class:`Settings`.

    ``config`` defaults to ``config.toml`` in the user's configuration directory; a missing file is fine.
    Raises :class:`SettingsError` naming the setting, its value and what is expected.
    """
    environ = os.environ if environ is None else environ
    merged: dict[str, Any] = _from_file(config if config is not None else config_file())
    for name, setting in _ENVIRONMENT.items():
        if environ.get(name):
            merged[setting] = _coerce(name, setting, environ[name])
    if token_file := environ.get("CONSUL_HTTP_TOKEN_FILE", ""):  # before CONSUL_HTTP_TOKEN, as in Consul's CLI
        merged["token_file"] = token_file
    given = {setting: value for setting, value in (flags or {}).items() if value is not None}
    merged |= given
    if "token" in given and "token_file" not in given:
        merged["token_file"] = ""
    elif token_file := merged.get("token_file", ""):
        merged["token"] = _read_token(token_file, "--token-file" if "token_file" in given else "CONSUL_HTTP_TOKEN_FILE")
    per_datacenter = merged.pop("datacenters", {})
    per_datacenter = {
        name: _own_token(_only_known(values, f"datacenters.{name}")) for name, values in per_datacenter.items()
    }
    settings = Settings(**merged)
    general = {name: getattr(settings, name) for values in per_datacenter.values() for name in values}
    settings = replace(settings, **per_datacenter.get(settings.datacenter, {}))
    settings = replace(settings, datacenters={**per_datacenter, "": general})
    _check_address(settings)
    _check_files(settings)
    return settings


def _own_token(values: dict[str, Any]) -> dict[str, Any]:
    """A datacenter's own token takes the place of a file's."""
    return {**values, "token_file": ""} if "token" in values and "token_file" not in values else values


def config_file() -> Path:
    """Path of the user's configuration file, whether or not it exists."""
    from platformdirs import user_config_path

    return user_config_path("hp-tui") / "config.toml"


def _check_address(settings: Settings) -> None:
    from hp_tui.registry.address import ConsulAddress
    from hp_tui.registry.errors import ConfigurationError

    try:
        ConsulAddress.parse(settings.address, tls=settings.ssl)
    except ConfigurationError as error:
        raise SettingsError(str(error)) from None


def _from_file(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"configuration file {path} cannot be used: {error}") from None
    import tomllib  # most users have no such file

    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"configuration file {path} cannot be used: {error}") from None
    datacenters = raw.pop("datacenters", {})
    return _only_known(raw, str(path)) | {"datacenters": datacenters}


def _only_known(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    for name, value in values.items():
        if name not in _KINDS:
            raise SettingsError(f"{where} sets {name!r}: expected one of {', '.join(sorted(_KINDS))}")
        kind = _KINDS[name]
        fits = isinstance(value, (int, float)) if kind is float else isinstance(value, kind)
        if not fits or (kind is not bool and isinstance(value, bool)):
            raise SettingsError(f"{where} sets {name} to {value!r}: expected {kind.__name__}")
    return dict(values)


def _coerce(variable: str, setting: str, text: str) -> Any:
    if _KINDS[setting] is not bool:
        return text
    from hp_tui.registry.environment import boolean
    from hp_tui.registry.errors import ConfigurationError

    try:
        return boolean(variable, text)
    except ConfigurationError as error:
        raise SettingsError(str(error)) from None


def _read_token(path: str, source: str) -> str:
    from hp_tui.registry.environment import read_token_file
    from hp_tui.registry.errors import ConfigurationError

    try:
        return read_token_file(path, source)
    except ConfigurationError as error:
        raise SettingsError(str(error)) from None


def _check_files(settings: Settings) -> None:
    if settings.capath and not Path(settings.capath).is_dir():
        raise SettingsError(f"capath names {settings.capath!r}, which is not a folder: expected one of PEM files")
    for name in ("cacert", "client_cert", "client_key"):
        path = getattr(settings, name)
        if path and not Path(path).is_file():
            raise SettingsError(f"{name} names {path!r}, which is not a file: expected a PEM file")
