"""One connection to a Consul agent's HTTP API: py-consul's asyncio client with the gaps closed.

py-consul (1.8.0) gives the client, its header and URL building and its callback seam. What it does not give is closed
here, at one place:

* its session times out after 300 s, shorter than a blocking query; here each request brings its own timeout;
* its JSON callbacks drop ``X-Consul-KnownLeader`` and ``X-Consul-LastContact``; ours keeps every header;
* an explicit token loses against ``CONSUL_HTTP_TOKEN``; here the explicit one wins, and goes with every request;
* it decodes bodies as UTF-8 at once; here they are bytes until somebody knows better;
* it speaks neither ``unix://`` nor a TLS server name, and lets aiohttp follow redirects. A redirect is how Go's HTTP
  server answers a path such as ``/v1/kv/a//b``: following it reads or writes ``a/b``, another key.

So the transport is py-consul's with an aiohttp session of our own.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import aiohttp
import consul.aio
import consul.base
import msgspec
from msgspec import Struct
from yarl import URL

from hp_tui.registry.address import ConsulAddress, TLSFiles
from hp_tui.registry.errors import (
    ConfigurationError,
    ConsulForbiddenError,
    ConsulResponseError,
    ConsulUnreachableError,
    MalformedAnswerError,
    NoLeaderError,
    RegistryError,
    TooManyConnectionsError,
)

MAX_CONNECTIONS = 32
"""Connections to the agent at most; the whole program stays below 40 (an agent allows 200 per client address)."""
MAX_BODY = 64 * 1024 * 1024
"""Bytes of an answer at most: more than any Consul sends (13 MB for the nodes of 10,000 instances)."""

Params = Sequence[tuple[str, str]]


class Answer(Struct, frozen=True):
    """A success (or 404, 409 where allowed) as received.

    ``index`` is ``X-Consul-Index`` (0 when absent or unreadable), ``last_contact`` seconds since the answering server
    heard from the leader, ``known_leader`` True unless Consul says otherwise.
    """

    status: int
    body: bytes
    asked: str
    index: int = 0
    known_leader: bool = True
    last_contact: float = 0.0
    content_hash: str = ""

    def json(self, expected: type = list) -> Any:
        """The body as JSON of type ``expected``; ``null`` is an empty one, as Go writes nil lists and maps.

        Raises :class:`MalformedAnswerError` if it is anything else.
        """
        names: dict[type, str] = {list: "a JSON list", dict: "a JSON object", str: "a JSON string"}
        try:
            value = msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise self.malformed(names[expected]) from None
        if value is None:
            return expected()
        if not isinstance(value, expected):
            raise self.malformed(names[expected])
        return value

    def malformed(self, expected: str) -> MalformedAnswerError:
        """The error that says this answer is not ``expected``."""
        return MalformedAnswerError(self.asked, expected, self.body[:200].decode("utf-8", "replace"), self.status)


class _Transport(consul.aio.HTTPClient):  # type: ignore[misc]  # py-consul is untyped
    """py-consul's transport on our own aiohttp session; bodies stay bytes, redirects are not followed."""

    def __init__(self, address: ConsulAddress, tls: TLSFiles, limit: int) -> None:
        consul.base.HTTPClient.__init__(self, address.host, address.port, address.scheme, tls.verify)
        self.base_uri = address.base
        self.loop = None
        self._server_name = tls.server_name or None
        connector: aiohttp.BaseConnector
        if address.socket:
            connector = aiohttp.UnixConnector(path=address.socket, limit=limit)
        elif address.scheme == "https":
            connector = aiohttp.TCPConnector(limit=limit, ssl=tls.context())
        else:
            connector = aiohttp.TCPConnector(limit=limit)
        self._session = aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), headers={"Accept": "application/json"}
        )

    async def _request(
        self,
        callback: Callable[[consul.base.Response], Answer],
        method: str,
        uri: str,
        headers: dict[str, str] | None,
        data: bytes | str | None = None,
        connections_timeout: float | None = None,
        raw: bool = True,
    ) -> Answer:
        options: dict[str, Any] = {}
        if self._server_name and self.scheme == "https":
            options["server_hostname"] = self._server_name
        async with self._session.request(
            method,
            URL(uri, encoded=True),
            headers=headers,
            data=data,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=connections_timeout),
            **options,
        ) as response:
            return callback(consul.base.Response(response.status, response.headers, await _bounded(response)))


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY:
            response.close()
            raise aiohttp.ClientPayloadError(f"an answer of more than {MAX_BODY} bytes")
    return bytes(body)


class _Client(consul.aio.Consul):  # type: ignore[misc]  # py-consul is untyped
    """py-consul's asyncio client on :class:`_Transport`, with the token that was asked for."""

    def __init__(self, address: ConsulAddress, tls: TLSFiles, token: str, limit: int) -> None:
        self._ours = (address, tls, limit)
        super().__init__(host=address.host, port=address.port, scheme=address.scheme, verify=tls.verify)
        self.token = token or None  # py-consul has put CONSUL_HTTP_TOKEN here

    def http_connect(self, *_: object, **__: object) -> _Transport:
        return _Transport(*self._ours)


