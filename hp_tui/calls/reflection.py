"""Server reflection over any grpc.aio channel: which services, which methods, which messages.

The server is not trusted: it may hang, answer wrongly, or know only one of the two protocol versions. All questions use one
stream, so that behind a balanced channel one instance answers them all.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from typing import Any

import grpc
import grpc.aio
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import DecodeError
from grpc_reflection.v1alpha import reflection_pb2

from hp_tui.calls.descriptors import DescriptorFiles
from hp_tui.calls.errors import ReflectionError, UnknownMethodError, nearest

VERSIONS = ("v1", "v1alpha")
"""Both have the same messages on the wire; the newer version is tried first."""
OWN_SERVICES = tuple(f"grpc.reflection.{version}.ServerReflection" for version in VERSIONS)
MAX_SERVICES = 500
LOST_STATUS_TRIES = 3
DEADLINE_SLACK = 1.0
"""Seconds by which gRPC's deadline is later than the timeout here: a call that hangs is cancelled, which no breaker counts."""

_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)


class Reflection:
    """What one server's reflection answers. Made by :func:`reflect`."""

    def __init__(self, call: Any) -> None:
        self._call = call
        self._files = DescriptorFiles()
        self._names: tuple[str, ...] | None = None

    @property
    def pool(self) -> Any:
        """The descriptors gathered so far."""
        return self._files.pool

    async def services(self) -> tuple[str, ...]:
        """Names of the services in order, without reflection itself and without names that protobuf does not allow."""
        if self._names is None:
            answer = await self._ask(
                reflection_pb2.ServerReflectionRequest(list_services="*"), "list_services_response"
            )
            listed = {service.name for service in answer.list_services_response.service}
            usable = sorted(name for name in listed if _NAME.fullmatch(name) and name not in OWN_SERVICES)
            self._names = tuple(usable[:MAX_SERVICES])
        return self._names

    async def service(self, name: str) -> ServiceDescriptor:
        """The descriptor of one service, with everything it needs."""
        if not self._files.declaring(name):
            await self._fetch(reflection_pb2.ServerReflectionRequest(file_containing_symbol=name))
        while missing := self._files.missing(name):
            for one in missing:
                got = await self._fetch(reflection_pb2.ServerReflectionRequest(file_by_filename=one))
                if one not in got:
                    raise ReflectionError(f"reflection was asked for {one!r} and answered with {', '.join(got)}")
        return self._files.service(name)

    async def method(self, name: str) -> MethodDescriptor:
        """The descriptor of ``pkg.Service/Method``. Raises :class:`UnknownMethodError`, which lists the known ones."""
        service_name, _, method_name = name.strip("/").rpartition("/")
        if not service_name or not method_name:
            raise UnknownMethodError(f"method {name!r} is not of the form pkg.Service/Method")
        known = await self.services()
        if service_name not in known:
            raise UnknownMethodError(f"service {service_name!r} is not served there; {nearest(service_name, known)}")
        service = await self.service(service_name)
        found = service.methods_by_name.get(method_name)
        if found is None:
            methods = [method.name for method in service.methods]
            raise UnknownMethodError(f"{service_name!r} has no method {method_name!r}; {nearest(method_name, methods)}")
        return found

    async def finish(self) -> None:
        """End the stream properly, so that it counts as a call that succeeded."""
        with contextlib.suppress(asyncio.InvalidStateError):
            await self._call.done_writing()
        while await self._call.read() is not grpc.aio.EOF:
            pass

    async def _fetch(self, request: reflection_pb2.ServerReflectionRequest) -> tuple[str, ...]:
        answer = await self._ask(request, "file_descriptor_response")
        got = self._files.add(answer.file_descriptor_response.file_descriptor_proto)
        if not got:
            raise ReflectionError("reflection answered with no file at all")
        return got

    async def _ask(
        self, request: reflection_pb2.ServerReflectionRequest, expected: str
    ) -> reflection_pb2.ServerReflectionResponse:
        """Send one request and return its response, which must be of the ``expected`` kind."""
        with contextlib.suppress(asyncio.InvalidStateError):  # the call has ended; read() raises its status
            await self._call.write(request)
        raw = await self._call.read()
        if raw is grpc.aio.EOF:
            raise ReflectionError("reflection ended without an answer")
        try:
            answer = reflection_pb2.ServerReflectionResponse.FromString(raw)
        except DecodeError:
            raise ReflectionError("reflection answered with bytes that are no reflection message") from None
        kind = answer.WhichOneof("message_response")
        if kind == "error_response":
            asked = request.file_containing_symbol or request.file_by_filename or "its services"
            raise ReflectionError(f"reflection refused {asked!r}: {answer.error_response.error_message or 'no reason'}")
        if kind != expected:
            raise ReflectionError(f"reflection answered with {kind or 'nothing'}; expected {expected}")
        return answer


@contextlib.asynccontextmanager
async def reflect(channel: grpc.aio.Channel, *, timeout: float) -> AsyncIterator[Reflection]:
    """Open the server's reflection; the whole block has ``timeout`` seconds.

    Raises :class:`ReflectionError` when it hangs or answers wrongly, and ``grpc.RpcError`` when the call fails: with
    UNIMPLEMENTED where there is no reflection.
    """
    calls: list[Any] = []
    try:
        async with asyncio.timeout(timeout):
            reflection = await _opened(channel, timeout + DEADLINE_SLACK, calls)
            yield reflection
            await reflection.finish()
    except TimeoutError:
        raise ReflectionError(f"reflection did not finish within {timeout:g} s; the server may be hanging") from None
    finally:
        for call in calls:
            call.cancel()


async def _opened(channel: grpc.aio.Channel, timeout: float, calls: list[Any]) -> Reflection:
    """A stream of the first version that the server knows, which only an answer shows."""
    tries = (*VERSIONS, *VERSIONS[-1:] * LOST_STATUS_TRIES)
    for number, version in enumerate(tries):
        call = _stream(channel, version)(timeout=timeout)
        calls.append(call)
        reflection = Reflection(call)
        try:
            await reflection.services()
        except grpc.RpcError as error:
            known = _code(error) is not grpc.StatusCode.UNIMPLEMENTED
            if (known or version == VERSIONS[-1]) and not (status_lost(error) and number < len(tries) - 1):
                raise
        else:
            return reflection
    raise ReflectionError("reflection ended every call before the request was written")


def _stream(channel: grpc.aio.Channel, version: str) -> Any:
    return channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=_as_bytes,
    )


def _as_bytes(raw: bytes) -> bytes:
    """Not parsed by gRPC, which logs a traceback for a message that does not parse."""
    return raw


def _code(error: grpc.RpcError) -> grpc.StatusCode | None:
    found = getattr(error, "code", lambda: None)()
    return found if isinstance(found, grpc.StatusCode) else None


def status_lost(error: grpc.RpcError) -> bool:
    """Whether grpc.aio lost the status: a server without the method may end the call before the request is written.

    The text is grpc.aio's own; tests/integration/test_grpc_texts.py holds it to the versions that pyproject.toml allows.
    """
    return _code(error) is grpc.StatusCode.INTERNAL and getattr(error, "details", str)() == "Internal error from Core"
