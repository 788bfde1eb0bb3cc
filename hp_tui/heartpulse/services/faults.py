"""The fault switch over gRPC."""

from __future__ import annotations

import logging

import grpc

from hp_tui.heartpulse.errors import RpcError
from hp_tui.heartpulse.faults import FaultSwitch, from_message, to_message
from hp_tui.heartpulse.interceptor import Context
from hp_tui.heartpulse.protos.faults_pb2 import FaultSetting, GetFaultRequest
from hp_tui.heartpulse.protos.faults_pb2_grpc import FaultsServicer
from hp_tui.heartpulse.serving import Serving

log = logging.getLogger(__name__)


class FaultsService(FaultsServicer):
    """Sets ``switch``, and ``serving`` to unhealthy where the fault says so."""

    def __init__(self, switch: FaultSwitch, serving: Serving) -> None:
        self._switch = switch
        self._serving = serving

    async def Set(self, request: FaultSetting, context: Context) -> FaultSetting:  # noqa: N802
        try:
            fault = from_message(request)
        except ValueError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
            raise RpcError(grpc.StatusCode.INVALID_ARGUMENT, str(error)) from error  # not reached: abort raises
        self._switch.fault = fault
        await self._serving.set_unhealthy(fault.unhealthy)
        log.warning("fault in force: %s", fault)
        return to_message(fault)

    async def Get(self, request: GetFaultRequest, context: Context) -> FaultSetting:  # noqa: N802
        return to_message(self._switch.fault)