class Connection:
    """Requests to one agent. Opened by the first request, inside the event loop; closed by :meth:`close`.

    ``clock`` gives Unix seconds for :attr:`last_good`.
    """

    def __init__(
        self,
        address: ConsulAddress,
        *,
        token: str = "",
        datacenter: str = "",
        tls: TLSFiles | None = None,
        timeout: float = 10.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.address = address
        self.datacenter = datacenter
        self.timeout = timeout
        self.last_good: float | None = None
        """Unix seconds of the newest answer of any kind; None before the first."""
        self._tls = tls or TLSFiles()
        if address.scheme == "https":
            self._tls.context()  # files that are no good are refused now, not at the first request
        self._token = _checked_token(token)
        self._clock = clock
        self._client: _Client | None = None
        self._closed = False

    @property
    def token(self) -> str:
        """The ACL token sent with every request; '' is the anonymous one."""
        return self._token

    @token.setter
    def token(self, token: str) -> None:
        self._token = _checked_token(token)
        if self._client is not None:
            self._client.token = self._token or None

    async def close(self) -> None:
        """Close every connection; requests after this raise :class:`ConsulUnreachableError`."""
        self._closed = True
        client, self._client = self._client, None
        if client is not None:
            await client.http.close()

    async def get(
        self,
        path: str,
        params: Params = (),
        *,
        permission: str = "",
        timeout: float | None = None,
        allow: Sequence[int] = (),
    ) -> Answer:
        """GET ``path``. ``permission`` is what a 403 is said to lack; statuses in ``allow`` are no error.

        Raises :class:`ConsulUnreachableError` and :class:`ConsulResponseError` with its subclasses.
        """
        return await self._send("GET", path, params, None, permission, timeout, allow)

    async def put(
        self,
        path: str,
        params: Params = (),
        body: bytes | Mapping[str, Any] | Sequence[Any] = b"",
        *,
        permission: str = "",
        timeout: float | None = None,
        allow: Sequence[int] = (),
    ) -> Answer:
        """PUT bytes, or anything else as JSON. Raises as :meth:`get`."""
        data = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return await self._send("PUT", path, params, data, permission, timeout, allow)

    async def _send(
        self,
        method: str,
        path: str,
        params: Params,
        data: bytes | None,
        permission: str,
        timeout: float | None,
        allow: Sequence[int],
    ) -> Answer:
        asked = f"{method} {path}"
        limit = self.timeout if timeout is None else timeout
        client = self._open()
        query = [*params, *((("dc", self.datacenter),) if self.datacenter else ())]

        def callback(response: Any) -> Answer:
            return self._judge(response, asked, permission, allow)

        try:
            extra = {} if data is None else {"data": data}
            send = client.http.get if data is None else client.http.put
            answer: Answer = await send(
                callback, path, query, headers=client.prepare_headers(), connections_timeout=limit, **extra
            )
        except RegistryError:
            raise
        except TimeoutError:
            raise ConsulUnreachableError(str(self.address), f"no answer within {limit:g} s") from None
        except (aiohttp.ClientError, OSError, ValueError, RuntimeError) as error:
            raise ConsulUnreachableError(str(self.address), _reason(error)) from None
        return answer

    def _open(self) -> _Client:
        if self._closed:
            raise ConsulUnreachableError(str(self.address), "this registry was closed")
        if self._client is None:
            self._client = _Client(self.address, self._tls, self._token, MAX_CONNECTIONS)
        return self._client

    def _judge(self, response: Any, asked: str, permission: str, allow: Sequence[int]) -> Answer:
        status, headers, body = response
        if not 200 <= status < 300 and status not in allow:
            raise error_of(status, body.decode("utf-8", "replace"), asked, permission)
        self.last_good = self._clock()
        return Answer(
            status,
            body,
            asked,
            index=_number(headers.get("X-Consul-Index")),
            known_leader=headers.get("X-Consul-KnownLeader", "true").lower() != "false",
            last_contact=_number(headers.get("X-Consul-LastContact")) / 1000,
            content_hash=headers.get("X-Consul-ContentHash", ""),
        )


def error_of(status: int, text: str, asked: str, permission: str = "") -> ConsulResponseError:
    """The error for an answer that is no success.

    Older agents wrap what a server said in a 500 (``rpc error making call: …``), so the text counts too.
    """
    if status == 403 or "Permission denied" in text or "ACL not found" in text:
        return ConsulForbiddenError(asked, permission, text, status)
    if status == 429:
        return TooManyConnectionsError(asked, text)
    if "No cluster leader" in text or "leadership lost" in text or "node is not the leader" in text:
        return NoLeaderError(asked, text, status)
    if "No path to datacenter" in text:
        return ConsulResponseError(
            status,
            text,
            asked=asked,
            message=f"Consul cannot reach the datacenter of {asked}: "
            "expected one that `consul catalog datacenters` lists",
        )
    if 300 <= status < 400:
        return ConsulResponseError(
            status,
            text,
            asked=asked,
            message=f"{asked} was redirected (status {status}), which Consul's API never needs: "
            "name the agent's own address, with https:// if it wants TLS",
        )
    return ConsulResponseError(status, text, asked=asked)


def _reason(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"its TLS certificate was refused ({error.certificate_error}); name its CA (CONSUL_CACERT)"
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        return f"TLS failed ({error})"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "it closed the connection without an answer (also what an agent does beyond its connection limit)"
    if isinstance(error, aiohttp.ClientConnectorError):
        number = error.os_error.errno
        return os.strerror(number).lower() if number and number > 0 else str(error.os_error)
    return str(error) or type(error).__name__


def _number(text: str | None) -> int:
    """A counter of a header; 0 for what is missing or no number."""
    try:
        return max(int(text or 0), 0)
    except ValueError:
        return 0


def _checked_token(token: str) -> str:
    if not isinstance(token, str):
        raise ConfigurationError("the ACL token is no text: expected its SecretID, '' for the anonymous one")
    token = token.strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigurationError("the ACL token has spaces or characters no header can carry: expected its SecretID")
    return token


async def finished(task: asyncio.Task[Any]) -> None:
    """Cancel ``task`` and wait until it is gone; its own error is dropped, ours is not."""
    task.cancel()
    await asyncio.wait([task])
