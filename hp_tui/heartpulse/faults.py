"""The fault switch: which faults there are, which calls they hit, and how another process sets them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc

if TYPE_CHECKING:
    from hp_tui.heartpulse.protos.faults_pb2 import FaultSetting

MAX_LATENCY_MS = 600_000.0
_CODES = {code.name: code for code in grpc.StatusCode if code is not grpc.StatusCode.OK}


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault. Raises :class:`ValueError` for a value out of its range.

    ``share`` of calls (0 to 1) are delayed by ``latency_ms`` milliseconds and then, with ``error`` (a gRPC status name
    such as ``UNAVAILABLE``), fail. ``unhealthy`` makes health checks answer NOT_SERVING and 503.
    """

    latency_ms: float = 0.0
    error: str = ""
    share: float = 1.0
    unhealthy: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.latency_ms <= MAX_LATENCY_MS:
            raise ValueError(f"latency_ms is {self.latency_ms!r}; expected 0 to {MAX_LATENCY_MS:g} milliseconds")
        if self.error and self.error not in _CODES:
            raise ValueError(f"error is {self.error!r}; expected '' or one of {', '.join(_CODES)}")
        if not 0 <= self.share <= 1:
            raise ValueError(f"share is {self.share!r}; expected 0 to 1")

    @property
    def code(self) -> grpc.StatusCode | None:
        """``error`` as gRPC's own value; None without one."""
        return _CODES.get(self.error)

    def __str__(self) -> str:
        parts = [f"{self.latency_ms:g} ms late"] if self.latency_ms else []
        parts += [self.error] if self.error else []
        if parts and self.share < 1:
            parts.append(f"{self.share:.0%} of calls")
        parts += ["unhealthy"] if self.unhealthy else []
        return ", ".join(parts) or "none"


NO_FAULT = Fault()


class FaultSwitch:
    """Holds the fault in force and decides for each call. ``rng`` returns numbers in [0, 1)."""

    def __init__(self, rng: Callable[[], float] = random.random) -> None:
        self.fault = NO_FAULT
        self._rng = rng

    def draw(self) -> Fault | None:
        """The fault for the next call, or None."""
        fault = self.fault
        if not (fault.latency_ms or fault.error):
            return None
        return fault if fault.share >= 1 or self._rng() < fault.share else None


def to_message(fault: Fault) -> FaultSetting:
    """``fault`` as it goes over the wire."""
    from hp_tui.heartpulse.protos.faults_pb2 import FaultSetting

    return FaultSetting(latency_ms=fault.latency_ms, error=fault.error, share=fault.share, unhealthy=fault.unhealthy)


def from_message(message: FaultSetting) -> Fault:
    """The fault a message describes. Raises :class:`ValueError` for a value out of its range."""
    share = message.share if message.HasField("share") else 1.0
    return Fault(message.latency_ms, message.error, share, message.unhealthy)


async def set_fault(address: str, fault: Fault, *, timeout: float = 3.0) -> None:
    """Put ``fault`` in force on the instance at ``address`` (``host:port`` of its gRPC port); ``Fault()`` ends it.

    Raises :class:`grpc.aio.AioRpcError`: UNIMPLEMENTED from an instance started without ``--allow-faults``, UNAVAILABLE
    where none listens.
    """
    from hp_tui.heartpulse.protos.faults_pb2_grpc import FaultsStub

    async with grpc.aio.insecure_channel(address) as channel:
        await FaultsStub(channel).Set(to_message(fault), timeout=timeout)


async def get_fault(address: str, *, timeout: float = 3.0) -> Fault:
    """The fault in force on the instance at ``address``. Raises as :func:`set_fault` does."""
    from hp_tui.heartpulse.protos.faults_pb2 import GetFaultRequest
    from hp_tui.heartpulse.protos.faults_pb2_grpc import FaultsStub

    async with grpc.aio.insecure_channel(address) as channel:
        return from_message(await FaultsStub(channel).Get(GetFaultRequest(), timeout=timeout))
