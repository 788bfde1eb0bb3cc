"""A ``grpc.aio.Channel`` whose calls are balanced: generated stubs work on it unchanged."""

from __future__ import annotations

from typing import Any

import grpc
import grpc.aio

from hp_tui.balancer.attempts import Attempts
from hp_tui.balancer.backend import Backend
from hp_tui.balancer.core.client_core import ClientCore
from hp_tui.balancer.requests import RequestCheck, RequestFeed, check_metadata, check_options, check_timeout
from hp_tui.balancer.streaming import StreamCall
from hp_tui.balancer.unary import UnaryCall


class Method:
    """A balanced multicallable of one of the four kinds."""

    __slots__ = ("_check", "_core", "_deserializer", "_path", "_serializer", "_tag", "kind")

    def __init__(self, core: ClientCore, tag: str, kind: str, path: str, serializer: Any, deserializer: Any) -> None:
        self._core = core
        self._tag = tag
        self.kind = kind
        self._path = path
        self._serializer = serializer
        self._deserializer = deserializer
        self._check = RequestCheck(path, serializer)

    def __call__(
        self,
        request: Any = None,
        *,
        timeout: float | None = None,
        metadata: Any = None,
        credentials: grpc.CallCredentials | None = None,
        wait_for_ready: bool | None = None,
        compression: grpc.Compression | None = None,
        idempotent: bool = False,
    ) -> Any:
        """Start a call. ``timeout`` is seconds for the whole call, retries included.

        ``idempotent`` True allows retries on more codes. Raises :class:`~hp_tui.balancer.errors.InvalidCallError` (a
        ``ValueError`` and ``TypeError``) for a request of the wrong message type, and for options out of their range;
        then nothing was sent.
        """
        kind = self.kind
        check_timeout(timeout)
        if metadata:
            check_metadata(metadata)
        if credentials is not None or compression is not None:
            check_options(credentials, compression)
        unary_request = kind in {"unary_unary", "unary_stream"}
        feed = None
        if unary_request:
            self._check(request)
        elif request is not None:
            request = feed = RequestFeed(request, self._check)
        core = self._core
        core.check_usable()
        attempts = Attempts(core, self._path, self._tag, timeout, metadata, idempotent)

        def send(backend: Backend, pairs: Any, left: float | None) -> Any:
            inner = backend.multicallable(kind, self._path, self._serializer, self._deserializer)
            return inner(
                request,
                timeout=left,
                metadata=pairs,
                credentials=credentials,
                # Waiting is done before the pick, for any endpoint: an attempt must not sit on one that has just died.
                wait_for_ready=False,
                compression=compression,
            )

        if kind == "unary_unary":
            return UnaryCall(attempts, send, wait_for_ready)
        return StreamCall(
            attempts,
            send,
            check=self._check,
            feed=feed,
            replayable=unary_request,
            single=kind == "stream_unary",
            wait_for_ready=wait_for_ready,
        )


class BalancedChannel(grpc.aio.Channel):
    """The facade. ``tag`` goes into the events of every call made through it. Closing it closes nothing: the client does."""

    def __init__(self, core: ClientCore, tag: str = "") -> None:
        self._core = core
        self._tag = tag

    def unary_unary(
        self,
        method: str,
        request_serializer: Any = None,
        response_deserializer: Any = None,
        _registered: Any = False,
        **_: Any,
    ) -> Any:
        return Method(self._core, self._tag, "unary_unary", method, request_serializer, response_deserializer)

    def unary_stream(
        self,
        method: str,
        request_serializer: Any = None,
        response_deserializer: Any = None,
        _registered: Any = False,
        **_: Any,
    ) -> Any:
        return Method(self._core, self._tag, "unary_stream", method, request_serializer, response_deserializer)

    def stream_unary(
        self,
        method: str,
        request_serializer: Any = None,
        response_deserializer: Any = None,
        _registered: Any = False,
        **_: Any,
    ) -> Any:
        return Method(self._core, self._tag, "stream_unary", method, request_serializer, response_deserializer)

    def stream_stream(
        self,
        method: str,
        request_serializer: Any = None,
        response_deserializer: Any = None,
        _registered: Any = False,
        **_: Any,
    ) -> Any:
        return Method(self._core, self._tag, "stream_stream", method, request_serializer, response_deserializer)

    async def __aenter__(self) -> BalancedChannel:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def close(self, grace: float | None = None) -> None:
        """Does nothing; see :meth:`LoadBalancedGRPCClient.close`."""

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:
        """READY when some endpoint can take a call now."""
        ready = self._core.rotation.has_ready()
        return grpc.ChannelConnectivity.READY if ready else grpc.ChannelConnectivity.CONNECTING

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        while self.get_state() is last_observed_state:
            await self._core.rotation.changed.wait()

    async def channel_ready(self) -> None:
        while not self._core.rotation.has_ready():
            await self._core.rotation.changed.wait()
