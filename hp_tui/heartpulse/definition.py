"""The registration of an instance in Consul."""

from __future__ import annotations

from dataclasses import dataclass

from hp_tui.heartpulse.config import FleetConfig
from hp_tui.heartpulse.roster import PROTOCOL
from hp_tui.model.registration import CheckDefinition, ServiceDefinition


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports on which an instance listens."""

    grpc: int
    health: int
    metrics: int


def service_definition(config: FleetConfig, instance: str, address: str, ports: Ports) -> ServiceDefinition:
    """The registration of an instance reached at ``address``: two checks, all ports, version and upstreams.

    '' is the address that the agent on this machine advertises: then the agent checks the instance on loopback, and ports
    are told by metadata alone, since tagged addresses need one.
    """
    member = config.member
    host = f"[{address}]" if ":" in address else address or "127.0.0.1"
    interval, timeout = config.check_interval, config.check_timeout
    meta = {
        "version": config.version,
        "protocol": PROTOCOL,
        "health_port": str(ports.health),
        "metrics_port": str(ports.metrics),
    }
    if member.upstreams:
        meta["upstreams"] = ",".join(member.upstreams)
    return ServiceDefinition(
        name=member.name,
        id=instance,
        address=address,
        port=ports.grpc,
        tags=member.tags,
        meta=meta,
        checks=(
            CheckDefinition(
                "gRPC health", grpc=f"{host}:{ports.grpc}/{member.grpc_service}", interval=interval, timeout=timeout
            ),
            CheckDefinition(
                "HTTP health", http=f"http://{host}:{ports.health}/health", interval=interval, timeout=timeout
            ),
        ),
        tagged_addresses={
            "grpc": (address, ports.grpc),
            "health": (address, ports.health),
            "metrics": (address, ports.metrics),
        }
        if address
        else {},
        deregister_after=config.deregister_after,
    )
