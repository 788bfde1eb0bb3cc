"""How a request reaches the agent: py-consul's asyncio client with the gaps closed.

py-consul (1.8.0) gives the client, its header and URL building and its callback seam. What it does not give is closed
here, at one place:

* its session times out after 300 s, shorter than a blocking query; here each request brings its own timeout;
* its JSON callbacks drop ``X-Consul-KnownLeader`` and ``X-Consul-LastContact``; ours keeps every header;
* an explicit token loses against ``CONSUL_HTTP_TOKEN``; here the explicit one goes with every request;
* it decodes bodies as UTF-8 at once; here they are bytes until somebody knows better;
* it quotes a path that is quoted already once more; here names are quoted at one place (``urls.py``);
* it speaks neither ``unix://`` nor a TLS server name, and lets aiohttp follow redirects. A redirect is how Go's HTTP
  server answers a path such as ``/v1/kv/a//b``: following it reads or writes ``a/b``, another key.

So the transport is py-consul's with an aiohttp session of our own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import consul.aio
import consul.base
from yarl import URL

from hp_tui.registry.address import ConsulAddress, TLSFiles
from hp_tui.registry.response import Response

MAX_BODY = 64 * 1024 * 1024
"""Bytes of an answer at most: more than any Consul sends (13 MB for the nodes of 10,000 instances)."""


class Transport(consul.aio.HTTPClient):  # type: ignore[misc]  # py-consul is untyped
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

    def uri(self, path: str, params: Sequence[tuple[str, str]] | None = None) -> str:
        """The URL of ``path``, which is quoted already (:func:`hp_tui.registry.urls.path_to`)."""
        return f"{self.base_uri}{path}?{urlencode(params, quote_via=quote)}" if params else f"{self.base_uri}{path}"

    async def _request(
        self,
        callback: Callable[[consul.base.Response], Response],
        method: str,
        uri: str,
        headers: dict[str, str] | None,
        data: bytes | str | None = None,
        connections_timeout: float | None = None,
        raw: bool = True,
    ) -> Response:
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


class Client(consul.aio.Consul):  # type: ignore[misc]  # py-consul is untyped
    """py-consul's asyncio client on :class:`Transport`; every request brings its own headers, the token among them."""

    def __init__(self, address: ConsulAddress, tls: TLSFiles, limit: int) -> None:
        self._ours = (address, tls, limit)
        super().__init__(host=address.host, port=address.port, scheme=address.scheme, verify=tls.verify)

    def http_connect(self, *_: object, **__: object) -> Transport:
        return Transport(*self._ours)
