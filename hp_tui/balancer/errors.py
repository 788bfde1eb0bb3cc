"""What the balanced client raises.

::

    LoadBalancerError
    ├── InvalidCallError (ValueError, TypeError)  an argument of a call that cannot be sent; nothing was
    ├── NoHealthyEndpointsError (grpc.RpcError)   nobody to send the call to; says why of each endpoint
    ├── CircuitOpenError (grpc.RpcError)          breakers allow no traffic; ``retry_after`` seconds
    └── CallFailedError (grpc.aio.AioRpcError)    the call was sent and failed; the server's status is kept

All have ``code()`` and ``details()``, so that code written for grpc.aio goes on working.
"""

from __future__ import annotations

from collections.abc import Mapping

import grpc
import grpc.aio

from hp_tui.model.balancing import Attempt, Endpoint


class LoadBalancerError(Exception):
    """Base of every error of the balanced client. ``str()`` is a sentence for the user."""


class InvalidCallError(LoadBalancerError, ValueError, TypeError):
    """An argument of a call that cannot be sent as it is: named, with its value and what is expected. Nothing was sent."""


class NoHealthyEndpointsError(LoadBalancerError, grpc.RpcError):
    """Nobody to send the call to. ``reasons`` says of each endpoint why not; empty when there is none."""

    def __init__(self, service: str, why: str, reasons: Mapping[Endpoint, str] | None = None) -> None:
        self.service = service
        self.reasons = dict(reasons or {})
        super().__init__(f"no endpoint of {service!r} can take the call: {why}{listed(self.reasons)}")

    def code(self) -> grpc.StatusCode:
        """Always UNAVAILABLE: nothing was sent."""
        return grpc.StatusCode.UNAVAILABLE

    def details(self) -> str:
        return str(self)


class CircuitOpenError(LoadBalancerError, grpc.RpcError):
    """A breaker allows no traffic. ``retry_after``: seconds until it may, None when it was opened by hand."""

    def __init__(
        self, retry_after: float | None, *, service: str = "", reasons: Mapping[Endpoint, str] | None = None
    ) -> None:
        self.retry_after = retry_after
        self.service = service
        self.reasons: Mapping[Endpoint, str] = dict(reasons) if reasons else {}
        super().__init__()

    def __str__(self) -> str:  # made when it is read: a rejection is raised far oftener than shown
        whose = (
            f"every endpoint of {self.service!r} is refused by its breaker" if self.service else "the breaker is open"
        )
        when = "until it is released by hand" if self.retry_after is None else f"for another {self.retry_after:.1f} s"
        return f"{whose} {when}{listed(self.reasons)}"

    def code(self) -> grpc.StatusCode:
        """Always UNAVAILABLE: nothing was sent."""
        return grpc.StatusCode.UNAVAILABLE

    def details(self) -> str:
        return str(self)


class CallFailedError(LoadBalancerError, grpc.aio.AioRpcError):
    """The call failed after ``attempts``, the last of which decides ``code()``, ``details()`` and the metadata."""

    def __init__(
        self,
        method: str,
        attempts: tuple[Attempt, ...],
        code: grpc.StatusCode,
        details: str,
        *,
        initial_metadata: grpc.aio.Metadata | None = None,
        trailing_metadata: grpc.aio.Metadata | None = None,
        note: str = "",
    ) -> None:
        grpc.aio.AioRpcError.__init__(
            self,
            code,
            initial_metadata or grpc.aio.Metadata(),
            trailing_metadata or grpc.aio.Metadata(),
            details=details,
        )
        self.method = method
        self.attempts = attempts
        self.note = note

    def __str__(self) -> str:
        tries = "; ".join(
            f"{attempt.number}: {attempt.endpoint.instance_id} ({attempt.endpoint.address}) {attempt.status} "
            f"after {attempt.ms:.0f} ms"
            for attempt in self.attempts
        )
        note = f" ({self.note})" if self.note else ""
        return f"{self.method} failed with {self.code().name}: {self.details()}{note} [attempts {tries or 'none'}]"

    __repr__ = __str__


def listed(reasons: Mapping[Endpoint, str]) -> str:
    """The endpoints with their reasons, for the end of a sentence."""
    lines = "; ".join(f"{endpoint.instance_id} ({endpoint.address}): {why}" for endpoint, why in reasons.items())
    return f" [{lines}]" if lines else ""
