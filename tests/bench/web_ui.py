"""Consul's own web UI in headless Chromium, driven through its debugging protocol."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import aiohttp

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)


class WebUI:
    """The page that lists services."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, address: str) -> None:
        self._socket = socket
        self._address = address
        self._ids = count(1)

    @classmethod
    @contextlib.asynccontextmanager
    async def if_there(cls, address: str) -> AsyncIterator[WebUI | None]:
        """A browser for the Consul at ``address``; None where there is no Chromium."""
        if shutil.which("chromium") is None:
            yield None
            return
        async with cls._started(address, "about:blank") as browser:
            yield browser

    @classmethod
    async def start(cls, address: str) -> float:
        """Start a browser of its own on the page; seconds from there until a service of the filling is in it."""
        began = time.perf_counter()
        async with cls._started(address, f"http://{address}/ui/") as browser:
            return await browser._listed(began)

    @classmethod
    @contextlib.asynccontextmanager
    async def _started(cls, address: str, page: str) -> AsyncIterator[WebUI]:
        binary = shutil.which("chromium")
        assert binary is not None
        async with contextlib.AsyncExitStack() as stack:
            profile = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
            browser = await asyncio.create_subprocess_exec(
                *(binary, *FLAGS, f"--user-data-dir={profile}", page),
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
            stack.push_async_callback(_end, browser)
            http = await stack.enter_async_context(aiohttp.ClientSession())
            port = await asyncio.wait_for(_debugging_port(browser), 30)
            async with http.get(f"http://127.0.0.1:{port}/json/list") as answer:
                shown = next(one for one in await answer.json() if one["type"] == "page")
            socket = await stack.enter_async_context(http.ws_connect(shown["webSocketDebuggerUrl"], max_msg_size=2**28))
            yield cls(socket, address)

    async def open(self) -> float:
        """Load the page afresh; seconds until a service of the filling is in it."""
        await self._ask("Page.navigate", url="about:blank")
        began = time.perf_counter()
        await self._ask("Page.navigate", url=f"http://{self._address}/ui/")
        return await self._listed(began)

    async def _listed(self, began: float) -> float:
        while True:
            found = await self._ask(
                "Runtime.evaluate", expression="document.body && document.body.innerText.includes('svc-00')"
            )
            if found.get("result", {}).get("value"):
                return time.perf_counter() - began
            if time.perf_counter() - began > 60:
                raise TimeoutError("the web UI did not list the services within 60 s")
            await asyncio.sleep(0.01)

    async def shows(self, text: str) -> bool:
        """Whether the page has this text now."""
        found = await self._ask("Runtime.evaluate", expression=f"document.body.innerText.includes({text!r})")
        return bool(found.get("result", {}).get("value"))

    async def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._ids)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        while True:
            answer = await self._socket.receive_json()
            if answer.get("id") == number:
                result: dict[str, Any] = answer.get("result", {})
                return result


async def _debugging_port(browser: asyncio.subprocess.Process) -> int:
    assert browser.stderr is not None
    async for line in browser.stderr:
        if b"DevTools listening on" in line:
            return int(line.split(b":")[2].split(b"/")[0])
    raise RuntimeError("Chromium ended before it listened")


async def _end(browser: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        browser.kill()
    await browser.wait()
