"""The balanced client: follows a service's instances and sends each call to one of them.

Rules: ``RULES.md`` "Balancer" and "Retry".
"""

from __future__ import annotations

import asyncio
import functools
import random
import time
import uuid
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

import grpc
import grpc.aio

from hp_tui.balancer.arguments import a, in_range, service_name, whole
from hp_tui.balancer.breaker import CircuitBreaker
from hp_tui.balancer.channels import opener
from hp_tui.balancer.core.client_core import CallRules, ClientCore
from hp_tui.balancer.core.listeners import Listener, Listeners
from hp_tui.balancer.core.rotation import Rotation
from hp_tui.balancer.endpoints import Endpoints
from hp_tui.balancer.errors import InvalidCallError
from hp_tui.balancer.facade import BalancedChannel
from hp_tui.balancer.keepalive import Keepalive
from hp_tui.balancer.panic import PanicPicker
from hp_tui.balancer.requests import no_method
from hp_tui.balancer.retry import RetryPolicy
from hp_tui.balancer.source import EndpointSource
from hp_tui.model.balancing import ClientSnapshot, Connectivity, Endpoint

S = TypeVar("S")


class LoadBalancedGRPCClient:
    """Round robin over a service's healthy, connected instances, a circuit breaker each, bounded retries.

    ``source`` is a ``ConsulServiceRegistry`` or any :class:`EndpointSource`. Use it as an async context manager, or
    :meth:`close` it. All durations are seconds.

    ``failure_threshold`` (1 or more), ``open_timeout`` (0.001 to 3600), ``half_open_permits`` (1 or more) are each
    endpoint's breaker. ``use_warning``: whether instances in warning take calls. ``max_endpoints``: connect only to this
    many, a stable subset chosen for ``client_id``. ``panic_threshold`` (0 to 1): when at most this share of endpoints is
    healthy in Consul, any connected one is better than none; 0: when none is healthy; None: never. ``grace``: for calls
    in flight on an endpoint that goes. ``deadline_floor``: a DEADLINE_EXCEEDED of an attempt that had less time says
    nothing about its endpoint. ``first_wait``: how long a call without deadline waits for a first endpoint. ``clock`` is
    monotonic seconds, ``wall_clock`` Unix seconds.

    Raises ``ValueError`` naming the argument, its value and the range.
    """

    def __init__(
        self,
        service: str,
        source: EndpointSource,
        *,
        failure_threshold: int = 5,
        open_timeout: float = 60.0,
        half_open_permits: int = 1,
        retry: RetryPolicy | None = None,
        keepalive: Keepalive = Keepalive.SAFE,
        credentials: grpc.ChannelCredentials | None = None,
        use_warning: bool = True,
        max_endpoints: int | None = None,
        client_id: str = "",
        panic_threshold: float | None = 0.0,
        grace: float = 30.0,
        deadline_floor: float = 0.25,
        first_wait: float = 10.0,
        channel_options: tuple[tuple[str, Any], ...] = (),
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        rng: random.Random | None = None,
    ) -> None:
        service_name(service)
        if not callable(getattr(source, "watch_instances", None)):
            raise ValueError(f"source is {source!r}; expected a ConsulServiceRegistry or another EndpointSource")
        if retry is not None:
            a("retry", retry, RetryPolicy, "a RetryPolicy, or None for the default one")
        a("keepalive", keepalive, Keepalive, "Keepalive.SAFE or Keepalive.PAIRED")
        if credentials is not None:
            a("credentials", credentials, grpc.ChannelCredentials, "gRPC channel credentials, or None for plain text")
        a("client_id", client_id, str, "a text, '' for a random one")
        a("channel_options", channel_options, (tuple, list), "pairs of a gRPC channel argument's name and value")
        if max_endpoints is not None:
            whole("max_endpoints", max_endpoints, 1, 1_000_000)
        if panic_threshold is not None:
            in_range("panic_threshold", panic_threshold, 0, 1)
        in_range("grace", grace, 0, 3600, "seconds")
        in_range("deadline_floor", deadline_floor, 0, 3600, "seconds")
        in_range("first_wait", first_wait, 0, 3600, "seconds")
        rng = rng or random.Random()
        make_breaker = functools.partial(
            CircuitBreaker,
            failure_threshold=failure_threshold,
            open_timeout=open_timeout,
            half_open_permits=half_open_permits,
            clock=clock,
            rng=rng,
        )
        make_breaker()  # refuses bad numbers here, not at the first endpoint
        self._listeners = Listeners(service)
        self._rotation = Rotation(rng)
        self._endpoints = Endpoints(
            service,
            source,
            self._rotation,
            self._listeners,
            wall_clock=wall_clock,
            open_channel=opener(credentials, keepalive, channel_options),
            make_breaker=make_breaker,
            use_warning=use_warning,
            max_endpoints=max_endpoints,
            client_id=client_id or uuid.uuid4().hex,
            grace=grace,
        )
        self._core = ClientCore(
            service,
            CallRules(retry or RetryPolicy(), deadline_floor, first_wait, clock, wall_clock, rng),
            self._listeners,
            self._rotation,
            self._endpoints,
            None if panic_threshold is None else PanicPicker(self._endpoints, panic_threshold),
        )
        self._stubs: dict[type[Any], Any] = {}

    @property
    def service(self) -> str:
        """The name of the service it follows."""
        return self._core.service

    # Life.

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def start(self) -> None:
        """Begin to follow the service; called by the first call too. Returns at once."""
        self._core.start()

    async def close(self) -> None:
        """Stop following, let calls in flight finish (at most ``grace`` seconds), close every channel."""
        await self._core.close()

    def has_ready(self) -> bool:
        """Whether some endpoint can take a call now: healthy enough in Consul, and connected."""
        return self._rotation.has_ready()

    async def wait_ready(self, timeout: float | None = None) -> None:
        """Return when some endpoint can take a call.

        Raises :class:`~hp_tui.balancer.errors.NoHealthyEndpointsError` after ``timeout`` seconds; None: never.
        """
        self._core.check_usable()
        try:
            async with asyncio.timeout(timeout):
                while not self._rotation.has_ready():
                    await self._rotation.changed.wait()
        except TimeoutError:
            raise self._core.nobody() from None

    async def wait_changed(self) -> None:
        """Return when an endpoint, a connection or a breaker has changed since this was called."""
        await self._rotation.changed.wait()

    # Calls.

    def channel(self, *, tag: str = "") -> BalancedChannel:
        """A channel-shaped facade for generated stubs; ``tag`` goes into the events of its calls."""
        return BalancedChannel(self._core, tag)

    async def bare_channel(self, timeout: float | None = None) -> grpc.aio.Channel:
        """The channel of one connected endpoint as it is: no pick, no breaker, no retry, nothing counted or told.

        For asking a service about itself, such as by reflection, without moving what is observed. It stays the client's:
        do not close it. Raises :class:`NoHealthyEndpointsError` when none is connected within ``timeout`` seconds.
        """
        await self.wait_ready(timeout)
        return next(one.channel for one in self._rotation.picker.backends if one.connectivity is Connectivity.READY)

    def stub(self, stub_class: Callable[[Any], S]) -> S:
        """``stub_class`` on the balanced channel; streaming methods included."""
        if not callable(stub_class):
            raise InvalidCallError(
                f"stub_class is {stub_class!r}; expected a class that protoc generated, such as FooStub"
            )
        return stub_class(self.channel())

    async def call(
        self,
        stub_class: type[Any],
        method: str,
        request: Any,
        *,
        timeout: float | None = None,
        metadata: Any = None,
        wait_for_ready: bool | None = None,
        compression: grpc.Compression | None = None,
        idempotent: bool = False,
    ) -> Any:
        """Call a unary method by name and return its reply.

        ``timeout`` is seconds for the whole call, retries included; None: no deadline. Raises the errors of
        :mod:`hp_tui.balancer.errors`; :class:`InvalidCallError`, before anything is sent, when the stub has no such unary
        method or the request is of the wrong message type.
        """
        stub = self._stubs.get(stub_class)
        if stub is None:
            stub = self._stubs[stub_class] = self.stub(stub_class)
        callable_ = vars(stub).get(method)
        if callable_ is None or method.startswith("_"):
            raise InvalidCallError(no_method(stub_class, stub, method))
        if getattr(callable_, "kind", "unary_unary") != "unary_unary":
            raise InvalidCallError(f"method {method!r} streams; expected a unary one: use client.stub(…).{method}")
        return await callable_(
            request,
            timeout=timeout,
            metadata=metadata,
            wait_for_ready=wait_for_ready,
            compression=compression,
            idempotent=idempotent,
        )

    # What it sees and what can be done to it.

    def snapshot(self) -> ClientSnapshot:
        """A frozen view of every endpoint. Reading it changes nothing."""
        update = self._endpoints.update
        return ClientSnapshot(
            service=self.service,
            endpoints=self._endpoints.snapshots(),
            calls=self._core.calls,
            failed=self._core.failed_calls,
            retry_tokens=self._core.budget.tokens,
            stale=update.stale if update else False,
            error=update.error if update else "",
        )

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Deliver frozen events to ``listener``, in order, on the event loop. Returns what ends the subscription.

        A listener that raises is logged and keeps its subscription.
        """
        return self._listeners.subscribe(listener)

    def reset(self, endpoint: Endpoint | str) -> None:
        """Close the breaker of an endpoint (or instance id). Raises ``ValueError`` if there is none such."""
        for backend in self._endpoints.named(endpoint):
            backend.breaker.reset()

    def trip(self, endpoint: Endpoint | str, reason: str = "tripped by hand") -> None:
        """Force the breaker open until :meth:`reset` or :meth:`release`."""
        for backend in self._endpoints.named(endpoint):
            backend.breaker.trip(reason)
        self._rotation.wake()  # a breaker already open changes no state, but until when it refuses does

    def release(self, endpoint: Endpoint | str) -> None:
        """End a forced state; the computed one counts again."""
        for backend in self._endpoints.named(endpoint):
            backend.breaker.release()
        self._rotation.wake()  # as in trip
