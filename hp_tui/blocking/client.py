"""The balanced client for threads; see :class:`hp_tui.balancer.client.LoadBalancedGRPCClient` for each method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self, TypeVar

from hp_tui.balancer import LoadBalancedGRPCClient
from hp_tui.blocking.background import BackgroundLoop
from hp_tui.blocking.channel import BlockingChannel
from hp_tui.blocking.registry import BlockingServiceRegistry
from hp_tui.model.balancing import ClientSnapshot, Endpoint

S = TypeVar("S")


class BlockingGRPCClient:
    """:class:`~hp_tui.balancer.client.LoadBalancedGRPCClient`, blocking, for any thread.

    ``source`` is a :class:`BlockingServiceRegistry`, or an asynchronous source that is used by nobody else. The other
    arguments are the client's. Use it in a ``with`` block or call :meth:`close`.
    """

    def __init__(self, service: str, source: Any, **options: Any) -> None:
        self._background = BackgroundLoop.shared()
        self._owner = f"the blocking client of {service}"
        if isinstance(source, BlockingServiceRegistry):
            source = source.asynchronous
        self._client = self._background.call(lambda: LoadBalancedGRPCClient(service, source, **options), self._owner)

    def __enter__(self) -> Self:
        self._background.run(self._client.__aenter__, self._owner)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop following, let calls in flight finish (at most ``grace`` seconds), close every channel."""
        self._background.run(self._client.close, self._owner)

    def wait_ready(self, timeout: float | None = None) -> None:
        """Return when some endpoint can take a call. Raises ``NoHealthyEndpointsError`` after ``timeout`` seconds."""
        self._background.run(lambda: self._client.wait_ready(timeout), self._owner)

    def call(self, stub_class: type[Any], method: str, request: Any, **options: Any) -> Any:
        """Call a unary method by name and return its reply. ``options`` are those of the client's ``call``."""
        return self._background.run(lambda: self._client.call(stub_class, method, request, **options), self._owner)

    def stub(self, stub_class: Callable[[Any], S]) -> S:
        """``stub_class`` on the balanced channel; its methods block, streaming ones included."""
        return stub_class(BlockingChannel(self._background, self._client.channel(), self._owner))

    def snapshot(self) -> ClientSnapshot:
        """A frozen view of every endpoint."""
        return self._background.call(self._client.snapshot, self._owner)

    def reset(self, endpoint: Endpoint | str) -> None:
        """Close the breaker of an endpoint (or instance id)."""
        self._background.call(lambda: self._client.reset(endpoint), self._owner)

    def trip(self, endpoint: Endpoint | str, reason: str = "tripped by hand") -> None:
        """Open the breaker of an endpoint by hand."""
        self._background.call(lambda: self._client.trip(endpoint, reason), self._owner)

    def release(self, endpoint: Endpoint | str) -> None:
        """Give an endpoint's breaker back to its own judgement."""
        self._background.call(lambda: self._client.release(endpoint), self._owner)
