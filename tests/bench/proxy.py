"""A TCP proxy that counts what passes, for seeing what a program asks of a Consul agent."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Callable

_REQUEST = re.compile(rb"(?:GET|PUT|POST|DELETE) [^ ]+ HTTP/1\.1\r\n")


class CountingProxy:
    """Listens on loopback in front of ``host:port``. ``on_answer`` is told each piece on its way to the client."""

    def __init__(self, target: str, on_answer: Callable[[bytes, float], None] | None = None) -> None:
        self._host, _, port = target.rpartition(":")
        self._port = int(port)
        self._on_answer = on_answer
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.open = 0
        self.most_open = 0
        self.requests = 0
        self.bytes = 0
        """Bytes of answers."""

    async def __aenter__(self) -> CountingProxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def address(self) -> str:
        """``host:port`` to connect to."""
        assert self._server is not None
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def reset(self) -> None:
        """Count from here."""
        self.requests = self.bytes = 0
        self.most_open = self.open

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):  # cancelled: the proxy is closing
                there, back = await asyncio.open_connection(self._host, self._port)
                try:
                    up = asyncio.create_task(self._pass(reader, back, self._asked))
                    down = asyncio.create_task(self._pass(there, writer, self._answered))
                    await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
                    up.cancel()
                    down.cancel()
                finally:
                    back.close()
        finally:
            self.open -= 1
            writer.close()

    @staticmethod
    async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Callable[[bytes], None]) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                seen(data)
                writer.write(data)
                await writer.drain()

    def _asked(self, data: bytes) -> None:
        self.requests += len(_REQUEST.findall(data))

    def _answered(self, data: bytes) -> None:
        self.bytes += len(data)
        if self._on_answer:
            self._on_answer(data, time.perf_counter())
