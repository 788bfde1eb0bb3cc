"""What a caller hands over, checked before anything is sent."""

from __future__ import annotations

import difflib
import re
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from typing import Any

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.message import Message

from hp_tui.balancer.errors import InvalidCallError

MAX_TIMEOUT = 1e8
"""Seconds, about three years: what gRPC still turns into a deadline."""

_KEY = re.compile(r"[0-9a-z_.-]+")
_VALUE = re.compile(r"[ -~]*")
_METADATA = "pairs of a name (lower-case letters, digits, '_', '-', '.') and printable ASCII text (bytes for '…-bin')"


def check_timeout(timeout: object) -> None:
    """Raise :class:`InvalidCallError` unless it is None or seconds that make a deadline."""
    if timeout is None:
        return
    if not isinstance(timeout, (int, float)) or isinstance(timeout, bool) or not 0 < timeout <= MAX_TIMEOUT:
        raise InvalidCallError(
            f"timeout is {timeout!r}; expected seconds above 0 (at most {MAX_TIMEOUT:g}), or None for no deadline"
        )


def check_metadata(metadata: Any) -> None:
    """Raise :class:`InvalidCallError` for what HTTP/2 or gRPC would refuse; None and nothing are fine."""
    try:
        pairs = [(name, value) for name, value in metadata or ()]
    except (TypeError, ValueError):
        raise InvalidCallError(f"metadata is {metadata!r}; expected {_METADATA}") from None
    for name, value in pairs:
        if not _is_pair(name, value):
            raise InvalidCallError(f"metadata has {name!r}: {value!r}; expected {_METADATA}")


def _is_pair(name: object, value: object) -> bool:
    if not isinstance(name, str) or not _KEY.fullmatch(name):
        return False
    if isinstance(value, bytes):
        return name.endswith("-bin") or bool(_VALUE.fullmatch(value.decode("latin-1")))
    return isinstance(value, str) and not name.endswith("-bin") and bool(_VALUE.fullmatch(value))


def check_options(credentials: object, compression: object) -> None:
    """Raise :class:`InvalidCallError` for what is no call credentials, or no compression."""
    if credentials is not None and not isinstance(credentials, grpc.CallCredentials):
        raise InvalidCallError(f"credentials is {credentials!r}; expected grpc.CallCredentials, or None")
    if compression is not None and not isinstance(compression, grpc.Compression):
        raise InvalidCallError(f"compression is {compression!r}; expected a grpc.Compression, or None")


def no_method(stub_class: type[Any], stub: Any, method: str) -> str:
    """The sentence that says that a stub has no such method, with the one that was perhaps meant."""
    known = sorted(name for name in vars(stub) if not name.startswith("_"))
    near = difflib.get_close_matches(str(method), known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"method {method!r} is not one of {stub_class.__name__}'s ({', '.join(known) or 'none'}){hint}"


class RequestCheck:
    """Whether a message is the one a method takes.

    The type comes from the method's descriptor: a serializer of protobuf's C implementation does not know its class.
    Methods that no descriptor is known of, and serializers that are not protobuf's, take anything.
    """

    __slots__ = ("_accepted", "_expected", "_path")

    def __init__(self, path: str, serializer: Any) -> None:
        self._path = path
        self._expected = _input_type(path) if getattr(serializer, "__name__", "") == "SerializeToString" else ""
        self._accepted: type[Any] | None = None

    def __call__(self, request: Any) -> None:
        """Raise :class:`InvalidCallError` for another message, or no message."""
        if not self._expected or type(request) is self._accepted:
            return
        found = request.DESCRIPTOR.full_name if isinstance(request, Message) else ""
        if found != self._expected:
            given = f"a message {found}" if found else f"{type(request).__name__} {str(request)[:60]!r}"
            raise InvalidCallError(f"request for {self._path} is {given}; expected a message {self._expected}")
        self._accepted = type(request)


def _input_type(path: str) -> str:
    service, _, method = path.removeprefix("/").partition("/")
    try:
        return str(descriptor_pool.Default().FindServiceByName(service).methods_by_name[method].input_type.full_name)
    except KeyError:
        return ""


class RequestFeed:
    """A caller's iterable of requests, sync or async, each checked on its way.

    grpc.aio turns an exception in there into a bare cancellation; ``error`` keeps it, for the caller to be told.
    """

    def __init__(self, requests: Any, check: Callable[[Any], None]) -> None:
        if not isinstance(requests, (AsyncIterable, Iterable)) or isinstance(requests, (str, bytes)):
            raise InvalidCallError(
                f"requests is {requests!r}; expected an iterable or async iterable of messages, or None to write them"
            )
        self._requests = requests
        self._check = check
        self.error: Exception | None = None

    async def __aiter__(self) -> AsyncIterator[Any]:
        try:
            if isinstance(self._requests, AsyncIterable):
                async for request in self._requests:
                    self._check(request)
                    yield request
            else:
                for request in self._requests:
                    self._check(request)
                    yield request
        except Exception as error:
            self.error = error
            raise
