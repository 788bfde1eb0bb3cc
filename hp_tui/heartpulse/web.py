"""The two small HTTP servers: ``/health`` on the health port, ``/metrics`` on the metrics port."""

from __future__ import annotations

import errno
import json
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from hp_tui.heartpulse.errors import PortInUseError

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.Response]]
_TAKEN = {errno.EADDRINUSE, errno.EACCES}


class HttpEndpoint:
    """One path on one port. Answers GET; everything else is 404 or 405."""

    def __init__(self, what: str, path: str, answer: Callable[[], web.Response]) -> None:
        self._what = what
        self._path = path
        self._answer = answer
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int | None, default: int) -> int:
        """Listen and return the port. ``port`` None tries ``default`` and falls back to a free one.

        Raises :class:`~hp_tui.heartpulse.errors.PortInUseError` when ``port`` cannot be bound.
        """

        async def handle(request: web.Request) -> web.Response:
            return self._answer()

        listening = listen(self._what, host, port, default)
        app = web.Application()
        app.router.add_get(self._path, handle)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.SockSite(self._runner, listening, shutdown_timeout=1.0).start()
        return int(listening.getsockname()[1])

    async def close(self) -> None:
        """Stop listening; replies in progress have one second to end."""
        if self._runner is not None:
            await self._runner.cleanup()


def listen(what: str, host: str, port: int | None, default: int) -> socket.socket:
    """A listening socket on ``port``; for None on ``default``, or on a free port where that one is taken."""
    try:
        return bound(host, default if port is None else port)
    except OSError as error:
        if error.errno not in _TAKEN:
            raise PortInUseError(what, host, default if port is None else port) from error
        if port is not None:
            raise PortInUseError(what, host, port) from None
    log.info("the default %s port %d is taken; taking a free one", what, default)
    return bound(host, 0)


def bound(host: str, port: int) -> socket.socket:
    """A listening TCP socket. Raises :class:`OSError`."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(128)
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    return made


def json_response(body: Mapping[str, object], status: int) -> web.Response:
    """``body`` as JSON with a line break at its end, so that a terminal and Consul show it on a line of its own."""
    return web.Response(text=json.dumps(body) + "\n", status=status, content_type="application/json")
