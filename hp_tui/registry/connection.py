"""One connection to a Consul agent's HTTP API: requests in, responses or errors out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

import aiohttp
import msgspec

from hp_tui.registry.address import ConsulAddress, TLSFiles, basic_auth
from hp_tui.registry.errors import ConsulUnreachableError, RegistryClosedError, RegistryError
from hp_tui.registry.home_loop import HomeLoop
from hp_tui.registry.response import Response, parse_response
from hp_tui.registry.token import TokenSource
from hp_tui.registry.transport import Client
from hp_tui.registry.unreachable import reason

MAX_CONNECTIONS = 32
"""Connections to the agent at most; the whole program stays below 40 (an agent allows 200 per client address)."""

Params = Sequence[tuple[str, str]]


class Connection:
    """Requests to one agent. Opened by the first request, inside the event loop; closed by :meth:`close`.

    ``clock`` gives Unix seconds for :attr:`last_good`.
    """

    def __init__(
        self,
        address: ConsulAddress,
        *,
        token: str = "",
        token_file: str = "",
        datacenter: str = "",
        namespace: str = "",
        partition: str = "",
        http_auth: str = "",
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
        self._token = TokenSource(token, token_file)
        self._scope = [
            (name, value) for name, value in (("dc", datacenter), ("ns", namespace), ("partition", partition)) if value
        ]
        self._headers = basic_auth(http_auth or address.auth)
        self._clock = clock
        self._client: Client | None = None
        self.home = HomeLoop(f"the registry for Consul at {address}")
        """The event loop everything of this registry lives on."""
        self._pending: set[asyncio.Future[Response]] = set()

    @property
    def token(self) -> str:
        """The ACL token sent with every request; '' is the anonymous one."""
        return self._token.current()

    @token.setter
    def token(self, token: str) -> None:
        self._token.use(token)

    async def close(self) -> None:
        """Close every connection. Requests under way, and later ones, raise :class:`RegistryClosedError`."""
        self.home.close()
        client, self._client = self._client, None
        if client is None or not self.home.usable:
            return  # what belongs to a closed loop, or to the parent process, is not ours to close
        for request in self._pending:
            request.cancel()
        await client.http.close()

    async def get(
        self,
        path: str,
        params: Params = (),
        *,
        permission: str = "",
        timeout: float | None = None,
        allow: Sequence[int] = (),
    ) -> Response:
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
    ) -> Response:
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
    ) -> Response:
        request = f"{method} {unquote(path)}"
        limit = self.timeout if timeout is None else timeout
        client = self._open()
        query = [*params, *self._scope]
        token = self.token
        headers = self._headers | ({"X-Consul-Token": token} if token else {})

        def callback(response: Any) -> Response:
            found = parse_response(response, request, permission, allow)
            self.last_good = self._clock()
            return found

        extra = {} if data is None else {"data": data}
        send = client.http.get if data is None else client.http.put
        try:
            return await self._until_closed(
                send(callback, path, query, headers=headers, connections_timeout=limit, **extra)
            )
        except RegistryError:
            raise
        except TimeoutError:
            raise ConsulUnreachableError(str(self.address), f"no answer within {limit:g} s") from None
        except (aiohttp.ClientError, OSError, ValueError, RuntimeError) as error:
            raise ConsulUnreachableError(str(self.address), reason(error)) from None

    async def _until_closed(self, request: Coroutine[Any, Any, Response]) -> Response:
        """The response, or :class:`RegistryClosedError` as soon as :meth:`close` is called."""
        sending = asyncio.ensure_future(request)
        self._pending.add(sending)
        try:
            return await sending
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self.home.closed and not (task is not None and task.cancelling()):
                raise RegistryClosedError(self.home.owner) from None
            raise
        finally:
            self._pending.discard(sending)

    def _open(self) -> Client:
        self.home.enter()
        if self._client is None:
            self._client = Client(self.address, self._tls, MAX_CONNECTIONS)
        return self._client
