"""The servicer of each service. A process imports only its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import grpc

from hp_tui.heartpulse.roster import AOL_CORE, CRITIC_AGENT, HEART_PULSE, VALIDATOR_AGENT

if TYPE_CHECKING:
    from hp_tui.heartpulse.upstream import Upstream


Settings = Callable[[], Any]


def add_servicer(
    name: str, server: grpc.aio.Server, instance: str, upstreams: Sequence[Upstream], settings: Settings
) -> None:
    """Add the servicer of the service ``name``.

    ``upstreams`` are in the roster's order; ``settings()`` returns the live settings, None for a service without.
    """
    _ADD[name](server, instance, upstreams, settings)


def _critic(server: grpc.aio.Server, instance: str, upstreams: Sequence[Upstream], settings: Settings) -> None:
    from hp_tui.heartpulse.protos.critic_pb2_grpc import add_CriticAgentServicer_to_server
    from hp_tui.heartpulse.services.critic import CriticService

    add_CriticAgentServicer_to_server(CriticService(instance, settings), server)


def _validator(server: grpc.aio.Server, instance: str, upstreams: Sequence[Upstream], settings: Settings) -> None:
    from hp_tui.heartpulse.protos.validator_pb2_grpc import add_ValidatorAgentServicer_to_server
    from hp_tui.heartpulse.services.validator import ValidatorService

    add_ValidatorAgentServicer_to_server(ValidatorService(instance), server)


def _aol_core(server: grpc.aio.Server, instance: str, upstreams: Sequence[Upstream], settings: Settings) -> None:
    from hp_tui.heartpulse.protos.aol_core_pb2_grpc import add_AOLCoreServicer_to_server
    from hp_tui.heartpulse.services.aol_core import AOLCoreService

    critic, validator = upstreams
    add_AOLCoreServicer_to_server(AOLCoreService(instance, critic, validator, settings), server)


def _heart_pulse(server: grpc.aio.Server, instance: str, upstreams: Sequence[Upstream], settings: Settings) -> None:
    from hp_tui.heartpulse.protos.heart_pulse_pb2_grpc import add_HeartPulseServicer_to_server
    from hp_tui.heartpulse.services.heart_pulse import HeartPulseService

    (core,) = upstreams
    add_HeartPulseServicer_to_server(HeartPulseService(instance, core), server)


_ADD: dict[str, Callable[[grpc.aio.Server, str, Sequence[Upstream], Settings], None]] = {
    CRITIC_AGENT.name: _critic,
    VALIDATOR_AGENT.name: _validator,
    AOL_CORE.name: _aol_core,
    HEART_PULSE.name: _heart_pulse,
}
