"""What happens around every call to a service of the fleet: faults, metrics, errors as statuses."""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any, TypeAlias

import grpc

from hp_tui.heartpulse.errors import RpcError
from hp_tui.heartpulse.faults import FaultSwitch
from hp_tui.heartpulse.metrics import Metrics

log = logging.getLogger(__name__)

_FLEET = "/heartpulse.v1."
_SWITCH = "/heartpulse.v1.Faults/"

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"  # only the type information is generic

_KINDS: dict[tuple[bool, bool], tuple[str, Callable[..., Handler]]] = {
    (False, False): ("unary_unary", grpc.unary_unary_rpc_method_handler),
    (False, True): ("unary_stream", grpc.unary_stream_rpc_method_handler),
    (True, False): ("stream_unary", grpc.stream_unary_rpc_method_handler),
    (True, True): ("stream_stream", grpc.stream_stream_rpc_method_handler),
}
"""By (requests are streamed, replies are streamed)."""


class CallInterceptor(grpc.aio.ServerInterceptor):
    """Wraps the handlers of ``heartpulse.v1``, but not those of health, reflection and the fault switch."""

    def __init__(self, metrics: Metrics, faults: FaultSwitch | None) -> None:
        self._metrics = metrics
        self._faults = faults
        self._wrapped: dict[str, Handler] = {}

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler:
        method = handler_call_details.method
        known = self._wrapped.get(method)
        if known is not None:
            return known
        handler = await continuation(handler_call_details)
        if handler is None or not method.startswith(_FLEET) or method.startswith(_SWITCH):
            return handler  # type: ignore[return-value] # None is how gRPC says UNIMPLEMENTED
        wrapped = self._wrapped[method] = self._wrap(method, handler)
        return wrapped

    def _wrap(self, method: str, handler: Handler) -> Handler:
        kind, make = _KINDS[handler.request_streaming, handler.response_streaming]
        behaviour = getattr(handler, kind)
        if handler.response_streaming and not inspect.isasyncgenfunction(behaviour):
            raise TypeError(f"{method} is no async generator; streaming methods of the fleet are")
        guarded = self._stream(method, behaviour) if handler.response_streaming else self._unary(method, behaviour)
        return make(guarded, handler.request_deserializer, handler.response_serializer)

    def _unary(self, method: str, behaviour: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def call(request: Any, context: Context) -> Any:
            async with self._around(method, context):
                return await behaviour(request, context)

        return call

    def _stream(
        self, method: str, behaviour: Callable[..., AsyncGenerator[Any, None]]
    ) -> Callable[..., AsyncIterator[Any]]:
        async def call(request: Any, context: Context) -> AsyncIterator[Any]:
            async with self._around(method, context), aclosing(behaviour(request, context)) as replies:
                async for reply in replies:
                    yield reply

        return call

    @asynccontextmanager
    async def _around(self, method: str, context: Context) -> AsyncIterator[None]:
        """Count the call and turn what it raises into a gRPC status."""
        began = time.perf_counter()
        code, detail = grpc.StatusCode.OK, ""
        self._metrics.started(method)
        try:
            await self._apply_fault()
            yield
        except RpcError as error:
            code, detail = error.code, error.detail
        except (asyncio.CancelledError, GeneratorExit):
            code = grpc.StatusCode.CANCELLED
            raise
        except Exception as error:
            log.exception("%s failed", method)
            code, detail = grpc.StatusCode.INTERNAL, f"{type(error).__name__} in {method}; see the service's log"
        finally:
            self._metrics.handled(method, code.name, time.perf_counter() - began)
        if code is not grpc.StatusCode.OK:
            await context.abort(code, detail)

    async def _apply_fault(self) -> None:
        fault = self._faults.draw() if self._faults is not None else None
        if fault is None:
            return
        if fault.latency_ms:
            await asyncio.sleep(fault.latency_ms / 1000)
        if fault.code is not None:
            raise RpcError(fault.code, "the fault switch is on")
