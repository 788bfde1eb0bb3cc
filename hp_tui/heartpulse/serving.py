"""Whether this instance serves: one state for the gRPC health service and HTTP ``/health``."""

from __future__ import annotations

from grpc_health.v1 import health_pb2
from grpc_health.v1.health import aio as health_aio

_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class Serving:
    """Serving, unless the instance starts or shuts down, or a fault makes it unhealthy.

    ``services`` are the full gRPC names to report, besides '' for the whole server.
    """

    def __init__(self, services: tuple[str, ...]) -> None:
        self.servicer = health_aio.HealthServicer()
        self._services = ("", *services)
        self._ready = False
        self._unhealthy = False

    @property
    def reason(self) -> str:
        """Why it does not serve, in a few words; '' while it does."""
        if not self._ready:
            return "starting or shutting down"
        return "the fault switch says unhealthy" if self._unhealthy else ""

    async def set_serving(self, serving: bool) -> None:
        """Set by the life cycle: True once the service can answer, False when it begins to shut down."""
        self._ready = serving
        await self._publish()

    async def set_unhealthy(self, unhealthy: bool) -> None:
        """Set by the fault switch."""
        self._unhealthy = unhealthy
        await self._publish()

    async def _publish(self) -> None:
        for service in self._services:
            await self.servicer.set(service, _NOT_SERVING if self.reason else _SERVING)
