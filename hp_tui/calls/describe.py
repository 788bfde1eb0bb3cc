"""What methods a service has, for choosing one."""

from __future__ import annotations

import grpc
import grpc.aio
from google.protobuf.descriptor import MethodDescriptor

from hp_tui.calls.errors import ReflectionError
from hp_tui.calls.reflection import Reflection
from hp_tui.calls.skeleton import skeleton
from hp_tui.model.calls import HEALTH_METHOD, MethodInfo, MethodKind, MethodsView

HEALTH = MethodInfo(
    HEALTH_METHOD,
    MethodKind.UNARY_UNARY,
    "grpc.health.v1.HealthCheckRequest",
    "grpc.health.v1.HealthCheckResponse",
    '{\n  "service": ""\n}',
)

KINDS = {
    (False, False): MethodKind.UNARY_UNARY,
    (False, True): MethodKind.UNARY_STREAM,
    (True, False): MethodKind.STREAM_UNARY,
    (True, True): MethodKind.STREAM_STREAM,
}


async def describe(channel: grpc.aio.Channel, service: str, *, timeout: float) -> MethodsView:
    """Every method the service's instances serve, the service's own first, the health check last.

    ``service`` is the name in Consul, kept in the view. Without reflection the health check alone, and a note that says
    so. Raises :class:`ReflectionError` when reflection hangs or lies, and what the channel raises.
    """
    reflection = Reflection(channel, timeout=timeout)
    try:
        names = await reflection.services()
    except grpc.RpcError as error:
        if getattr(error, "code", lambda: None)() is not grpc.StatusCode.UNIMPLEMENTED:
            raise
        return MethodsView(service, (HEALTH,), note=f"{service} serves no reflection: the health check alone is known")
    methods: list[MethodInfo] = []
    notes: list[str] = []
    for name in sorted(names, key=lambda name: (name.startswith("grpc."), name)):
        try:
            found = await reflection.service(name)
        except ReflectionError as error:
            notes.append(str(error))
            continue
        methods += [_info(method) for method in found.methods]
    if not any(method.name == HEALTH_METHOD for method in methods):
        methods.append(HEALTH)
    return MethodsView(service, tuple(methods), note="; ".join(notes))


def kind_of(method: MethodDescriptor) -> MethodKind:
    """Which of the four kinds it is."""
    return KINDS[bool(method.client_streaming), bool(method.server_streaming)]


def _info(method: MethodDescriptor) -> MethodInfo:
    return MethodInfo(
        f"{method.containing_service.full_name}/{method.name}",
        kind_of(method),
        method.input_type.full_name,
        method.output_type.full_name,
        skeleton(method.input_type),
    )
