"""Lists the methods of a service, with a request to start from."""

from __future__ import annotations

from dataclasses import dataclass

import grpc
import grpc.aio
from google.protobuf.descriptor import MethodDescriptor

from hp_tui.calls.checking import RequestChecker
from hp_tui.calls.errors import ReflectionError
from hp_tui.calls.reflection import reflect
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


@dataclass(frozen=True, slots=True)
class Described:
    """The methods of a service, and the checker of their requests."""

    view: MethodsView
    checker: RequestChecker


async def describe(channel: grpc.aio.Channel, service: str, *, timeout: float) -> Described:
    """Every method the service's instances serve, the service's own first, the health check last.

    ``service`` is its name in Consul. Where reflection is missing, hangs or answers wrongly, the view has what could be learned
    and the health check, with a note that says so. ``timeout`` is seconds. Raises ``grpc.RpcError`` when the call fails.
    """
    methods: dict[str, MethodDescriptor] = {}
    pool = None
    notes: list[str] = []
    try:
        async with reflect(channel, timeout=timeout) as reflection:
            pool = reflection.pool
            for name in sorted(await reflection.services(), key=lambda name: (name.startswith("grpc."), name)):
                try:
                    found = await reflection.service(name)
                except ReflectionError as error:
                    notes.append(str(error))
                else:
                    methods |= {f"{found.full_name}/{method.name}": method for method in found.methods}
    except ReflectionError as error:
        notes.append(str(error))
    except grpc.RpcError as error:
        if getattr(error, "code", lambda: None)() is not grpc.StatusCode.UNIMPLEMENTED:
            raise
        notes.append(f"{service} serves no reflection: the health check alone is known")
    infos = [_info(name, method) for name, method in methods.items()]
    if HEALTH_METHOD not in methods:
        infos.append(HEALTH)
    return Described(MethodsView(service, tuple(infos), note="; ".join(notes)), RequestChecker(methods, pool))


def kind_of(method: MethodDescriptor) -> MethodKind:
    """Which of the four kinds it is."""
    return KINDS[bool(method.client_streaming), bool(method.server_streaming)]


def _info(name: str, method: MethodDescriptor) -> MethodInfo:
    return MethodInfo(
        name,
        kind_of(method),
        method.input_type.full_name,
        method.output_type.full_name,
        skeleton(method.input_type),
    )
