"""What the balanced client raises.

::

    LoadBalancerError
    ├── InvalidCallError (ValueError, TypeError)  an argument of a call that cannot be sent; nothing was
    ├── ClientClosedError                         the client was closed before the call, or while it waited
    ├── NoHealthyEndpointsError                   nobody to send the call to; says why of each endpoint
    ├── CircuitOpenError                          breakers allow no traffic; ``retry_after`` seconds
    └── CallFailedError                           the call was sent and failed; the server's status is kept

All but the first are ``grpc.aio.AioRpcError``: code written for grpc.aio goes on working. ``details()`` has 1 KB at most;
what is longer is in attributes, made when they are read. All can be pickled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import grpc
import grpc.aio

from hp_tui.model.balancing import Attempt, Endpoint

DETAILS_LIMIT = 1024
"""Bytes of ``details()``."""


class LoadBalancerError(Exception):
    """Base of every error of the balanced client. ``str()`` is a sentence for the user."""


class InvalidCallError(LoadBalancerError, ValueError, TypeError):
    """An argument of a call that cannot be sent as it is: named, with its value and what is expected. Nothing was sent."""


class UnsentCallError(LoadBalancerError, grpc.aio.AioRpcError):
    """Base of errors about a call of which no attempt was sent. Its code is UNAVAILABLE."""

    def __init__(self, reasons: Mapping[Endpoint, str] | None = None) -> None:
        grpc.aio.AioRpcError.__init__(
            self, grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata(), details=None
        )
        self.reasons: Mapping[Endpoint, str] = reasons or {}
        """Why each endpoint takes no call. Rejections share it until an endpoint changes."""
        self.attempts: tuple[Attempt, ...] = ()
        """None was sent."""

    def details(self) -> str:
        return shortened(str(self))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self}>"


class ClientClosedError(UnsentCallError):
    """The client of ``service`` is closed: before the call, or while the call waited for an endpoint."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service

    def __str__(self) -> str:
        return f"the client of {self.service!r} is closed; make a new one"

    def __reduce__(self) -> Any:
        return type(self), (self.service,)


class NoHealthyEndpointsError(UnsentCallError):
    """Nobody to send the call to; ``why`` in a few words. ``reasons`` is empty when there is no endpoint at all."""

    def __init__(self, service: str, why: str, reasons: Mapping[Endpoint, str] | None = None) -> None:
        super().__init__(reasons)
        self.service = service
        self.why = why

    def __str__(self) -> str:
        return f"no endpoint of {self.service!r} can take the call: {self.why}{listed(self.reasons)}"

    def __reduce__(self) -> Any:
        return type(self), (self.service, self.why, dict(self.reasons))


class CircuitOpenError(UnsentCallError):
    """A breaker allows no traffic. ``retry_after``: seconds until it may, None when it was opened by hand."""

    def __init__(
        self,
        retry_after: float | None,
        *,
        service: str = "",
        reasons: Mapping[Endpoint, str] | None = None,
    ) -> None:
        super().__init__(reasons)
        self.retry_after = retry_after
        self.service = service

    def __str__(self) -> str:
        whose = (
            f"every endpoint of {self.service!r} is refused by its breaker" if self.service else "the breaker is open"
        )
        when = "until it is released by hand" if self.retry_after is None else f"for another {self.retry_after:.1f} s"
        return f"{whose} {when}{listed(self.reasons)}"

    def __reduce__(self) -> Any:
        return _circuit_open, (self.retry_after, self.service, dict(self.reasons))


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

    def details(self) -> str:
        return shortened(super().details() or "")

    def __reduce__(self) -> Any:
        return _call_failed, (
            self.method,
            self.attempts,
            self.code(),
            super().details() or "",
            self.initial_metadata(),
            self.trailing_metadata(),
            self.note,
        )

    def __str__(self) -> str:
        tries = "; ".join(
            f"{attempt.number}: {attempt.endpoint.instance_id} ({attempt.endpoint.address}) {attempt.status} "
            f"after {attempt.ms:.0f} ms"
            for attempt in self.attempts
        )
        note = f" ({self.note})" if self.note else ""
        return f"{self.method} failed with {self.code().name}: {self.details()}{note} [attempts {tries or 'none'}]"

    __repr__ = __str__


def _circuit_open(retry_after: float | None, service: str, reasons: Mapping[Endpoint, str]) -> CircuitOpenError:
    return CircuitOpenError(retry_after, service=service, reasons=reasons)


def _call_failed(
    method: str,
    attempts: tuple[Attempt, ...],
    code: grpc.StatusCode,
    details: str,
    initial_metadata: grpc.aio.Metadata,
    trailing_metadata: grpc.aio.Metadata,
    note: str,
) -> CallFailedError:
    return CallFailedError(
        method,
        attempts,
        code,
        details,
        initial_metadata=initial_metadata,
        trailing_metadata=trailing_metadata,
        note=note,
    )


def shortened(details: str) -> str:
    """``details`` in at most :data:`DETAILS_LIMIT` bytes of UTF-8."""
    data = details.encode()
    if len(data) <= DETAILS_LIMIT:
        return details
    return data[: DETAILS_LIMIT - 3].decode("utf-8", "ignore") + "…"


def listed(reasons: Mapping[Endpoint, str]) -> str:
    """The endpoints with their reasons, for the end of a sentence."""
    lines = "; ".join(f"{endpoint.instance_id} ({endpoint.address}): {why}" for endpoint, why in reasons.items())
    return f" [{lines}]" if lines else ""
