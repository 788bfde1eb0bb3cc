"""The gRPC side of an instance: its servicer, health, reflection and, if allowed, the fault switch."""

from __future__ import annotations

import logging

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from hp_tui.balancer import server_options
from hp_tui.heartpulse.errors import PortInUseError
from hp_tui.heartpulse.faults import FaultSwitch
from hp_tui.heartpulse.interceptor import CallInterceptor
from hp_tui.heartpulse.metrics import Metrics
from hp_tui.heartpulse.protos import faults_pb2
from hp_tui.heartpulse.serving import Serving
from hp_tui.heartpulse.web import bound

log = logging.getLogger(__name__)

_FAULTS = faults_pb2.DESCRIPTOR.services_by_name["Faults"].full_name


def make_server(metrics: Metrics, serving: Serving, service: str, switch: FaultSwitch | None) -> grpc.aio.Server:
    """A server with everything but the servicer of ``service`` (its full name). It is not started and has no port yet."""
    server = grpc.aio.server(
        interceptors=[CallInterceptor(metrics, switch)],
        # Otherwise two instances could share one port, and the kernel would divide the connections between them.
        options=[*server_options(), ("grpc.so_reuseport", 0)],
    )
    health_pb2_grpc.add_HealthServicer_to_server(serving.servicer, server)
    names = [service, health_pb2.DESCRIPTOR.services_by_name["Health"].full_name, reflection.SERVICE_NAME]
    if switch is not None:
        from hp_tui.heartpulse.protos.faults_pb2_grpc import add_FaultsServicer_to_server
        from hp_tui.heartpulse.services.faults import FaultsService

        add_FaultsServicer_to_server(FaultsService(switch, serving), server)
        names.append(_FAULTS)
    reflection.enable_server_reflection(names, server)
    return server


def bind(server: grpc.aio.Server, host: str, port: int | None, default: int) -> int:
    """Bind and return the port. ``port`` None tries ``default`` and falls back to a free one.

    Raises :class:`~hp_tui.heartpulse.errors.PortInUseError` when ``port`` cannot be bound.
    """
    shown = f"[{host}]" if ":" in host else host
    for candidate in (default, 0) if port is None else (port,):
        try:
            bound(host, candidate).close()  # gRPC would log an error of its own before it raises
            return server.add_insecure_port(f"{shown}:{candidate}")
        except (OSError, RuntimeError):
            if port is None and candidate:
                log.info("the default gRPC port %d is taken; taking a free one", candidate)
    raise PortInUseError("gRPC", host, default if port is None else port)
