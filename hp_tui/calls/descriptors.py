"""A descriptor pool built from what a server's reflection sends. Pure: no channel, no clock.

A file that conflicts, is missing or imports itself makes only those services unusable that need it.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import DecodeError

from hp_tui.calls.errors import ReflectionError

MAX_FILES = 2_000
MAX_BYTES = 32 * 1024 * 1024
"""Files and bytes that are held for one server at most; far more than real servers send."""

_BUNDLED = frozenset(
    f"google/protobuf/{stem}.proto"
    for stem in (
        "any",
        "api",
        "descriptor",
        "duration",
        "empty",
        "field_mask",
        "source_context",
        "struct",
        "timestamp",
        "type",
        "wrappers",
    )
)


class DescriptorFiles:
    """File descriptors by name: added as they arrive, built on demand together with their imports."""

    def __init__(self) -> None:
        self.pool: Any = descriptor_pool.DescriptorPool()
        self._protos: dict[str, descriptor_pb2.FileDescriptorProto] = {}
        self._built: set[str] = set()
        self._bytes = 0

    def add(self, blobs: Iterable[bytes]) -> tuple[str, ...]:
        """Add serialized files; return their names.

        Google's well-known files are always taken from protobuf itself: the JSON of ``Timestamp`` and similar types depends on
        their true definition. Raises :class:`ReflectionError` for bytes that are no file
        descriptor, for a second file of the same name that differs, and beyond the bounds.
        """
        names = []
        for blob in blobs:
            self._bytes += len(blob)
            proto = _parsed(blob)
            if proto.name in _BUNDLED:
                proto = _bundled(proto.name)
            if self._protos.setdefault(proto.name, proto) != proto:
                raise ReflectionError(f"reflection answered with two different files named {proto.name!r}")
            if len(self._protos) > MAX_FILES or self._bytes > MAX_BYTES:
                raise ReflectionError(
                    f"reflection answered with more than {MAX_FILES} files or {MAX_BYTES >> 20} MB of descriptors"
                )
            names.append(proto.name)
        return tuple(names)

    def missing(self, service: str) -> tuple[str, ...]:
        """Names of the files that ``service`` needs and that are not here; Google's well-known ones are filled in."""
        to_visit, seen, missing = [self.declaring(service)], set[str](), []
        while to_visit:
            name = to_visit.pop()
            if not name or name in seen:
                continue
            seen.add(name)
            if name not in self._protos and name in _BUNDLED:
                self._protos[name] = _bundled(name)
            if name in self._protos:
                to_visit += self._protos[name].dependency
            else:
                missing.append(name)
        return tuple(missing)

    def declaring(self, service: str) -> str:
        """Name of the file here that declares ``service`` (``pkg.Service``); '' when none does."""
        for name, proto in self._protos.items():
            package = f"{proto.package}." if proto.package else ""
            if any(package + one.name == service for one in proto.service):
                return name
        return ""

    def service(self, service: str) -> ServiceDescriptor:
        """The built descriptor. Raises :class:`ReflectionError` that says what is wrong with the files behind it."""
        name = self.declaring(service)
        if not name:
            raise ReflectionError(f"reflection answered for {service!r} with files that do not define it")
        for one in self._in_build_order(name):
            self._build(one)
        found: ServiceDescriptor = self.pool.FindServiceByName(service)
        return found

    def _in_build_order(self, file: str) -> list[str]:
        """``file`` and all its imports, imports first. Not recursive: the server decides how deep imports go."""
        order: list[str] = []
        done: set[str] = set()
        path: dict[str, None] = {}
        stack = [(file, False)]
        while stack:
            name, left = stack.pop()
            if left:
                del path[name]
                done.add(name)
                order.append(name)
            elif name in path:
                cycle = [*list(path)[list(path).index(name) :], name]
                raise ReflectionError(f"reflection answered with files that import each other: {' -> '.join(cycle)}")
            elif name not in done:
                if name not in self._protos:
                    raise ReflectionError(f"reflection does not have {name!r}, which {next(reversed(path))!r} imports")
                path[name] = None
                stack.append((name, True))
                stack += ((one, False) for one in self._protos[name].dependency)
        return order

    def _build(self, name: str) -> None:
        if name in self._built:
            return
        try:
            self.pool.AddSerializedFile(self._protos[name].SerializeToString())
        except (TypeError, ValueError, KeyError) as error:
            reason = " ".join(str(error).split())[:300]
            raise ReflectionError(f"reflection answered with a file {name!r} that does not build ({reason})") from None
        self._built.add(name)


def _parsed(blob: bytes) -> descriptor_pb2.FileDescriptorProto:
    try:
        proto = descriptor_pb2.FileDescriptorProto.FromString(blob)
    except DecodeError:
        raise ReflectionError(f"reflection answered with {len(blob)} bytes that are no file descriptor") from None
    if not proto.name:
        raise ReflectionError("reflection answered with a file descriptor that has no name")
    return proto


def _bundled(name: str) -> descriptor_pb2.FileDescriptorProto:
    """One of Google's well-known files, from protobuf itself."""
    module = importlib.import_module(name.removesuffix(".proto").replace("/", ".") + "_pb2")
    proto = descriptor_pb2.FileDescriptorProto()
    module.DESCRIPTOR.CopyToProto(proto)
    return proto
