"""Hostile names, outputs, keys, values and replies, in a real Consul and from a real server: none drives the terminal."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from codecs import getincrementaldecoder
from collections.abc import AsyncIterator
from typing import Any

import grpc.aio
import pytest
from grpc_health.v1 import health_pb2_grpc

from tests.terminal import Terminal

EVIL = (
    "\x1b]0;PWN\x07\x1b]52;c;UFdO\x07\x1b[8;53m\x1b[2J\x1bc\x9b8;53m\x9d0;PWN\x9c\x90q\x85"
    "\u202e\u2066\u200b\u200d\ufeff\u061c\u2028\x7f\t\r\n\x00[red]x[/red]"
)
ORDINARY = re.compile(r"\x1b\[[?<>]?[\d;]*\$?[A-Za-z]|\x1b\]22;[a-z-]+\x07")
"""Control sequences as the screen sends them: ECMA-48 CSI with numbers, and the shape of the mouse pointer."""
UNFINISHED = re.compile(r"\x1b(?:\[[?<>]?[\d;]*\$?|\][^\x07]*)?$")
"""The rest of it is still on its way."""
FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2028\u2029\u2060-\u2069\ufeff]|\x1b\\[8;53m|PWN\x07"
)


def assert_harmless(terminal: Terminal, where: str) -> None:
    """Everything the terminal was sent so far is text and the screen's own sequences."""
    said = UNFINISHED.sub("", getincrementaldecoder("utf-8")().decode(bytes(terminal.raw)))
    rest = ORDINARY.sub("", said.replace("\x1b[8;53m", "\x00"))
    found = FORBIDDEN.search(rest)
    assert found is None, (
        f"{found[0]!r} reached the terminal on {where}: {rest[max(0, found.start() - 60) : found.end() + 60]!r}"
    )


def put(address: str, path: str, body: Any) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(f"http://{address}{path}", data=data, method="PUT")
    try:
        urllib.request.urlopen(request, timeout=10).read()
    except urllib.error.HTTPError as error:
        raise AssertionError(f"Consul refuses {path}: {error.read()!r}") from error


class Liar(health_pb2_grpc.HealthServicer):
    """Fails with details and trailers that mean no good."""

    async def Check(self, request, context):  # noqa: N802  # as the protocol has it
        await context.abort(
            grpc.StatusCode.NOT_FOUND, "details " + EVIL, trailing_metadata=(("evil-bin", EVIL.encode()),)
        )


@pytest.fixture
async def hostile(make_consul) -> AsyncIterator[str]:
    """A Consul in which nothing means well, and which lets such names be asked for; its address."""
    consul = make_consul(disable_http_unprintable_char_filter=True)
    await consul.start()
    server = grpc.aio.server()
    health_pb2_grpc.add_HealthServicer_to_server(Liar(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    address = consul.http_addr
    service = {
        "Name": "a-svc", "ID": "a-id" + EVIL, "Address": "127.0.0.1", "Port": port, "Tags": ["tag" + EVIL],
        "Meta": {"version": "v" + EVIL, "upstreams": "z" + EVIL},
        "Check": {"Name": "check" + EVIL, "CheckID": "a-check", "TTL": "1h", "Notes": "notes" + EVIL},
    }  # fmt: skip
    failing = {"Status": "warning", "Output": "output " + EVIL * 3 + "\n" + "long " * 200_000}
    node = {
        "Node": "node" + EVIL, "Address": "10.0.0.1", "Service": {"Service": "b-svc", "ID": "b-id" + EVIL, "Port": 1},
        "Check": {
            "Name": "node" + EVIL, "CheckID": "c" + EVIL, "ServiceID": "b-id" + EVIL, "Status": "critical",
            "Output": "down " + EVIL,
        },
    }  # fmt: skip
    await asyncio.to_thread(put, address, "/v1/agent/service/register", service)
    await asyncio.to_thread(put, address, "/v1/agent/check/update/a-check", failing)
    await asyncio.to_thread(put, address, "/v1/catalog/register", node)
    await asyncio.to_thread(put, address, "/v1/agent/service/register", {"Name": "c-svc" + EVIL, "Port": 1})
    for key in ("dir/key" + EVIL.replace("/", ""), "dir/latin"):
        value = EVIL.encode() if "key" in key else b"\xff\xfe\x1b]0;PWN\x07"
        await asyncio.to_thread(put, address, "/v1/kv/" + urllib.parse.quote(key), value)
    yield address
    await server.stop(None)


async def test_nothing_hostile_reaches_the_terminal(hostile, tmp_path):
    environ = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    async with Terminal([sys.executable, "-m", "hp_tui", "--address", hostile], environ=environ) as terminal:

        async def see(keys: str, text: str) -> None:
            for key in keys.split():
                terminal.send(NAMES.get(key, key))
            await terminal.until(text)
            assert_harmless(terminal, keys)

        async def leave(gone: str) -> None:
            terminal.send("\x1b")
            await terminal.until(lambda text: gone not in text)
            assert_harmless(terminal, f"the way back from {gone}")

        await terminal.until("c-svc␛]0;PWN")
        await terminal.until(lambda text: "critical" in text and "warning" in text)
        assert_harmless(terminal, "the main screen")
        for keys, text in OPENED:
            await see(keys, text)
            await leave(text)
        await see("2 g down", "enter detail")
        await see("c 3", "reply 1 NOT_FOUND")
        await see("enter", "Runs")
        await leave("Runs")
        await see("y", "grpcurl -plaintext")
        await leave("grpcurl -plaintext")
        await see("4 right", "latin")
        await see("down", "B · CAS")
        await see("e", "esc leave")
        await leave("esc leave")
        await see("y", "Copy of dir/key")
        await leave("Copy of dir/key")
        await see("D", "Delete dir/key")
        await see("enter", "deleted")
        await see("2 / r e : [ \x1f", "re:[")
        terminal.send("\x1b\x11")  # ctrl+q
        assert await terminal.wait() == 0
        assert_harmless(terminal, "the end")


OPENED = (
    ("g enter", "down ␛]0;PWN"),
    ("down enter", "output ␛]0;PWN"),
    ("m", "Maintenance of a-id"),
    ("D", "Deregister a-id"),
    ("b", "Breaker of a-id"),
    ("y", "Copy of a-id"),
    ("T", "esc back"),
    ("C", "Compose calls"),
    ("?", "esc close"),
    (":", "Create a key"),
    ("1 y", "Copy of"),
)
"""Keys, and what then stands on the screen until esc is pressed."""
NAMES = {"enter": "\r", "esc": "\x1b", "down": "\x1b[B", "right": "\x1b[C", "end": "\x1b[F"}
