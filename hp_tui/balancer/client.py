"""The balanced client: follows a service's instances and sends each call to one of them.

Rules: semantics.md "Balancer" and "Retry".
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import logging
import random
import time
import uuid
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

import grpc
import grpc.aio

from hp_tui.balancer.attempts import Attempts
from hp_tui.balancer.backend import Backend
from hp_tui.balancer.breaker import CircuitBreaker
from hp_tui.balancer.channels import opener
from hp_tui.balancer.checks import a, in_range, service_name, whole
from hp_tui.balancer.endpoints import Endpoints
from hp_tui.balancer.errors import CircuitOpenError, InvalidCallError, LoadBalancerError, NoHealthyEndpointsError
from hp_tui.balancer.facade import BalancedChannel
from hp_tui.balancer.keepalive import Keepalive
from hp_tui.balancer.panic import PanicPicker
from hp_tui.balancer.picker import Pick, Picker
from hp_tui.balancer.requests import no_method
from hp_tui.balancer.retry import RetryBudget, RetryPolicy
from hp_tui.balancer.source import EndpointSource
from hp_tui.model.balancing import ClientEvent, ClientSnapshot, Connectivity, Endpoint

log = logging.getLogger(__name__)
S = TypeVar("S")
Listener = Callable[[ClientEvent], None]


class LoadBalancedGRPCClient:
    """Round robin over a service's healthy, connected instances, a circuit breaker each, bounded retries.

    ``source`` is a ``ConsulServiceRegistry`` or any :class:`EndpointSource`. Use it as an async context manager, or
    :meth:`close` it. All durations are seconds.

    ``failure_threshold`` (1 or more), ``open_timeout`` (0.001 to 3600), ``half_open_permits`` (1 or more) are each
    endpoint's breaker. ``use_warning``: whether instances in warning take calls. ``max_endpoints``: connect only to this
    many, a stable subset chosen for ``client_id``. ``panic_threshold`` (0 to 1): when more than this share of endpoints is
    unhealthy or open, pick among all rather than none; None switches it off. ``grace``: for calls in flight on an
    endpoint that goes. ``deadline_floor``: a DEADLINE_EXCEEDED of a call with a shorter timeout does not count against
    the endpoint. ``first_wait``: how long a call without deadline waits for a first endpoint. ``clock`` is monotonic
    seconds, ``wall_clock`` Unix seconds.

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
        panic_threshold: float | None = None,
        grace: float = 30.0,
        deadline_floor: float = 0.0,
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
        self.rng = rng or random.Random()
        make_breaker = functools.partial(
            CircuitBreaker,
            failure_threshold=failure_threshold,
            open_timeout=open_timeout,
            half_open_permits=half_open_permits,
            clock=clock,
            rng=self.rng,
        )
        make_breaker()  # refuses bad numbers here, not at the first endpoint
        self.service = service
        self.retry = retry or RetryPolicy()
        self.budget = RetryBudget(self.retry.budget, self.retry.budget_return)
        self.deadline_floor = deadline_floor
        self.first_wait = first_wait
        self.clock = clock
        self.wall_clock = wall_clock
        self.calls = 0
        self.failed_calls = 0
        self.picker = Picker(())
        self.changed = asyncio.Event()
        """Set, and replaced by a fresh one, whenever what can be picked may have changed."""
        self.listening = False
        self._endpoints = Endpoints(
            self,
            source,
            open_channel=opener(credentials, keepalive, channel_options),
            make_breaker=make_breaker,
            use_warning=use_warning,
            max_endpoints=max_endpoints,
            client_id=client_id or uuid.uuid4().hex,
            grace=grace,
        )
        self._panic = None if panic_threshold is None else PanicPicker(self._endpoints, panic_threshold, clock)
        self._listeners: list[Listener] = []
        self._stubs: dict[type[Any], Any] = {}
        self._ids = itertools.count(1)
        self._started = False
        self._closed = False

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
        if not self._started and not self._closed:
            self._endpoints.follow()
            self._started = True

    async def close(self) -> None:
        """Stop following, let calls in flight finish (at most ``grace`` seconds), close every channel."""
        self._closed = True
        await self._endpoints.close()

    async def wait_ready(self, timeout: float | None = None) -> None:
        """Return when some endpoint can take a call. Raises :class:`NoHealthyEndpointsError` after ``timeout`` seconds."""
        self.check_usable()
        try:
            async with asyncio.timeout(timeout):
                while not self.has_ready():
                    await self.changed.wait()
        except TimeoutError:
            raise self.nobody() from None

    # Calls.

    def channel(self, *, tag: str = "") -> BalancedChannel:
        """A channel-shaped facade for generated stubs; ``tag`` goes into the events of its calls."""
        return BalancedChannel(self, tag)

    async def bare_channel(self, timeout: float | None = None) -> grpc.aio.Channel:
        """The channel of one connected endpoint as it is: no pick, no breaker, no retry, nothing counted or told.

        For asking a service about itself, such as by reflection, without moving what is observed. It stays the client's:
        do not close it. Raises :class:`NoHealthyEndpointsError` when none is connected within ``timeout`` seconds.
        """
        await self.wait_ready(timeout)
        return next(one.channel for one in self.picker.backends if one.connectivity is Connectivity.READY)

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
            calls=self.calls,
            failed=self.failed_calls,
            retry_tokens=self.budget.tokens,
            stale=update.stale if update else False,
            error=update.error if update else "",
        )

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Deliver frozen events to ``listener``, in order, on the event loop. Returns what ends the subscription.

        A listener that raises is logged and keeps its subscription.
        """
        self._listeners.append(listener)
        self.listening = True

        def end() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)
            self.listening = bool(self._listeners)

        return end

    def reset(self, endpoint: Endpoint | str) -> None:
        """Close the breaker of an endpoint (or instance id). Raises ``ValueError`` if there is none such."""
        for backend in self._endpoints.named(endpoint):
            backend.breaker.reset()

    def trip(self, endpoint: Endpoint | str, reason: str = "tripped by hand") -> None:
        """Force the breaker open until :meth:`reset` or :meth:`release`."""
        for backend in self._endpoints.named(endpoint):
            backend.breaker.trip(reason)

    def release(self, endpoint: Endpoint | str) -> None:
        """End a forced state; the computed one counts again."""
        for backend in self._endpoints.named(endpoint):
            backend.breaker.release()

    # For the calls of this package.

    def check_usable(self) -> None:
        """Start following; raise when the client is closed."""
        if self._closed:
            raise LoadBalancerError(f"the client of {self.service!r} is closed; make a new one")
        if not self._started:
            self.start()

    def next_call_id(self) -> int:
        """A number no other call of this client has."""
        return next(self._ids)

    def pick(self, call: Attempts) -> Pick | None:
        """A backend for the call's next attempt; never waits."""
        picker = self.picker
        if call.last is None and not call.moved:
            found = picker.pick((), call.rejected)
        else:
            avoid = call.moved if call.last is None else {*call.moved, call.last}
            found = picker.pick(avoid, call.rejected)
            if found is None and call.last is not None and call.last not in call.moved:
                found = picker.pick(call.moved, None)
        if found is None and self._panic is not None:
            return self._panic.pick(call.moved)
        return found

    def has_ready(self) -> bool:
        """Whether some endpoint in the rotation is connected."""
        return any(backend.connectivity is Connectivity.READY for backend in self.picker.backends)

    def all_down(self) -> bool:
        """Whether every endpoint in the rotation has lost its connection or is refused by its breaker."""
        return bool(self.picker.backends) and all(
            backend.connectivity is Connectivity.TRANSIENT_FAILURE or backend.breaker.retry_after != 0
            for backend in self.picker.backends
        )

    def refusal(self) -> CircuitOpenError | None:
        """The error when every endpoint in the rotation is refused by its breaker."""
        backends = self.picker.backends
        waits = [backend.breaker.retry_after for backend in backends]
        if not backends or any(wait == 0 for wait in waits):
            return None
        known = [wait for wait in waits if wait is not None]
        return CircuitOpenError(min(known) if known else None, service=self.service, reasons=self._endpoints.reasons())

    def nobody(self) -> NoHealthyEndpointsError:
        """The error that says why no endpoint can be picked."""
        return NoHealthyEndpointsError(self.service, self._endpoints.why_nobody(), self._endpoints.reasons())

    def rotate(self, backends: tuple[Backend, ...]) -> None:
        """Take turns among ``backends`` from now on: a new immutable picker, and a word to whoever waits for one."""
        if backends != self.picker.backends:
            self.picker = Picker(backends, self.rng.randrange(len(backends)) if backends else 0)
        self.wake()

    def wake(self) -> None:
        """Let every call that waits for an endpoint look again."""
        self.changed.set()
        self.changed = asyncio.Event()

    def emit(self, event: ClientEvent) -> None:
        """Tell every listener."""
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:
                log.exception("a listener of the client of %s failed", self.service)
