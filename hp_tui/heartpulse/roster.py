"""The services of the fleet: names, tags, default ports and upstreams, as in the migration guide."""

from __future__ import annotations

from dataclasses import dataclass

VERSION = "1.0.0"
"""Version of the fleet's services, in their metadata."""
PROTOCOL = "heartpulse.v1"
"""The proto package they speak, in their metadata."""


@dataclass(frozen=True, slots=True)
class FleetService:
    """One service of the fleet. Ports are defaults; ``grpc_service`` is the full name of the service it serves."""

    name: str
    tags: tuple[str, ...]
    port: int
    health_port: int
    metrics_port: int
    grpc_service: str
    upstreams: tuple[str, ...] = ()


AOL_CORE = FleetService(
    "aol-core",
    ("aol", "core", "orchestrator"),
    50051,
    50201,
    9090,
    "heartpulse.v1.AOLCore",
    upstreams=("critic-agent", "validator-agent"),
)
HEART_PULSE = FleetService(
    "heart-pulse",
    ("heart-pulse", "orchestrator"),
    50052,
    50202,
    8080,
    "heartpulse.v1.HeartPulse",
    upstreams=("aol-core",),
)
CRITIC_AGENT = FleetService("critic-agent", ("agent", "critic", "llm"), 50053, 50203, 8081, "heartpulse.v1.CriticAgent")
VALIDATOR_AGENT = FleetService(
    "validator-agent", ("agent", "validator", "llm"), 50054, 50204, 8082, "heartpulse.v1.ValidatorAgent"
)

ROSTER = {member.name: member for member in (AOL_CORE, HEART_PULSE, CRITIC_AGENT, VALIDATOR_AGENT)}
