"""Upstreams: the services that a service calls, each through a balanced client."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import grpc

from hp_tui.balancer import (
    CircuitOpenError,
    Keepalive,
    LoadBalancedGRPCClient,
    LoadBalancerError,
    NoHealthyEndpointsError,
)
from hp_tui.heartpulse.errors import RpcError
from hp_tui.heartpulse.interceptor import Context
from hp_tui.registry import ConsulServiceRegistry

RESERVE = 0.8
"""Share of the time left until the caller's deadline that a call to an upstream may use; the rest is for the own reply."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """A client and the longest a call through it may take, in seconds.

    Every method of the fleet is free of side effects, so every call is declared idempotent and may be retried.
    """

    client: LoadBalancedGRPCClient
    timeout: float

    @property
    def service(self) -> str:
        """Name of the service called."""
        return self.client.service

    async def call(self, stub: type[Any], method: str, request: Any, context: Context) -> Any:
        """Call a unary method on behalf of the caller of ``context``.

        Raises :class:`~hp_tui.heartpulse.errors.RpcError` with the upstream's status, or UNAVAILABLE, and what went wrong.
        """
        try:
            return await self.client.call(stub, method, request, timeout=self._seconds(context), idempotent=True)
        except (LoadBalancerError, grpc.aio.AioRpcError) as error:
            raise self._as_rpc_error(error) from error

    async def stream(self, stub: type[Any], method: str, request: Any, context: Context) -> AsyncGenerator[Any, None]:
        """Call a server-streaming method. Raises as :meth:`call` does, also between two messages."""
        call = getattr(self.client.stub(stub), method)(request, timeout=self._seconds(context))
        try:
            async for message in call:
                yield message
        except (LoadBalancerError, grpc.aio.AioRpcError) as error:
            raise self._as_rpc_error(error) from error
        finally:
            call.cancel()  # when the caller stops reading, the upstream must stop writing

    def _seconds(self, context: Context) -> float:
        left = cast("float | None", context.time_remaining())  # None without a deadline, whatever the stubs say
        return self.timeout if left is None else max(0.001, min(self.timeout, left * RESERVE))

    def _as_rpc_error(self, error: LoadBalancerError | grpc.aio.AioRpcError) -> RpcError:
        """The status for the caller: the upstream's own, or UNAVAILABLE where no instance was reached."""
        if not isinstance(error, NoHealthyEndpointsError | CircuitOpenError | grpc.aio.AioRpcError):
            return RpcError(grpc.StatusCode.UNAVAILABLE, f"{self.service}: {error}")
        code, details = error.code(), error.details()
        return RpcError(code, f"{self.service}: {details or code.name}")


@asynccontextmanager
async def connect(service: str, registry: ConsulServiceRegistry, timeout: float) -> AsyncIterator[Upstream]:
    """A started client of ``service``, closed at the end of the block. Does not wait for instances."""
    async with LoadBalancedGRPCClient(service, registry, keepalive=Keepalive.PAIRED) as client:
        yield Upstream(client, timeout)
