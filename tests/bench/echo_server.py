"""A tiny gRPC server for the benches, answering with what it was sent. Prints its port once it serves."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import grpc
import grpc.aio

from hp_tui.balancer import server_options

METHOD = "/bench.Echo/Echo"


async def _echo(request: bytes, _: Any) -> bytes:
    return request


async def serve(port: int) -> None:
    """Serve until killed."""
    server = grpc.aio.server(options=[*server_options(), ("grpc.so_reuseport", 0)])
    handler = grpc.unary_unary_rpc_method_handler(_echo)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("bench.Echo", {"Echo": handler}),))
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    print(bound, flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
