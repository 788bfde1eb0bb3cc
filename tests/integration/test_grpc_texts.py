"""gRPC's own wording that :mod:`hp_tui.balancer.status` and :mod:`hp_tui.calls.reflection` read, on the gRPC installed.

`make grpc-versions` runs this file against each minor version that pyproject.toml allows.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from importlib.metadata import version
from pathlib import Path

import grpc
import grpc.aio
import pytest

from hp_tui.balancer.status import never_sent
from hp_tui.calls.reflection import status_lost
from hp_tui.demo.ports import free_ports

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def test_the_installed_grpc_is_one_whose_words_are_known():
    low, high = re.search(r'"grpcio>=([\d.]+),<([\d.]+)"', PYPROJECT.read_text("utf-8")).groups()
    installed = tuple(map(int, version("grpcio").split(".")[:3]))
    assert tuple(map(int, low.split("."))) <= installed < tuple(map(int, high.split(".")))


async def test_a_call_without_a_connection_is_worded_as_never_sent():
    (port,) = free_ports(1)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await channel.unary_unary("/probe.Probe/Ask")(b"", timeout=5)
    assert never_sent(failed.value.code(), failed.value.details())


async def test_a_servers_own_unavailable_is_not_worded_so():
    async def refuse(request, context):
        await context.abort(grpc.StatusCode.UNAVAILABLE, "closed for lunch")

    server = grpc.aio.server()
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("probe.Probe", {"Ask": grpc.unary_unary_rpc_method_handler(refuse)})]
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            with pytest.raises(grpc.aio.AioRpcError) as failed:
                await channel.unary_unary("/probe.Probe/Ask")(b"", timeout=5)
    finally:
        await server.stop(None)
    assert not never_sent(failed.value.code(), failed.value.details())


async def test_a_stream_to_an_unknown_method_ends_as_unimplemented_or_is_worded_as_lost():
    server = grpc.aio.server()
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            failures = [await _ask_unknown(channel) for _ in range(200)]
    finally:
        await server.stop(None)
    unexpected = [error for error in failures if error.code() is not grpc.StatusCode.UNIMPLEMENTED]
    assert [error for error in unexpected if not status_lost(error)] == []


async def _ask_unknown(channel: grpc.aio.Channel) -> grpc.aio.AioRpcError:
    call = channel.stream_stream("/probe.Probe/Unknown")(timeout=20)
    with contextlib.suppress(asyncio.InvalidStateError, grpc.aio.AioRpcError):  # it has ended: read() raises its status
        await call.write(b"")
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await call.read()
    return failed.value
