"""Small HTTP servers that stand between a client and Consul, or in its place."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """A server whose every request ``handler`` answers; yields its ``host:port``."""
    runner = web.ServerRunner(web.Server(handler))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"{host}:{port}"
    finally:
        await runner.cleanup()


class Proxy:
    """A reverse proxy of one Consul. ``before`` may answer in its place; ``strip`` names headers it takes away."""

    def __init__(self, target: str, strip: tuple[str, ...] = ()) -> None:
        self.target = target
        self.strip = strip
        self.before: Callable[[web.Request], web.Response | None] = lambda _: None
        self.requests: list[str] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request.path)
        if instead := self.before(request):
            return instead
        async with (
            aiohttp.ClientSession(auto_decompress=False) as http,
            http.request(
                request.method, f"http://{self.target}{request.raw_path}", data=await request.read()
            ) as response,
        ):
            kept = {name: value for name, value in response.headers.items() if name not in self.strip}
            kept.pop("Transfer-Encoding", None)
            return web.Response(status=response.status, headers=kept, body=await response.read())
