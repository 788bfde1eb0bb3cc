"""Consul addresses and TLS files, as Consul's own CLI understands them."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from hp_tui.registry.errors import ConfigurationError

if TYPE_CHECKING:
    import ssl

EXPECTED = "expected host:port, http://host:port, https://host:port or unix:///path/to/socket"
_DEFAULT_PORTS = {"http": 80, "https": 443}


class TLSFiles(Struct, frozen=True):
    """Paths of PEM files, '' where not given; used when the address is ``https://``.

    ``server_name`` is the name to expect in the agent's certificate instead of the address's host.
    """

    cacert: str = ""
    capath: str = ""
    client_cert: str = ""
    client_key: str = ""
    server_name: str = ""
    verify: bool = True

    def context(self) -> ssl.SSLContext:
        """The client side's TLS settings. Raises :class:`ConfigurationError` naming the file that is no good."""
        import ssl

        if bool(self.client_cert) != bool(self.client_key):
            raise ConfigurationError(
                f"client certificate {self.client_cert!r} with key {self.client_key!r}: expected both or neither "
                "(CONSUL_CLIENT_CERT and CONSUL_CLIENT_KEY)"
            )
        try:
            context = ssl.create_default_context(cafile=self.cacert or None, capath=self.capath or None)
            if self.client_cert:
                context.load_cert_chain(self.client_cert, self.client_key, password="")
        except (OSError, ssl.SSLError) as error:
            named = ", ".join(name for name in (self.cacert, self.capath, self.client_cert, self.client_key) if name)
            raise ConfigurationError(
                f"TLS files {named} cannot be used ({error}): expected PEM files, the key without a pass phrase"
            ) from None
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


class ConsulAddress(Struct, frozen=True):
    """Where the agent's HTTP API is. Either ``socket`` (a path) or ``host`` and ``port`` are set."""

    scheme: str
    host: str = ""
    port: int = 0
    path: str = ""
    """Prefix before ``/v1``, without a slash at the end; for an agent behind a reverse proxy."""
    socket: str = ""
    auth: str = ""
    """``user:password`` for HTTP basic authentication, as an address may carry it; never shown."""

    @classmethod
    def parse(cls, text: str, *, tls: bool = False) -> ConsulAddress:
        """Read ``host:port``, a URL or ``unix://…``. ``tls`` is the scheme of one without (CONSUL_HTTP_SSL).

        Raises :class:`ConfigurationError` for anything else; a bare host without a port is refused too, because
        HTTP's port 80 is never what was meant.
        """
        if not isinstance(text, str):
            raise ConfigurationError(f"Consul address {text!r} is no text: {EXPECTED}")
        given = text.strip()
        text = _without_password(text)  # what errors may show
        if given.startswith("unix://"):
            return cls._unix(given)
        bare = "://" not in given
        try:
            parts = urlsplit(f"{'https' if tls else 'http'}://{given}" if bare else given)
            port = parts.port
        except ValueError as error:
            raise ConfigurationError(f"Consul address {text!r} does not parse ({error}): {EXPECTED}") from None
        if parts.scheme not in _DEFAULT_PORTS:
            raise ConfigurationError(f"Consul address {text!r} has the scheme {parts.scheme!r}: {EXPECTED}")
        if not parts.hostname or port == 0 or any(char.isspace() for char in given):
            raise ConfigurationError(f"Consul address {text!r} does not name a host and port: {EXPECTED}")
        if parts.query or parts.fragment:
            raise ConfigurationError(f"Consul address {text!r} has more than a host and port: {EXPECTED}")
        if port is None and bare:
            raise ConfigurationError(f"Consul address {text!r} has no port: {EXPECTED}; Consul's own is 8500")
        auth = unquote(parts.netloc.rpartition("@")[0])
        port = port or _DEFAULT_PORTS[parts.scheme]
        return cls(parts.scheme, parts.hostname, port, parts.path.rstrip("/"), auth=auth)

    @classmethod
    def _unix(cls, text: str) -> ConsulAddress:
        path = text.removeprefix("unix://")
        if not path.startswith("/"):
            raise ConfigurationError(f"Consul address {text!r} names no absolute socket path: {EXPECTED}")
        return cls("http", "localhost", 80, "", path)

    def __repr__(self) -> str:
        return f"ConsulAddress({str(self)!r})"

    @property
    def base(self) -> str:
        """The URL that ``/v1/…`` is appended to."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"

    def __str__(self) -> str:
        if self.socket:
            return f"unix://{self.socket}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"https://{host}:{self.port}{self.path}" if self.scheme == "https" else f"{host}:{self.port}{self.path}"


def basic_auth(credentials: object) -> dict[str, str]:
    """The header for ``user`` or ``user:password`` ('' for none), as CONSUL_HTTP_AUTH has it.

    Raises :class:`ConfigurationError`, without the password, for what no header can carry.
    """
    if not isinstance(credentials, str) or any(not char.isprintable() for char in credentials):
        raise ConfigurationError("http_auth cannot be used (CONSUL_HTTP_AUTH): expected user, or user:password")
    if not credentials:
        return {}
    user, _, password = credentials.partition(":")
    encoded = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    return {"Authorization": f"Basic {encoded}"}


def _without_password(text: str) -> str:
    scheme, mark, rest = text.rpartition("://")
    return f"{scheme}{mark}…@{rest.rpartition('@')[2]}" if "@" in rest else text
