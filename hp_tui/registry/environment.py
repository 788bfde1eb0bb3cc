"""Consul's own environment variables: the ways to read a boolean, a token file and the TLS files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hp_tui.registry.address import TLSFiles
from hp_tui.registry.errors import ConfigurationError

DEFAULT_ADDRESS = "127.0.0.1:8500"
_TRUE, _FALSE = {"1", "t", "true", "yes", "on"}, {"0", "f", "false", "no", "off"}

_TEXTS = {
    "CONSUL_HTTP_AUTH": "http_auth",
    "CONSUL_NAMESPACE": "namespace",
    "CONSUL_PARTITION": "partition",
}
VARIABLES = frozenset(
    {
        *("CONSUL_HTTP_ADDR", "CONSUL_HTTP_TOKEN", "CONSUL_HTTP_TOKEN_FILE", "CONSUL_HTTP_AUTH", "CONSUL_HTTP_SSL"),
        *("CONSUL_HTTP_SSL_VERIFY", "CONSUL_CACERT", "CONSUL_CAPATH", "CONSUL_CLIENT_CERT", "CONSUL_CLIENT_KEY"),
        *("CONSUL_TLS_SERVER_NAME", "CONSUL_NAMESPACE", "CONSUL_PARTITION"),
    }
)
"""Consul's own, all that its documentation lists for its HTTP API (developer.hashicorp.com, "Consul CLI")."""


def boolean(name: str, text: str) -> bool:
    """The value of the variable ``name``. Raises :class:`ConfigurationError` if it is neither true nor false."""
    lowered = text.strip().lower()
    if lowered in _TRUE or lowered in _FALSE:
        return lowered in _TRUE
    raise ConfigurationError(f"{name}={text!r}: expected true or false")


def flag(environ: Mapping[str, str], name: str, default: bool) -> bool:
    """The boolean variable ``name``, ``default`` where it is missing or empty. Raises as :func:`boolean`."""
    return boolean(name, environ[name]) if environ.get(name, "").strip() else default


def read_token_file(path: str, source: str = "CONSUL_HTTP_TOKEN_FILE") -> str:
    """The token in the file at ``path``, without blanks around it.

    Raises :class:`ConfigurationError` that names ``source``, the variable or flag the path came from.
    """
    try:
        return Path(path).read_text("utf-8").strip()
    except UnicodeDecodeError:
        problem = "it is not text"
    except ValueError as error:
        problem = str(error)
    except OSError as error:
        problem = error.strerror or str(error)
    raise ConfigurationError(f"{source}={path!r} cannot be read: {problem}; expected a text file with one token")


def arguments_from(environ: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of a registry that CONSUL_* variables name. Raises :class:`ConfigurationError` naming a bad one."""
    address = environ.get("CONSUL_HTTP_ADDR", "").strip() or DEFAULT_ADDRESS
    if "://" not in address and flag(environ, "CONSUL_HTTP_SSL", False):
        address = f"https://{address}"
    found: dict[str, Any] = {"address": address, "tls": tls_from(environ)}
    # The file comes before the variable, as in Consul's CLI.
    if path := environ.get("CONSUL_HTTP_TOKEN_FILE", ""):
        found["token_file"] = path
    else:
        found["token"] = environ.get("CONSUL_HTTP_TOKEN", "").strip()
    for name, argument in _TEXTS.items():
        if value := environ.get(name, ""):
            found[argument] = value
    return found


def with_overrides(found: dict[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments ``found`` with ``overrides``: a token that is given takes the place of a file that was found."""
    if "token" in overrides:
        found.pop("token_file", None)
    return found | dict(overrides)


def tls_from(environ: Mapping[str, str]) -> TLSFiles:
    """The TLS files and switches that CONSUL_* variables name."""
    return TLSFiles(
        cacert=environ.get("CONSUL_CACERT", ""),
        capath=environ.get("CONSUL_CAPATH", ""),
        client_cert=environ.get("CONSUL_CLIENT_CERT", ""),
        client_key=environ.get("CONSUL_CLIENT_KEY", ""),
        server_name=environ.get("CONSUL_TLS_SERVER_NAME", ""),
        verify=flag(environ, "CONSUL_HTTP_SSL_VERIFY", True),
    )
