"""Whether this instance serves: one state behind the gRPC health service and HTTP ``/health``."""

from __future__ import annotations

from grpc_health.v1 import health_pb2
from grpc_health.v1.health import aio as health_aio

_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class Serving:
    """Serves while it is meant to and no fault says otherwise. ``services`` are full gRPC names, with '' for all."""

    def __init__(self, services: tuple[str, ...]) -> None:
        self.servicer = health_aio.HealthServicer()
        self._services = ("", *services)
        self._meant_to = False
        self._unhealthy = False

    @property
    def reason(self) -> str:
        """Why it does not serve, in a few words; '' while it does."""
        if not self._meant_to:
            return "starting or shutting down"
        return "the fault switch says unhealthy" if self._unhealthy else ""

    async def set_serving(self, serving: bool) -> None:
        """The life cycle's word: True once the service can answer, False when it is about to leave."""
        self._meant_to = serving
        await self._tell()

    async def set_unhealthy(self, unhealthy: bool) -> None:
        """The fault switch's word."""
        self._unhealthy = unhealthy
        await self._tell()

    async def _tell(self) -> None:
        for service in self._services:
            await self.servicer.set(service, _NOT_SERVING if self.reason else _SERVING)
