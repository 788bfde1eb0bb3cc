"""Server reflection over any grpc.aio channel: which services, which methods, which messages.

The server is not trusted: it may hang, lie, or know only one of the two protocol versions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import grpc
import grpc.aio
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from grpc_reflection.v1alpha import reflection_pb2

from hp_tui.calls.errors import ReflectionError, UnknownMethodError

VERSIONS = ("v1", "v1alpha")
"""The messages of both are alike; the newer is asked first."""
OWN_SERVICES = tuple(f"grpc.reflection.{version}.ServerReflection" for version in VERSIONS)
LOST_STATUS_TRIES = 3
MAX_FILES = 2_000
"""Descriptors taken from one server: far above any real one, to bound a server that makes them up."""


class Reflection:
    """What one server tells of itself. ``timeout`` is seconds for the whole of each question."""

    def __init__(self, channel: grpc.aio.Channel, *, timeout: float) -> None:
        self._channel = channel
        self._timeout = timeout
        self._pool = descriptor_pool.DescriptorPool()
        self._files: dict[str, descriptor_pb2.FileDescriptorProto] = {}
        self._version = ""

    @property
    def pool(self) -> Any:
        """The descriptors gathered so far."""
        return self._pool

    async def services(self) -> tuple[str, ...]:
        """Names of the services, reflection itself left out.

        Raises :class:`ReflectionError`; ``grpc.aio.AioRpcError`` with UNIMPLEMENTED where there is no reflection.
        """
        answer = await self._ask(reflection_pb2.ServerReflectionRequest(list_services="*"))
        names = [service.name for service in answer.list_services_response.service]
        return tuple(sorted(name for name in names if name not in OWN_SERVICES))

    async def service(self, name: str) -> ServiceDescriptor:
        """The descriptor of one service, with everything it needs."""
        await self._load(reflection_pb2.ServerReflectionRequest(file_containing_symbol=name))
        try:
            return self._pool.FindServiceByName(name)
        except KeyError:
            raise ReflectionError(f"reflection answered for {name!r} with files that do not define it") from None

    async def method(self, name: str) -> MethodDescriptor:
        """The descriptor of ``pkg.Service/Method``. Raises :class:`UnknownMethodError` listing what there is."""
        service_name, _, method_name = name.strip("/").rpartition("/")
        if not service_name or not method_name:
            raise UnknownMethodError(f"method {name!r} is not of the form pkg.Service/Method")
        known = await self.services()
        if service_name not in known:
            listed = ", ".join(known) or "none"
            raise UnknownMethodError(f"service {service_name!r} is not served there; it serves {listed}")
        service = await self.service(service_name)
        method = service.methods_by_name.get(method_name)
        if method is None:
            listed = ", ".join(found.name for found in service.methods)
            raise UnknownMethodError(f"{service_name!r} has no method {method_name!r}; it has {listed}")
        return method

    async def _load(self, request: reflection_pb2.ServerReflectionRequest) -> None:
        answer = await self._ask(request)
        waiting = self._take(answer.file_descriptor_response.file_descriptor_proto)
        while waiting:
            missing = [name for name in waiting if name not in self._files and not self._in_pool(name)]
            waiting = []
            for name in missing:
                found = await self._ask(reflection_pb2.ServerReflectionRequest(file_by_filename=name))
                waiting += self._take(found.file_descriptor_response.file_descriptor_proto)
        self._add_all()

    def _take(self, blobs: Iterable[bytes]) -> list[str]:
        """Keep the files; returns the names of those they depend on."""
        needed: list[str] = []
        for blob in blobs:
            proto = descriptor_pb2.FileDescriptorProto()
            try:
                proto.ParseFromString(blob)
            except Exception as error:
                raise ReflectionError(
                    f"reflection answered with a file descriptor that does not parse ({error})"
                ) from None
            if proto.name not in self._files:
                self._files[proto.name] = proto
                needed += proto.dependency
        if len(self._files) > MAX_FILES:
            raise ReflectionError(f"reflection answered with more than {MAX_FILES} files")
        return needed

    def _in_pool(self, name: str) -> bool:
        try:
            self._pool.FindFileByName(name)
        except KeyError:
            return False
        return True

    def _add_all(self) -> None:
        """Add files to the pool, each after those it depends on."""
        done: set[str] = set()

        def add(name: str, above: tuple[str, ...]) -> None:
            if name in above:
                raise ReflectionError(
                    f"reflection answered with files that import each other: {' -> '.join((*above, name))}"
                )
            if name in done or name not in self._files or self._in_pool(name):
                return
            proto = self._files[name]
            for dependency in proto.dependency:
                add(dependency, (*above, name))
            try:
                self._pool.Add(proto)
            except TypeError as error:
                raise ReflectionError(
                    f"reflection answered with a file {name!r} that makes no sense ({error})"
                ) from None
            done.add(name)

        for name in list(self._files):
            add(name, ())

    async def _ask(self, request: reflection_pb2.ServerReflectionRequest) -> reflection_pb2.ServerReflectionResponse:
        """One question, one answer, within the time."""
        versions = (self._version,) if self._version else VERSIONS
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._first_known(versions, request)
        except TimeoutError:
            raise ReflectionError(f"server reflection did not answer within {self._timeout:g} s") from None
        if answer.HasField("error_response"):
            said = answer.error_response.error_message
            raise ReflectionError(f"server reflection answered with an error: {said}")
        return answer

    async def _first_known(
        self, versions: tuple[str, ...], request: reflection_pb2.ServerReflectionRequest
    ) -> reflection_pb2.ServerReflectionResponse:
        """The answer in the first version the server knows."""
        for version in (*versions, *versions[-1:] * LOST_STATUS_TRIES):
            try:
                answer = await self._exchange(version, request)
            except grpc.RpcError as error:
                unknown = _code(error) is grpc.StatusCode.UNIMPLEMENTED
                if (unknown and version != versions[-1]) or _status_lost(error):
                    continue
                raise
            self._version = version
            return answer
        raise ReflectionError("server reflection ended every call before the question was written")

    async def _exchange(
        self, version: str, request: reflection_pb2.ServerReflectionRequest
    ) -> reflection_pb2.ServerReflectionResponse:
        ask = self._channel.stream_stream(
            f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
            request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
            response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
        )
        call = ask(timeout=self._timeout)
        await call.write(request)
        await call.done_writing()
        answer = await call.read()
        if answer is grpc.aio.EOF:
            raise ReflectionError("server reflection ended without an answer")
        await call.read()  # to the end, so that the call counts as finished
        assert isinstance(answer, reflection_pb2.ServerReflectionResponse)
        return answer


def _code(error: grpc.RpcError) -> grpc.StatusCode | None:
    found = getattr(error, "code", lambda: None)()
    return found if isinstance(found, grpc.StatusCode) else None


def _status_lost(error: grpc.RpcError) -> bool:
    """A server that knows no such method may end the call before the question is written; grpc.aio then loses its status."""
    return _code(error) is grpc.StatusCode.INTERNAL and getattr(error, "details", str)() == "Internal error from Core"
